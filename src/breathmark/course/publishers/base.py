"""The contract of publishers: what they are given, and what they have to provide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from breathmark.course.course import Choice, Course, Session
    from breathmark.course.values import ArtefactRecord, ScriptMetadata


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryEntry:
    """One finished artefact."""

    session: Session
    metadata: ScriptMetadata
    """What its script says of itself."""
    path: str
    """Its sound, from the library's folder, with ``/``; what belongs to it lies beside it."""
    record: ArtefactRecord


def _untold(_name: str, _done: int, _total: int) -> None:
    """The progress that nobody asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """All finished artefacts of a course in one folder, those of this build and those of earlier ones."""

    course: Course
    folder: Path
    entries: tuple[LibraryEntry, ...]
    """In the order of the course."""
    listener: str = ""
    """The id of the listener whose own artefacts these are; empty for those that are for everybody."""
    cache: Path | None = None
    """Where clips are kept; None is the usual place."""
    jobs: int | None = None
    """Processes at once; None is one for each core."""
    progress: Callable[[str, int, int], None] = field(default=_untold, compare=False)
    """To be called with the name of what takes its time to make, how many such things are done, and of how many."""


class Publisher(Protocol):
    """Makes something of a library; a class that an entry point of ``breathmark.publishers`` names.

    It is called after every build, also after one that had nothing to do: so it should be quick where nothing has
    changed, and write a file only where its content is another one, whole or not at all (``deliver.write``).
    """

    for_listeners: bool
    """Whether it is also called for the private folder of each listener."""

    def publish(self, library: Library) -> tuple[Path, ...]:
        """Write into the library's folder, and return the files that are new.

        Raises:
            DeliveryError: the folder can't be written.
        """
        ...


@runtime_checkable
class ChecksCourse(Protocol):
    """A publisher that can't work with every course."""

    def check(self, course: Course) -> None:
        """Called before anything is built.

        Raises:
            RequestError: the course lacks something that it needs.
            AssetError: one of its files can't be used.
        """
        ...


@runtime_checkable
class Prepares(Protocol):
    """A publisher that makes files which others list."""

    def prepare(self, library: Library) -> tuple[Path, ...]:
        """Called before any publisher publishes a library: write these files, and return those that are new.

        Raises:
            DeliveryError: the folder can't be written.
        """
        ...


@runtime_checkable
class ComesLast(Protocol):
    """A publisher that shows what others have made."""

    comes_last: bool
    """Whether it is called after all others, wherever the manifest names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A file that a publisher is going to write."""

    name: str
    """From the library's folder, with ``/``."""
    mark: bytes = b""
    """A text in the first 64 KiB of every such file that Breathmark made; empty for a kind without one."""
    record: str = ""
    """Another file of the publisher's that is there only if this one is Breathmark's."""


@runtime_checkable
class ClaimsFiles(Protocol):
    """A publisher that says which files it writes, so that a build begins only where no other's are in the way."""

    def claims(self, course: Course) -> tuple[Claim, ...]:
        """All that it may write; the first is the one that people open."""
        ...


def chosen(library: Library, choice: Choice) -> tuple[LibraryEntry, ...]:
    """The one artefact of each session that a choice means, in the order of the course.

    A session that isn't built at the chosen length gives the nearest of its own. One that isn't finished yet is left
    out, and so is one that holds private values.
    """
    return tuple(
        entry
        for entry in library.entries
        if not entry.record.measures.private
        and entry.record.length_s == choice.length_of(entry.session)
        and (entry.record.voice, entry.record.ambience, entry.record.preset)
        == (choice.voice, choice.ambience, choice.preset)
    )


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
