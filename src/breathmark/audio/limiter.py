"""A look-ahead limiter for true peaks. Sound far enough under the ceiling passes bit-exactly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.audio.loudness import Samples


_LOOK_AHEAD_S = 0.005
_OVERSAMPLING = 8
"""Twice that of BS.1770-5, whose fourfold one may read a tone at 0.4 of the rate 0.44 dB too low."""
_MARGIN_DB = 0.11
"""What n-fold oversampling may read too little of a tone at a share f of the rate is -20 log10 cos(pi f / n) dB
(BS.1770-5, annex 2, attachment 1): for eightfold, 0.11 dB at 0.4 of the rate (17.6 kHz) and 0.17 dB at its half.

Over 0.4 of the rate, where speech, bells and the built-in sounds have next to nothing, the short interpolator reads too
little, too. Measured sixteenfold: white noise of full scale alone, driven 10 dB into the limiter, passes the ceiling by
1 dB, and by nothing where it ends at 0.36 of the rate.
"""
_HOT = 0.7
"""Under this share of the ceiling (3 dB) a peak is not looked at: between its samples a tone rises by so much only at a
quarter of the rate, where speech and bells have next to nothing."""
_NEAR = 0.9
"""The same for the largest peak of all, which is only reported."""
_HALF_TAPS = 16
_CHUNK = 1 << 14


def _interpolator() -> NDArray[np.float32]:
    """The eight phases of a Kaiser-windowed sinc, shaped (taps, phases); phase 0 is the sample itself."""
    taps = np.arange(-_HALF_TAPS, _HALF_TAPS + 1)[:, None]
    at = taps - np.arange(_OVERSAMPLING)[None, :] / _OVERSAMPLING
    window = np.i0(8.0 * np.sqrt(np.maximum(1 - (at / (_HALF_TAPS + 1)) ** 2, 0))) / np.i0(8.0)
    return np.asarray(np.sinc(at) * window, np.float32)


_PHASES = _interpolator()


def true_peaks(samples: Samples, at: NDArray[np.intp]) -> Samples:
    """The largest level from each frame of ``at`` to the next one, over all channels, eight times oversampled.

    ``samples`` is shaped ``(n, channels)``, and has 16 frames or more on both sides of each of ``at``.
    """
    windows = sliding_window_view(samples, 2 * _HALF_TAPS + 1, axis=0)
    first = at - _HALF_TAPS
    peaks = [np.abs(windows[first[i : i + _CHUNK]] @ _PHASES).max(axis=(1, 2)) for i in range(0, len(at), _CHUNK)]
    return np.concatenate(peaks) if peaks else np.zeros(0, np.float32)


class Limiter:
    """Turns the gain down smoothly, 5 ms before and after each true peak over the ceiling, and nowhere else."""

    def __init__(self, rate_hz: int, ceiling_dbtp: float) -> None:
        self._ceiling = np.float32(10 ** ((ceiling_dbtp - _MARGIN_DB) / 20))
        self._ahead = max(round(_LOOK_AHEAD_S * rate_hz), 1)
        window = np.hanning(2 * self._ahead + 3)[1:-1]
        self._window = (window / window.sum()).astype(np.float32)
        # A frame's gain is known from the gains this far around it, and each of these from the peaks around it.
        self._context = 2 * self._ahead + 2 * _HALF_TAPS

    def run(self, blocks: Iterator[Samples]) -> Iterator[Samples]:
        """``blocks`` (each longer than 12 ms, but for the last), limited; where they are cut makes no difference."""
        before = after = None
        current: Samples | None = None
        for block in blocks:
            if current is None:
                before = np.zeros((self._context, block.shape[1]), np.float32)
            else:
                after = block[: self._context]
                yield self._limited(before, current, after)
                before = np.concatenate([before, current])[-self._context :]
            current = block
        if current is not None:
            yield self._limited(before, current, np.zeros((self._context, current.shape[1]), np.float32))

    def _limited(self, before: Samples | None, block: Samples, after: Samples) -> Samples:
        assert before is not None  # noqa: S101 - for mypy: `run` has set it with the first block
        if max(_highest(before), _highest(block), _highest(after)) <= self._ceiling * _HOT:
            return block
        over = self._overshoot(np.concatenate([before, block, after]))
        if over is None:
            return block
        cut = self._reduction(over)[len(before) : len(before) + len(block)]
        acts = np.flatnonzero(cut != 0)
        limited = block.copy()
        limited[acts] *= 1 - cut[acts, None]
        return limited

    def _overshoot(self, samples: Samples) -> Samples | None:
        """How much each frame has to be turned down (0: not at all, 0.5: to half); None where none has to."""
        peaks = _levels(samples)
        # What lies in the outermost frames reaches none of the block.
        hot = _inside(_summits(peaks, float(self._ceiling) * _HOT), len(samples))
        between = true_peaks(samples, hot)
        # A peak between two frames is one for both of them.
        np.maximum.at(peaks, hot, between)
        np.maximum.at(peaks, np.minimum(hot + 1, len(peaks) - 1), between)
        if peaks.max() <= self._ceiling:
            return None
        return np.asarray(1 - self._ceiling / np.maximum(peaks, self._ceiling), np.float32)

    def _reduction(self, over: Samples) -> Samples:
        """``over``, spread over the look-ahead and smoothed; exactly 0 where the limiter does not act."""
        reduction = np.zeros_like(over)
        for part in _stretches(over, 2 * self._ahead):
            wide = _sliding_max(np.pad(over[part], self._ahead), 2 * self._ahead + 1)
            reduction[part] = np.convolve(np.pad(wide, self._ahead), self._window, "valid")
        return reduction


class PeakMeter:
    """Finds the largest true peak of sound that comes in blocks; it looks only where that could be."""

    def __init__(self) -> None:
        self.true_peak = 0.0
        """The largest one so far, 1.0 being full scale. The last 16 frames count after ``finish``."""
        self._before: Samples | None = None

    def add(self, block: Samples) -> None:
        """Take the next block."""
        if self._before is None:
            self._before = np.zeros((2 * _HALF_TAPS, block.shape[1]), np.float32)
        highest = max(_highest(self._before), _highest(block))
        if highest > _NEAR * self.true_peak:
            around = np.concatenate([self._before, block])
            loud = _summits(_levels(around), _NEAR * max(self.true_peak, highest))
            # What comes beyond the block is not known yet: its last frames are looked at with the next one.
            between = true_peaks(around, _inside(loud, len(around)))
            self.true_peak = max(self.true_peak, float(between.max(initial=0.0)))
        self._before = np.concatenate([self._before, block[-2 * _HALF_TAPS :]])[-2 * _HALF_TAPS :]

    def finish(self) -> None:
        """Take the silence after the end."""
        if self._before is not None:
            self.add(np.zeros_like(self._before))


def _levels(samples: Samples) -> Samples:
    """The largest level of each frame over its channels; numpy's own reduction over so short an axis is slow."""
    level = np.abs(samples[:, 0])
    for channel in range(1, samples.shape[1]):
        np.maximum(level, np.abs(samples[:, channel]), out=level)
    return level


