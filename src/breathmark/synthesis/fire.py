"""A fire: the breath of its flames, and wood that crackles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from breathmark.synthesis.grains import Rings, Taps, ringing, tapping
from breathmark.synthesis.lattice import drift, lattice
from breathmark.synthesis.paint import Room, paint
from breathmark.synthesis.spectrum import Levels, amplitude, octaves, tilt

if TYPE_CHECKING:
    from breathmark.synthesis.source import Floats, HopRange, RandomSource

_FLAMES: Levels = {
    31.5: -16,
    63: -8,
    125: -5,
    250: -7,
    500: -11,
    1000: -15,
    2000: -19,
    4000: -22,
    8000: -26,
    16000: -36,
}
_CRACKLE = Taps(rate_hz=26.0, gain=6.3, centres_hz=(900.0, 7000.0), decays_s=(0.0003, 0.0025), spread=1.0, loudest=3.5)
_SIZZLE = Taps(rate_hz=90.0, gain=2.2, centres_hz=(2500.0, 9000.0), decays_s=(0.0003, 0.001))
_SNAPS = Rings(rate_hz=1.4, gain=9.5, pitches_hz=(250.0, 1400.0), qualities=(1.5, 3.5), click=0.6, loudest=2.0)
"""A log that splits."""


def open_fire(source: RandomSource, cut: HopRange) -> Floats:
    """A small fire of dry wood."""
    crackle = tapping(_CRACKLE, source.layer("crackle"), cut) + tapping(_SIZZLE, source.layer("sizzle"), cut)
    return _flames(source.layer("flames"), cut) + crackle + ringing(_SNAPS, source.layer("snaps"), cut)


def _flames(source: RandomSource, cut: HopRange) -> Floats:
    shape = octaves(_FLAMES)

    def gain(hops: Floats) -> Floats:
        level_db = 0.8 * drift(source, "level", hops, (7.0, 18.0)) + 1.3 * drift(source, "flutter", hops, (0.15, 0.35))
        leaning = shape * tilt(0.08 * lattice(source, "lean", hops, 0.8), 250.0)
        return np.asarray(leaning * amplitude(level_db)[:, np.newaxis], dtype=np.float64)[:, np.newaxis]

    return paint(gain, source, cut, Room(spacing_m=0.2))
