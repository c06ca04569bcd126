"""The course model: a manifest as it was read, checked, with every file found."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from pydantic import BaseModel

    from breathmark.base.errors import Problem
    from breathmark.model import Place
    from breathmark.script.project import Project


AS_SCRIPTED: Final = "script"
"""The voice or the ambience that each script chooses for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session of a course."""

    id: str
    """Its script's name without the suffix."""
    script: Path
    """Absolute, links resolved."""
    shown: str
    """The script as messages name it."""
    place: Place
    """Where the course names it."""
    block: str = ""
    """The id of its block; empty where it is in none."""
    tags: tuple[str, ...] = ()
    companion: Path | None = None
    lengths_s: tuple[float, ...] = ()
    """The lengths that it is built at, in the order of the course."""
    extra: bool = False
    """True for a session beside the course."""
    published: date | None = None
    """The date in a feed; None leaves it to the feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Sessions that belong together."""

    id: str
    title: str
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """A way through the course that leaves sessions out."""

    id: str
    title: str
    sessions: tuple[str, ...]
    """By id, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Where a listener of one region finds help."""

    id: str
    name: str
    text: str
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpText:
    """Where listeners find help; it ages."""

    owner: str
    reviewed: date
    regions: tuple[Region, ...]

    @property
    def unverified(self) -> tuple[Region, ...]:
        """The regions whose text nobody has tried since the last review."""
        return tuple(region for region in self.regions if not region.verified)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which one of each session's artefacts goes into something that has room for one."""

    length_s: float
    voice: str
    """One of the course's, as it names them; so are the next two."""
    ambience: str
    preset: str

    def length_of(self, session: Session) -> float:
        """The session's own length that is nearest to the chosen one, and the longer one of two as near."""
        return min(session.lengths_s, key=lambda own_s: (abs(own_s - self.length_s), -own_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """The course as a podcast."""

    choice: Choice
    url: str
    """Where the folder lies in the web; it ends in ``/``."""
    published: date
    """The day of the first session."""
    categories: tuple[str, ...]
    """Keys of ``categories.CATEGORIES``, at least one."""
    medium: str
    email: str = ""
    explicit: bool = False
    locked: bool = True
    guid: str = ""
    """Its identity, where that no longer follows from its address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audiobook:
    """The course as one file."""

    choice: Choice
    pause_s: float
    """The silence between two sessions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A course, as its manifest describes it."""

    file: Path
    """``course.yaml``, absolute."""
    shown: str
    """The same as messages name it."""
    project: Project
    title: str
    sessions: tuple[Session, ...]
    """In their order; the extras behind the others."""
    summary: str = ""
    author: str = ""
    language: str = "en"
    cover: Path | None = None
    voices: tuple[str, ...] = (AS_SCRIPTED,)
    """``NARRATOR:NAME``, or ``AS_SCRIPTED``; the first gives the plain file names, as it does below."""
    ambiences: tuple[str, ...] = (AS_SCRIPTED,)
    """A sound's name, a path from the project's root, ``none``, or ``AS_SCRIPTED``."""
    presets: tuple[str, ...] = ()
    """At least one."""
    blocks: tuple[Block, ...] = ()
    concepts: Mapping[str, str]
    """By their marks."""
    trails: tuple[Trail, ...] = ()
    notes: tuple[str, ...] = ()
    help: HelpText | None = None
    listeners: Path | None = None
    publish: tuple[str, ...] = ("folder",)
    feed: Feed | None = None
    audiobook: Audiobook | None = None
    sections: Mapping[str, BaseModel] = field(default_factory=dict)
    """What publishers and executors of others have to know, by their names, each validated by its own model."""
    warnings: tuple[Problem, ...] = ()

    def number_of(self, session: Session) -> int:
        """The place of a session in the course, from 1."""
        return next(number for number, each in enumerate(self.sessions, start=1) if each.id == session.id)

    @property
    def name(self) -> str:
        """What its folder, or a manifest of another name, is called; as it is written in file names."""
        name = self.file.parent.name if self.file.stem == "course" else self.file.stem
        return re.sub(r"[^\w.-]+", "-", name) or "course"
