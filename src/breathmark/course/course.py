"""A course as it was read: checked, in order, every file found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from pathlib import Path

    from breathmark.errors import Problem
    from breathmark.model import Place
    from breathmark.script.project import Project

__all__ = ["AS_SCRIPTED", "Block", "Course", "HelpText", "Region", "Session", "Trail"]

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
class Course:
    """A course and all that is to be made of it."""

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
    warnings: tuple[Problem, ...] = ()
