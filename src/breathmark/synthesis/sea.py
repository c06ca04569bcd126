"""A slow sea: waves on a flat shore, with the foam's bubbles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from breathmark.synthesis.chance import Dice
from breathmark.synthesis.events import GrainMaker, panned, scatter
from breathmark.synthesis.lattice import drift
from breathmark.synthesis.paint import Gain, Room, paint
from breathmark.synthesis.source import RATE_HZ, Floats, HopRange, RandomSource
from breathmark.synthesis.spectrum import FRAME, FREQUENCIES_HZ, Levels, amplitude, octaves
from breathmark.synthesis.texture import texture
from breathmark.synthesis.waves import waves_near

if TYPE_CHECKING:
    from numpy.typing import NDArray


_RUMBLE: Levels = {20: -30, 40: -18, 63: -12, 125: -6, 250: -6, 500: -11, 1000: -20, 2000: -30, 4000: -40, 16000: -65}
_CREST: Levels = {
    31.5: -46,
    63: -30,
    125: -20,
    250: -11.5,
    500: -6.5,
    1000: -5.8,
    2000: -8,
    4000: -11.5,
    8000: -18,
    16000: -28,
}
_FOAM: Levels = {125: -50, 250: -38, 500: -25, 1000: -14, 2000: -8, 4000: -6.2, 8000: -8, 16000: -15}
_BETWEEN: Levels = {
    31.5: -27.2,
    63: -18.2,
    125: -14.7,
    250: -13.7,
    500: -13.7,
    1000: -15.2,
    2000: -18.2,
    4000: -22.7,
    8000: -29.2,
    16000: -38.2,
}
"""The sea at large, which sounds on between the waves."""
_RESTING_FOAM = 2.25e-4
_BODY_TEXTURE_DB = 1.5
_FOAM_TEXTURE_DB = 4.0
"""Up to here the 4 kHz band gets nearer to recordings, whose envelope strays by 10 to 13 % at 1 to 8 Hz."""
_BUBBLES_HZ = 60.0
_BUBBLE_FRAMES = 1100
_BUBBLE_GAIN = 3.4
"""Over the foam's own RMS in the octave around 4 kHz."""
_FULL_FOAM = 0.45
"""The power of foam at which every bubble that could burst does."""


def slow_sea(source: RandomSource, cut: HopRange) -> Floats:
    """One wave about every ten seconds, none like another; foam hisses and crackles as the water runs back."""
    body, foam, waves = source.layer("body"), source.layer("foam"), source.layer("waves")
    sound = paint(_body(body, waves), body, cut, Room(spacing_m=0.25, floor=0.06))
    sound *= texture(body, cut, _BODY_TEXTURE_DB, (23, 70, 186, 418))
    hiss = paint(_hiss(waves), foam, cut, Room(spacing_m=0.2))
    hiss *= texture(foam, cut, _FOAM_TEXTURE_DB, (14, 28, 70, 140, 280))
    bubbles = source.layer("bubbles")
    return sound + hiss + scatter(bubbles, cut, _BUBBLES_HZ, _BUBBLE_FRAMES, _bubbles(bubbles, waves))


def _body(source: RandomSource, waves: RandomSource) -> Gain:
    rumble, crest, between = octaves(_RUMBLE) ** 2, octaves(_CREST) ** 2, octaves(_BETWEEN) ** 2

    def gain(hops: Floats) -> Floats:
        level = amplitude(drift(source, "between", hops, (4.0, 10.0, 20.0))) ** 2
        power = np.repeat(np.outer(level, between)[:, np.newaxis], 2, axis=1)
        for wave in waves_near(waves, hops):
            spectrum = np.outer(wave.rumble(hops), rumble) + np.outer(wave.crest(hops), crest)
            for side, share in enumerate(wave.sides(hops)):
                power[:, side] += spectrum * share[:, np.newaxis]
        return np.sqrt(power)

    return gain


def _foam(waves: RandomSource, hops: Floats) -> Floats:
    """The power of the foam, left and right: shape (hops, 2)."""
    power = np.full((len(hops), 2), _RESTING_FOAM)
    for wave in waves_near(waves, hops):
        power += wave.spray(hops)[:, np.newaxis] * np.stack(wave.sides(hops), axis=1)
    return power


def _hiss(waves: RandomSource) -> Gain:
    shape = octaves(_FOAM)

    def gain(hops: Floats) -> Floats:
        return np.asarray(np.sqrt(_foam(waves, hops))[:, :, np.newaxis] * shape, dtype=np.float64)

    return gain


def _bubbles(source: RandomSource, waves: RandomSource) -> GrainMaker:
    band = np.abs(np.log2(FREQUENCIES_HZ / 4000.0)) <= 0.5
    local_rms = float(np.sqrt(np.sum(octaves(_FOAM)[band] ** 2) * 2.0 / FRAME))

    def grains(events: NDArray[np.int64], hops: Floats) -> Iterator[Floats]:
        if not len(events):
            return
        for event, power in zip(events, _foam(waves, hops).mean(axis=1), strict=True):
            dice = Dice(source.key("bubble"), int(event))
            bursts = dice.chance(float(np.sqrt(power / _FULL_FOAM)))
            level = _BUBBLE_GAIN * local_rms * float(np.sqrt(power)) * min(float(np.exp(dice.normal())), 5.0)
            yield panned(level * _bubble(dice), dice.uniform(-1.0, 1.0), 0.8) if bursts else np.zeros((0, 2))

    return grains


def _bubble(dice: Dice) -> Floats:
    """A small bubble bursting: a sine of 1.5 to 8 kHz, gone within some milliseconds; its first peak is about 1."""
    pitch_hz, decay_s = 1500.0 * (8000.0 / 1500.0) ** dice.uniform(), dice.uniform(0.001, 0.0035)
    time_s = np.arange(int(7.0 * decay_s * RATE_HZ)) / RATE_HZ
    rise = np.minimum(1.0, time_s / 0.0004)
    sign = 1.0 if dice.chance(0.5) else -1.0
    phase = 2.0 * np.pi * pitch_hz * time_s * (1.0 + 0.03 * time_s / decay_s)
    return np.asarray(sign * np.sin(phase) * np.exp(-time_s / decay_s) * rise, dtype=np.float64)
