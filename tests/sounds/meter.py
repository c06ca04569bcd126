"""What a bed is measured by, and the limits that part a good one from a bad one.

The measures and limits were found on recordings and on beds that failed to convince: each limit lies between the
good ones and a bad one that was made to fail it. ``test_meter.py`` holds the meter to that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import soundfile
import yaml
from numpy.typing import NDArray
from scipy import signal

from breathmark.audio.loudness import energies, gated, momentary

Sound: TypeAlias = NDArray[np.float32]
"""One round of a bed, without its guard frames: shape (frames, 2)."""
Floats: TypeAlias = NDArray[np.float64]

ASSETS = Path(__file__).resolve().parents[2] / "audio_assets"
RATE_HZ = 44_100
STEADY = ("room-tone", "brown-noise", "soft-rain")
NOISES = (*STEADY, "slow-sea", "light-wind")
BEDS = (*NOISES, "warm-pad", "low-drone", "evening-birds", "forest-air")
LARGEST_STEP_LU = {
    **dict.fromkeys(STEADY, 0.7),
    "warm-pad": 1.6,
    "low-drone": 1.6,
    "forest-air": 1.2,
    "light-wind": 2.3,
    "evening-birds": 3.0,
    "slow-sea": 4.5,
}
WIDEST_RANGE_LU = {
    **dict.fromkeys(STEADY, 2.0),
    "warm-pad": 2.5,
    "low-drone": 2.5,
    "forest-air": 3.5,
    "evening-birds": 5.0,
    "light-wind": 6.0,
    "slow-sea": 8.0,
}


def entries() -> dict[str, dict[str, object]]:
    """The provenance, by name."""
    listed = yaml.safe_load((ASSETS / "provenance.yaml").read_text("utf-8"))["sounds"]
    return {entry["name"]: entry for entry in listed}


@cache
def shipped(name: str) -> Sound:
    """One round of a shipped bed, decoded by libsndfile."""
    sound, _ = soundfile.read(ASSETS / "ambience" / f"{name}.ogg", dtype="float32")
    return np.asarray(sound[RATE_HZ:-RATE_HZ], np.float32)


def _round_steps(sound: Sound) -> Floats:
    """K-weighted energies of each 100 ms, going 3 s into the second round."""
    lead = 3 * RATE_HZ
    steps = energies(np.concatenate([sound[-lead:], sound, sound[:lead]]), RATE_HZ)
    return np.asarray(steps[30:], np.float64)


def short_term_lufs(sound: Sound) -> Floats:
    """The loudness of each 3 s, every 100 ms, round and round."""
    sums = np.convolve(_round_steps(sound), np.ones(30), "valid") / 30
    return np.asarray(-0.691 + 10 * np.log10(sums + 1e-15), np.float64)


def loudness_lufs(sound: Sound) -> float:
    """Gated loudness."""
    return gated(energies(sound, RATE_HZ))


def largest_step_lu(sound: Sound) -> float:
    """The largest change of the 3 s loudness within 1 s."""
    loudness = short_term_lufs(sound)
    return float(np.abs(loudness[10:] - loudness[:-10]).max())


def range_lu(sound: Sound) -> float:
    """From the 10th to the 95th percentile of the 3 s loudness (after EBU Tech 3342)."""
    low, high = np.percentile(short_term_lufs(sound), [10, 95])
    return float(high - low)


def loudest_moment_lu(sound: Sound) -> float:
    """The loudest 400 ms over the gated loudness."""
    steps = energies(sound, RATE_HZ)
    return float(momentary(steps).max() - gated(steps))


def seam(sound: Sound) -> float:
    """The second difference where the ends join, over the median of what 5 frames anywhere hold."""
    mono = sound.mean(axis=1, dtype=np.float64)
    bend = np.abs(np.diff(np.concatenate([mono[-4:], mono[:4]]), 2))[1:-1].max()
    usual = np.abs(np.diff(mono, 2))
    return float(bend / np.median(usual[: len(usual) // 5 * 5].reshape(-1, 5).max(axis=1)))


def self_similarity(sound: Sound) -> float:
    """The largest correlation of the bed's band envelopes with themselves, from 2 s to half a round later.

    24 bands of 60 Hz to 16 kHz; frames that overlap are averaged, so that two steady tones do not alias into a beat.
    """
    mono = sound.mean(axis=1)
    _, _, spectra = signal.stft(mono, RATE_HZ, nperseg=2048, noverlap=1536, boundary=None, padded=False)
    power = np.abs(spectra[:, : spectra.shape[1] // 4 * 4]) ** 2
    power = power.reshape(len(power), -1, 4).mean(axis=2)
    frequency_hz = np.fft.rfftfreq(2048, 1 / RATE_HZ)
    edges = np.geomspace(60, 16_000, 25)
    bins = [(frequency_hz >= low) & (frequency_hz < max(high, low + RATE_HZ / 2048)) for low, high in pairwise(edges)]
    levels = np.stack([10 * np.log10(power[chosen].sum(axis=0) + 1e-14) for chosen in bins])
    levels -= signal.convolve(np.pad(levels, ((0, 0), (50, 50)), "wrap"), np.ones((1, 101)) / 101, "valid")
    spectrum = (np.abs(np.fft.rfft(levels, axis=1)) ** 2).sum(axis=0)
    similarity = np.fft.irfft(spectrum, levels.shape[1])
    first = int(2 * RATE_HZ / 2048)
    return float(similarity[first : len(similarity) // 2].max() / similarity[0])


def narrow_line_db(sound: Sound) -> float:
    """The most that one line of 1.3 Hz rises over the median of the sixth of an octave around it, 40 Hz to 15 kHz."""
    frequency_hz, power = signal.welch(sound.mean(axis=1), RATE_HZ, nperseg=32_768)
    level = 10 * np.log10(power + 1e-20)
    heard = np.flatnonzero((frequency_hz > 40) & (frequency_hz < 15_000))
    reach = np.maximum(6, (heard * 0.06).astype(np.int64))
    worst = 0.0
    for around in np.unique(reach):
        places = heard[reach == around]
        windows = np.lib.stride_tricks.sliding_window_view(level, 2 * around + 1)
        worst = max(worst, float((level[places] - np.median(windows[places - around], axis=1)).max()))
    return worst


def _band(sound: Sound, low_hz: float, high_hz: float) -> Floats:
    sections = signal.butter(3, [low_hz, high_hz], "band", fs=RATE_HZ, output="sos")
    return np.asarray(signal.sosfilt(sections, sound, axis=0), np.float64)


def correlation(sound: Sound, low_hz: float, high_hz: float) -> float:
    """How alike left and right are between two frequencies."""
    band = _band(sound, low_hz, high_hz)
    return float(np.corrcoef(band[:, 0], band[:, 1])[0, 1])


def mono_loss_db(sound: Sound) -> float:
    """How much softer the mean of both channels is than one."""
    stereo, mono = np.mean(sound.astype(np.float64) ** 2), np.mean(sound.mean(axis=1, dtype=np.float64) ** 2)
    return float(10 * np.log10(stereo / mono))


def offset(sound: Sound) -> float:
    """The mean over the RMS."""
    return float(np.abs(sound.mean(axis=0, dtype=np.float64)).max() / np.sqrt(np.mean(sound.astype(np.float64) ** 2)))


def _envelope(sound: Sound, step_s: float) -> Floats:
    """Of the octave around 4 kHz, over its mean."""
    band = _band(sound.mean(axis=1), 4000 / np.sqrt(2), 4000 * np.sqrt(2))
    step = int(step_s * RATE_HZ)
    rms = np.sqrt((band[: len(band) // step * step].reshape(-1, step) ** 2).mean(axis=1))
    return np.asarray(rms / rms.mean(), np.float64)


def sparsity(sound: Sound) -> float:
    """The kurtosis of the 4 kHz octave's envelope: 3 is even noise, recorded rain has 28 (McDermott 2011)."""
    deviation = _envelope(sound, 0.002) - 1
    return float(np.mean(deviation**4) / np.mean(deviation**2) ** 2)


