"""Beds in which nothing happens: room tone, and noise in three colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from breathmark.synthesis.lattice import drift, lattice
from breathmark.synthesis.paint import Gain, Room, paint
from breathmark.synthesis.spectrum import FREQUENCIES_HZ, Levels, amplitude, bump, high_pass, low_pass, octaves, tilt

if TYPE_CHECKING:
    from breathmark.synthesis.source import Floats, HopRange, RandomSource

_ROOM: Levels = {
    20: -30,
    31.5: -14,
    63: -6,
    125: -5,
    250: -7,
    500: -11,
    1000: -15.5,
    2000: -20.5,
    4000: -26,
    8000: -33,
    16000: -45,
}
_ROOM_MODES = ((43.0, 2.0, 0.4), (71.0, 2.5, 0.4), (112.0, 2.0, 0.33), (187.0, 1.5, 0.33))
"""Hz, dB, octaves: the broad bumps of a furnished room's lowest modes."""
_BROWN_CORNER_HZ = 80.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """How far a steady bed strays."""

    level_db: float
    """Standard deviation of the level."""
    periods_s: tuple[float, ...]
    tilt: float
    """Standard deviation of the exponent by which the spectrum leans."""
    tilt_period_s: float
    pivot_hz: float
    """The frequency around which it leans."""

    def over(self, shape: Floats, source: RandomSource) -> Gain:
        """``shape``, straying: the gain of a bed."""

        def gain(hops: Floats) -> Floats:
            level = amplitude(self.level_db * drift(source, "level", hops, self.periods_s))
            exponent = self.tilt * lattice(source, "tilt", hops, self.tilt_period_s)
            leaning = shape * tilt(exponent, self.pivot_hz)
            return np.asarray(leaning * level[:, np.newaxis], dtype=np.float64)[:, np.newaxis]

        return gain


def room_tone(source: RandomSource, cut: HopRange) -> Floats:
    """A quiet furnished room: dark, with its lowest modes, without any hum of the mains."""
    shape = octaves(_ROOM)
    for centre_hz, gain_db, width_octaves in _ROOM_MODES:
        shape = shape * bump(centre_hz, gain_db, width_octaves)
    swing = Swing(level_db=0.35, periods_s=(8.0, 20.0), tilt=0.05, tilt_period_s=10.0, pivot_hz=150.0)
    return paint(swing.over(shape, source), source, cut, Room(spacing_m=0.2))


def pink_noise(source: RandomSource, cut: HopRange) -> Floats:
    """Noise with the same power in each octave."""
    return _coloured({20: 0, 16000: 0}, source, cut)


def white_noise(source: RandomSource, cut: HopRange) -> Floats:
    """Noise with the same power at each frequency: 3 dB more in each octave."""
    return _coloured({20: 0, 20480: 30}, source, cut)


def _coloured(levels: Levels, source: RandomSource, cut: HopRange) -> Floats:
    swing = Swing(level_db=0.3, periods_s=(12.0, 30.0), tilt=0.02, tilt_period_s=15.0, pivot_hz=1000.0)
    return paint(swing.over(octaves(levels), source), source, cut, Room(floor=0.1))


def brown_noise(source: RandomSource, cut: HopRange) -> Floats:
    """Noise that falls by 6 dB per octave from 80 Hz on; a fall from 20 Hz on would waste the headroom."""
    shape = _BROWN_CORNER_HZ / np.maximum(FREQUENCIES_HZ, _BROWN_CORNER_HZ)
    shape = shape * high_pass(32.0, 3) * low_pass(9000.0, 2)
    swing = Swing(level_db=0.5, periods_s=(12.0, 30.0), tilt=0.06, tilt_period_s=15.0, pivot_hz=150.0)
    return paint(swing.over(shape, source), source, cut, Room(floor=0.1))
