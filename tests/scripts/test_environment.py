"""What ``scripts/environment`` installs, shown by programs that only write down how they were called."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
RECORDER = '#!/bin/sh\n[ "$1" = -c ] && exit {newer}\necho "{name} $*" >> called\n'
LOCKED = [
    "--require-hashes --no-deps -r requirements/build.txt",
    "--require-hashes --no-deps --no-build-isolation -r requirements/hibari-ffmpeg-studio.txt",
    "--no-deps --no-build-isolation --editable .",
]
PIP = "python -m pip install --quiet --disable-pip-version-check "
UV = "uv pip install --quiet --compile-bytecode --python .venv/bin/python "

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")


class Project:
    """A folder with the script, locks, and a virtual environment whose Python records its arguments."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("scripts", "requirements", "tools"):
            (folder / name).mkdir()
        shutil.copy(SCRIPTS / "environment", folder / "scripts")
        for name in ("pyproject.toml", "requirements/build.txt", "requirements/hibari-ffmpeg-studio.txt"):
            (folder / name).touch()
            os.utime(folder / name, (0, 0))
        os.utime(folder / "requirements", (0, 0))
        for tool in ("find", "touch", "dirname"):
            (folder / "tools" / tool).symlink_to(str(shutil.which(tool)))
        self.program(".venv/bin/python")

    def program(self, path: str, *, newer: int = 0) -> None:
        """A program that writes down how it was called; ``newer`` is what ``-c`` ends with."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(RECORDER.format(name=place.name, newer=newer), encoding="utf-8")
        place.chmod(0o755)

    def prepare(self, **environment: str) -> list[str]:
        """What was called for ``prepare hibari,ffmpeg,studio``."""
        called = self.folder / "called"
        called.write_text("", encoding="utf-8")
        words = [str(shutil.which("bash")), "-euc", ". scripts/environment; prepare hibari,ffmpeg,studio"]
        path = {"PATH": str(self.folder / "tools")}
        done = subprocess.run(words, cwd=self.folder, env=path | environment, check=True, stdout=subprocess.PIPE)
        assert all(len(line) <= 80 for line in done.stdout.decode().splitlines()), "it fits a terminal"
        return called.read_text("utf-8").splitlines()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project whose environment has nothing installed."""
    return Project(tmp_path)


def test_pip_installs_the_lock_and_then_the_project(project: Project) -> None:
    """The build backends come first; with hashes, except for the project itself."""
    assert project.prepare() == [PIP + words for words in LOCKED]


def test_uv_does_the_same_where_it_is_on_path(project: Project) -> None:
    """With the same words."""
    project.program("tools/uv")
    assert project.prepare() == [UV + words for words in LOCKED]


@pytest.mark.parametrize("changed", ["pyproject.toml", "requirements/hibari-ffmpeg-studio.txt"])
def test_it_is_installed_once_until_the_lock_changes(project: Project, changed: str) -> None:
    """Another first session starts at once."""
    project.prepare()
    assert project.prepare() == []
    os.utime(project.folder / changed, (4e9, 4e9))
    assert len(project.prepare()) == len(LOCKED)


def test_newest_versions_are_taken_each_time(project: Project) -> None:
    """Without the lock, whether or not something is installed."""
    newest = [PIP + "--upgrade --editable .[hibari,ffmpeg,studio]"]
    project.prepare()
    assert project.prepare(BREATHMARK_NEWEST="1") == newest
    assert project.prepare(BREATHMARK_NEWEST="1") == newest


def test_a_python_newer_than_the_lock_gets_the_newest_versions_once(project: Project) -> None:
    """The pinned ones have no wheels for it."""
    project.program(".venv/bin/python", newer=1)
    assert project.prepare() == ["python --version", PIP + "--editable .[hibari,ffmpeg,studio]"]
    assert project.prepare() == []
