"""Sounds and sessions that the tests of the sound are made of: all synthetic, all seeded."""

from __future__ import annotations

import subprocess
import wave
from typing import TYPE_CHECKING

import numpy as np
import pyebur128
import soxr

from breathmark.audio.ffmpeg import ffmpeg_path
from breathmark.model import (
    Ambience,
    BellPlacement,
    Place,
    SegmentSpan,
    SpeechPlacement,
    StoredClip,
    Timeline,
    Utterance,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from breathmark.audio.loudness import Samples
    from breathmark.mix.mixdown import Mixdown

PLACE = Place(path="evening.yaml", line=1, column=1)
RATE_HZ = 44_100


def noise(seconds: float, rate_hz: int = RATE_HZ, channels: int = 2, level: float = 0.05, seed: int = 1) -> Samples:
    """White noise of ``level`` RMS."""
    generator = np.random.default_rng(seed)
    return np.asarray(generator.standard_normal((round(seconds * rate_hz), channels)) * level, np.float32)


def sine(seconds: float, hz: float, rate_hz: int = RATE_HZ, channels: int = 2, level: float = 0.1) -> Samples:
    """A steady tone."""
    wave_ = np.sin(2 * np.pi * hz / rate_hz * np.arange(round(seconds * rate_hz))) * level
    return np.repeat(wave_[:, None], channels, axis=1).astype(np.float32)


def speechlike(seconds: float, rate_hz: int = 22_050, seed: int = 0) -> Samples:
    """A buzz with the harmonics, syllables and edges of speech, peak 0.5, shaped ``(n, 1)``."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    phase = 2 * np.pi * np.cumsum(120 + 20 * np.sin(2 * np.pi * 0.7 * time_s + seed)) / rate_hz
    buzz = sum(np.sin(k * phase) / k for k in range(1, 30)) + noise(seconds, rate_hz, 1, 0.1, seed)[:, 0]
    syllables = np.clip(np.sin(2 * np.pi * 3.7 * time_s + seed) + 0.4, 0, None)
    edges = np.minimum(1, np.minimum(time_s, time_s[::-1]) / 0.03)
    spoken = buzz * syllables * edges
    return np.asarray(spoken[:, None] / np.abs(spoken).max() / 2, np.float32)


def write_wav(path: Path, samples: Samples, rate_hz: int = RATE_HZ) -> Path:
    """``samples`` as a 16-bit WAV."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(np.rint(samples * 32_767).astype("<i2").tobytes())
    return path


def encoded(path: Path, samples: Samples, rate_hz: int = RATE_HZ, *options: str) -> Path:
    """``samples`` in the format of the suffix of ``path``, made by ffmpeg."""
    source = write_wav(path.with_name(f"{path.stem}.source.wav"), samples, rate_hz)
    subprocess.run([ffmpeg_path(), "-y", "-v", "error", "-i", source, *options, path], check=True)
    source.unlink()
    return path


def clip(folder: Path, samples: Samples, rate_hz: int = 22_050, gain_db: float = 0.0) -> tuple[Utterance, StoredClip]:
    """A clip of the cache, with an utterance of its own."""
    name = f"clip{len(list(folder.glob('clip*.wav')))}"
    path = write_wav(folder / f"{name}.wav", samples, rate_hz)
    utterance = Utterance(text=name, caption=name, voice="", speed=1.0, language="en")
    return utterance, StoredClip(path=path, rate_hz=rate_hz, frames=len(samples), gain_db=gain_db)


def spoken_clips(folder: Path, count: int = 4, seconds: float = 3.0) -> dict[Utterance, StoredClip]:
    """Some sentences of different lengths."""
    return dict(clip(folder, speechlike(seconds * (1 + i / 4), seed=i)) for i in range(count))


def span(timeline_frames: tuple[int, int], sound: str, below: float = 20.0, swell: float = 4.0) -> SegmentSpan:
    """A segment from one frame to another with its ambience."""
    start, end = timeline_frames
    return SegmentSpan(
        start_frame=start,
        frames=end - start,
        title="",
        kind="practice",
        depth=0,
        round=0,
        ambience=Ambience(sound=sound, below_voice_lu=below, swell_lu=swell),
        place=PLACE,
    )


def laid_out(
    clips: Mapping[Utterance, StoredClip],
    starts_s: Sequence[float],
    seconds: float,
    *,
    segments: tuple[SegmentSpan, ...] = (),
    bells: Sequence[tuple[str, float, float]] = (),
    rate_hz: int = RATE_HZ,
) -> Timeline:
    """A session of ``seconds`` whose sentences, taken in turn from ``clips``, begin at ``starts_s``.

    ``bells`` are name, start and length in seconds.
    """
    names = list(clips)
    chosen = [names[i % len(names)] for i in range(len(starts_s))]
    speech = tuple(
        SpeechPlacement(
            start_frame=round(start * rate_hz),
            frames=clips[utterance].frames_at(rate_hz),
            utterance=utterance,
            place=PLACE,
        )
        for utterance, start in zip(chosen, starts_s, strict=True)
    )
    strikes = tuple(
        BellPlacement(start_frame=round(start * rate_hz), frames=round(length * rate_hz), name=name, place=PLACE)
        for name, start, length in bells
    )
    frames = round(seconds * rate_hz)
    return Timeline(rate_hz=rate_hz, frames=frames, speech=speech, bells=strikes, rests=(), segments=segments)


def pcm(mixdown: Mixdown) -> NDArray[np.float64]:
    """All blocks of a mix at full scale ±1."""
    blocks = list(mixdown.blocks())
    kind, scale = {2: ("<i2", 2.0**15), 4: ("<i4", 2.0**31)}[blocks[0].sample_width]
    data = np.frombuffer(b"".join(block.raw_data for block in blocks), kind)
    return np.asarray(data.reshape(-1, blocks[0].channels) / scale, np.float64)


def sixteenfold_dbtp(samples: NDArray[np.floating], rate_hz: int = RATE_HZ) -> float:
    """The true peak by 16 times oversampling, which reads a tone at 0.4 of the rate 0.03 dB too low at most."""
    between = soxr.resample(samples, rate_hz, 16 * rate_hz, quality="VHQ")
    return float(20 * np.log10(np.abs(between).max()))


def lufs(samples: NDArray[np.floating], rate_hz: int = RATE_HZ) -> float:
    """Gated loudness by libebur128."""
    state = _state(samples, rate_hz, pyebur128.MeasurementMode.MODE_I)
    return float(pyebur128.get_loudness_global(state))


def true_peak_dbtp(samples: NDArray[np.floating], rate_hz: int = RATE_HZ) -> float:
    """True peak by libebur128."""
    state = _state(samples, rate_hz, pyebur128.MeasurementMode.MODE_TRUE_PEAK)
    peak = max(pyebur128.get_true_peak(state, channel) for channel in range(samples.shape[1]))
    return float(20 * np.log10(max(peak, 1e-9)))


def _state(samples: NDArray[np.floating], rate_hz: int, mode: pyebur128.MeasurementMode) -> pyebur128.R128State:
    state = pyebur128.R128State(samples.shape[1], rate_hz, mode)
    state.add_frames(np.ascontiguousarray(samples, np.float64).ravel(), len(samples))
    return state


def rms_db(samples: NDArray[np.floating]) -> float:
    """RMS in dBFS."""
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-20))
