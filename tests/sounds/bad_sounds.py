"""Beds that must fail, each for one reason: what a maker of loops does wrong, done on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from breathmark.synthesis.catalogue import bed_recipe

from .meter import JUDGED_S, RATE_HZ, Sound, loudness_lufs, made, render

if TYPE_CHECKING:
    from collections.abc import Callable

_FRAMES = JUDGED_S * RATE_HZ
_TIME_S = np.arange(_FRAMES) / RATE_HZ


@dataclass(frozen=True, slots=True, kw_only=True)
class Bad:
    """A sound that no listener should get."""

    what: str
    bed: str
    """The bed as which it is judged."""
    fails: frozenset[str]
    """The measures that catch it, and no other one does."""
    make: Callable[[], Sound]


def _levelled(sound: Sound) -> Sound:
    """``sound`` at the level of a bed, so that its level is not what gives it away."""
    return np.asarray(sound * 10 ** ((-30.0 - loudness_lufs(sound)) / 20), np.float32)


def _faded_seam(name: str) -> Sound:
    """The usual seam of a loop: a linear crossfade of 3 s, in the middle of which noise is 3 dB softer."""
    sound, fade = render(bed_recipe(name), JUDGED_S + 3), 3 * RATE_HZ
    rise = np.linspace(0.0, 1.0, fade, dtype=np.float32)[:, np.newaxis]
    middle = _FRAMES // 2
    joined = sound[middle : middle + fade] * (1 - rise) + sound[middle + fade : middle + 2 * fade] * rise
    return _levelled(np.concatenate([sound[:middle], joined, sound[middle + 2 * fade :]]))


def _short_loop(name: str, seconds: int) -> Sound:
    """A loop that comes round too soon."""
    return _levelled(np.tile(made(name)[: seconds * RATE_HZ], (JUDGED_S // seconds, 1)))


def _whistle() -> Sound:
    wind = made("light-wind")
    line = np.sin(2.0 * np.pi * 2100.0 * _TIME_S) * np.sqrt(2.0) * 0.01 * wind.std()
    return np.asarray(wind + line[:, np.newaxis], np.float32)


def _resonance() -> Sound:
    """A gentle resonance of a quality of 25, as of a bottle."""
    spectrum = np.fft.rfft(made("light-wind"), axis=0)
    frequency_hz = np.fft.rfftfreq(_FRAMES, 1 / RATE_HZ)
    spectrum *= (1.0 + 3.0 * np.exp(-0.5 * ((frequency_hz - 640.0) / 12.0) ** 2))[:, np.newaxis]
    return _levelled(np.asarray(np.fft.irfft(spectrum, _FRAMES, axis=0), np.float32))


def _one_loud_event() -> Sound:
    rain = made("soft-rain").copy()
    burst = np.hanning(4000) * np.random.RandomState(1).standard_normal(4000)
    rain[30 * RATE_HZ : 30 * RATE_HZ + 4000] += (6.0 * rain.std() * burst)[:, np.newaxis].astype(np.float32)
    return rain


def _swelling() -> Sound:
    gain = 10 ** (2.0 * np.sin(2.0 * np.pi * _TIME_S / _TIME_S[-1]) / 20)
    return _levelled(np.asarray(made("soft-rain") * gain[:, np.newaxis], np.float32))


def _mono() -> Sound:
    return _levelled(np.repeat(made("soft-rain").mean(axis=1, keepdims=True), 2, axis=1))


def _independent_channels() -> Sound:
    rain = made("soft-rain")
    return np.stack([rain[:, 0], np.roll(rain[:, 0], _FRAMES // 3)], axis=1)


def _frying_pan() -> Sound:
    """Rain with far too many taps: they run together, and flutter."""
    rain = made("soft-rain")
    rates_hz = np.repeat(np.random.RandomState(2).uniform(9.0, 15.0, 250), RATE_HZ // 2)[:_FRAMES]
    turns = np.cumsum(rates_hz) / RATE_HZ
    flutter = 1.0 + 0.4 * np.sin(2.0 * np.pi * turns * (round(turns[-1]) / turns[-1]))
    even = np.tanh(rain / (1.6 * rain.std())) * flutter[:, np.newaxis]
    return _levelled(np.asarray(even, np.float32))


def _shifted() -> Sound:
    rain = made("soft-rain")
    return np.asarray(rain + 0.05 * rain.std(), np.float32)


def _bad(what: str, bed: str, fails: set[str], make: Callable[[], Sound]) -> Bad:
    return Bad(what=what, bed=bed, fails=frozenset(fails), make=make)


BAD = (
    _bad("rain, crossfaded over 3 s", "soft-rain", {"step"}, lambda: _faded_seam("soft-rain")),
    _bad(
        "twenty seconds of rain, three times",
        "soft-rain",
        {"self-similarity"},
        lambda: _short_loop("soft-rain", 20),
    ),
    _bad(
        "twenty seconds of forest, three times",
        "forest-air",
        {"self-similarity"},
        lambda: _short_loop("forest-air", 20),
    ),
    _bad("wind with a whistle 40 dB below it", "light-wind", {"narrow line"}, _whistle),
    _bad("wind over a bottle", "light-wind", {"narrow line"}, _resonance),
    _bad(
        "rain with one loud event",
        "soft-rain",
        {"loudest moment", "step", "range", "peak", "narrow line"},
        _one_loud_event,
    ),
    _bad("rain that swells by 2 dB", "soft-rain", {"range"}, _swelling),
    _bad("rain in mono", "soft-rain", {"treble correlation"}, _mono),
    _bad(
        "rain with strangers for channels",
        "soft-rain",
        {"bass correlation", "mono loss", "self-similarity"},
        _independent_channels,
    ),
    _bad("rain that fries", "soft-rain", {"sparsity", "flutter"}, _frying_pan),
    _bad("rain with an offset", "soft-rain", {"offset"}, _shifted),
)
