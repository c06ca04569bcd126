"""The built-in sounds by name: what a listener is told about each, and how it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from sounds.bells import breath_in, breath_out, chime, singing_bowl, tingsha
from sounds.harmony import low_drone, warm_pad
from sounds.rain import soft_rain
from sounds.sea import slow_sea
from sounds.source import LOOP_HOPS, Cut, Floats, Source
from sounds.spectrum import amplitude
from sounds.steady import brown_noise, room_tone
from sounds.wind import light_wind
from sounds.woods import evening_birds, forest_air

__all__ = ["BEDS", "BED_LUFS", "BELLS", "Bed", "Strike"]

BED_LUFS = -30.0
"""The gated loudness of every bed: its peaks then stay below -9 dBFS."""

Recipe: TypeAlias = Callable[[Source, Cut], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bed:
    """An ambience without beginning or end."""

    name: str
    title: str
    description: str
    """One line that a listener understands."""
    recipe: Recipe
    seed: int
    gain_db: float
    """What brings the recipe to ``BED_LUFS``, measured over the loop."""

    def render(self, cut: Cut, *, seed: int | None = None, loop_hops: int | None = LOOP_HOPS) -> Floats:
        """A stretch of the bed at its level: shape (frames, 2), full scale at 1.

        ``loop_hops`` None gives a bed that never comes round. A period or a seed other than the shipped one changes
        the loudness by some tenths of an LU.
        """
        source = Source(seed=self.seed if seed is None else seed, loop_hops=loop_hops, path=(self.name,))
        return self.recipe(source, cut) * amplitude(self.gain_db)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A bell, or another sound that is over soon."""

    name: str
    title: str
    description: str
    """One line that a listener understands."""
    recipe: Callable[[int], Floats]
    """Seed -> the sound at any level: shape (frames, 2)."""
    seed: int
    peak_dbfs: float
    """Set by loudness, not by eye: the chime is as loud as the bowl, the piercing tingsha 5 LU softer, the breath
    tones, which come many times, 7 LU softer (loudest 400 ms)."""
    level_lu: float = 0.0
    """The loudest 400 ms against the voice's gated loudness, as sessions are mixed. A tingsha pierces: it is set 4 to
    6 dB under a bowl. The tones of a guided breath come every few seconds."""

    def render(self, *, seed: int | None = None) -> Floats:
        """The whole sound at its level: shape (frames, 2), full scale at 1."""
        sound = self.recipe(self.seed if seed is None else seed)
        return np.asarray(sound * (amplitude(self.peak_dbfs) / np.abs(sound).max()), dtype=np.float64)


BEDS = (
    Bed(
        name="room-tone",
        title="Room tone",
        description="A quiet furnished room, with nothing in it but its own stillness",
        recipe=room_tone,
        seed=11,
        gain_db=-31.99,
    ),
    Bed(
        name="brown-noise",
        title="Brown noise",
        description="Deep, even noise, like a waterfall far away",
        recipe=brown_noise,
        seed=21,
        gain_db=-9.0,
    ),
    Bed(
        name="soft-rain",
        title="Soft rain",
        description="Gentle rain on leaves, a few steps away",
        recipe=soft_rain,
        seed=31,
        gain_db=-35.6,
    ),
    Bed(
        name="slow-sea",
        title="Slow sea",
        description="Waves on a flat shore, one about every ten seconds",
        recipe=slow_sea,
        seed=41,
        gain_db=-29.88,
    ),
    Bed(
        name="warm-pad",
        title="Warm pad",
        description="A wide, still chord, like strings far away",
        recipe=warm_pad,
        seed=51,
        gain_db=-45.4,
    ),
    Bed(
        name="low-drone",
        title="Low drone",
        description="One deep note whose overtones slowly light up",
        recipe=low_drone,
        seed=63,
        gain_db=-45.0,
    ),
    Bed(
        name="light-wind",
        title="Light wind",
        description="A light wind that comes and goes, with a few leaves in it",
        recipe=light_wind,
        seed=71,
        gain_db=-33.23,
    ),
    Bed(
        name="evening-birds",
        title="Evening birds",
        description="Blackbirds, a robin and a dove at dusk, none of them near",
        recipe=evening_birds,
        seed=81,
        gain_db=-32.44,
    ),
    Bed(
        name="forest-air",
        title="Forest air",
        description="Still air in a forest, with a breath of wind and very distant birds",
        recipe=forest_air,
        seed=91,
        gain_db=-32.38,
    ),
)

BELLS = (
    Strike(
        name="singing-bowl",
        title="Singing bowl",
        description="A large bronze bowl, struck once with felt; it rings for 26 seconds",
        recipe=singing_bowl,
        seed=101,
        peak_dbfs=-6.0,
    ),
    Strike(
        name="tingsha",
        title="Tingsha",
        description="Two small hand cymbals, bright and clear; they ring for 12 seconds",
        recipe=tingsha,
        seed=102,
        peak_dbfs=-13.0,
        level_lu=-5.0,
    ),
    Strike(
        name="chime",
        title="Chime",
        description="Two warm metal bars, one after the other, a fifth apart; they ring for 14 seconds",
        recipe=chime,
        seed=103,
        peak_dbfs=-6.5,
    ),
    Strike(
        name="breath-in",
        title="Breathe in",
        description="A soft tone that rises: breathe in",
        recipe=breath_in,
        seed=104,
        peak_dbfs=-17.0,
        level_lu=-9.0,
    ),
    Strike(
        name="breath-out",
        title="Breathe out",
        description="A soft tone that falls: breathe out",
        recipe=breath_out,
        seed=105,
        peak_dbfs=-17.0,
        level_lu=-9.0,
    ),
)
