"""The waves of the slow sea: when each one comes, how large it is, and how it rises and runs out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from breathmark.synthesis.chance import Dice
from breathmark.synthesis.lattice import lattice
from breathmark.synthesis.source import Floats, RandomSource, hops_of
from breathmark.synthesis.spectrum import amplitude

_SLOT_S = 10.0
"""One wave in each slot: the pace of a calm breath."""
_BEFORE, _AFTER = 1.2, 2.4
"""How far a wave reaches, in slots; it has ended when the second one after it runs out."""
_SMALLEST_DB, _LARGEST_DB = -3.0, 0.8
_SHARE_WITH_WASH = 0.55


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One wave; times are in hops."""

    power: float
    crest_hop: float
    rise: float
    fall: float
    wash_delay: float
    """When a second, smaller wash follows."""
    wash: float
    """Its amplitude over that of the first."""
    foam: float
    """How much of it breaks."""
    pan: float
    pan_drift: float
    reach: tuple[float, float]
    """From where to where it sounds, counted from its crest."""

    def rumble(self, hops: Floats) -> Floats:
        """Power of the low rumble, which leads the crest by about a rise time."""
        after = hops - self.crest_hop
        return 0.4 * self.power * np.exp(-2.0 * ((after + 0.9 * self.rise) / (1.9 * self.rise)) ** 2) * self._end(after)

    def crest(self, hops: Floats) -> Floats:
        """Power of the wave breaking, and of its second wash."""
        after = hops - self.crest_hop
        second = self.wash**2 * self._swell(after - self.wash_delay, 1.2 * self.rise) ** 2
        return np.asarray(self.power * (self._swell(after, self.rise) ** 2 + second) * self._end(after))

    def spray(self, hops: Floats) -> Floats:
        """Power of the foam, which comes late and hisses on while the water runs back."""
        after = hops - self.crest_hop
        late = after - 0.6 * self.fall
        rise = np.exp(-((np.minimum(late, 0.0) / (0.6 * self.rise + 0.35 * self.fall)) ** 2))
        run_out = np.exp(-np.maximum(late, 0.0) / (1.25 * self.fall))
        return np.asarray(self.power * self.foam * (rise * run_out) ** 2 * self._end(after))

    def sides(self, hops: Floats) -> tuple[Floats, Floats]:
        """Power gains to the left and the right: a wave runs along the shore while it breaks. Their mean is 1."""
        place = np.clip(self.pan + self.pan_drift * np.tanh((hops - self.crest_hop) / (2.0 * self.rise)), -0.9, 0.9)
        angle = np.pi / 4.0 * (1.0 + 0.55 * place)
        return 2.0 * np.cos(angle) ** 2, 2.0 * np.sin(angle) ** 2

    def _swell(self, after: Floats, rise: float) -> Floats:
        up = np.exp(-((np.minimum(after, 0.0) / rise) ** 2))
        return np.asarray(up * (1.0 + (np.maximum(after, 0.0) / self.fall) ** 1.6) ** -1.35, dtype=np.float64)

    def _end(self, after: Floats) -> Floats:
        """1, and smoothly 0 at both ends of the reach: a tail cut off by a block's edge would part the blocks."""
        first, last = self.reach
        near = np.minimum(after - first, last - after) / (0.2 * (last - first))
        return np.asarray(np.sin(np.pi / 2.0 * np.clip(near, 0.0, 1.0)) ** 2, dtype=np.float64)


def waves_near(source: RandomSource, hops: Floats) -> tuple[Wave, ...]:
    """All the waves that sound at any of ``hops``."""
    slot = hops_of(_SLOT_S)
    first, last = int(np.floor(hops.min() / slot - _AFTER)) - 1, int(np.ceil(hops.max() / slot + _BEFORE)) + 1
    return tuple(_wave(source, number, slot) for number in range(first, last))


def _wave(source: RandomSource, number: int, slot: float) -> Wave:
    dice = Dice(source.key("wave"), number)
    set_db = 0.9 * float(lattice(source, "set", np.array([number * slot]), 3.0 * _SLOT_S)[0])
    level_db = float(np.clip(1.2 * dice.normal() + set_db, _SMALLEST_DB, _LARGEST_DB))
    jitter = 0.13 * float(np.clip(dice.normal(), -2.0, 2.0))
    has_wash = dice.chance(_SHARE_WITH_WASH)
    return Wave(
        power=float(amplitude(level_db)) ** 2,
        crest_hop=(number + 0.5 + jitter) * slot,
        rise=hops_of(dice.uniform(1.0, 1.8)),
        fall=hops_of(dice.uniform(2.0, 3.4)),
        wash_delay=dice.uniform(0.43, 0.54) * slot,
        wash=0.4 if has_wash else 0.0,
        foam=0.34 * dice.uniform(0.75, 1.15),
        pan=dice.uniform(-0.7, 0.7),
        pan_drift=dice.uniform(-0.6, 0.6),
        reach=(-_BEFORE * slot, _AFTER * slot),
    )
