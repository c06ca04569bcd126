"""The shipped course is one that can be built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.course.build import build
from breathmark.course.manifest import read_course
from breathmark.course.options import BuildOptions
from breathmark.course.sources import read_session

from .material import SHIPPED

if TYPE_CHECKING:
    from pathlib import Path


def test_every_file_is_there_and_every_concept_is_named() -> None:
    """Sixteen sessions with a companion page each, in their order, six extras, and a short path of eight."""
    course = read_course(SHIPPED)
    sessions = [session for session in course.sessions if not session.extra]
    assert [session.id[:2] for session in sessions] == [f"{number:02d}" for number in range(1, 17)]
    assert all(session.companion for session in course.sessions)
    assert len(course.sessions) - len(sessions) == 6
    assert [len(trail.sessions) for trail in course.paths.values()] == [8]
    taught = {mark for session in sessions for mark in read_session(session, course.project).metadata.concepts}
    assert taught == set(course.concepts)


def test_no_session_is_forgotten() -> None:
    """Whatever script lies in the course's folder is in the course."""
    course = read_course(SHIPPED)
    scripts = {*SHIPPED.glob("[0-9]*.yaml"), *(SHIPPED / "extras").glob("*.yaml")}
    assert {session.script for session in course.sessions} == {script.resolve() for script in scripts}


def test_a_dry_run_of_it_knows_all_lengths(tmp_path: Path) -> None:
    """Each session at five lengths; the extras at their own."""
    report = build(SHIPPED, BuildOptions(output=tmp_path / "out", dry_run=True))
    assert len(report.todo) == 16 * 5 + 5 + 3
    assert not (tmp_path / "out").exists()
