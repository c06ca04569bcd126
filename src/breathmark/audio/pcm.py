"""PCM inside the mixer: float32 arrays to be shaped, 32-bit ``AudioSegment`` to be summed."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import soxr
from pydub import AudioSegment

from breathmark.audio.loudness import Samples, step_frames
from breathmark.base.errors import AssetError

if TYPE_CHECKING:
    from numpy.typing import NDArray


BLOCK_S = 2
"""The mixer's block. Whole seconds, because ``AudioSegment`` counts in milliseconds and would lose odd frames."""

_STEM_SCALE = np.float32(2**29)
"""Full scale of a 32-bit stem: 12 dB under the largest integer, so that no sum of stems can saturate."""


FULL_SCALE_16_BIT = 32_768
"""What reads as ±1. Written are at most ``LARGEST_16_BIT``, so that both signs have the same range."""
LARGEST_16_BIT = 32_767
_AT_ONCE = 1 << 16
"""Frames that are made smaller by one step: each of several copies of a whole bell would be megabytes of memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """Rate and channels of everything that is mixed into one file."""

    rate_hz: int
    channels: int

    @property
    def block_frames(self) -> int:
        """The frames of one block of the mixer."""
        return BLOCK_S * self.rate_hz


@dataclass(frozen=True, slots=True, kw_only=True)
class MixGrid:
    """The length of a session on the mixer's grid of blocks and energy blocks, and its format."""

    frames: int
    format: Format

    @property
    def blocks(self) -> int:
        """How many blocks hold the session; the last one is mixed whole, then cut."""
        return -(-self.frames // self.format.block_frames)

    @property
    def steps(self) -> int:
        """The 100 ms steps of all blocks."""
        return 10 * BLOCK_S * self.blocks

    @property
    def step_frames(self) -> int:
        """The frames of a step of 100 ms."""
        return step_frames(self.format.rate_hz)

    @property
    def duration_s(self) -> float:
        """The length in seconds."""
        return self.frames / self.format.rate_hz


def to_segment(samples: Samples, sound_format: Format) -> AudioSegment:
    """A stem's block as a 32-bit segment with 12 dB of headroom over full scale.

    ``samples`` are shaped ``(n, channels)``, or ``(n, 1)`` for the same in all channels. What lies under the last of
    the 32 bits (-174 dBFS) is cut off.
    """
    whole = (samples * _STEM_SCALE).astype("<i4")
    if whole.shape[1] != sound_format.channels:
        mono, whole = whole[:, 0], np.empty((len(whole), sound_format.channels), "<i4")
        for channel in range(sound_format.channels):
            whole[:, channel] = mono
    return segment(whole.tobytes(), rate_hz=sound_format.rate_hz, channels=sound_format.channels, sample_width=4)


def from_segment(stem: AudioSegment) -> Samples:
    """The samples of a segment made by ``to_segment``, shaped ``(n, channels)``."""
    data = np.frombuffer(stem.raw_data, "<i4").astype(np.float32)
    data *= 1 / _STEM_SCALE
    return data.reshape(-1, stem.channels)


def segment(data: bytes, *, rate_hz: int, channels: int, sample_width: int) -> AudioSegment:
    """A segment around ``data`` as it is; the plain constructor would convert some widths."""
    frame_width = channels * sample_width
    metadata = {
        "channels": channels,
        "sample_width": sample_width,
        "frame_rate": rate_hz,
        "frame_width": frame_width,
    }
    return AudioSegment(data, metadata=metadata)


def pydub_samples(sound: AudioSegment) -> Samples:
    """The samples of any segment at full scale ±1, shaped ``(n, channels)``."""
    scale = np.float32(1 / (1 << (8 * sound.sample_width - 1)))
    kind = {1: "i1", 2: "<i2", 4: "<i4"}[sound.sample_width]
    return np.frombuffer(sound.raw_data, kind).astype(np.float32).reshape(-1, sound.channels) * scale


def to_16_bit(samples: NDArray[np.floating]) -> NDArray[np.int16]:
    """``samples`` in 16 bits, rounded to the nearest step; full scale is 32,767, and what lies over it is cut off.

    Without dither: for what is loud or is mixed further. What is delivered goes through ``Quantiser``.
    """
    return np.asarray(np.rint(np.clip(samples, -1, 1) * LARGEST_16_BIT), "<i2")


def compact(samples: Samples) -> tuple[NDArray[np.int16], float]:
    """``samples`` of any level in 16 bits, their highest one at the largest number, and what brings them back."""
    peak = max(float(samples.max(initial=0.0)), -float(samples.min(initial=0.0)), 1e-9)
    whole = np.empty(samples.shape, "<i2")
    for first in range(0, len(samples), _AT_ONCE):
        whole[first : first + _AT_ONCE] = to_16_bit(samples[first : first + _AT_ONCE] / np.float32(peak))
    return whole, peak / LARGEST_16_BIT


def resample(samples: Samples, from_hz: float, to_hz: float) -> Samples:
    """``samples`` at another rate, by soxr's HQ filter: images under -140 dB, no droop up to 0.91 of the band."""
    if from_hz == to_hz or not len(samples):
        return samples
    return np.asarray(soxr.resample(samples, from_hz, to_hz, quality="HQ"), np.float32)


def spread(samples: Samples, channels: int) -> Samples:
    """``samples``, shaped ``(n, any)``, in one or two channels: the mean of the channels, or the same in both."""
    if samples.shape[1] == channels:
        return samples
    if channels == 1:
        return np.asarray(samples.mean(axis=1, keepdims=True), np.float32)
    return np.repeat(spread(samples, 1), channels, axis=1)


def read_wav(path: Path) -> AudioSegment:
    """A clip of the cache. pydub's own reader would call ffprobe where the file is damaged.

    Raises:
        AssetError: the file is missing, or not a 16-bit WAV.
    """
    try:
        with wave.open(str(path), "rb") as file:
            if file.getsampwidth() != 2:
                raise wave.Error(f"{8 * file.getsampwidth()} bit")  # noqa: TRY301 - joins the damaged ones below
            data = file.readframes(file.getnframes())
            rate_hz, channels = file.getframerate(), file.getnchannels()
    except (OSError, EOFError, wave.Error) as exc:
        raise AssetError(f"a clip can't be read: {path} ({exc})", "run `breathmark cache clear`, then render") from exc
    return segment(data, rate_hz=rate_hz, channels=channels, sample_width=2)


_SEED = 1_770
_TABLE = 1 << 20
"""Values of dither that are made once; each block reads them from another place (several seconds of sound)."""


class Quantiser:
    """Rounds to 16 bits with dither, or to 24 bits (in the upper bytes of 32) without. It never clips a legal sample.

    The dither is triangular, of ±1 step: with it, rounding errors are noise of constant power and never a distortion
    (Lipshitz, Wannamaker and Vanderkooy, "Quantization and Dither: A Theoretical Survey", JAES 40(5), 1992).
    It is seeded: the same sound gives the same bytes. Digital silence stays digital silence.
    """

    def __init__(self, sample_width: Literal[2, 3]) -> None:
        self._bits = 8 * sample_width
        # The raw stream of a bit generator is promised not to change between versions of NumPy (NEP 19).
        self._generator = np.random.PCG64(_SEED)
        words = self._generator.random_raw(_TABLE if sample_width == 2 else 0)
        halves = words.astype("<u8", copy=False).view("<u4").reshape(-1, 2)
        self._dither = np.subtract(halves[:, 1], halves[:, 0], dtype=np.int64).astype(np.float32)
        self._dither /= np.float32(2**32)

    @property
    def bytes_per_sample(self) -> int:
        """How many bytes each sample has: 2, or 4 where 24 bits count."""
        return 2 if self._bits == 16 else 4

    def __call__(self, samples: Samples) -> bytes:
        """``samples``, shaped ``(n, channels)``, as interleaved little-endian integers."""
        largest = (1 << (self._bits - 1)) - 1
        if self._bits == 24:
            exact = np.rint(samples.astype(np.float64) * (largest + 1))
            return (np.clip(exact, -largest - 1, largest).astype("<i4") << 8).tobytes()
        scaled = samples * np.float32(largest + 1)
        self._add_dither(scaled, silent=samples == 0)
        np.clip(np.rint(scaled, out=scaled), -largest - 1, largest, out=scaled)
        return scaled.astype("<i2").tobytes()

    def _add_dither(self, scaled: Samples, *, silent: NDArray[np.bool_]) -> None:
        """Add dither to ``scaled`` in place, but for what is ``silent``."""
        start = int(self._generator.random_raw()) % (_TABLE - scaled.size)
        noise = self._dither[start : start + scaled.size].reshape(scaled.shape)
        np.add(scaled, noise, out=scaled, where=~silent if silent.any() else True)
