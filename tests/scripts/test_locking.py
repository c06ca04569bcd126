"""Whether the locks fit what they were made from."""

from __future__ import annotations

from pathlib import Path

import pytest

from locking import SETS, digest, faults, lock_path

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
[project]
requires-python = ">=3.11"
dependencies = ["click>=8.1"]  # the command line
optional-dependencies = {dev = ["ruff"]}
[tool.uv]
override-dependencies = []
[tool.ruff]
line-length = 120
"""
PINNED = f"click==8.5.1 ; python_full_version < '3.15' and sys_platform != 'win32' \\\n    --hash=sha256:{'0f' * 32}\n"
LOCKS = tuple(map(lock_path, ("build", *SETS)))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose locks fit."""
    (tmp_path / "requirements").mkdir()
    (tmp_path / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    for path in LOCKS:
        (tmp_path / path).write_text(f"# pyproject.toml sha256:{digest(tmp_path)}\n{PINNED}", encoding="utf-8")
    return tmp_path


def test_locks_fit_what_they_were_made_from(project: Path) -> None:
    """A comment, a space or another tool's settings change nothing."""
    assert faults(project) == []
    changed = PYPROJECT.replace("  # the command line", "").replace("120", "100")
    (project / "pyproject.toml").write_text(changed, encoding="utf-8")
    assert faults(project) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [('"click>=8.1"', '"click>=8.2"'), ('"ruff"', '"ruff", "mypy"'), ("hatchling", "flit"), ("3.11", "3.12")],
)
def test_another_requirement_makes_every_lock_stale(project: Path, old: str, new: str) -> None:
    """Wherever it stands; the message says what to do."""
    (project / "pyproject.toml").write_text(PYPROJECT.replace(old, new), encoding="utf-8")
    assert faults(project) == [
        f"{path} does not fit the dependencies in pyproject.toml: run scripts/lock" for path in LOCKS
    ]


def test_a_missing_lock_is_a_fault(project: Path) -> None:
    """It is named."""
    (project / lock_path("test")).unlink()
    assert faults(project) == [
        "requirements/test.txt does not fit the dependencies in pyproject.toml: run scripts/lock"
    ]


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://packages.example.org/simple",
        "--find-links /srv/wheels",
        "click>=8.1",
        "click @ file:///srv/wheels/click.whl",
        "click==8.5.1",
        "./click",
    ],
)
def test_only_pinned_versions_and_hashes_are_in_a_lock(project: Path, line: str) -> None:
    """An index, a path, a range and a version without a hash are faults, with their line."""
    with (project / "requirements/test.txt").open("a", encoding="utf-8") as lock:
        lock.write(f"{line}\n")
    assert faults(project) == [f"requirements/test.txt:4: neither a pinned version nor a hash: {line}"]


def test_names_of_locks_are_those_of_extras() -> None:
    """``scripts/environment`` finds them by the same rule."""
    assert lock_path("hibari,ffmpeg,studio") == Path("requirements/hibari-ffmpeg-studio.txt")
