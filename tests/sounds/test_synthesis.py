"""The recipes: the same sound whichever way it is cut, and as good a one of any seed."""

from __future__ import annotations

import numpy as np
import pytest

from breathmark.synthesis.catalogue import BEDS, BedRecipe
from breathmark.synthesis.chance import Dice
from breathmark.synthesis.source import HopRange

from .meter import Floats, failures, render

FEW_BEDS = [
    pytest.param(
        bed, id=bed.name, marks=pytest.mark.slow if bed.name in {"soft-rain", "bowls"} else pytest.mark.nightly
    )
    for bed in BEDS
]
SOME_BEDS = [
    pytest.param(bed, id=bed.name, marks=() if bed.name in {"soft-rain", "warm-pad"} else pytest.mark.slow)
    for bed in BEDS
]


def _furthest(one: Floats, other: Floats) -> float:
    """The largest difference, relative to the largest sample."""
    return float(np.abs(one - other).max() / np.abs(one).max())


def test_numbers_that_are_drawn_at_once_are_those_drawn_one_by_one() -> None:
    """To the rounding of two libraries; what is drawn behind them is the same."""
    at_once, one_by_one = Dice(3, 4), Dice(3, 4)
    assert np.allclose(at_once.normals(50), [one_by_one.normal() for _ in range(50)], rtol=0, atol=1e-12)
    assert at_once.uniform() == one_by_one.uniform()


@pytest.mark.parametrize("bed", SOME_BEDS)
def test_bed_is_the_same_in_every_cut(bed: BedRecipe) -> None:
    """At hour 13, three pieces of uneven length are the same sound as one: a bed can be entered anywhere."""
    start = 1_007_000
    cuts = [
        HopRange(first_hop=start, hops=9),
        HopRange(first_hop=start + 9, hops=3),
        HopRange(first_hop=start + 12, hops=12),
    ]
    pieces = np.concatenate([bed.render(cut) for cut in cuts])
    assert _furthest(bed.render(HopRange(first_hop=start, hops=24)), pieces) <= 1e-4


@pytest.mark.parametrize("bed", FEW_BEDS)
def test_another_seed_makes_as_good_a_bed(bed: BedRecipe) -> None:
    """The recipe is good, not only the seed that was chosen: of another one nothing but the loudness may stray."""
    assert failures(bed.name, render(bed, 120, seed=bed.seed + 1000)) <= {"loudness"}
