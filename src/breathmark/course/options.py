"""Events of a build for people, logs and programs that watch it; its options and its report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from breathmark.base.options import check_fields
from breathmark.course.executors.base import Rendering
from breathmark.verification.verdict import Misheard  # noqa: TC001 - whoever reads the events needs it


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Another build is at work in the same folder; this one goes on when that has ended."""

    folder: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something that does not stop a build, but should be looked at."""

    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The plan is made."""

    current: int
    """Artefacts that are as they should be."""
    todo: Mapping[str, str]
    """The others by their keys, and why."""
    seconds: Mapping[str, float] = field(repr=False)
    """How long each of these sounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaking:
    """Progress of speaking the missing sentences."""

    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """An artefact is whole."""

    job: str
    done: int
    """How many are finished, with this one."""
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Something went wrong."""

    job: str
    message: str
    again: bool
    """Whether it is tried once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A finished artefact was listened to, now or by an earlier build."""

    job: str
    done: int
    """How many have been, with this one."""
    total: int
    sentences: int
    misheard: tuple[Misheard, ...]
    """The sentences that were heard differently; without private texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """Files of sessions, lengths or listeners that no longer exist were removed, or could be."""

    paths: tuple[str, ...]
    removed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparing:
    """A publisher begins to make something that takes its time, such as a pack."""

    publisher: str
    name: str
    done: int
    """How many such things are there, without this one."""
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A publisher has written something new."""

    publisher: str
    paths: tuple[str, ...]
    entry: str
    """The file that people open, whether it is new or not; empty where the publisher doesn't say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The build was interrupted."""

    finished: tuple[str, ...]
    left: int


Event: TypeAlias = (
    Waiting
    | Warned
    | Planned
    | Speaking
    | Rendering
    | Finished
    | Failed
    | Heard
    | Pruned
    | Preparing
    | Published
    | Stopped
)
Watch: TypeAlias = Callable[[Event], None]


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
    kept: tuple[str, ...] = ()
    """Their keys."""
    todo: dict[str, str] = field(default_factory=dict)
    """The others by their keys, and why."""
    built: list[str] = field(default_factory=list)
    spoken: int = 0
    """Sentences."""
    failed: dict[str, str] = field(default_factory=dict)
    """What failed, and why."""
    misheard: dict[str, int] = field(default_factory=dict)
    """The artefacts, and how many of their sentences are heard differently than they are written."""
    orphans: tuple[str, ...] = ()
    """Finished files of what no longer exists, which were removed under ``prune``."""
