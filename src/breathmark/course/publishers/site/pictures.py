"""The pictures of a site: which files there are, and which session shows which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from breathmark.course.covers import course_cover, course_picture, session_cover, session_picture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from breathmark.course.publishers.base import Library
    from breathmark.formats.cover import Cover


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """Pictures by name, in the folder of the pages."""

    course: str
    sessions: Mapping[str, str]
    """By session; only of those that have one of their own."""
    files: Mapping[str, bytes]


def pictures_of(library: Library) -> Pictures:
    """All of them. Raises AssetError where an author's cover can't be used."""
    drawn = course_picture(library)
    course, data = _named("course-cover", drawn or course_cover(library))
    files, sessions = {course: data}, {}
    for entry in {entry.session.id: entry for entry in library.entries}.values():
        if entry.metadata.cover or drawn:
            picture = session_picture(library, entry) or session_cover(library, entry)
            name, data = _named(f"{entry.session.id}-cover", picture)
            sessions[entry.session.id], files[name] = name, data
    return Pictures(course=course, sessions=sessions, files=files)


def _named(stem: str, picture: str | Cover) -> tuple[str, bytes]:
    if isinstance(picture, str):
        return f"{stem}.svg", picture.encode()
    return stem + picture.suffix, picture.data
