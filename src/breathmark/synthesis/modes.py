"""Struck metal: damped partials, each a doublet whose halves beat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from breathmark.synthesis.chance import Dice, normal
from breathmark.synthesis.source import RATE_HZ, Floats
from breathmark.synthesis.spectrum import amplitude

_SIXTY_DB = np.log(1000.0)
_FADE_S = 1.5
_SPREAD = 0.3
"""How far apart the halves of a doublet usually stand, from -1 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One way in which a bell swings.

    No cast bell is round: each mode is a pair of nearly equal frequencies, which beat (Inácio, Henrique and Antunes,
    "The Dynamics of Tibetan Singing Bowls", Acta Acustica 92, 2006). Halves of equal strength would beat down to
    silence; the weaker one keeps the dips at about 9 dB.
    """

    ratio: float
    """Its frequency over that of the lowest mode."""
    level_db: float
    decay_s: float
    """The time in which it falls by 60 dB."""
    split_hz: float
    """The distance of the two halves: how often they beat in a second."""
    weaker: float
    """The amplitude of the upper half over that of the lower."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thud:
    """The mallet's own sound."""

    centre_hz: float
    decay_s: float
    level_db: float


def ring(
    lowest_hz: float, modes: Sequence[Mode], duration_s: float, attack_s: float, key: int, *, spread: float = _SPREAD
) -> Floats:
    """A struck bell, undamped at its end: shape (frames, 2)."""
    time_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    out = np.zeros((len(time_s), 2))
    for number, mode in enumerate(modes):
        dice = Dice(key, number)
        side = spread * (0.35 if number == 0 else 1.0) * (1 if number % 2 else -1)
        for half, level in ((-1, 1.0), (1, mode.weaker)):
            pitch_hz = lowest_hz * mode.ratio + half * mode.split_hz / 2.0
            rise_s = min(attack_s, 3.0 / pitch_hz + 0.0005)
            envelope = np.exp(-_SIXTY_DB * time_s / (mode.decay_s * (1.0 + 0.03 * half))) * -np.expm1(-time_s / rise_s)
            partial = np.sin(2.0 * np.pi * (pitch_hz * time_s + dice.uniform())) * envelope
            angle = np.pi / 4.0 * (1.0 + half * side)
            out += np.outer(partial * (level * amplitude(mode.level_db)), [np.cos(angle), np.sin(angle)])
    return out


def thud(blow: Thud, frames: int, key: int) -> Floats:
    """A blow of soft noise, its peak at ``level_db``: shape (frames, 1), to be added to both channels."""
    length = RATE_HZ // 4
    time_s = np.arange(length) / RATE_HZ
    frequency_hz = np.maximum(np.fft.rfftfreq(length, 1 / RATE_HZ), 1.0)
    band = 1.0 / np.sqrt((1.0 + (frequency_hz / blow.centre_hz) ** 4) * (1.0 + (60.0 / frequency_hz) ** 4))
    noise = np.fft.irfft(np.fft.rfft(normal(np.arange(length), key)) * band, length)
    noise *= np.exp(-time_s / blow.decay_s) * -np.expm1(-time_s / 0.0015)
    out = np.zeros((frames, 1))
    out[:length, 0] = (
        noise / np.abs(noise).max() * amplitude(blow.level_db) * np.minimum(1.0, np.arange(length)[::-1] / 400)
    )
    return out


def faded(sound: Floats) -> Floats:
    """``sound`` with its last 1.5 s faded out by the square of a line: steeper at first, without an audible end."""
    remaining_s = np.arange(len(sound), 0, -1) / RATE_HZ
    return np.asarray(sound * (np.minimum(1.0, remaining_s / _FADE_S) ** 2)[:, np.newaxis], dtype=np.float64)
