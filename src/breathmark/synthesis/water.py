"""A stream: water over stones, which is the sound of its bubbles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from breathmark.synthesis.grains import Rings, ringing
from breathmark.synthesis.lattice import drift
from breathmark.synthesis.paint import Room, paint
from breathmark.synthesis.spectrum import Levels, amplitude, octaves
from breathmark.synthesis.texture import texture

if TYPE_CHECKING:
    from breathmark.synthesis.source import Floats, HopRange, RandomSource

_WASH: Levels = {
    31.5: -38,
    63: -28,
    125: -20,
    250: -14,
    500: -10.5,
    1000: -9,
    2000: -9,
    4000: -12,
    8000: -17,
    16000: -25,
}
_GURGLE = Rings(rate_hz=26.0, gain=17.0, pitches_hz=(210.0, 700.0), qualities=(6.0, 14.0), bend=(0.1, 0.5))
_BUBBLES = Rings(rate_hz=150.0, gain=7.5, pitches_hz=(600.0, 3200.0), qualities=(12.0, 32.0), bend=(0.05, 0.4))
"""The pitch of a bubble that comes up rises."""


def stream_water(source: RandomSource, cut: HopRange) -> Floats:
    """A small stream over stones, near by."""
    bubbles = ringing(_GURGLE, source.layer("gurgle"), cut) + ringing(_BUBBLES, source.layer("bubbles"), cut)
    wash = source.layer("wash")
    return _wash(wash, cut) * texture(wash, cut, 2.0, (28, 70, 140, 280)) + bubbles


def _wash(source: RandomSource, cut: HopRange) -> Floats:
    shape = octaves(_WASH)

    def gain(hops: Floats) -> Floats:
        sides = [
            0.6 * drift(source, "level", hops, (6.0, 15.0)) + 1.2 * drift(source, side, hops, (0.3, 0.8, 2.0))
            for side in ("left", "right")
        ]
        return shape * amplitude(np.stack(sides, axis=1))[:, :, np.newaxis]

    return paint(gain, source, cut, Room(spacing_m=0.25))
