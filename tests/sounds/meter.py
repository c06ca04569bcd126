"""What a bed is measured by, and the limits that part a good one from a bad one.

The measures and limits were found on recordings and on beds that failed to convince: each limit lies between the
good ones and a bad one that was made to fail it. ``test_meter.py`` holds the meter to that.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import scipy
import yaml
from numpy.typing import NDArray

from breathmark.audio.loudness import energies, gated, momentary, short_term
from breathmark.synthesis.catalogue import BedRecipe, bed_recipe
from breathmark.synthesis.source import HopRange, hops_of

Sound: TypeAlias = NDArray[np.float32]
"""Shape (frames, 2)."""
Floats: TypeAlias = NDArray[np.float64]

ASSETS = Path(__file__).resolve().parents[2] / "audio_assets"
RATE_HZ = 44_100
JUDGED_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one ambience is held to, beside what all are."""

    step_lu: float
    """The largest change of the 3 s loudness within 1 s."""
    range_lu: tuple[float, float]
    """Of the 3 s loudness, from the 10th to the 95th percentile."""
    sparsity: tuple[float, float] = (0.0, 1000.0)
    """Of the 4 kHz octave; a drone has nothing there to be sparse."""
    flutter: tuple[float, float] = (0.0, 1.0)
    """Modulation of the 4 kHz octave at 8 to 16 Hz."""
    grain: tuple[float, float] = (0.0, 1.0)
    """The same at 2 to 8 Hz."""
    tonal: bool = False
    """Whether narrow lines belong to it."""
    self_similarity: float = 0.2
    """In a minute."""
    loudest_moment_lu: float = 6.5
    bass_correlation: float = 0.6
    """At least that between 40 and 200 Hz."""


LIMITS = {
    "room-tone": Limits(step_lu=0.7, range_lu=(0, 2)),
    "brown-noise": Limits(step_lu=0.7, range_lu=(0, 2)),
    "soft-rain": Limits(step_lu=0.7, range_lu=(0, 2), sparsity=(12, 40), flutter=(0, 0.18)),
    "slow-sea": Limits(step_lu=4.5, range_lu=(4, 8), sparsity=(7, 40), grain=(0.10, 1), self_similarity=0.5),
    "warm-pad": Limits(step_lu=1.6, range_lu=(0, 2.5), tonal=True),
    "low-drone": Limits(step_lu=1.6, range_lu=(0, 2.5), sparsity=(0, math.inf), tonal=True),
    "light-wind": Limits(step_lu=2.3, range_lu=(0, 6)),
    "evening-birds": Limits(step_lu=3.0, range_lu=(0, 5), tonal=True),
    "forest-air": Limits(step_lu=1.8, range_lu=(0, 4), tonal=True),
    "pink-noise": Limits(step_lu=0.7, range_lu=(0, 2)),
    "white-noise": Limits(step_lu=0.7, range_lu=(0, 2)),
    "stream": Limits(step_lu=1.6, range_lu=(0, 2.5), sparsity=(12, 60), flutter=(0, 0.2)),
    "fire": Limits(step_lu=2.2, range_lu=(0, 4), sparsity=(20, 120)),
    "crickets": Limits(step_lu=0.8, range_lu=(0, 2.5), grain=(0.15, 1), tonal=True),
    "bowls": Limits(step_lu=4.0, range_lu=(0, 8), tonal=True),
    "tanpura": Limits(step_lu=5.0, range_lu=(0, 6), tonal=True),
    "evolving-pad": Limits(step_lu=3.0, range_lu=(0, 4.5), tonal=True),
}
BEDS = tuple(LIMITS)


def entries() -> dict[str, dict[str, object]]:
    """The provenance, by name."""
    listed = yaml.safe_load((ASSETS / "provenance.yaml").read_text("utf-8"))["sounds"]
    return {entry["name"]: entry for entry in listed}


@cache
def made(name: str) -> Sound:
    """A minute of an ambience, as its recipe makes it."""
    return render(bed_recipe(name), JUDGED_S)


def render(recipe: BedRecipe, seconds: float, *, seed: int | None = None, start_s: float = 0.0) -> Sound:
    """So many seconds of an ambience, made in cuts of about half a minute."""
    first, hops, each = round(hops_of(start_s)), math.ceil(hops_of(seconds)), round(hops_of(30))
    cuts = [HopRange(first_hop=first + at, hops=min(each, hops - at)) for at in range(0, hops, each)]
    sound = np.concatenate([recipe.render(cut, seed=seed).astype(np.float32) for cut in cuts])
    return np.asarray(sound[: round(seconds * RATE_HZ)], np.float32)


def short_term_lufs(sound: Sound) -> Floats:
    """The loudness of each 3 s, every 100 ms."""
    return np.asarray(short_term(energies(sound, RATE_HZ)), np.float64)


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


def self_similarity(sound: Sound) -> float:
    """The largest correlation of the band envelopes with themselves, at any lag of 2 s and more."""
    return float(similarities(band_levels(sound)).max())


BAND_RATE_HZ = RATE_HZ / 2048


def band_levels(sound: Sound) -> Floats:
    """Levels of 24 bands of 60 Hz to 16 kHz every 46 ms, each without its mean over 4.7 s: shape (bands, moments).

    Frames that overlap are averaged, so that two steady tones do not alias into a beat.
    """
    return np.concatenate(
        [_levels(sound[start : start + AT_ONCE_FRAMES]) for start in range(0, len(sound), AT_ONCE_FRAMES)], axis=1
    )


