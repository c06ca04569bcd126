"""Trimming of clips, and the level that all clips of a voice share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.audio.loudness import EnergyMeter, gated
from breathmark.audio.pcm import FULL_SCALE_16_BIT
from breathmark.model import CLIP_LUFS, Clip, WordTime

if TYPE_CHECKING:
    from numpy.typing import NDArray


LEVEL_LUFS: Final = CLIP_LUFS
MARGIN_S: Final = 0.040
"""The silence that is left, or made, at both ends of a clip."""
LEVELLED_FROM_S: Final = 1.5
"""Shorter clips keep the voice's gain: the gate has too few blocks to judge them."""
MOST_DB: Final = 3.0
"""How far a single clip may be moved towards its voice's level."""
_WINDOW_S: Final = 0.010
_STEP_S: Final = 0.001
_HEARD_STEPS: Final = 10
_HEARD_DB: Final = -32.0
"""Under the RMS of a sentence, 10 ms are not heard as a part of it: -50 dBFS in a voice at -16 LUFS. A natural voice
dies away for some 50 ms more, which is heard as rest. With 5 ms, or at -35 dB, a decay's ripple moves its end by up to
18 ms."""
_INSIDE_STEPS: Final = 2
"""So much inside the middle of its outermost 10 ms a sentence is taken to begin and end: what begins at once begins
behind that middle."""
_TRIES: Final = 3
_SILENCE_DB: Final = -50.0
"""Under the loudest 10 ms: fainter than the softest f or s at a word's edge, louder than engines' noise."""
_SILENCE: Final = 10 ** (-66 / 20)
"""The RMS (full scale is 1) of 10 ms that are silence in any case: -66 dBFS, sixteen of the 32,768 steps of 16 bit.

It keeps a clip without a word, which holds an engine's noise alone, from counting as sound. In a clip with words it
hardly decides: over 500 clips the loudest 10 ms measured -18 to -10 dBFS, which puts ``_SILENCE_DB`` at -68 to -60.
"""
_METER_HZ: Final = 48_000
"""One filter for all engines' rates, so that their levels can be compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrimmedClip:
    """A clip as it is stored: trimmed, unscaled, measured."""

    pcm: bytes
    """Mono, 16 bit, little-endian."""
    rate_hz: int
    lufs: float
    """Gated loudness, to 0.01 LU; -inf where it is too short or too quiet for one."""
    words: tuple[WordTime, ...] = ()

    @property
    def frames(self) -> int:
        """Its length at ``rate_hz``."""
        return len(self.pcm) // 2

    @property
    def duration_s(self) -> float:
        """Its length in seconds, with both margins."""
        return self.frames / self.rate_hz


def trim(clip: Clip) -> TrimmedClip:
    """``clip`` with exactly 40 ms of silence at both ends; without any sound it becomes empty."""
    audio = clip.audio.set_channels(1).set_sample_width(2)
    rate_hz = int(audio.frame_rate)
    samples = np.frombuffer(audio.raw_data, "<i2")
    start, end = sounding_part(_full_scale(samples), rate_hz)
    margin = round(MARGIN_S * rate_hz)
    before, after = min(margin, start), min(margin, len(samples) - end)
    kept = np.pad(samples[start - before : end + after], (margin - before, margin - after)) if end else samples[:0]
    meter = EnergyMeter(rate_hz, 1, design_hz=_METER_HZ)
    meter.add(_full_scale(kept))
    moved_s = (start - margin) / rate_hz
    words = moved(clip.words, moved_s, len(kept) / rate_hz)
    return TrimmedClip(
        pcm=kept.astype("<i2").tobytes(), rate_hz=rate_hz, lufs=round(gated(meter.finish()), 2), words=words
    )


def sounding(samples: NDArray[np.float32], rate_hz: int) -> float:
    """How long ``samples`` (full scale ±1) sound, without silence at the ends, with both margins (s)."""
    start, end = sounding_part(samples, rate_hz)
    return (end - start) / rate_hz + 2 * MARGIN_S


def quiet_edges(clip: TrimmedClip) -> tuple[int, int]:
    """How many frames of a stored clip lie before it is heard, and behind it, to a millisecond.

    The margins, and the faint ends of first and last sounds. The layout counts them as rest: a rest is then as long as
    it was asked to be, from where one sentence was last heard to where the next one is.
    """
    samples = _full_scale(np.frombuffer(clip.pcm, "<i2"))
    step, frames = max(1, round(_STEP_S * clip.rate_hz)), len(samples)
    power = np.convolve(_levels(samples, step) ** 2, np.full(_HEARD_STEPS, 1 / _HEARD_STEPS), "same")
    threshold, before, after = float(np.vdot(samples, samples)) * 10 ** (_HEARD_DB / 10), 0, 0
    for _ in range(_TRIES):  # the RMS is that of what is heard
        heard = np.flatnonzero(power > threshold / (frames - before - after))
        if not len(heard):
            return 0, 0
        begin, end = (int(heard[0]) + _INSIDE_STEPS) * step, (int(heard[-1]) + 1 - _INSIDE_STEPS) * step
        if begin >= end:
            return 0, 0
        before, after = begin, max(frames - end, 0)
    return before, after


def clip_gain_db(*, voice_lufs: float, clip_lufs: float, duration_s: float) -> float:
    """The gain of one clip: its voice's, and at most 3 dB more or less where it is long enough to be judged.

    Args:
        voice_lufs: the loudness of the voice's reference passage at the clip's speed.
        clip_lufs: the clip's own.
        duration_s: the clip's length.
    """
    gain_db = LEVEL_LUFS - voice_lufs
    if duration_s < LEVELLED_FROM_S or not math.isfinite(clip_lufs):
        return gain_db
    return gain_db + min(MOST_DB, max(-MOST_DB, voice_lufs - clip_lufs))


def _full_scale(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    """16-bit ``samples`` at full scale ±1."""
    return samples.astype(np.float32) * np.float32(1 / FULL_SCALE_16_BIT)


def sounding_part(samples: NDArray[np.float32], rate_hz: int) -> tuple[int, int]:
    """The first and the last frame that sound, to 10 ms; ``(0, 0)`` where none does."""
    window = max(1, round(_WINDOW_S * rate_hz))
    level = _levels(samples, window)
    loud = np.flatnonzero(level > max(_SILENCE, float(level.max(initial=0)) * 10 ** (_SILENCE_DB / 20)))
    if not len(loud):
        return 0, 0
    return int(loud[0]) * window, min(len(samples), (int(loud[-1]) + 1) * window)


def _levels(samples: NDArray[np.float32], window: int) -> NDArray[np.float32]:
    """The RMS of each ``window`` frames, the last ones filled up with silence."""
    padded = np.pad(samples, (0, -len(samples) % window)).reshape(-1, window)
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", padded, padded) / np.float32(window)), np.float32)


def moved(words: tuple[WordTime, ...], by_s: float, length_s: float) -> tuple[WordTime, ...]:
    """``words`` in a part of their clip that begins ``by_s`` in; what lies outside is brought to its edge, in order."""
    found: list[WordTime] = []
    last_s = 0.0
    for word in words:
        start_s = min(max(word.start_s - by_s, last_s), length_s)
        last_s = min(max(word.end_s - by_s, start_s), length_s)
        found.append(WordTime(word=word.word, start_s=start_s, end_s=last_s))
    return tuple(found)
