"""``check --strict`` on the shipped course, as its authors run it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from breathmark.script.parse import parse
from tests.profiles import quick_only

from .corpus import COURSE, MEDITATIONS, TRACKS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable


_AN_HOUR_S: Final = 3600
"""A natural voice speaks some thousand sentences, where none is stored yet."""


@pytest.mark.slow
@pytest.mark.timeout(_AN_HOUR_S)
@pytest.mark.parametrize(
    "how",
    [
        pytest.param(("--voice", "pyttsx3"), id="pyttsx3"),
        pytest.param(("--estimate",), id="estimate", marks=pytest.mark.nightly),
        pytest.param((), id="hibari", marks=pytest.mark.nightly),
        pytest.param(("--voice", "piper:joe"), id="piper", marks=pytest.mark.nightly),
    ],
)
def test_no_error_and_no_warning_is_left(
    breathmark: Callable[..., subprocess.CompletedProcess[str]], how: tuple[str, ...]
) -> None:
    """In any session or extra, at any of its lengths, with any choice; and every concept is taught.

    By day as eSpeak speaks them, which is quick.
    """
    done = breathmark("check", "--strict", MEDITATIONS, *how, timeout=_AN_HOUR_S)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "24 of 24 concepts at every length" in done.stdout
    assert all(f"{path.name}: possible lengths" in done.stdout for path in TRACKS)
    assert "warning" not in done.stdout


@pytest.mark.parametrize(
    "name",
    quick_only(
        ["01-arriving-kindly"],
        ["01-arriving-kindly", "16-the-circle-that-grows", "extras/the-circle-at-bedtime"],
    ),
)
def test_none_is_left_in_a_session(command: Callable[..., subprocess.CompletedProcess[str]], name: str) -> None:
    """The same for three of them, with guessed lengths, one of them in every run of the tests."""
    done = command("check", "--strict", "--estimate", COURSE / f"{name}.yaml")
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.timeout(_AN_HOUR_S)
@pytest.mark.parametrize(
    ("voice", "name"),
    [
        ("hibari:heart", "03-the-breath-as-a-friend"),
        ("hibari:heart", "04-a-kind-hand"),
        ("piper:joe", "03-the-breath-as-a-friend"),
    ],
)
def test_none_is_left_in_the_pace_of_natural_voices(
    command: Callable[..., subprocess.CompletedProcess[str]], voice: str, name: str
) -> None:
    """In the sessions that other tests speak with them, too; by night in all of them."""
    done = command("check", "--strict", "--voice", voice, COURSE / f"{name}.yaml")
    assert done.returncode == 0, done.stdout


def test_only_the_bedtime_circle_sets_rules_aside() -> None:
    """It has no way back and no bell, and its quiet grows; whatever else is allowed needs a look here."""
    allowed = {path.stem: sorted(parse(path).allow) for path in TRACKS if parse(path).allow}
    assert allowed == {"the-circle-at-bedtime": ["DUR-02", "DUR-03", "SAF-25"]}
