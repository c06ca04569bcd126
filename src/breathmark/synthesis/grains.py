"""Grains of water, wood and leaves: short noises and damped sines, each with properties of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from breathmark.synthesis.chance import Dice, normal, uniform
from breathmark.synthesis.events import panned, scatter
from breathmark.synthesis.source import RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from breathmark.synthesis.source import Floats, HopRange, RandomSource

_TAP_FRAMES = 882
_TAP_KINDS = 160
_RING_FRAMES = 2205
_EAR_FRAMES = 24
_CLICK = np.hanning(53)
"""1.2 ms: the impact before a drop rings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taps:
    """Bursts of band noise, of unit energy before their level: what hits something dry."""

    rate_hz: float
    gain: float
    centres_hz: tuple[float, float]
    decays_s: tuple[float, float] = (0.0006, 0.003)
    spread: float = 0.75
    """Standard deviation of the logarithm of the level."""
    loudest: float = 4.5
    """The largest level over the median."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rings:
    """Exponentially damped sines of unit energy before their level: drops and bubbles.

    After van den Doel, "Physically based models for liquid sounds", ACM Transactions on Applied Perception 2, 2005.
    """

    rate_hz: float
    gain: float
    pitches_hz: tuple[float, float]
    qualities: tuple[float, float]
    click: float = 0.0
    """The impact over the ringing."""
    bend: tuple[float, float] = (0.02, 0.10)
    """By which share the pitch rises while it rings."""
    loudest: float = 3.0
    """The largest level over the median."""


def tapping(taps: Taps, source: RandomSource, cut: HopRange) -> Floats:
    """Taps by chance, each in its own place: shape (frames, 2)."""
    bank = _bank(source.key("bank"), taps.centres_hz, taps.decays_s)

    def grains(events: NDArray[np.int64], _hops: Floats) -> Iterator[Floats]:
        kinds = (uniform(events, source.key("kind")) * _TAP_KINDS).astype(np.int64) % _TAP_KINDS
        levels = np.minimum(np.exp(taps.spread * normal(events, source.key("level"))), taps.loudest)
        places = 2.0 * uniform(events, source.key("pan")) - 1.0
        # Either way up: the bursts of the bank have small means, and hundreds of one sign would add up to an offset.
        levels *= np.where(uniform(events, source.key("sign")) < 0.5, -1.0, 1.0)
        for kind, level, place in zip(kinds, levels, places, strict=True):
            yield panned(bank[kind] * (taps.gain * level), float(place))

    return scatter(source, cut, taps.rate_hz, _TAP_FRAMES + _EAR_FRAMES, grains)


def ringing(rings: Rings, source: RandomSource, cut: HopRange) -> Floats:
    """Drops or bubbles by chance, each in its own place: shape (frames, 2)."""

    def grains(events: NDArray[np.int64], _hops: Floats) -> Iterator[Floats]:
        for event in events:
            dice = Dice(source.key("ring"), int(event))
            level = min(float(np.exp(0.8 * dice.normal())), rings.loudest)
            sign = 1.0 if dice.chance(0.5) else -1.0
            yield panned(rings.gain * level * sign * _ring(rings, dice), dice.uniform(-1.0, 1.0))

    return scatter(source, cut, rings.rate_hz, _RING_FRAMES + _EAR_FRAMES, grains)


@lru_cache(maxsize=4)
def _bank(key: int, centres_hz: tuple[float, float], decays_s: tuple[float, float]) -> Floats:
    """Bursts of band noise of unit energy: shape (kinds, frames)."""
    time_s = np.arange(_TAP_FRAMES) / RATE_HZ
    frequency_hz = np.maximum(np.fft.rfftfreq(_TAP_FRAMES, 1 / RATE_HZ), 1.0)
    bank = np.empty((_TAP_KINDS, _TAP_FRAMES))
    for kind in range(_TAP_KINDS):
        dice = Dice(key, kind)
        decay_s, centre_hz = _between(decays_s, dice), _between(centres_hz, dice)
        noise = normal(np.arange(_TAP_FRAMES) + kind * _TAP_FRAMES, key) * np.exp(-time_s / decay_s)
        band = 1.0 / np.sqrt(
            (1.0 + (frequency_hz / centre_hz / 1.6) ** 4) * (1.0 + (centre_hz / 2 / frequency_hz) ** 4)
        )
        bank[kind] = np.fft.irfft(np.fft.rfft(noise) * band, _TAP_FRAMES) * _faded(_TAP_FRAMES, 200)
    return np.asarray(bank / np.sqrt(np.sum(bank**2, axis=1, keepdims=True)), dtype=np.float64)


def _ring(rings: Rings, dice: Dice) -> Floats:
    """One drop; the loudness of real rain peaks at 14 to 16 kHz under water only, not in the air."""
    pitch_hz, quality = _between(rings.pitches_hz, dice), dice.uniform(*rings.qualities)
    decay_s = quality / np.pi / pitch_hz
    time_s = np.arange(min(_RING_FRAMES, int(7.0 * decay_s * RATE_HZ))) / RATE_HZ
    bend = dice.uniform(*rings.bend) * time_s**2 / (8.0 * decay_s)
    sound = np.sin(2.0 * np.pi * pitch_hz * (time_s + bend)) * np.exp(-time_s / decay_s)
    sound *= np.minimum(1.0, time_s / 0.0007)
    if rings.click:
        click = min(len(sound), len(_CLICK))
        sound[:click] += rings.click * dice.normals(click) * _CLICK[:click]
    sound *= _faded(len(sound), 80)
    hump = np.hanning(len(sound))
    sound -= hump * (sound.sum() / hump.sum())  # low and short ones would add up to an offset
    return np.asarray(sound / np.sqrt(np.sum(sound**2)), dtype=np.float64)


def _between(limits: tuple[float, float], dice: Dice) -> float:
    """A number between two, evenly on the logarithm."""
    return float(limits[0] * (limits[1] / limits[0]) ** dice.uniform())


def _faded(frames: int, fade: int) -> Floats:
    return np.minimum(1.0, np.arange(frames)[::-1] / fade)
