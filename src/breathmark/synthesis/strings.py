"""Beds of tones that are struck and die away: a row of bowls, and a tanpura."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from breathmark.synthesis.chance import Dice
from breathmark.synthesis.lattice import drift, lattice
from breathmark.synthesis.paint import Room, paint
from breathmark.synthesis.partials import panned_gains, sines
from breathmark.synthesis.source import HOP, RATE_HZ, Floats, HopRange, RandomSource, hops_of
from breathmark.synthesis.spectrum import Levels, amplitude, octaves

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIXTY_DB = np.log(1000.0)
_STRAY_DB, _MOST = 4.5, 0.7
"""How far the level of a partial strays from strike to strike (standard deviation, in dB), and the most that it rises,
as a multiple of that: the place of a strike silences some partials, and lifts none far over the others."""
_APART_HZ = 1500.0
"""From this pitch on, the phases of a partial at left and right differ by up to half a turn; below, by less, the lower
it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """One partial of a struck thing."""

    pitch_hz: float
    level_db: float
    rise_s: float
    decay_s: float
    """The time in which it falls by 60 dB."""
    pan: float
    late_s: float
    """The longest time from the strike to its beginning."""
    beats_hz: tuple[float, float]
    """The slowest and the fastest rate at which it beats."""
    beating: float
    """The largest amplitude of what it beats with, over its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """Something that is struck again and again."""

    name: str
    partials: tuple[Partial, ...]
    every_s: float
    jitter: float = 0.3
    """How far a strike strays, as a share of ``every_s``."""
    chance: float = 1.0


_BOWL = ((1.0, 0.0, 26.0), (2.662, -7.0, 15.0), (4.838, -16.0, 8.0), (7.516, -27.0, 4.0))
"""Ratio, dB, seconds to fall by 60 dB; ratios of a bowl of 152 mm: Csound manual, "Modal Frequency Ratios"."""
_TURNS_HZ = (0.12, 0.3)
"""How often the wand goes round in a second: a mode of n nodal diameters turns with it, and beats 2n times in a turn
(Inácio, Henrique and Antunes, "The Dynamics of Tibetan Singing Bowls", Acta Acustica 92, 2006)."""
_BOWLS_HZ = (110.0, 146.83, 164.81, 220.0, 246.94, 329.63, 440.0)
"""A2 and the tones above it of a scale without half steps."""

_STRINGS = (("pa", 164.81, 4.0), ("sa", 220.0, 4.5), ("second sa", 220.4, 5.1), ("kharaj", 110.0, 5.8))
"""Fifth, octave, octave, root: pitch (Hz), and how often each is plucked (s)."""
_HARMONICS = 18
_AIR: Levels = {63: -26, 125: -16, 250: -10, 500: -8, 1000: -10, 2000: -15, 4000: -22, 8000: -32, 16000: -48}


def bowl_garden(source: RandomSource, cut: HopRange) -> Floats:
    """Seven bowls, each rubbed softly now and then."""
    bowls = [_bowl(pitch_hz, number) for number, pitch_hz in enumerate(_BOWLS_HZ)]
    return _struck(bowls, source, cut) + _air(source.layer("air"), cut, 0.012)


def tanpura(source: RandomSource, cut: HopRange) -> Floats:
    """The four strings of a tanpura, whose overtones light up after each pluck."""
    strings = [_string(*string) for string in _STRINGS]
    return _struck(strings, source, cut) + _air(source.layer("air"), cut, 0.012)


def _bowl(pitch_hz: float, number: int) -> Struck:
    side = 0.75 * (-1) ** number * (0.4 + 0.6 * number / len(_BOWLS_HZ))
    partials = []
    for diameters, (ratio, level_db, decay_s) in enumerate(_BOWL, start=2):
        for half, softer_db in ((-1, 0.0), (1, -6.0)):
            split_hz = 0.19 * ratio**0.8 * half
            level = level_db + softer_db + 1.0 * np.log2(pitch_hz / 220.0)
            partials.append(
                Partial(
                    pitch_hz=pitch_hz * ratio + split_hz,
                    level_db=level,
                    rise_s=1.1 / ratio**0.5,
                    decay_s=decay_s * (220.0 / pitch_hz) ** 0.3,
                    pan=float(np.clip(side + 0.2 * diameters * half, -1.0, 1.0)),
                    late_s=0.8 * ratio**0.5,
                    beats_hz=(2 * diameters * _TURNS_HZ[0], 2 * diameters * _TURNS_HZ[1]),
                    beating=0.5 if ratio == 1.0 else 0.7,
                )
            )
    return Struck(name=f"bowl {number}", partials=tuple(partials), every_s=6.0 + 1.1 * number, chance=0.95)


def _string(name: str, pitch_hz: float, every_s: float) -> Struck:
    partials = [
        Partial(
            pitch_hz=pitch_hz * harmonic * np.sqrt(1.0 + 4e-5 * harmonic**2),
            level_db=-5.5 * np.log2(harmonic) - (3.0 if harmonic == 1 else 0.0),
            # The flat bridge lets the overtones come one after another (Raman, "On some Indian stringed instruments",
            # Proceedings of the Indian Association for the Cultivation of Science 7, 1921).
            rise_s=0.06 + 0.06 * harmonic**0.8,
            decay_s=26.0 / harmonic**0.2,
            pan=0.8 * (-1) ** harmonic * min(1.0, harmonic / 8.0) + 0.16 * (every_s - 4.85),
            late_s=0.2 * (harmonic - 1) ** 0.8,
            # A string swings up and down and to and fro, at pitches a little apart; its root beats least.
            beats_hz=(0.25, 1.6),
            beating=min(0.8, 0.3 + 0.15 * (harmonic - 1)),
        )
        for harmonic in range(1, _HARMONICS + 1)
    ]
    return Struck(name=name, partials=tuple(partials), every_s=every_s)


def _struck(things: list[Struck], source: RandomSource, cut: HopRange) -> Floats:
    """All things that are struck: shape (frames, 2)."""
    edges_s = np.asarray((np.arange(cut.hops + 1) + cut.first_hop) * (HOP / RATE_HZ), dtype=np.float64)
    pitches: list[float] = []
    columns = []
    for thing in things:
        amplitudes = np.zeros((len(edges_s), len(thing.partials), 2), dtype=np.complex128)
        for start_s, dice in _strikes(thing, source.layer(thing.name), edges_s):
            since_s = np.maximum(edges_s - start_s, 0.0)
            loudness_db = dice.uniform(-4.0, 0.0)
            for number, partial in enumerate(thing.partials):
                # No strike excites its partials as another did: similar ones would be heard as a pattern.
                level = amplitude(partial.level_db + loudness_db + _STRAY_DB * min(dice.normal(), _MOST))
                sides = panned_gains(partial.pan) * _apart(partial.pitch_hz, dice)
                amplitudes[:, number] += np.outer(level * _rung(partial, dice, since_s), sides)
        pitches += [partial.pitch_hz for partial in thing.partials]
        columns.append(amplitudes)
    return sines(np.array(pitches), np.concatenate(columns, axis=1), cut)


def _rung(partial: Partial, dice: Dice, since_s: Floats) -> NDArray[np.complex128]:
    """The envelope of a partial after one strike: each has an onset, a rise, a phase and a beating of its own."""
    rise_s = partial.rise_s * np.exp(0.7 * dice.normal())
    since_s = np.maximum(since_s - partial.late_s * dice.uniform(), 0.0)
    envelope = -np.expm1(-since_s / rise_s) * np.exp(-_SIXTY_DB * since_s / partial.decay_s)
    share = partial.beating * dice.uniform(0.4, 1.0)
    turns = dice.uniform(*partial.beats_hz) * since_s + dice.uniform()
    beating = (1.0 + share * np.exp(2j * np.pi * turns)) / np.sqrt(1.0 + share**2)
    return np.asarray(np.exp(2j * np.pi * dice.uniform()) * envelope * beating, dtype=np.complex128)


def _apart(pitch_hz: float, dice: Dice) -> NDArray[np.complex128]:
    """The phases at which a partial reaches left and right."""
    phase = np.pi * min(1.0, pitch_hz / _APART_HZ) * dice.uniform(-0.5, 0.5)
    return np.exp(np.array([1j, -1j]) * phase)


def _strikes(thing: Struck, source: RandomSource, edges_s: Floats) -> Iterator[tuple[float, Dice]]:
    """When it is struck (s), with the dice of each strike; its pace strays slowly, so that no rhythm comes round."""
    longest_s = max(partial.late_s + 1.4 * partial.decay_s for partial in thing.partials)
    warp_s = 0.6 * thing.every_s
    first = int((edges_s[0] - longest_s - 5.0 * warp_s) // thing.every_s)
    last = int((edges_s[-1] + 5.0 * warp_s) // thing.every_s) + 1
    numbers = np.arange(first, last)
    hops = np.asarray(numbers * hops_of(thing.every_s), dtype=np.float64)
    strays_s = warp_s * lattice(source, "pace", hops, 7.0 * thing.every_s)
    for number, stray_s in zip(numbers.tolist(), strays_s.tolist(), strict=True):
        dice = Dice(source.key("strike"), number)
        start_s = number * thing.every_s + stray_s + thing.jitter * thing.every_s * dice.uniform(-1, 1)
        if dice.chance(thing.chance) and edges_s[0] - longest_s < start_s < edges_s[-1]:
            yield start_s, dice


def _air(source: RandomSource, cut: HopRange, rms: float) -> Floats:
    """A breath of noise of this RMS."""
    shape = octaves(_AIR)
    shape = shape * (rms / np.sqrt(2.0 / len(shape) / 2.0 * np.sum(shape**2)))

    def gain(hops: Floats) -> Floats:
        level = amplitude(1.0 * drift(source, "level", hops, (9.0, 20.0)))
        return np.asarray(np.outer(level, shape), dtype=np.float64)[:, np.newaxis]

    return paint(gain, source, cut, Room(spacing_m=0.25))
