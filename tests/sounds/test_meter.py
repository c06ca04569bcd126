"""The meter finds the fault in sounds that were spoilt on purpose, and finds no other."""

from __future__ import annotations

import pytest

from .bad_sounds import BAD, Bad
from .meter import failures


@pytest.mark.slow
@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.what)
def test_bad_sound_fails_for_its_own_reason(bad: Bad) -> None:
    """Exactly the measures that are meant to catch it do."""
    assert failures(bad.bed, bad.make()) == bad.fails
