"""The options of a build, and its report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from breathmark.base.options import check_fields

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.course.events import Event, Watch


def _ignore(_event: Event) -> None:
    """The event callback that does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """The options of a build; what is left out is the manifest's, the project's or the built-in choice."""

    output: Path | None = None
    """None: a folder of the course's name in the project's output folder."""
    select: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    lengths_s: tuple[float, ...] = ()
    listeners: Path | None = None
    executor: str = "local"
    scheduler: str = ""
    """The address of a Dask cluster."""
    jobs: int | None = None
    """None: one for each core."""
    keep_going: bool = False
    dry_run: bool = False
    force: bool = False
    prune: bool = False
    listen: str = ""
    """The name or folder of a model of Whisper, or RECOGNISER:MODEL: what hears whether a session says its text."""
    publish: tuple[str, ...] = ()
    """Publishers in place of the manifest's."""
    cache: Path | None = None
    watch: Watch = _ignore

    def __post_init__(self) -> None:
        check_fields(self)


@dataclass(slots=True, kw_only=True)
class BuildReport:
    """What a build did."""

    folder: Path
    current: int = 0
    """Artefacts that were as they should be."""
    todo: dict[str, str] = field(default_factory=dict)
    """The others by their keys, and why."""
    built: list[str] = field(default_factory=list)
    spoken: int = 0
    """Sentences."""
    failed: dict[str, str] = field(default_factory=dict)
    """What failed, and why."""
    misheard: dict[str, int] = field(default_factory=dict)
    """The artefacts, and how many of their sentences are heard otherwise than they are written."""
    orphans: tuple[str, ...] = ()
    """Finished files of what no longer exists, which were removed under ``prune``."""
