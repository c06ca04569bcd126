"""What a program and all that it starts take of the machine, for ``scripts/bench``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_MEASURED = """
import json, os, subprocess, sys, time
started, quiet = time.perf_counter(), subprocess.DEVNULL
process = subprocess.Popen(sys.argv[1:], stdin=quiet, stdout=quiet, stderr=quiet)
_, status, usage = os.wait4(process.pid, 0)
print(json.dumps([status, usage.ru_utime + usage.ru_stime, time.perf_counter() - started, usage.ru_maxrss]))
"""
"""A small process between this one and what it measures: a new process counts its parent's memory as its own peak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a process and all that it started took."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def run(*words: str | Path) -> Cost:
    """Run a program to its end; it has to succeed."""
    command = [sys.executable, "-c", _MEASURED, *(str(word) for word in words)]
    measured = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=_installed())
    status, cpu, wall_s, peak = json.loads(measured.stdout)
    if status:
        raise RuntimeError(f"{words[:6]} ended with {os.waitstatus_to_exitcode(status)}")
    return Cost(cpu_s=cpu, wall_s=wall_s, peak_mb=peak / (1 << 20 if sys.platform == "darwin" else 1 << 10))


def _installed() -> dict[str, str]:
    """The environment of a user, whose Python keeps what it has compiled: it is not compiled anew by each command."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def by_turns(times: int, *sides: Callable[[], Cost]) -> list[Cost]:
    """The middle one by CPU of several runs of each side, taken by turns."""
    runs = [[side() for side in sides] for _ in range(times)]
    return [sorted(side, key=lambda cost: cost.cpu_s)[times // 2] for side in zip(*runs, strict=True)]
