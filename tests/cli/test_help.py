"""Help is instant and whole, and the Python API is what it says that it is."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from typing import TypeAlias

import pytest

import breathmark as package
from breathmark.cli import breathmark as group

Command: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]

COMMANDS = (
    "new",
    "check",
    "plan",
    "render",
    "build",
    "verify",
    "voices",
    "takes",
    "sounds",
    "schema",
    "compose",
    "cache",
    "studio",
    "play",
)
HEAVY = {
    "numpy", "pydub", "pydantic", "yaml", "jinja2", "soxr", "mutagen", "sentencex", "piper", "onnxruntime", "pyttsx3",
    "espeakng_loader", "imageio_ffmpeg", "platformdirs", "filelock", "breathmark.model", "breathmark.api.render",
    "breathmark.script", "breathmark.solver", "breathmark.mix", "breathmark.narrators", "breathmark.formats",
    "breathmark.course", "rich",
}  # fmt: skip


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("-h",), *((name, "--help") for name in COMMANDS)])
def test_help_imports_nothing_heavy(words: tuple[str, ...], breathmark: Command) -> None:
    """Asked of the interpreter, which lists every import."""
    done = breathmark(*words, env=_environment() | {"PYTHONPROFILEIMPORTTIME": "1"})
    assert done.returncode == 0
    imported = set(re.findall(r"(?m)^import time:.*\|\s*(\S+)$", done.stderr))
    assert "click" in imported
    assert not imported & HEAVY


def _environment() -> dict[str, str]:
    import os  # noqa: PLC0415 — only here

    return dict(os.environ)


def test_help_names_every_command(command: Command) -> None:
    """With the same words as the command's own help begins with, in spirit: one line each."""
    shown = command("--help").stdout
    assert set(COMMANDS) == set(group.list_commands(None))  # type: ignore[arg-type]  # it doesn't look at it
    for name in COMMANDS:
        assert re.search(rf"(?m)^  {name}\s+\S", shown)
        assert command(name, "--help").stdout.startswith(f"Usage: breathmark {name}")


@pytest.mark.parametrize("name", ["new", "voices", "takes", "sounds", "cache"])
def test_what_a_command_does_is_said_whole(name: str, command: Command) -> None:
    """On a terminal of 80 columns no line of a group's help breaks off."""
    assert "..." not in command(name, "--help").stdout.partition("Commands:")[2]


def test_version(command: Command) -> None:
    """The package's own."""
    assert command("--version").stdout == f"breathmark, version {package.__version__}\n"


def test_all_that_is_exported_is_there() -> None:
    """Each name of ``__all__`` resolves, and no other does."""
    assert sorted(package.__all__) == package.__all__ or len(set(package.__all__)) == len(package.__all__)
    for name in package.__all__:
        assert getattr(package, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        package.nothing  # noqa: B018 — it raises


def test_the_program_runs_as_a_module_and_as_a_script(breathmark: Command) -> None:
    """``python -m breathmark`` and the installed ``breathmark`` say the same."""
    from pathlib import Path  # noqa: PLC0415 — only here

    program = Path(sys.executable).with_name("breathmark")
    done = subprocess.run([program, "--help"], capture_output=True, text=True, check=True)
    assert done.stdout == breathmark("--help").stdout
