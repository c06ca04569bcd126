"""Painted noise: Gaussian spectra, shaped frame by frame, overlapped into sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from breathmark.synthesis.chance import spectra
from breathmark.synthesis.source import HOP, Floats, HopRange, RandomSource
from breathmark.synthesis.spectrum import FRAME, FREQUENCIES_HZ, high_pass

if TYPE_CHECKING:
    from numpy.typing import NDArray

Gain: TypeAlias = Callable[[Floats], Floats]
"""Hops -> the gain of each bin at these moments: shape (hops, 1, bins), or (hops, 2, bins) for left and right."""

_BINS = FRAME // 2 + 1
_OVERLAP = FRAME // HOP
_BATCH = 16
"""Frames painted at once: 1 MB of spectra, which stay in the processor's cache."""
_SPEED_OF_SOUND_M_S = 343.0
_AUDIBLE = high_pass(25.0, 3)
"""Below it, noise would be an offset that drifts: heard by nobody, and headroom lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How alike the two channels are: as a diffuse field reaches two microphones (Cook et al., JASA 27, 1955)."""

    spacing_m: float = 0.17
    floor: float = 0.05
    """The share of power that the channels have in common in the treble."""

    def coherence(self) -> Floats:
        """The share of common power in each bin: near mono in the bass, wide in the treble."""
        wave_number = 2.0 * FREQUENCIES_HZ * self.spacing_m / _SPEED_OF_SOUND_M_S
        share = np.where(wave_number > 1.0, 0.0, 0.95 * np.abs(np.sinc(wave_number)))
        return np.clip(share, self.floor, 0.95)


def window(frame: int) -> Floats:
    """A Hann window whose squares sum to 1 at an overlap of three quarters: the variance stays constant."""
    return np.asarray(np.hanning(frame + 1)[:frame] / np.sqrt(1.5), dtype=np.float64)


def _spectra(numbers: NDArray[np.int64], key: int, coherence: Floats) -> NDArray[np.complex64]:
    """Two partly common Gaussian spectra for each frame number: shape (frames, 2, bins).

    Middle and side: left and right have as much in common as the middle has more power than the side.
    """
    drawn = spectra(2 * numbers[:, np.newaxis] + np.arange(2), _BINS, key)
    middle = drawn[:, 0] * np.sqrt((1.0 + coherence) / 2.0).astype(np.float32)
    side = drawn[:, 1] * np.sqrt((1.0 - coherence) / 2.0).astype(np.float32)
    return np.stack([middle + side, middle - side], axis=1)


def paint(gain: Gain, source: RandomSource, cut: HopRange, room: Room | None = None) -> Floats:
    """Noise of the spectrum ``gain``: shape (frames, 2). A gain of 1 in every bin paints an RMS of 1."""
    numbers = np.arange(cut.first_hop - _OVERLAP + 1, cut.first_hop + cut.hops)
    out = np.zeros((2, (len(numbers) + _OVERLAP - 1) * HOP), dtype=np.float32)
    coherence, key = (room or Room()).coherence(), source.key("paint")
    shape = (window(FRAME) * np.sqrt(FRAME / 2)).astype(np.float32)
    for start in range(0, len(numbers), _BATCH):
        batch = numbers[start : start + _BATCH]
        shaped = _spectra(batch, key, coherence)
        shaped *= _centred(gain, batch)
        sound = np.fft.irfft(shaped, FRAME, axis=-1) * shape
        for place, frame in enumerate(sound, start=start):
            out[:, place * HOP : place * HOP + FRAME] += frame
    return out[:, (_OVERLAP - 1) * HOP :][:, : cut.frames].T.astype(np.float64)


def _centred(gain: Gain, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
    """The gain at the middle of each frame, without what lies below hearing."""
    shape = (gain(numbers.astype(np.float64) + _OVERLAP / 2) * _AUDIBLE).astype(np.float32)
    shape[..., 0] = 0.0
    return shape
