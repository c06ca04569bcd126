"""Soft rain: a bed of far drops, taps on leaves and soil, and now and then a drop into water."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from sounds.chance import Dice, normal, uniform
from sounds.events import panned, scatter
from sounds.lattice import drift, lattice
from sounds.paint import Room, paint
from sounds.source import RATE_HZ
from sounds.spectrum import Levels, amplitude, octaves, tilt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sounds.events import GrainMaker
    from sounds.source import Cut, Floats, Source

__all__ = ["soft_rain"]

_FAR: Levels = {
    31.5: -34,
    63: -25,
    125: -19,
    250: -15,
    500: -12,
    1000: -9.5,
    2000: -8,
    4000: -7.2,
    8000: -9,
    16000: -15.5,
}
_TAPS_HZ = 260.0
"""More of them fry: the 4 kHz band then flutters at 8 to 16 Hz."""
_TAP_GAIN = 6.3
_TAP_FRAMES = 882
_TAP_KINDS = 160
_DROPS_HZ = 6.0
_DROP_GAIN = 15.0
_DROP_FRAMES = 2205
_CLICK = np.hanning(53)
"""1.2 ms: the impact before the bubble rings."""


def soft_rain(source: Source, cut: Cut) -> Floats:
    """Steady rain on leaves, a few steps away."""
    taps = scatter(source.layer("taps"), cut, _TAPS_HZ, _TAP_FRAMES + 24, _taps(source.layer("taps")))
    drops = scatter(source.layer("drops"), cut, _DROPS_HZ, _DROP_FRAMES + 24, _drops(source.layer("drops")))
    return _far(source.layer("far"), cut) + taps + drops


def _far(source: Source, cut: Cut) -> Floats:
    shape = octaves(_FAR)

    def gain(hops: Floats) -> Floats:
        slow_db = drift(source, "slow", hops, (8.0, 20.0, 40.0))
        fast_db = 0.35 * (lattice(source, "fast", hops, 0.14) + lattice(source, "quick", hops, 0.37))
        leaning = shape * tilt(0.035 * drift(source, "tilt", hops, (8.0, 20.0)), 1500.0)
        return np.asarray(leaning * amplitude(slow_db + fast_db)[:, np.newaxis], dtype=np.float64)[:, np.newaxis]

    return paint(gain, source, cut, Room(floor=0.04))


@lru_cache(maxsize=4)
def _tap_bank(key: int) -> Floats:
    """Bursts of band noise of unit energy, τ 0.6 to 3 ms: shape (kinds, frames)."""
    time_s = np.arange(_TAP_FRAMES) / RATE_HZ
    frequency_hz = np.maximum(np.fft.rfftfreq(_TAP_FRAMES, 1 / RATE_HZ), 1.0)
    bank = np.empty((_TAP_KINDS, _TAP_FRAMES))
    for kind in range(_TAP_KINDS):
        dice = Dice(key, kind)
        decay_s, centre_hz = 0.0006 * 5.0 ** dice.uniform(), 1200.0 * (7000.0 / 1200.0) ** dice.uniform()
        noise = normal(np.arange(_TAP_FRAMES) + kind * _TAP_FRAMES, key) * np.exp(-time_s / decay_s)
        band = 1.0 / np.sqrt(
            (1.0 + (frequency_hz / centre_hz / 1.6) ** 4) * (1.0 + (centre_hz / 2 / frequency_hz) ** 4)
        )
        bank[kind] = np.fft.irfft(np.fft.rfft(noise) * band, _TAP_FRAMES) * _faded(_TAP_FRAMES, 200)
    return np.asarray(bank / np.sqrt(np.sum(bank**2, axis=1, keepdims=True)), dtype=np.float64)


def _faded(frames: int, fade: int) -> Floats:
    return np.minimum(1.0, np.arange(frames)[::-1] / fade)


def _taps(source: Source) -> GrainMaker:
    bank = _tap_bank(source.key("bank"))

    def grains(events: NDArray[np.int64], _hops: Floats) -> Iterator[Floats]:
        kinds = (uniform(events, source.key("kind")) * _TAP_KINDS).astype(np.int64) % _TAP_KINDS
        levels = np.minimum(np.exp(0.75 * normal(events, source.key("level"))), 4.5)
        places = 2.0 * uniform(events, source.key("pan")) - 1.0
        # Either way up: the bursts of the bank have small means, and hundreds of one sign would add up to an offset.
        levels *= np.where(uniform(events, source.key("sign")) < 0.5, -1.0, 1.0)
        for kind, level, place in zip(kinds, levels, places, strict=True):
            yield panned(bank[kind] * (_TAP_GAIN * level), float(place))

    return grains


def _drops(source: Source) -> GrainMaker:
    def grains(events: NDArray[np.int64], _hops: Floats) -> Iterator[Floats]:
        for event in events:
            dice = Dice(source.key("drop"), int(event))
            level = min(float(np.exp(0.8 * dice.normal())), 3.0)
            sign = 1.0 if dice.chance(0.5) else -1.0
            yield panned(_DROP_GAIN * level * sign * _drop(dice), dice.uniform(-1.0, 1.0))

    return grains


def _drop(dice: Dice) -> Floats:
    """A bubble that rings, its pitch rising a little: an exponentially damped sine (van den Doel 2005).

    Unit energy. The loudness of real rain under water peaks at 14 to 16 kHz; in the air it does not.
    """
    pitch_hz, quality = 900.0 * (4200.0 / 900.0) ** dice.uniform(), dice.uniform(9.0, 22.0)
    decay_s = quality / np.pi / pitch_hz
    time_s = np.arange(min(_DROP_FRAMES, int(7.0 * decay_s * RATE_HZ))) / RATE_HZ
    bend = dice.uniform(0.02, 0.10) * time_s**2 / (8.0 * decay_s)
    sound = np.sin(2.0 * np.pi * pitch_hz * (time_s + bend)) * np.exp(-time_s / decay_s)
    sound *= np.minimum(1.0, time_s / 0.0007)
    click = min(len(sound), len(_CLICK))
    sound[:click] += 0.25 * np.array([dice.normal() for _ in range(click)]) * _CLICK[:click]
    sound *= _faded(len(sound), 80)
    return np.asarray(sound / np.sqrt(np.sum(sound**2)), dtype=np.float64)
