"""The built-in sounds by name: what a listener is told about each, and how it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from breathmark.synthesis.bells import breath_in, breath_out, chime, deep_bowl, singing_bowl, small_bowl, tingsha
from breathmark.synthesis.crickets import night_crickets
from breathmark.synthesis.fire import open_fire
from breathmark.synthesis.harmony import evolving_pad, low_drone, warm_pad
from breathmark.synthesis.rain import soft_rain
from breathmark.synthesis.sea import slow_sea
from breathmark.synthesis.source import Floats, HopRange, RandomSource
from breathmark.synthesis.spectrum import amplitude
from breathmark.synthesis.steady import brown_noise, pink_noise, room_tone, white_noise
from breathmark.synthesis.strings import bowl_garden, tanpura
from breathmark.synthesis.water import stream_water
from breathmark.synthesis.wind import light_wind
from breathmark.synthesis.woods import evening_birds, forest_air

BED_LUFS = -30.0
"""The gated loudness of every bed: its peaks then stay below -9 dBFS."""

Painter: TypeAlias = Callable[[RandomSource, HopRange], Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class BedRecipe:
    """How an ambience is made, which has neither beginning nor end."""

    name: str
    title: str
    description: str
    """One line that a listener understands."""
    paint: Painter
    seed: int
    gain_db: float
    """What brings it to ``BED_LUFS``, measured over its first minute."""

    def render(self, cut: HopRange, *, seed: int | None = None) -> Floats:
        """A stretch of the bed at its level: shape (frames, 2), full scale at 1.

        A seed other than its own changes the loudness by some tenths of an LU.
        """
        source = RandomSource(seed=self.seed if seed is None else seed, path=(self.name,))
        return self.paint(source, cut) * amplitude(self.gain_db)


@dataclass(frozen=True, slots=True, kw_only=True)
class BellRecipe:
    """How a bell is made, or another sound that is over soon."""

    name: str
    title: str
    description: str
    """One line that a listener understands."""
    strike: Callable[[int], Floats]
    """Seed -> the sound at any level: shape (frames, 2)."""
    seed: int
    peak_dbfs: float
    """Set by loudness, not by eye: the chime is as loud as the bowls, the piercing tingsha 5 LU softer, the breath
    tones, which come many times, 7 LU softer (loudest 400 ms)."""
    level_lu: float = 0.0
    """The loudest 400 ms against the voice's gated loudness, as sessions are mixed. A tingsha pierces: it is set 4 to
    6 dB under a bowl. The tones of a guided breath come every few seconds."""

    def render(self, *, seed: int | None = None) -> Floats:
        """The whole sound at its level: shape (frames, 2), full scale at 1."""
        sound = self.strike(self.seed if seed is None else seed)
        return np.asarray(sound * (amplitude(self.peak_dbfs) / np.abs(sound).max()), dtype=np.float64)


BEDS = (
    BedRecipe(
        name="room-tone",
        title="Room tone",
        description="A quiet furnished room, with nothing in it but its own stillness",
        paint=room_tone,
        seed=11,
        gain_db=-31.93,
    ),
    BedRecipe(
        name="brown-noise",
        title="Brown noise",
        description="Deep, even noise, like a waterfall far away",
        paint=brown_noise,
        seed=21,
        gain_db=-9.19,
    ),
    BedRecipe(
        name="soft-rain",
        title="Soft rain",
        description="Gentle rain on leaves, a few steps away",
        paint=soft_rain,
        seed=31,
        gain_db=-33.29,
    ),
    BedRecipe(
        name="slow-sea",
        title="Slow sea",
        description="Waves on a flat shore, one about every ten seconds",
        paint=slow_sea,
        seed=41,
        gain_db=-30.15,
    ),
    BedRecipe(
        name="warm-pad",
        title="Warm pad",
        description="A wide, still chord, like strings far away",
        paint=warm_pad,
        seed=51,
        gain_db=-45.28,
    ),
    BedRecipe(
        name="low-drone",
        title="Low drone",
        description="One deep note whose overtones slowly light up",
        paint=low_drone,
        seed=63,
        gain_db=-44.92,
    ),
    BedRecipe(
        name="light-wind",
        title="Light wind",
        description="A light wind that comes and goes, with a few leaves in it",
        paint=light_wind,
        seed=71,
        gain_db=-33.31,
    ),
    BedRecipe(
        name="evening-birds",
        title="Evening birds",
        description="Blackbirds, a robin and a dove at dusk, none of them near",
        paint=evening_birds,
        seed=81,
        gain_db=-32.85,
    ),
    BedRecipe(
        name="forest-air",
        title="Forest air",
        description="Still air in a forest, with a breath of wind, and birds all around, none of them near",
        paint=forest_air,
        seed=91,
        gain_db=-32.05,
    ),
    BedRecipe(
        name="pink-noise",
        title="Pink noise",
        description="Even noise, as much of it in each octave: between brown and white",
        paint=pink_noise,
        seed=22,
        gain_db=-43.7,
    ),
    BedRecipe(
        name="white-noise",
        title="White noise",
        description="Bright, even noise, like a fan or a fall of water near by",
        paint=white_noise,
        seed=23,
        gain_db=-67.75,
    ),
    BedRecipe(
        name="stream",
        title="Stream",
        description="A small stream over stones, with all its bubbles",
        paint=stream_water,
        seed=111,
        gain_db=-33.56,
    ),
    BedRecipe(
        name="fire",
        title="Fire",
        description="A small fire of dry wood, which crackles",
        paint=open_fire,
        seed=121,
        gain_db=-32.33,
    ),
    BedRecipe(
        name="crickets",
        title="Crickets",
        description="A meadow on a warm night, full of crickets",
        paint=night_crickets,
        seed=131,
        gain_db=-31.34,
    ),
    BedRecipe(
        name="bowls",
        title="Bowls",
        description="Seven singing bowls, each rubbed softly now and then",
        paint=bowl_garden,
        seed=141,
        gain_db=-24.74,
    ),
    BedRecipe(
        name="tanpura",
        title="Tanpura",
        description="The four strings of a tanpura, plucked one after another",
        paint=tanpura,
        seed=151,
        gain_db=-26.49,
    ),
    BedRecipe(
        name="evolving-pad",
        title="Evolving pad",
        description="A wide chord whose notes come and go",
        paint=evolving_pad,
        seed=161,
        gain_db=-37.72,
    ),
)

BELLS = (
    BellRecipe(
        name="singing-bowl",
        title="Singing bowl",
        description="A large bronze bowl, struck once with felt; it rings for 26 seconds",
        strike=singing_bowl,
        seed=101,
        peak_dbfs=-6.0,
    ),
    BellRecipe(
        name="small-bowl",
        title="Small bowl",
        description="A bowl that a hand holds, clear and high; it rings for 20 seconds",
        strike=small_bowl,
        seed=106,
        peak_dbfs=-8.0,
    ),
    BellRecipe(
        name="deep-bowl",
        title="Deep bowl",
        description="A very large bowl, low and soft; it rings for 30 seconds",
        strike=deep_bowl,
        seed=107,
        peak_dbfs=-6.3,
    ),
    BellRecipe(
        name="tingsha",
        title="Tingsha",
        description="Two small hand cymbals, bright and clear; they ring for 12 seconds",
        strike=tingsha,
        seed=102,
        peak_dbfs=-10.9,
        level_lu=-5.0,
    ),
    BellRecipe(
        name="chime",
        title="Chime",
        description="Two warm metal bars, one after the other, a fifth apart; they ring for 14 seconds",
        strike=chime,
        seed=103,
        peak_dbfs=-6.5,
    ),
    BellRecipe(
        name="breath-in",
        title="Breathe in",
        description="A soft tone that rises: breathe in",
        strike=breath_in,
        seed=104,
        peak_dbfs=-17.0,
        level_lu=-9.0,
    ),
    BellRecipe(
        name="breath-out",
        title="Breathe out",
        description="A soft tone that falls: breathe out",
        strike=breath_out,
        seed=105,
        peak_dbfs=-17.0,
        level_lu=-9.0,
    ),
)


def bed_recipe(name: str) -> BedRecipe:
    """The recipe of an ambience. Raises KeyError."""
    return {recipe.name: recipe for recipe in BEDS}[name]
