"""No command asks the network for anything, or leaves anything with the user but the cache."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from pathlib import Path

STRACE: Final = ("strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=network")
SCRIPT: Final = """\
title: A quiet moment
length: 18s..20s..24s
segments:
  - title: Welcome
    kind: opening
    say: "Welcome to this moment. [pause 1s..2s..20s] Let your eyes rest."
  - silence: 1s..5s..60s
  - title: Goodbye
    kind: close
    say: "Thank you for this moment."
"""
COURSE: Final = """\
title: Quiet
summary: One of them.
lengths: [20s]
blocks: {only: {title: Only, sessions: [{script: quiet}]}}
publish: [folder]
"""


@cache
def traces() -> bool:
    """Whether programs can be watched here."""
    strace = shutil.which("strace")
    return strace is not None and subprocess.run([strace, "-o", os.devnull, "true"], check=False).returncode == 0


class Home:
    """A user who has nothing yet, and a script, whose commands are watched."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work = folder / "work"
        for name in ("work", "home", "cache", "temporary"):
            (folder / name).mkdir()
        (self.work / "quiet.yaml").write_text(SCRIPT)
        (self.work / "course.yaml").write_text(COURSE)
        (self.work / "breathmark.yaml").write_text("voice: tone\n")

    def asks(self, *words: str) -> list[str]:
        """What ``breathmark`` with these words, and all processes that it starts, ask of the network."""
        log = self.folder / "log"
        own = {"HOME": "home", "XDG_CACHE_HOME": "cache", "TMPDIR": "temporary"}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("BREATHMARK_", "ORT_"))}
        done = subprocess.run(
            [*STRACE, "-o", str(log), sys.executable, "-m", "breathmark", *words],
            cwd=self.work,
            env=inherited | {name: str(self.folder / place) for name, place in own.items()},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [line for line in log.read_text().splitlines() if re.search(r"AF_INET|htons|sin6?_addr", line)]

    @property
    def left(self) -> set[str]:
        """What lies in the user's folders."""
        return {
            str(path.relative_to(self.folder))
            for name in ("home", "cache", "temporary")
            for path in (self.folder / name).rglob("*")
            if not path.is_relative_to(self.folder / "cache" / "breathmark")
        }


@pytest.mark.slow
def test_commands_ask_the_network_for_nothing(tmp_path: Path) -> None:
    """Neither a socket of the internet nor a name is asked for, with a neural voice and with worker processes, too."""
    if not traces():
        pytest.skip("strace is not here, or may not watch: see scripts/install-readers")
    pytest.importorskip("piper")
    home = Home(tmp_path)
    for words in (
        ("render", "quiet.yaml", "--voice", "piper", "-o", "quiet.mp3"),
        ("build", ".", "-o", "out", "--jobs", "2"),
        ("check", "quiet.yaml"),
        ("plan", "quiet.yaml"),
        ("voices", "list"),
        ("sounds", "list"),
        ("verify", "quiet.mp3"),
    ):
        assert home.asks(*words) == [], words
        assert home.left <= {"cache/breathmark"}, words


def test_the_runtime_of_neural_voices_is_silent(tmp_path: Path) -> None:
    """Where strace is missing, this much: onnxruntime, loaded by a narrator, notes no device and looks for no host."""
    pytest.importorskip("onnxruntime")
    line = "import os, breathmark.speech, onnxruntime; onnxruntime.SessionOptions()"
    places = {name: str(tmp_path) for name in ("HOME", "XDG_CACHE_HOME", "TMPDIR")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ORT_")}
    subprocess.run([sys.executable, "-c", line], env=environment | places, check=True, timeout=100)
    assert list(tmp_path.iterdir()) == []
