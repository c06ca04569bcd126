"""The values that pass between the stages of a build."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AliasChoices, Field

from breathmark.results import Levels
from breathmark.script.terms import VariableType  # noqa: TC001 - as above
from breathmark.verification.verdict import Listening  # noqa: TC001 - as above

if TYPE_CHECKING:
    from breathmark.course.course import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A person for whom sessions are made with values of their own."""

    id: str
    """Names a folder; nothing private."""
    values: Mapping[str, str] = field(repr=False)
    """By variable. No message, name, log or shared file ever shows them."""
    places: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """By variable: the line and the column of its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariableSpec:
    """Type and bounds of the values of one variable of a session."""

    type: VariableType
    max_length: int
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptMetadata:
    """Metadata of a script, as it says them of itself."""

    title: str
    summary: str
    level: str
    concepts: tuple[str, ...]
    language: str
    voice: str
    """The script's or the project's; empty for the best one that is installed."""
    other_voices: tuple[str, ...]
    """Those that single segments choose."""
    variables: Mapping[str, VariableSpec]
    cover: str = ""
    """The picture's path, from the project's root; empty where the script names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecord:
    """A script's metadata, and the files that it was read from."""

    metadata: Annotated[ScriptMetadata, Field(validation_alias=AliasChoices("metadata", "facts"))]
    """Lock files of older versions call it ``facts``."""
    inputs: Mapping[str, str]
    """Each file's hash by its path from the project's root; ``absent`` for one that would be read if it were there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One artefact to be made."""

    session: Session
    length_s: float
    voice: str
    ambience: str
    preset: str
    path: str
    """From the folder of the course's outputs, or of the listener's."""
    listener: str = ""
    """The id of the listener that it is for; empty where it is for everybody."""

    @property
    def key(self) -> str:
        """Its name in messages and logs."""
        return f"{self.listener}: {self.path}" if self.listener else self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtefactFile:
    """A file as it was when it was finished."""

    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures(Levels):
    """Measurements of an artefact, from its render."""

    frames: int
    rate_hz: int
    duration_s: float
    speech_s: float
    silence_share: float
    voice: str
    """The voice that spoke, by its whole name."""
    format: str
    private: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtefactRecord:
    """A finished artefact, and what it was made from."""

    session: str
    length_s: float
    voice: str
    ambience: str
    preset: str
    digest: str
    """Of ``made_from``."""
    made_from: Mapping[str, str]
    """All that its bytes depend on, by what it is."""
    files: Mapping[str, ArtefactFile]
    """By name; the first is the sound."""
    measures: Measures
    listening: Listening | None = None
    """What a recogniser heard in it; without private texts. None where nobody listened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """A job in a build plan, and whether it has to be done."""

    job: Job
    output: Path
    """Absolute."""
    made_from: Mapping[str, str]
    digest: str
    inputs: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The files among it, by their paths from the project's root."""
    why: str = ""
    """What makes it necessary, in words; empty where the artefact is current."""
