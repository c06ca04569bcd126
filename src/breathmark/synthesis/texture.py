"""Granular texture: the gain that changes within the 186 ms that a painted frame can't divide."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from breathmark.synthesis.lattice import drift
from breathmark.synthesis.source import HOP, Floats, HopRange, RandomSource
from breathmark.synthesis.spectrum import amplitude

_KNOTS = 8
"""Knots in a hop: one every 5.8 ms."""
_LIMIT = 3.0
"""Standard deviations beyond which a grain is no louder."""


def texture(source: RandomSource, cut: HopRange, level_db: float, periods_ms: Sequence[float]) -> Floats:
    """A gain of shape (frames, 2), normal in dB with the standard deviation ``level_db``, and of mean power 1.

    A quarter of the variance is common to both channels, so that a gust of drops is heard as one.
    """
    periods_s = [period_ms / 1000.0 for period_ms in periods_ms]
    knots = np.arange(cut.hops * _KNOTS + 1)
    hops = knots / _KNOTS + cut.first_hop
    between = np.arange(HOP // _KNOTS) * (_KNOTS / HOP)
    common = drift(source, "common", hops, periods_s)
    gain = np.empty((cut.frames, 2))
    for channel, side in enumerate(("left", "right")):
        curve = 0.5 * common + np.sqrt(0.75) * drift(source, side, hops, periods_s)
        at_knots = amplitude(level_db * np.clip(curve, -_LIMIT, _LIMIT))
        gain[:, channel] = (at_knots[:-1, np.newaxis] + np.outer(np.diff(at_knots), between)).ravel()
    return np.asarray(gain / np.exp((np.log(10.0) / 20.0 * level_db) ** 2), dtype=np.float64)
