"""The events of a build, for people, logs and programs that watch it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from breathmark.course.executors.base import Rendering
from breathmark.verification.verdict import Misheard  # noqa: TC001 - whoever reads the events needs it

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    """The sentences that were heard otherwise; without private texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pruned:
    """Files of sessions, lengths or listeners that no longer exist were removed, or could be."""

    paths: tuple[str, ...]
    removed: bool


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
    Waiting | Warned | Planned | Speaking | Rendering | Finished | Failed | Heard | Pruned | Published | Stopped
)
Watch: TypeAlias = Callable[[Event], None]