AT_ONCE_FRAMES = 30 * 2048 * 43
"""Nearly a minute."""


def _levels(sound: Sound) -> Floats:
    _, _, spectra = scipy.signal.stft(
        sound.mean(axis=1), RATE_HZ, nperseg=2048, noverlap=1536, boundary=None, padded=False
    )
    power = np.abs(spectra[:, : spectra.shape[1] // 4 * 4]) ** 2
    power = power.reshape(len(power), -1, 4).mean(axis=2)
    frequency_hz = np.fft.rfftfreq(2048, 1 / RATE_HZ)
    edges = np.geomspace(60, 16_000, 25)
    bins = [(frequency_hz >= low) & (frequency_hz < max(high, low + RATE_HZ / 2048)) for low, high in pairwise(edges)]
    levels = np.stack([10 * np.log10(power[chosen].sum(axis=0) + 1e-14) for chosen in bins])
    around = scipy.signal.convolve(np.pad(levels, ((0, 0), (50, 50)), "reflect"), np.ones((1, 101)) / 101, "valid")
    return np.asarray(levels - around, np.float64)


def similarities(levels: Floats) -> Floats:
    """The correlation of band levels with themselves at each lag from 2 s to all but the last minute (or half)."""
    moments = levels.shape[1]
    size = 1 << (2 * moments - 1).bit_length()
    product = np.fft.irfft((np.abs(np.fft.rfft(levels, size, axis=1)) ** 2).sum(axis=0), size)[:moments]
    energy = np.concatenate([[0.0], np.cumsum((levels**2).sum(axis=0))])
    lag = np.arange(int(2 * BAND_RATE_HZ), moments - min(moments // 2, int(60 * BAND_RATE_HZ)))
    early, late = energy[moments - lag], energy[moments] - energy[lag]
    return np.asarray(product[lag] / np.sqrt(early * late), np.float64)


def recurrence(levels: Floats, seconds: float = 10.0) -> float:
    """The highest correlation of any stretch of so many seconds (one begins every 5 s) with one that comes later."""
    width, moments = int(seconds * BAND_RATE_HZ), levels.shape[1]
    starts = np.arange(0, moments - 2 * width, int(5 * BAND_RATE_HZ))
    windows = np.lib.stride_tricks.sliding_window_view(levels.astype(np.float32), width, axis=1).transpose(1, 0, 2)
    parts = _of_length_1(windows[starts])
    worst = 0.0
    for first in range(0, len(windows), _WINDOWS_AT_ONCE):
        later = first + np.arange(len(windows[first : first + _WINDOWS_AT_ONCE]))
        alike = parts @ _of_length_1(windows[later]).T
        worst = max(worst, float(alike.max(initial=0, where=later >= starts[:, np.newaxis] + width)))
    return worst


_WINDOWS_AT_ONCE = 1000


def _of_length_1(windows: Sound) -> Sound:
    flat = windows.reshape(len(windows), -1)
    return np.asarray(flat / np.linalg.norm(flat, axis=1, keepdims=True), np.float32)


def narrow_line_db(sound: Sound) -> float:
    """The most that one line of 1.3 Hz rises over the median of the sixth of an octave around it, 40 Hz to 15 kHz."""
    frequency_hz, power = scipy.signal.welch(sound.mean(axis=1), RATE_HZ, nperseg=32_768)
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
    sections = scipy.signal.butter(3, [low_hz, high_hz], "band", fs=RATE_HZ, output="sos")
    return np.asarray(scipy.signal.sosfilt(sections, sound, axis=0), np.float64)


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


def octave_db(sound: Sound, centre_hz: float) -> float:
    """The level of an octave against the whole."""
    band = _band(sound, centre_hz / np.sqrt(2), centre_hz * np.sqrt(2))
    return float(10 * np.log10(np.mean(band**2) / np.mean(sound.astype(np.float64) ** 2)))


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
    """Every measure that an ambience of this name is held to."""
    limits = LIMITS[name]
    common: dict[str, Check] = {
        "step": lambda sound: largest_step_lu(sound) <= limits.step_lu,
        "self-similarity": lambda sound: self_similarity(sound) <= limits.self_similarity,
        "loudest moment": lambda sound: loudest_moment_lu(sound) <= limits.loudest_moment_lu,
        "range": lambda sound: inside(range_lu(sound), *limits.range_lu),
        "bass correlation": lambda sound: correlation(sound, 40, 200) >= limits.bass_correlation,
        "treble correlation": lambda sound: correlation(sound, 1000, 14_000) <= 0.6,
        "mono loss": lambda sound: mono_loss_db(sound) <= 3,
        "offset": lambda sound: offset(sound) <= 1e-3,
        "loudness": lambda sound: inside(loudness_lufs(sound), -31.5, -28.5),
        "peak": lambda sound: peak_dbfs(sound) <= -9,
        "sparsity": lambda sound: inside(sparsity(sound), *limits.sparsity),
        "flutter": lambda sound: inside(modulation(sound, 8, 16), *limits.flutter),
        "grain": lambda sound: inside(modulation(sound, 2, 8), *limits.grain),
    }
    return common | ({} if limits.tonal else {"narrow line": lambda sound: narrow_line_db(sound) <= 3})


def failures(name: str, sound: Sound) -> set[str]:
    """The measures that a sound fails as a bed of this name."""
    return {measure for measure, keeps in checks(name).items() if not keeps(sound)}
