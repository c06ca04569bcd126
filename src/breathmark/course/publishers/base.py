"""What publishers are given, and what is asked of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.course.course import Course, Session
    from breathmark.course.values import ArtefactRecord, Facts

__all__ = ["Entry", "Library", "Publisher"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One finished artefact."""

    session: Session
    facts: Facts
    """What its script says of itself."""
    path: str
    """Its sound, from the library's folder, with ``/``; what belongs to it lies beside it."""
    record: ArtefactRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """All finished artefacts of a course in one folder, those of this build and those of earlier ones."""

    course: Course
    folder: Path
    entries: tuple[Entry, ...]
    """In the order of the course."""
    listener: str = ""
    """The id of the listener whose own artefacts these are; empty for those that are for everybody."""


class Publisher(Protocol):
    """Makes something of a library; a class that an entry point of ``breathmark.publishers`` names.

    It is called after every build, also after one that had nothing to do: so it should be quick where nothing has
    changed, and write a file only where its content is another one, whole or not at all (``deliver.write``).
    """

    for_listeners: bool
    """Whether it is also called for the private folder of each listener."""

    def publish(self, library: Library) -> tuple[Path, ...]:
        """Write into the library's folder, and tell which files are new.

        Raises:
            DeliveryError: the folder can't be written.
        """
        ...
