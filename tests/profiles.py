"""How much is tested: one profile for every run, and the counts that depend on it.

``quick`` is what `scripts/test` runs while somebody works, ``ci`` what `.ci/run` runs for each change, and ``nightly``
repeats what depends on chance (kills, made-up scripts) as often as a night allows. Every kind of proof is in ``ci``;
``nightly`` only has more of it. A test of seconds that ``quick`` can do without is marked ``slow``, one whose fact
another test of ``ci`` proves with fewer examples is marked ``nightly``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Literal, TypeVar, get_args

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from _pytest.mark import ParameterSet

T = TypeVar("T")

Profile = Literal["quick", "ci", "nightly"]
_EXAMPLES: Final[dict[Profile, int]] = {"quick": 25, "ci": 100, "nightly": 100}


def _chosen() -> Profile:
    named = os.environ.get("BREATHMARK_TEST_PROFILE", "quick")
    for each in get_args(Profile):
        if named == each:
            return each  # type: ignore[no-any-return]  # get_args knows no types
    raise ValueError(f"BREATHMARK_TEST_PROFILE is {named!r}; it can be {', '.join(get_args(Profile))}")


PROFILE: Final = _chosen()
"""That of this run, from ``BREATHMARK_TEST_PROFILE``; ``scripts/test`` sets it."""

LEFT_OUT: Final[frozenset[str]] = {
    "quick": frozenset({"slow", "nightly"}),
    "ci": frozenset({"nightly"}),
    "nightly": frozenset[str](),
}[PROFILE]
"""The marks of tests that this profile does not run."""


def count(*, quick: int, ci: int, nightly: int) -> int:
    """How often a test tries what depends on chance, such as kills at random moments or made-up scripts."""
    return {"quick": quick, "ci": ci, "nightly": nightly}[PROFILE]


def quick_only(quick: Collection[T], every: Iterable[T]) -> list[ParameterSet]:
    """Parameters of which ``quick`` tries these alone, as examples of all."""
    return [pytest.param(each, marks=() if each in quick else pytest.mark.slow) for each in every]


def load_hypothesis_profile() -> None:
    """Make the profile's number of examples the default, and no test depend on how busy the machine is."""
    settings.register_profile(
        PROFILE, max_examples=_EXAMPLES[PROFILE], deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile(PROFILE)
