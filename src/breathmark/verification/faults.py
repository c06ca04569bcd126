"""Faults that last for a few samples: clicks, and waves whose tops were cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.verification.decoding import Piece


MAX_MOMENTS: Final = 20
"""How many moments of each kind are kept; more would not describe a file better."""

_FULL_SCALE: Final = 32_766.5 / 32_768
_FULL_RUN: Final = 3
_FLAT_LEVEL: Final = 0.25
_FLAT_RUN: Final = 8
"""A sine of 60 Hz at a quarter of full scale moves by more than one step of 16 bits in so many samples at its top."""

_BIN_S: Final = 0.001
_NEAR_BINS: Final = 5
"""What a lossy codec smears a click over, to each side."""
_AROUND_BINS: Final = 25
_CLICK_RATIO: Final = 10**2.0
"""20 dB. The most that speech, bells and birds of the sessions it was chosen by reached was 14 dB, in any format."""
_RELEASE_RATIO: Final = 10**1.2
"""12 dB, of the loudest millisecond over the third loudest of five. A click of one to three samples and a step have
15 dB or more, even after MP3 at 64 kbit/s; releases of p, t and k by Hibari have 3 to 8 (21 were looked at); none of
the 1,513 sentences of the course has 12.
"""
_CLICK_PEAK: Final = 0.008
"""Of the second difference: a click of one sample has twice its own height there. Softer ones are inaudible."""


class ClipFinder:
    """Finds three or more samples in a row at full scale, and longer runs of one and the same high level."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._before: Piece | None = None
        self._done = 0
        self.moments_s: list[float] = []

    def add(self, piece: Piece) -> None:
        """Scan the next piece."""
        samples = piece if self._before is None else np.concatenate([self._before, piece])
        begin = self._done - (0 if self._before is None else len(self._before))
        found = np.zeros(len(samples), bool)
        for channel in samples.T:
            found |= _runs(np.abs(channel) >= _FULL_SCALE, _FULL_RUN)
            level = (np.abs(channel[1:]) > _FLAT_LEVEL) & (channel[1:] == channel[:-1])
            found[1:] |= _runs(level, _FLAT_RUN - 1)
        for start in np.flatnonzero(found & ~np.roll(found, 1)):
            moment_s = (begin + int(start)) / self._rate_hz
            if len(self.moments_s) < MAX_MOMENTS and not (self.moments_s and moment_s - self.moments_s[-1] < 0.01):
                self.moments_s.append(moment_s)
        self._done += len(piece)
        self._before = samples[-_FLAT_RUN:]


class ClickFinder:
    """Finds what is over in a millisecond and isolated: much louder than what lies before it and behind it.

    It listens to the second difference, in which a click is strong and a tone is weak. A consonant, a strike or a pulse
    of the voice is followed by more of its kind, and the release of a last consonant lasts for three milliseconds or
    more.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._bin = round(_BIN_S * rate_hz)
        self._tail: Piece | None = None
        self._power: NDArray[np.float64] = np.full(_AROUND_BINS, np.nan)
        self._peak: NDArray[np.float64] = np.zeros(_AROUND_BINS)
        self._bins = -_AROUND_BINS
        self.moments_s: list[float] = []

    def add(self, piece: Piece) -> None:
        """Scan the next piece; what lies at its end is judged with the one after it."""
        samples = piece if self._tail is None else np.concatenate([self._tail, piece])
        bins = max((len(samples) - 2) // self._bin, 0)
        self._tail = samples[bins * self._bin :]
        if not bins:
            return
        shaped = _bent(samples[: bins * self._bin + 2]).reshape(bins, self._bin)
        power = np.einsum("bn,bn->b", shaped, shaped, dtype=np.float64) / self._bin
        self._power = np.concatenate([self._power, power])
        self._peak = np.concatenate([self._peak, shaped.max(axis=1)])
        self._judge()

    def _judge(self) -> None:
        width = 2 * _AROUND_BINS + 1
        if len(self._power) < width:
            return
        windows = sliding_window_view(np.nan_to_num(self._power, nan=0.0), width)
        before = windows[:, : _AROUND_BINS - _NEAR_BINS].max(axis=1)
        after = windows[:, _AROUND_BINS + _NEAR_BINS + 1 :].max(axis=1)
        middle = windows[:, _AROUND_BINS]
        peak = self._peak[_AROUND_BINS : _AROUND_BINS + len(middle)]
        alone = (middle > _CLICK_RATIO * np.maximum(before, after)) & (peak > _CLICK_PEAK)
        for index in np.flatnonzero(alone):
            third = np.sort(windows[index, _AROUND_BINS - 2 : _AROUND_BINS + 3])[-3]
            if middle[index] < _RELEASE_RATIO * third:
                continue
            moment_s = (self._bins + _AROUND_BINS + int(index)) * self._bin / self._rate_hz
            if len(self.moments_s) < MAX_MOMENTS and not (self.moments_s and moment_s - self.moments_s[-1] < 0.02):
                self.moments_s.append(moment_s)
        done = len(middle)
        self._power, self._peak, self._bins = self._power[done:], self._peak[done:], self._bins + done


def _bent(samples: Piece) -> NDArray[np.float32]:
    """The largest second difference of each frame, channel by channel: a maximum over so short an axis is slow."""
    largest = np.zeros(len(samples) - 2, np.float32)
    for channel in samples.T:
        np.maximum(largest, np.abs(channel[2:] - 2 * channel[1:-1] + channel[:-2]), out=largest)
    return largest


def _runs(hits: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    """Where at least ``least`` hits in a row begin."""
    if len(hits) < least or not hits.any():
        return np.zeros(len(hits), bool)
    starts = sliding_window_view(hits, least).all(axis=1)
    return np.concatenate([starts, np.zeros(least - 1, bool)])
