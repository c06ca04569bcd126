"""No script takes all time and memory: it is laid out, or refused with a place and a hint, in 20 s and 500 MB."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.profiles import count

from .bombs import BOMBS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .bombs import Bomb

MOST_S, MOST_MB = 20, 500
"""Of processor time, so that no test depends on how busy the machine is; and of memory at its peak."""
FAULT = re.compile(r"(?:Error: )?[\w.]+:\d+:\d+: .+ \(.+\)")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks and the bounds of POSIX")


def test_there_are_many_kinds() -> None:
    """More than thirty, and most of them are quick."""
    assert len(BOMBS) > 30
    assert sum(not bomb.slow for bomb in BOMBS.values()) > 20


@pytest.mark.parametrize("command", ["check", "render"])
def test_small_scripts_that_multiply(command: str, tmp_path: Path) -> None:
    """All that end within about a second; what a render could lay out is planned.

    A quick run tries every sixth, by one of the commands.
    """
    names = [name for name, bomb in BOMBS.items() if not bomb.slow]
    every = count(quick=12, ci=1, nightly=1)
    _go_off(command, names[every // 2 if command == "render" else 0 :: every], tmp_path)


DEADLINE = "reading and filling in this script takes more than"


@pytest.mark.slow
@pytest.mark.timeout(3600)  # of a busy machine: each bomb is held to its processor time
@pytest.mark.parametrize("command", ["check", "render"])
def test_scripts_that_go_to_the_bounds(command: str, tmp_path: Path) -> None:
    """The others: they use up the budget by what is slow in itself, or are as large as a script can be.

    `render` reads as `check` does: by day each is tried by one of them, by `check` where that says more.
    """
    names = [name for name, bomb in BOMBS.items() if bomb.slow]
    by_check = {name for number, name in enumerate(names) if BOMBS[name].checked or number % 2 == 0}
    both = count(quick=0, ci=0, nightly=1)
    _go_off(command, [name for name in names if both or (name in by_check) == (command == "check")], tmp_path)


def _go_off(command: str, names: Iterable[str], folder: Path) -> None:
    names = list(names)
    orders = [(str(_written(BOMBS[name], folder / name)), _words(command, BOMBS[name])) for name in names]
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("bounded.py")],
        input=json.dumps(orders), capture_output=True, text=True, check=True,
    )  # fmt: skip
    faults = [
        f"{name}: {fault}"
        for name, (code, cpu_s, mb, output) in zip(names, json.loads(done.stdout), strict=True)
        for fault in _faults(command, BOMBS[name], code, output)
        + ([f"{cpu_s:.1f} s, {mb:.0f} MB"] if cpu_s > MOST_S or mb > MOST_MB else [])
    ]
    assert not faults, "\n".join(faults)


def _words(command: str, bomb: Bomb) -> list[str]:
    if command == "render" and not bomb.told:
        return ["plan", "x.yaml", "--voice", "tone", "--estimate"]
    return [command, "x.yaml", "--voice", "tone", *(["--estimate"] if command == "check" else ["-o", "a.mp3"])]


def _written(bomb: Bomb, folder: Path) -> Path:
    folder.mkdir()
    for name, text in bomb.files.items():
        assert len(text) <= 512 * 1024, name
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _faults(command: str, bomb: Bomb, code: int, output: str) -> list[str]:
    """What is not as it should be."""
    told = bomb.told or (bomb.checked if command == "check" else "")
    # A slow machine comes to the deadline of the same budget before it comes to that bound.
    first = next((line for line in output.splitlines() if told and (told in line or DEADLINE in line)), "")
    faults = []
    if "Traceback" in output or code not in (0, 2):
        faults.append(f"ended with {code}: {output[-500:]}")
    if bomb.told and code != 2:
        faults.append("is not refused")
    if told and not FAULT.match(first):
        faults.append(f"{told!r} is not told, but {output[:300]!r}")
    return faults
