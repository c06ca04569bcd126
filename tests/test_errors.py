"""Errors carry their exit code and survive the way between two processes."""

from __future__ import annotations

import pickle

import pytest

import breathmark
from breathmark import NamedAssetError, Problem, ScriptError

PROBLEM = Problem(path="a.yaml", line=3, column=7, message="this is wrong", hint="write it anew")
EXIT_CODES = {
    "RequestError": 2,
    "LengthError": 2,
    "AssetError": 3,
    "VoiceError": 4,
    "DeliveryError": 5,
    "BuildError": 6,
}


@pytest.mark.parametrize(("name", "exit_code"), EXIT_CODES.items())
def test_an_error_comes_back_from_another_process_as_it_was(name: str, exit_code: int) -> None:
    """Its class, its message, what to do, and the exit code of its kind."""
    error = getattr(breathmark, name)("it went wrong", "do it again")
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert type(back) is type(error)
    assert (back.message, back.hint, back.exit_code) == ("it went wrong", "do it again", exit_code)
    assert str(back) == "it went wrong\ndo it again"


def test_the_faults_of_a_script_come_back_too() -> None:
    """Every problem with its place, a line each."""
    warning = Problem(path="a.yaml", line=4, column=1, message="mind this", severity="warning")
    back = pickle.loads(pickle.dumps(ScriptError((PROBLEM, warning))))  # noqa: S301 - our own
    assert back.problems == (PROBLEM, warning)
    assert str(back) == "a.yaml:3:7: error: this is wrong (write it anew)\na.yaml:4:1: warning: mind this"
    assert back.exit_code == 2


def test_what_a_script_names_and_nobody_has_is_of_the_kind_of_assets() -> None:
    """It has the places of a script's faults, and the exit code of a missing file."""
    back = pickle.loads(pickle.dumps(NamedAssetError((PROBLEM,))))  # noqa: S301 - our own
    assert isinstance(back, ScriptError)
    assert (back.problems, back.exit_code) == ((PROBLEM,), 3)


def test_every_kind_of_error_is_in_the_table() -> None:
    """None is exported that has no exit code here."""
    exported = {name for name in breathmark.__all__ if name.endswith("Error")}
    assert exported == {*EXIT_CODES, "ScriptError", "NamedAssetError", "BreathmarkError"}