def modulation(sound: Sound, low_hz: float, high_hz: float) -> float:
    """How far the 4 kHz octave's envelope strays at these rates, as a share of its mean."""
    envelope = _envelope(sound, 0.01)
    power = np.abs(np.fft.rfft(envelope - 1)) ** 2 * 2 / len(envelope) ** 2
    rate_hz = np.fft.rfftfreq(len(envelope), 0.01)
    return float(np.sqrt(power[(rate_hz >= low_hz) & (rate_hz < high_hz)].sum()))


def peak_dbfs(sound: Sound) -> float:
    """The largest sample."""
    return float(20 * np.log10(np.abs(sound).max()))


def inside(value: float, low: float, high: float) -> bool:
    """Whether a measure keeps its limits."""
    return low <= value <= high


Check: TypeAlias = Callable[[Sound], bool]


def checks(name: str) -> dict[str, Check]:
    """Every measure that a bed of this name is held to."""
    common: dict[str, Check] = {
        "seam": lambda sound: seam(sound) < 2,
        "step": lambda sound: largest_step_lu(sound) <= LARGEST_STEP_LU[name],
        "self-similarity": lambda sound: self_similarity(sound) <= 0.2,
        "loudest moment": lambda sound: loudest_moment_lu(sound) <= 6.5,
        "range": lambda sound: inside(range_lu(sound), 4 if name == "slow-sea" else 0, WIDEST_RANGE_LU[name]),
        "bass correlation": lambda sound: correlation(sound, 40, 200) >= 0.6,
        "treble correlation": lambda sound: correlation(sound, 1000, 14_000) <= 0.6,
        "mono loss": lambda sound: mono_loss_db(sound) <= 3,
        "offset": lambda sound: offset(sound) <= 1e-3,
        "loudness": lambda sound: inside(loudness_lufs(sound), -30.2, -29.8),
        "peak": lambda sound: peak_dbfs(sound) <= -9,
    }
    lines: dict[str, Check] = {"narrow line": lambda sound: narrow_line_db(sound) <= 3}
    return common | (lines if name in NOISES else {}) | _SPECIAL.get(name, {})


_SPECIAL: dict[str, dict[str, Check]] = {
    "soft-rain": {
        "sparsity": lambda sound: inside(sparsity(sound), 12, 40),
        "flutter": lambda sound: modulation(sound, 8, 16) <= 0.15,
    },
    "slow-sea": {
        "sparsity": lambda sound: inside(sparsity(sound), 7, 40),
        "grain": lambda sound: modulation(sound, 2, 8) >= 0.10,
    },
}


def failures(name: str, sound: Sound) -> set[str]:
    """The measures that a sound fails as a bed of this name."""
    return {measure for measure, keeps in checks(name).items() if not keeps(sound)}
