"""Files that hold a whole course, beside its artefacts: the feed and the audiobook, for pages that lead to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.course.course import Course
    from breathmark.course.publishers.base import Library


FEED_FILE: Final = "feed.xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A file that holds the whole course."""

    kind: Literal["book", "feed"]
    name: str
    """In the library's folder."""
    size: int
    """In bytes."""


def book_file(course: Course) -> str:
    """The name of the audiobook's file."""
    return f"{course.name}.m4b"


def offers(library: Library) -> tuple[Offer, ...]:
    """Those that lie in the library's folder; a listener's own folder never has any."""
    return tuple(_offers(library))


def _offers(library: Library) -> Iterator[Offer]:
    course = library.course
    book, feed = library.folder / book_file(course), library.folder / FEED_FILE
    if book.is_file():
        yield Offer(kind="book", name=book.name, size=book.stat().st_size)
    if course.feed and feed.is_file():
        yield Offer(kind="feed", name=feed.name, size=feed.stat().st_size)
