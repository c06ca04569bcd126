"""The covers of a course and of its sessions: the author's own, or pictures drawn from the titles.

``course_cover(library)`` and ``session_cover(library, entry)`` give a whole JPEG or PNG, ready for tags and feeds::

    cover = session_cover(library, entry)      # breathmark.formats.cover.Cover: mime, data, width, height, depth
    name = f"cover{cover.suffix}"

A session's own cover is the one that its script names; else it is the course's, where the author has given that one a
cover; else one is drawn. ``tag_cover`` is the same, smaller, for the files themselves. ``course_picture`` and
``session_picture`` give drawn ones as SVG without words, for pages; they are None where there is an author's cover. The
same titles give the same bytes, for as long as Pillow is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from breathmark.base.errors import Problem
from breathmark.course.artwork import draw, jpeg, svg, unwritable
from breathmark.formats.cover import Cover, read_cover

if TYPE_CHECKING:
    from breathmark.course.course import Course, Session
    from breathmark.course.publishers.base import Library, LibraryEntry
    from breathmark.course.values import ScriptMetadata


COVER_PX: Final = 1400
"""The side of a drawn cover: the smallest that podcast directories take (Apple asks for 1400 to 3000)."""
_TAG_PX: Final = 800
"""The side of one that lies in every file of a course: about 40 KB, and drawn in a third of the time."""


def course_cover(library: Library, *, side_px: int = COVER_PX) -> Cover:
    """The course's cover. Raises AssetError where the author's own can't be used."""
    course = library.course
    return read_cover(course.cover) if course.cover else _drawn(course.title, "", course.author, side_px)


def session_cover(library: Library, entry: LibraryEntry, *, side_px: int = COVER_PX) -> Cover:
    """The cover of an entry's session. Raises AssetError where the author's own can't be used."""
    course = library.course
    own = _own(course, entry) or course.cover
    return read_cover(own) if own else _drawn(entry.metadata.title, course.title, course.title, side_px)


def tag_cover(given: Path | None, title: str, album: str) -> Cover:
    """The picture in the files of a session whose script names none: the one ``given`` for the course, or a drawn one.

    Raises AssetError where the course's own can't be used.
    """
    return read_cover(given) if given else _drawn(title, album, album, _TAG_PX)


def lettering_warnings(course: Course, sessions: Iterable[tuple[Session, ScriptMetadata]]) -> Iterator[Problem]:
    """A warning for each title that a drawn cover goes without, because its font lacks the letters."""
    if course.cover:
        return
    if letters := unwritable(course.title):
        yield _lettering_warning(
            course.shown, 1, 1, f"drawn covers go without the course's title: their font has no {letters}"
        )
    for session, metadata in sessions:
        if not metadata.cover and (letters := unwritable(metadata.title)):
            place, message = session.place, f"the drawn cover of {session.id} goes without its title"
            yield _lettering_warning(place.path, place.line, place.column, f"{message}: the font has no {letters}")


def _lettering_warning(path: str, line: int, column: int, message: str) -> Problem:
    hint = "name a picture under `cover:`, in the course or in the script"
    return Problem(path=path, line=line, column=column, message=message, hint=hint, severity="warning")


def course_picture(library: Library) -> str | None:
    """The drawn picture of a course as SVG."""
    course = library.course
    return None if course.cover else svg(draw(course.title))


def session_picture(library: Library, entry: LibraryEntry) -> str | None:
    """The drawn picture of a session as SVG, in the colours of its course."""
    course = library.course
    return None if _own(course, entry) or course.cover else svg(draw(entry.metadata.title, family=course.title))


def _own(course: Course, entry: LibraryEntry) -> Path | None:
    return course.project.root / entry.metadata.cover if entry.metadata.cover else None


@lru_cache(maxsize=64)
def _drawn(title: str, family: str, line: str, side_px: int) -> Cover:
    """Kept, since the sessions of a library are asked for once for each length."""
    picture = jpeg(draw(title, family=family), title, line, side_px=side_px)
    return Cover(mime="image/jpeg", data=picture, width=side_px, height=side_px, depth=24)