def _highest(samples: Samples) -> float:
    return max(float(samples.max(initial=0.0)), -float(samples.min(initial=0.0)))


def _summits(levels: Samples, threshold: float) -> NDArray[np.intp]:
    """The frames beside which a peak over ``threshold`` may lie: local maxima, each with the frame before it."""
    top = levels > threshold
    top[1:] &= levels[1:] >= levels[:-1]
    top[:-1] &= levels[:-1] >= levels[1:]
    before = top[1:].copy()
    top[:-1] |= before
    return np.flatnonzero(top)


def _inside(at: NDArray[np.intp], frames: int) -> NDArray[np.intp]:
    """Those of ``at`` with enough of the ``frames`` around them to be interpolated."""
    return at[(at >= _HALF_TAPS) & (at < frames - _HALF_TAPS)]


def _stretches(over: Samples, reach: int) -> list[slice]:
    """Where ``over``, spread by ``reach`` to both sides, is not 0: stretches that don't touch each other."""
    acts = np.flatnonzero(over != 0)
    gaps = np.flatnonzero(np.diff(acts) > 2 * reach)
    first, last = acts[np.append(0, gaps + 1)], acts[np.append(gaps, -1)]
    return [slice(max(a - reach, 0), b + reach + 1) for a, b in zip(first.tolist(), last.tolist(), strict=True)]


def _sliding_max(values: Samples, width: int) -> Samples:
    """The largest of each ``width`` neighbours, by doubling; shorter by ``width - 1`` than ``values``."""
    reach = 1
    while 2 * reach <= width:
        values = np.maximum(values[:-reach], values[reach:])
        reach *= 2
    remainder = width - reach
    return np.maximum(values[:-remainder], values[remainder:]) if remainder else values
