"""The shipped bells: struck at once, ringing long, beating softly, and over when they end."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import soundfile

from breathmark.audio.loudness import energies, momentary
from breathmark.synthesis.catalogue import BELLS, BellRecipe
from tests.profiles import quick_only

from .meter import ASSETS, RATE_HZ, Sound

RINGING = ("singing-bowl", "small-bowl", "deep-bowl", "tingsha", "chime")
BREATHS = ("breath-in", "breath-out")


@cache
def _bell(name: str) -> Sound:
    sound, rate_hz = soundfile.read(ASSETS / "bells" / f"{name}.flac", dtype="float32")
    assert rate_hz == RATE_HZ
    return np.asarray(sound, np.float32)


def _loudest_lufs(name: str) -> float:
    return float(momentary(energies(_bell(name), RATE_HZ)).max())


def _levels_db(name: str, step_s: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """RMS of each step, relative to the loudest."""
    sound, step = _bell(name).astype(np.float64), int(step_s * RATE_HZ)
    power = (sound[: len(sound) // step * step].reshape(-1, step * 2) ** 2).mean(axis=1)
    return np.asarray(10 * np.log10(power / power.max() + 1e-12), np.float64)


@pytest.mark.parametrize("bell", quick_only(BELLS[:2], BELLS), ids=lambda bell: bell.name)
def test_shipped_bell_is_what_the_generator_makes(bell: BellRecipe) -> None:
    """Nothing but the dither of 16 bits parts the file from a fresh generation."""
    fresh = bell.render()
    assert fresh.shape == _bell(bell.name).shape
    assert np.abs(fresh - _bell(bell.name)).max() < 2.0 / 32768


@pytest.mark.parametrize("bell", quick_only(BELLS[:1], BELLS), ids=lambda bell: bell.name)
def test_another_seed_is_another_strike_of_the_same_bell(bell: BellRecipe) -> None:
    """Another seed gives other phases, and the same length and peak."""
    other = bell.render(seed=bell.seed + 1000)
    assert other.shape == _bell(bell.name).shape
    assert np.abs(other).max() == pytest.approx(10 ** (bell.peak_dbfs / 20))
    assert np.abs(other - _bell(bell.name)).max() > 0.001


_LONGEST_S = {"singing-bowl": 26.5, "small-bowl": 20.0, "deep-bowl": 30.0, "tingsha": 14.0, "chime": 14.0}


@pytest.mark.parametrize(("name", "longest_s"), _LONGEST_S.items())
def test_bell_ends_when_it_is_no_longer_heard(name: str, longest_s: float) -> None:
    """It has fallen by 54 dB where its last fade begins, and costs a session no more than its length."""
    levels_db = _levels_db(name, 0.1)
    assert len(_bell(name)) / RATE_HZ <= longest_s
    assert levels_db[-16] <= -54
    assert levels_db[-1] <= -70


@pytest.mark.parametrize("name", RINGING)
def test_bell_is_struck_at_once(name: str) -> None:
    """Within 100 ms (of a chime's second bar, which comes after 250 ms) it is within 3 dB of its loudest 50 ms."""
    assert _levels_db(name, 0.05)[: 8 if name == "chime" else 3].max() > -3


def test_bowl_beats_without_falling_silent() -> None:
    """Its level swings by some decibels around a steady fall, and never by more than 12."""
    levels_db = _levels_db("singing-bowl", 0.1)[10:200]
    seconds = np.arange(len(levels_db))
    swing = levels_db - np.polyval(np.polyfit(seconds, levels_db, 2), seconds)
    assert swing.std() > 1.5
    assert swing.min() > -12


def test_new_bells_are_wide_and_tingsha_is_metal() -> None:
    """Left and right of bowls and tingsha are no copy; two partials of a tingsha are within 8 dB of each other."""
    for name in ("small-bowl", "deep-bowl", "tingsha"):
        left, right = _bell(name).astype(np.float64).T
        assert (left @ right) / np.sqrt((left @ left) * (right @ right)) < 0.92
    spectrum = np.abs(np.fft.rfft(_bell("tingsha")[: 3 * RATE_HZ].mean(axis=1)))
    peaks = [spectrum[3 * hz - 200 : 3 * hz + 200].max() for hz in (2097, 5662)]
    assert abs(20 * np.log10(peaks[1] / peaks[0])) < 8


def test_bells_are_levelled_by_loudness() -> None:
    """Bowls and chime are as loud, the tingsha 4 to 6 LU softer, the breath tones more; no peak over -6 dBFS."""
    bowl = _loudest_lufs("singing-bowl")
    assert all(_loudest_lufs(name) == pytest.approx(bowl, abs=1.0) for name in ("chime", "small-bowl", "deep-bowl"))
    assert 4 <= bowl - _loudest_lufs("tingsha") <= 6
    assert all(6 <= bowl - _loudest_lufs(name) <= 9 for name in BREATHS)
    assert all(np.abs(_bell(bell.name)).max() <= 10 ** (-5.99 / 20) for bell in BELLS)


@pytest.mark.parametrize(("name", "rises"), [("breath-in", True), ("breath-out", False)])
def test_breath_tone_tells_its_direction(name: str, rises: bool) -> None:  # noqa: FBT001 - a column of the table
    """One rises and one falls, by a fifth, within two seconds and without a click at either end."""
    mono = _bell(name).mean(axis=1).astype(np.float64)
    third = len(mono) // 3
    pitches_hz = [np.argmax(np.abs(np.fft.rfft(part, RATE_HZ))) for part in (mono[:third], mono[-third:])]
    assert (pitches_hz[1] > 1.3 * pitches_hz[0]) if rises else (pitches_hz[0] > 1.3 * pitches_hz[1])
    assert 1.0 <= len(mono) / RATE_HZ <= 2.0
    assert max(np.abs(mono[:100]).max(), np.abs(mono[-100:]).max()) < 0.001
