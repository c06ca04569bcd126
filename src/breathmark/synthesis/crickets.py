"""Crickets on a summer night, each in its own rhythm."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from breathmark.synthesis.chance import Dice
from breathmark.synthesis.events import add, panned
from breathmark.synthesis.lattice import drift, lattice
from breathmark.synthesis.paint import Room, paint
from breathmark.synthesis.source import HOP, RATE_HZ, Floats, HopRange, RandomSource, hops_of
from breathmark.synthesis.spectrum import Levels, amplitude, octaves

_NIGHT: Levels = {
    31.5: -18,
    63: -11,
    125: -7,
    250: -7,
    500: -9,
    1000: -12,
    2000: -15,
    4000: -18,
    8000: -24,
    16000: -34,
}
_CHORUS_DB = 7.0
"""Over the night's own RMS."""
_WARP_S, _WARP_PERIOD_S = 3.0, 17.0
"""How far a cricket's clock strays, so that no rhythm comes round: its pace swings by a tenth to a fifth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cricket:
    """One cricket: a pure tone in pulses, several of them a chirp.

    A field cricket chirps three to four pulses of 4 to 5 kHz, a tree cricket trills lower (Huber, Moore and Loher,
    "Cricket Behavior and Neurobiology", 1989).
    """

    pitch_hz: float
    pulses: int
    pulse_s: float
    """From one pulse to the next."""
    every_s: float
    """From one chirp to the next."""
    level_db: float
    pan: float
    eagerness: float = 0.9


_CHORUS = (
    Cricket(pitch_hz=4480, pulses=3, pulse_s=0.031, every_s=0.47, level_db=-2, pan=-0.55),
    Cricket(pitch_hz=4730, pulses=4, pulse_s=0.028, every_s=0.58, level_db=-4, pan=0.65),
    Cricket(pitch_hz=4210, pulses=3, pulse_s=0.034, every_s=0.53, level_db=-6, pan=0.15),
    Cricket(pitch_hz=4930, pulses=3, pulse_s=0.027, every_s=0.41, level_db=-8, pan=-0.85),
    Cricket(pitch_hz=4380, pulses=4, pulse_s=0.032, every_s=0.66, level_db=-9, pan=0.9),
    Cricket(pitch_hz=4610, pulses=3, pulse_s=0.030, every_s=0.50, level_db=-10, pan=-0.2),
    Cricket(pitch_hz=3020, pulses=20, pulse_s=0.022, every_s=0.49, level_db=-9, pan=0.4, eagerness=0.8),
    Cricket(pitch_hz=2760, pulses=24, pulse_s=0.024, every_s=0.63, level_db=-11, pan=-0.7, eagerness=0.75),
)


def night_crickets(source: RandomSource, cut: HopRange) -> Floats:
    """A meadow on a warm night."""
    out = _night(source.layer("night"), cut)
    for number, cricket in enumerate(_CHORUS):
        _sing(cricket, source.layer(f"cricket {number}"), cut, out)
    return out


def _night(source: RandomSource, cut: HopRange) -> Floats:
    shape = octaves(_NIGHT)

    def gain(hops: Floats) -> Floats:
        level = amplitude(0.6 * drift(source, "level", hops, (8.0, 20.0)))
        return np.asarray(np.outer(level, shape), dtype=np.float64)[:, np.newaxis]

    return paint(gain, source, cut, Room(spacing_m=0.25))


def _sing(cricket: Cricket, source: RandomSource, cut: HopRange, out: Floats) -> None:
    """Add one cricket to ``out``."""
    reach_s = 5.0 * _WARP_S
    start_s, end_s = cut.first_frame / RATE_HZ, (cut.first_frame + cut.frames) / RATE_HZ
    numbers = np.arange(int((start_s - reach_s) / cricket.every_s), int((end_s + reach_s) / cricket.every_s) + 1)
    hops = np.asarray(numbers * hops_of(cricket.every_s), dtype=np.float64)
    starts = hops * HOP + _WARP_S * RATE_HZ * lattice(source, "pace", hops, _WARP_PERIOD_S)
    moods = drift(source, "mood", hops, (3.0, 9.0, 24.0))
    longest = _chirp(cricket, 0).size
    for number, start, mood in zip(numbers.tolist(), starts.tolist(), moods.tolist(), strict=True):
        if not -longest < start - cut.first_frame < cut.frames:
            continue
        dice = Dice(source.key("chirp"), number)
        if dice.chance(cricket.eagerness / (1.0 + np.exp(-2.0 * (mood + 0.8)))):
            level = float(amplitude(_CHORUS_DB + cricket.level_db + dice.uniform(-2.0, 0.0)))
            chirp = level * _chirp(cricket, dice.whole(0, 1))
            add(out, panned(chirp, cricket.pan), round(start + 0.02 * RATE_HZ * dice.normal()) - cut.first_frame)


@lru_cache(maxsize=32)
def _chirp(cricket: Cricket, fewer: int) -> Floats:
    """A chirp, mono, of about unit peak; with ``fewer`` pulses than usual."""
    frames = round(cricket.pulse_s * RATE_HZ)
    place = np.arange(round(0.62 * frames)) / (0.62 * frames)
    # A wing closes: the pulse rises slowly, ends sooner, and falls a little in pitch.
    time_s = place * 0.62 * cricket.pulse_s
    tone = np.sin(2.0 * np.pi * cricket.pitch_hz * (time_s - 0.02 * place * time_s))
    pulse = np.zeros(frames)
    pulse[: len(place)] = tone * np.sin(np.pi * place**0.8) ** 1.5
    pulses = cricket.pulses - fewer
    return np.concatenate([level * pulse for level in np.linspace(0.6, 1.0, pulses)])
