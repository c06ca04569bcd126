"""The jobs of a course, one for each artefact: each session at each length, in each voice and so on; their names."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

from breathmark.base.errors import RequestError
from breathmark.course.course import AS_SCRIPTED
from breathmark.course.values import Job
from breathmark.formats.presets import preset_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from breathmark.course.course import Course, Session


def all_jobs(course: Course, listeners: Sequence[str] = (), lengths_s: Sequence[float] = ()) -> tuple[Job, ...]:
    """Everything that there is to make, in the course's order: for everybody first, then for each listener.

    ``lengths_s``, where given, replaces the lengths of the course and of its sessions.

    Raises:
        RequestError: two artefacts would have the same name.
    """
    shared = [job for session in course.sessions for job in _jobs(course, session, lengths_s)]
    names: dict[str, Job] = {}
    for job in shared:
        if job.path in names:
            raise RequestError(
                f"{course.shown}: two artefacts would be called {job.path}", "rename a sound, or leave out one length"
            )
        names[job.path] = job
    return (*shared, *(replace(job, listener=listener) for listener in listeners for job in shared))


def length_name(length_s: float) -> str:
    """A length as file names have it, such that names sort: ``05m``, ``07m30s``."""
    minutes, seconds = divmod(float(length_s), 60)
    if not seconds:
        return f"{minutes:02.0f}m"
    return f"{minutes:02.0f}m{seconds:02.0f}s" if seconds.is_integer() else f"{minutes:02.0f}m{seconds:06.3f}s"


def _jobs(course: Course, session: Session, lengths_s: Sequence[float]) -> list[Job]:
    """All of one session; the first voice, ambience and preset of the course are not part of the name."""
    ways = product(
        tuple(lengths_s) or session.lengths_s,
        _named(course.voices, "voice"),
        _named(course.ambiences, "ambience"),
        _named(course.presets, "preset"),
    )
    folder = f"extras/{session.id}" if session.extra else session.id
    return [
        Job(
            session=session,
            length_s=length_s,
            voice=voice,
            ambience=ambience,
            preset=preset,
            path=f"{folder}/{session.id}-{length_name(length_s)}{spoken}{under}{to}{preset_for(preset).suffix}",
        )
        for length_s, (voice, spoken), (ambience, under), (preset, to) in ways
    ]


def _named(choices: Sequence[str], kind: str) -> list[tuple[str, str]]:
    """Each choice with what it adds to a name."""
    return [(choice, f"-{_slug(choice, kind)}" if index else "") for index, choice in enumerate(choices)]


def _slug(choice: str, kind: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "-", choice.lower()).strip("-")
    if choice == AS_SCRIPTED:
        return f"own-{kind}"
    return "no-ambience" if kind == "ambience" and choice == "none" else words
