"""Soft rain: a bed of far drops, taps on leaves and soil, and near drops that ring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from breathmark.synthesis.grains import Rings, Taps, ringing, tapping
from breathmark.synthesis.lattice import drift, lattice
from breathmark.synthesis.paint import Room, paint
from breathmark.synthesis.spectrum import Levels, amplitude, octaves, tilt

if TYPE_CHECKING:
    from breathmark.synthesis.source import Floats, HopRange, RandomSource

_FAR: Levels = {
    31.5: -34,
    63: -23,
    125: -15.5,
    250: -10.5,
    500: -8.5,
    1000: -8.5,
    2000: -9.5,
    4000: -12,
    8000: -20,
    16000: -28,
}
"""Flat from 400 Hz to 2 kHz, then falling: air and leaves take the treble of drops that are far. With a rise towards
8 kHz it was hiss."""
_TAPS = Taps(rate_hz=260.0, gain=5.2, centres_hz=(700.0, 5200.0))
"""More of them fry: the 4 kHz band then flutters at 8 to 16 Hz."""
_PLINKS = Rings(rate_hz=8.0, gain=10.5, pitches_hz=(900.0, 4200.0), qualities=(9.0, 22.0), click=0.25)
"""Into water."""
_THUDS = Rings(rate_hz=22.0, gain=15.0, pitches_hz=(190.0, 950.0), qualities=(2.5, 5.0), click=0.12)
"""Onto broad leaves and soil."""


def soft_rain(source: RandomSource, cut: HopRange) -> Floats:
    """Steady rain on leaves, a few steps away."""
    near = ringing(_PLINKS, source.layer("drops"), cut) + ringing(_THUDS, source.layer("thuds"), cut)
    return _far(source.layer("far"), cut) + tapping(_TAPS, source.layer("taps"), cut) + near


def _far(source: RandomSource, cut: HopRange) -> Floats:
    shape = octaves(_FAR)

    def gain(hops: Floats) -> Floats:
        slow_db = drift(source, "slow", hops, (8.0, 20.0, 40.0))
        fast_db = 0.35 * (lattice(source, "fast", hops, 0.14) + lattice(source, "quick", hops, 0.37))
        leaning = shape * tilt(0.035 * drift(source, "tilt", hops, (8.0, 20.0)), 1500.0)
        return np.asarray(leaning * amplitude(slow_db + fast_db)[:, np.newaxis], dtype=np.float64)[:, np.newaxis]

    return paint(gain, source, cut, Room(floor=0.04))
