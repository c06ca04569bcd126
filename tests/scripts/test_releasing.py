"""The texts of a release."""

from __future__ import annotations

import subprocess
from datetime import date
from typing import TYPE_CHECKING

import pytest

import releasing
from releasing import ReleaseError, commit, committed, with_section, with_version

if TYPE_CHECKING:
    from pathlib import Path

CHANGELOG = """\
# Changelog

What versions are.

## [Unreleased]

### Added

### Changed
- Rain is softer.
  It was loud.

### Fixed

## [0.1.0] - 2026-11-29

### Added
- Rain.
"""
RELEASED = """\
# Changelog

What versions are.

## [Unreleased]

### Added

### Changed

### Fixed

## [0.2.0] - 2027-02-01

### Changed
- Rain is softer.
  It was loud.

## [0.1.0] - 2026-11-29

### Added
- Rain.
"""
DAY = date(2027, 2, 1)
SOURCE = '"""Breathmark."""\n\n__version__ = "0.1.9"\n\nother = "0.1.9"\n'


def test_what_was_unreleased_moves_under_the_version() -> None:
    """With its date, without empty groups; the older sections stay as they are, and new groups wait for what comes."""
    assert with_section(CHANGELOG, "0.2.0", DAY) == RELEASED


def test_the_first_section_needs_no_older_one() -> None:
    """The end of the file ends the section."""
    first = CHANGELOG[: CHANGELOG.index("\n## [0.1.0]")]
    assert with_section(first, "0.2.0", DAY) == RELEASED[: RELEASED.index("\n## [0.1.0]")]


def test_last_group_is_kept_where_others_are_empty() -> None:
    """Each group stands for itself."""
    unchanged = CHANGELOG.replace("- Rain is softer.\n  It was loud.\n", "")
    fixed = unchanged.replace("### Fixed\n", "### Fixed\n- A click.\n")
    assert "## [0.2.0] - 2027-02-01\n\n### Fixed\n- A click.\n\n## [0.1.0]" in with_section(fixed, "0.2.0", DAY)


def test_a_heading_that_a_merge_left_twice_comes_once() -> None:
    """With the entries of both, in their order."""
    twice = CHANGELOG.replace("### Fixed\n", "### Fixed\n- A click.\n\n### Changed\n- So is the sea.\n")
    section = RELEASED.replace("It was loud.\n", "It was loud.\n- So is the sea.\n\n### Fixed\n- A click.\n")
    assert with_section(twice, "0.2.0", DAY) == section


def test_nothing_unreleased_is_no_release() -> None:
    """Nobody would know what it is for."""
    with pytest.raises(ReleaseError, match="there is nothing under"):
        with_section(RELEASED, "0.3.0", DAY)


@pytest.mark.parametrize("changelog", ["# Changelog\n", CHANGELOG + "\n## [Unreleased]\n\n- Twice.\n"])
def test_the_place_of_what_is_unreleased_must_be_clear(changelog: str) -> None:
    """There is one such heading."""
    with pytest.raises(ReleaseError, match="must have one line"):
        with_section(changelog, "0.2.0", DAY)


@pytest.mark.parametrize("version", ["0.1.10", "0.2.0", "1.0.0"])
def test_a_later_version_is_written(version: str) -> None:
    """By number, so that 10 comes after 9; and nowhere else."""
    assert with_version(SOURCE, version) == SOURCE.replace("0.1.9", version, 1)


@pytest.mark.parametrize("version", ["0.1.9", "0.1.8", "0.0.10", "0.2", "v0.2.0", "0.2.0rc1", "0.02.0", "0.2.0\n", ""])
def test_other_versions_are_refused(version: str) -> None:
    """One that was released, an older one, and what is not three numbers."""
    with pytest.raises(ReleaseError, match=r"is not (later|a version)"):
        with_version(SOURCE, version)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, and locks that fit."""
    monkeypatch.setattr(releasing, "ROOT", tmp_path)
    monkeypatch.setattr(releasing, "faults", lambda _: [])
    monkeypatch.setattr(releasing, "WITHOUT_METER", (4, 0))
    for name, value in {"AUTHOR_NAME": "A", "AUTHOR_EMAIL": "a@example.org"}.items():
        monkeypatch.setenv(f"GIT_{name}", value)
        monkeypatch.setenv(f"GIT_{name.replace('AUTHOR', 'COMMITTER')}", value)
    _write(tmp_path, "old")
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "Begin"]):
        _git(tmp_path, *words)
    return tmp_path


def _write(tree: Path, text: str) -> None:
    for path in (releasing.PACKAGE, releasing.CHANGELOG):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text, encoding="utf-8")


def _git(tree: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(tree), *words], check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def test_changes_that_are_not_committed_are_no_part_of_a_release(repository: Path) -> None:
    """Nor are files that git does not know yet."""
    assert committed("0.2.0") == _git(repository, "rev-parse", "HEAD")
    (repository / "new.txt").touch()
    with pytest.raises(ReleaseError, match=r"not committed:\n\?\? new\.txt"):
        committed("0.2.0")


def test_a_python_without_a_wheel_of_the_meter_is_refused_first(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before minutes are spent on a session that can't be verified."""
    assert committed("0.2.0")
    monkeypatch.setattr(releasing, "WITHOUT_METER", (3, 11))
    with pytest.raises(ReleaseError, match=r"use Python 3\.11 or 3\.12"):
        committed("0.2.0")
    assert _git(repository, "status", "--porcelain") == ""


def test_a_release_is_a_commit_with_a_tag(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """It holds the two files and nothing else, and can't be made twice."""
    tree = tmp_path_factory.mktemp("tree")
    _write(tree, "new")
    commit(tree, "0.2.0")
    assert _git(repository, "log", "-1", "--format=%s %D").startswith("Release 0.2.0 ")
    assert _git(repository, "show", "v0.2.0:CHANGELOG.md") == "new"
    assert _git(repository, "status", "--porcelain") == ""
    with pytest.raises(ReleaseError, match=r"a tag v0\.2\.0 already"):
        committed("0.2.0")


def test_a_commit_that_is_refused_leaves_the_tree_as_it_was(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A hook can refuse it."""
    hook = repository / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    tree = tmp_path_factory.mktemp("tree")
    _write(tree, "new")
    with pytest.raises(subprocess.CalledProcessError):
        commit(tree, "0.2.0")
    assert _git(repository, "status", "--porcelain") == ""
    assert (repository / releasing.CHANGELOG).read_text("utf-8") == "old"
    assert _git(repository, "tag") == ""
