"""The same command gives the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .material import COURSE, SHIPPED, small

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Breathmark = Callable[..., subprocess.CompletedProcess[str]]


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
    ("voice", "jobs"),
    [
        pytest.param("tone", "12", marks=pytest.mark.slow),
        pytest.param("piper", "12", marks=pytest.mark.slow),
        pytest.param("pyttsx3", "11", marks=pytest.mark.slow),
    ],
)
def test_an_empty_cache_twice(voice: str, jobs: str, breathmark: Breathmark, tmp_path: Path) -> None:
    """Sentences spoken anew, by one process and by two, give the same files.

    eSpeak NG remembers what it spoke before, so its sentences sound the same only in the same order: by one process.
    """
    script = small(tmp_path)
    for folder, number in zip(("one", "two"), jobs, strict=True):
        words = ("--voice", voice, "--cache", tmp_path / f"cache-{folder}", "--jobs", number, "--length", "45s")
        done = breathmark("render", script, *words, "-o", tmp_path / folder / "a.mp3")
        assert done.returncode == 0, done.stderr
    assert files(tmp_path / "one") == files(tmp_path / "two")


@pytest.mark.slow
def test_a_shipped_meditation_with_an_empty_cache(breathmark: Breathmark, clips: Path, tmp_path: Path) -> None:
    """Ten minutes of Hibari: from an empty cache, and from the one of the other tests."""
    for cache in (clips, tmp_path / "empty"):
        words = ("--voice", "hibari", "--length", "10m", "--cache", cache)
        done = breathmark(
            "render", COURSE / f"{SHIPPED[0]}.yaml", *words, "-o", tmp_path / cache.name / "out" / "a.mp3"
        )
        assert done.returncode == 0, done.stderr
    assert files(tmp_path / clips.name / "out") == files(tmp_path / "empty" / "out")
