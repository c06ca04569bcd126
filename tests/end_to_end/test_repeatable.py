"""The same command gives the same bytes."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from .material import COURSE, SHIPPED, small

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Breathmark = Callable[..., subprocess.CompletedProcess[str]]


OTHER_PYTHON = os.environ.get("BREATHMARK_OTHER_PYTHON", "")


def files(folder: Path) -> dict[str, bytes]:
    """All that a render has left."""
    found = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    assert len(found) == 6
    return found


@pytest.mark.parametrize("suffix", ["mp3", *(pytest.param(each, marks=pytest.mark.slow) for each in ("flac", "wav"))])
def test_the_same_command_twice(suffix: str, breathmark: Breathmark, tmp_path: Path) -> None:
    """All six files, by two processes, from the same stored sentences."""
    script = small(tmp_path)
    for folder in ("one", "two"):
        done = breathmark("render", script, "--voice", "pyttsx3", "-o", tmp_path / folder / f"a.{suffix}")
        assert done.returncode == 0, done.stderr
    assert files(tmp_path / "one") == files(tmp_path / "two")


@pytest.mark.parametrize(
    ("voice", "jobs", "length"),
    [
        pytest.param("hibari", (1, 4), "4m", marks=pytest.mark.slow),
        pytest.param("tone", (1, 2), "45s", marks=pytest.mark.slow),
        pytest.param("piper", (1, 2), "45s", marks=pytest.mark.slow),
        pytest.param("pyttsx3", (1, 1), "45s", marks=pytest.mark.slow),
    ],
    ids=["hibari", "tone", "piper", "pyttsx3"],
)
def test_an_empty_cache_again(
    voice: str, jobs: tuple[int, ...], length: str, breathmark: Breathmark, tmp_path: Path
) -> None:
    """Sentences spoken anew, by any number of processes, and encoded by as many in four parts, give the same files.

    eSpeak NG remembers what it spoke before, so its sentences sound the same only in the same order: by one process.
    """
    script, found = small(tmp_path), []
    for run, number in enumerate(jobs):
        words = ("--voice", voice, "--cache", tmp_path / f"cache-{run}", "--jobs", str(number), "--length", length)
        done = breathmark("render", script, *words, "-o", tmp_path / f"out-{run}" / "a.mp3")
        assert done.returncode == 0, done.stderr
        found.append(files(tmp_path / f"out-{run}"))
    assert all(each == found[0] for each in found[1:])


@pytest.mark.skipif(not OTHER_PYTHON, reason="BREATHMARK_OTHER_PYTHON names no other Python with Breathmark")
def test_another_python(tmp_path: Path) -> None:
    """All six files of a session by Hibari: `.ci/run` has Python 3.13 and 3.11 render it, each from an empty cache."""
    script, found, versions = small(tmp_path), [], []
    for run, python in enumerate((sys.executable, OTHER_PYTHON)):
        words = ("--voice", "hibari", "--cache", tmp_path / f"cache-{run}", "--length", "2m")
        command = (python, "-m", "breathmark", "render", script, *words, "-o", tmp_path / f"out-{run}" / "a.mp3")
        subprocess.run(command, check=True)
        found.append(files(tmp_path / f"out-{run}"))
        asked = (python, "-c", "import sys; print(sys.version_info[:2])")
        versions.append(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)
    assert versions[0] != versions[1]
    assert found[0] == found[1]


@pytest.mark.nightly
def test_a_shipped_meditation_with_an_empty_cache(breathmark: Breathmark, clips: Path, tmp_path: Path) -> None:
    """Ten minutes of Hibari: from an empty cache, and from the one of the other tests."""
    for cache in (clips, tmp_path / "empty"):
        words = ("--voice", "hibari", "--length", "10m", "--cache", cache)
        done = breathmark(
            "render", COURSE / f"{SHIPPED[0]}.yaml", *words, "-o", tmp_path / cache.name / "out" / "a.mp3"
        )
        assert done.returncode == 0, done.stderr
    assert files(tmp_path / clips.name / "out") == files(tmp_path / "empty" / "out")
