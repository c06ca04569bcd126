"""Beds with birds: an evening at the edge of a wood, and the air of a forest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from breathmark.synthesis.chance import Dice
from breathmark.synthesis.events import add
from breathmark.synthesis.lattice import drift, lattice
from breathmark.synthesis.paint import Room, paint
from breathmark.synthesis.songs import SONGS, Species
from breathmark.synthesis.source import HOP, RATE_HZ, Floats, HopRange, RandomSource, hops_of
from breathmark.synthesis.space import diffuse
from breathmark.synthesis.spectrum import Levels, amplitude, octaves
from breathmark.synthesis.wind import Breeze, blow


@dataclass(frozen=True, slots=True, kw_only=True)
class Singer:
    """One bird, in one tree."""

    species: Species
    slot_s: float
    """At most one song in each."""
    eagerness: float
    """The chance that it sings when it is in the mood."""
    level_db: float
    pan: float
    """From -1 (left) to 1."""
    dullness_hz: float
    """Where the low-pass of air and leaves begins: the farther, the lower."""
    wetness: float
    """The share of power that comes from all around."""
    motifs: int = 4000
    """Its repertoire. A blackbird has some forty motifs; as many as here, so that nobody recognises one."""


_AIR: Levels = {
    31.5: -26,
    63: -17,
    125: -11,
    250: -8.5,
    500: -9,
    1000: -11.5,
    2000: -14.5,
    4000: -17,
    8000: -22,
    16000: -32,
}
_FOREST_BREEZE = Breeze(depth_db=0.9, leaves_db=-10.5)
_EVENING = (
    Singer(
        species="blackbird",
        slot_s=6.6,
        eagerness=0.85,
        level_db=-2,
        pan=-0.35,
        dullness_hz=3600,
        wetness=0.55,
    ),
    Singer(species="blackbird", slot_s=8.2, eagerness=0.75, level_db=-7, pan=0.6, dullness_hz=2800, wetness=0.8),
    Singer(species="blackbird", slot_s=9.4, eagerness=0.7, level_db=-10, pan=-0.75, dullness_hz=2300, wetness=0.9),
    Singer(species="robin", slot_s=9.0, eagerness=0.7, level_db=-8, pan=0.2, dullness_hz=4200, wetness=0.6),
    Singer(species="dove", slot_s=30.0, eagerness=0.5, level_db=-13, pan=-0.6, dullness_hz=1500, wetness=0.75),
    Singer(species="pip", slot_s=12.0, eagerness=0.5, level_db=-11, pan=0.75, dullness_hz=3400, wetness=0.7),
)
_DISTANT = (
    Singer(species="blackbird", slot_s=6.0, eagerness=0.8, level_db=-10, pan=0.5, dullness_hz=2200, wetness=0.9),
    Singer(species="blackbird", slot_s=7.0, eagerness=0.7, level_db=-14, pan=-0.4, dullness_hz=1900, wetness=0.92),
    Singer(species="pip", slot_s=9.0, eagerness=0.6, level_db=-16, pan=-0.6, dullness_hz=2600, wetness=0.85),
    Singer(species="robin", slot_s=10.0, eagerness=0.5, level_db=-15, pan=0.75, dullness_hz=3000, wetness=0.9),
    Singer(species="robin", slot_s=7.5, eagerness=0.65, level_db=-10, pan=-0.25, dullness_hz=3600, wetness=0.75),
    Singer(species="pip", slot_s=6.5, eagerness=0.6, level_db=-11, pan=0.3, dullness_hz=3400, wetness=0.75),
    Singer(species="dove", slot_s=17.0, eagerness=0.6, level_db=-10, pan=0.7, dullness_hz=1500, wetness=0.8),
    Singer(species="blackbird", slot_s=8.5, eagerness=0.7, level_db=-8, pan=-0.75, dullness_hz=3000, wetness=0.8),
)
_REVERBERATION_S = 1.5
_LONGEST_S = 9.0
"""Of a song with its tail."""


def evening_birds(source: RandomSource, cut: HopRange) -> Floats:
    """Blackbirds, a robin and a dove at dusk, none of them near; about 25 songs a minute, so that none stands out."""
    return _air(source.layer("air"), cut) + 2.6 * _chorus(_EVENING, source.layer("birds"), cut)


def forest_air(source: RandomSource, cut: HopRange) -> Floats:
    """Still forest air with a breath of wind; and birds all around, none of them near."""
    return _air(source.layer("air"), cut) + 2.3 * _chorus(_DISTANT, source.layer("birds"), cut)


def _air(source: RandomSource, cut: HopRange) -> Floats:
    shape = octaves(_AIR)

    def gain(hops: Floats) -> Floats:
        level = amplitude(0.5 * drift(source, "level", hops, (8.0, 20.0)))
        return np.asarray(np.outer(level, shape), dtype=np.float64)[:, np.newaxis]

    still = paint(gain, source, cut, Room(spacing_m=0.2))
    breeze = blow(source.layer("breeze"), cut, _FOREST_BREEZE)
    return np.asarray(0.75 * still + 0.7 * breeze, dtype=np.float64)


def _chorus(singers: Sequence[Singer], source: RandomSource, cut: HopRange) -> Floats:
    out = np.zeros((cut.frames, 2))
    for number, singer in enumerate(singers):
        layer = source.layer(f"singer {number}")
        slot = hops_of(singer.slot_s)
        first = int((cut.first_frame - _LONGEST_S * RATE_HZ) // (slot * HOP)) - 1
        last = int(-(-(cut.first_hop + cut.hops) // slot)) + 1
        for turn in range(first, last):
            dice = Dice(layer.key("evening"), turn)
            if not dice.chance(singer.eagerness * _mood(layer, turn * slot, singer)):
                continue
            start = round((turn + dice.uniform(0.05, 0.75)) * slot * HOP)
            if cut.first_frame - _LONGEST_S * RATE_HZ < start < cut.first_frame + cut.frames:
                add(out, _song(singer, layer, dice), start - cut.first_frame)
    return out


def _mood(source: RandomSource, hop: float, singer: Singer) -> float:
    """Song comes in bouts: a chance from 0.55 to a little above 1."""
    mood = lattice(source, "mood", np.array([hop]), 4.0 * singer.slot_s)[0]
    return float(0.55 + 0.72 / (1.0 + np.exp(-2.5 * mood)))


def _song(singer: Singer, source: RandomSource, tonight: Dice) -> Floats:
    """One song as it is heard from afar: shape (frames, 2)."""
    motif = Dice(source.key("motif"), tonight.whole(1, singer.motifs))
    level = amplitude(singer.level_db + tonight.uniform(-2.5, 0.0))
    dry = _dulled(SONGS[singer.species](motif, tonight), singer.dullness_hz) * level
    # 0.75: a tail seems louder than its energy says.
    out = np.sqrt(singer.wetness) * 0.75 * diffuse(dry, source.key("tree"), _REVERBERATION_S)
    angle = np.pi / 4.0 * (1.0 + 0.8 * np.clip(singer.pan + 0.08 * tonight.normal(), -0.9, 0.9))
    out[: len(dry)] += np.sqrt(1.0 - singer.wetness) * np.outer(dry, [np.cos(angle), np.sin(angle)])
    return np.asarray(out, dtype=np.float64)


def _dulled(song: Floats, corner_hz: float) -> Floats:
    """``song`` through a first-order low-pass without delay."""
    size = 1 << len(song).bit_length()
    response = 1.0 / np.sqrt(1.0 + (np.fft.rfftfreq(size, 1 / RATE_HZ) / corner_hz) ** 2)
    return np.asarray(np.fft.irfft(np.fft.rfft(song, size) * response, size)[: len(song)], dtype=np.float64)
