"""The meter finds the fault in sounds that were spoilt on purpose, and finds no other."""

from __future__ import annotations

import pytest

from .bad_sounds import BAD, Bad
from .meter import failures

QUICK = {"wind with a whistle 40 dB below it"}


@pytest.mark.parametrize(
    "bad", [pytest.param(bad, id=bad.what, marks=[] if bad.what in QUICK else [pytest.mark.slow]) for bad in BAD]
)
def test_bad_sound_fails_for_its_own_reason(bad: Bad) -> None:
    """Exactly the measures that are meant to catch it do."""
    assert failures(bad.bed, bad.make()) == bad.fails
