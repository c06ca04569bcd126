"""Whether two stretches of a recording are the same words: dynamic time warping of their spectra."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.sound.activity import HOP_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from breathmark.sound.activity import Activity

__all__ = ["Likeness"]

_EVERY: Final = 3
"""Frames of 30 ms are enough for syllables."""
_LONGEST: Final = 400
_SAMPLED: Final = 24
_SAME: Final = 0.80
"""Of the distance that different stretches have from each other: where the same words are as likely as others."""
_STEEPNESS: Final = 25.0
_BOUNDS: Final = (-6.0, 5.0)


class Likeness:
    """Compares stretches of one recording; what different ones are like is taken from the recording itself."""

    def __init__(self, activity: Activity) -> None:
        self._activity = activity
        self._usual = self._usual_distance()
        self._told = cache(self._tell)

    def __call__(self, before: int, first: int, last: int) -> float:
        """How much islands from ``first`` up to ``last`` are like those from ``before`` up to ``first``.

        It is the logarithm of a ratio of likelihoods: over 0 where the same words are the likelier.
        """
        return self._told(before, first, last)

    def _tell(self, before: int, first: int, last: int) -> float:
        if not self._usual:
            return 0.0
        ratio = _distance(self._shape(before, first), self._shape(first, last)) / self._usual
        return float(np.clip(_STEEPNESS * (_SAME - ratio), *_BOUNDS))

    def _shape(self, first: int, last: int) -> NDArray[np.float32]:
        """The spectra of a stretch, without its level."""
        islands = self._activity.islands
        start, end = round(islands[first].start_s / HOP_S), round(islands[last - 1].end_s / HOP_S)
        whole = self._activity.decibels[start:end]
        cut = whole[: len(whole) // _EVERY * _EVERY].reshape(-1, _EVERY, whole.shape[1]).mean(axis=1)[:_LONGEST]
        return np.asarray(cut, np.float32)

    def _usual_distance(self) -> float:
        """Between stretches that are not neighbours, and so not the same words."""
        count = len(self._activity.islands)
        lengths = [island.duration_s for island in self._activity.islands]
        order: Sequence[int] = np.argsort(lengths).tolist()
        # Of about the same length, as a repetition is.
        pairs = [(one, two) for one, two in zip(order, order[1:], strict=False) if abs(one - two) > 2]
        chosen = [pair for pair in pairs if min(lengths[pair[0]], lengths[pair[1]]) > 0.4][:: max(1, count // _SAMPLED)]
        found = [_distance(self._shape(one, one + 1), self._shape(two, two + 1)) for one, two in chosen]
        return float(np.median(found)) if found else 0.0


def _distance(one: NDArray[np.float32], two: NDArray[np.float32]) -> float:
    """The mean distance (dB) along the best path, by anti-diagonals, so that numpy does the work."""
    if not len(one) or not len(two):
        return float("inf")
    squares = (one**2).sum(axis=1)[:, None] + (two**2).sum(axis=1)[None, :] - 2 * one @ two.T
    cost = np.sqrt(np.maximum(squares, 0) / one.shape[1])
    rows, columns = cost.shape
    before = np.full(rows + 1, np.inf)
    last = before.copy()
    for diagonal in range(rows + columns - 1):
        row = np.arange(max(0, diagonal - columns + 1), min(rows, diagonal + 1))
        now = np.full(rows + 1, np.inf)
        here = cost[row, diagonal - row]
        # A step along both counts for two, so that every path has the same weight (Sakoe and Chiba 1978).
        straight = before[row] + 2 * here if diagonal else here * 2
        now[row + 1] = np.minimum(straight, np.minimum(last[row], last[row + 1]) + here)
        before, last = last, now
    return float(last[rows] / (rows + columns))
