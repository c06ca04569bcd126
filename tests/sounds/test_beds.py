"""The shipped ambiences keep every limit of the acceptance table."""

from __future__ import annotations

import numpy as np
import pytest

from .meter import BEDS, RATE_HZ, checks, failures, shipped

QUICK = {"warm-pad"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.slow]) for name in BEDS]
)
def test_shipped_bed_keeps_every_limit(name: str) -> None:
    """No measure finds a fault in the decoded file."""
    assert failures(name, shipped(name)) == set()


def test_every_bed_is_held_to_the_common_measures() -> None:
    """Nine beds, eleven common measures, and a search for lines in those that are noise."""
    assert len(BEDS) == 9
    assert all(len(checks(name)) >= 11 for name in BEDS)
    assert all(
        "narrow line" in checks(name)
        for name in BEDS
        if name not in {"warm-pad", "low-drone", "evening-birds", "forest-air"}
    )


@pytest.mark.parametrize("name", BEDS)
def test_shipped_bed_sounds_all_the_time(name: str) -> None:
    """No second of a bed is 12 dB softer than the bed: there is no hole in it."""
    sound = shipped(name)
    seconds = sound[: len(sound) // RATE_HZ * RATE_HZ].reshape(-1, RATE_HZ * 2)
    rms = np.sqrt((seconds.astype(np.float64) ** 2).mean(axis=1))
    assert rms.min() > 0.25 * np.sqrt(np.mean(sound.astype(np.float64) ** 2))
