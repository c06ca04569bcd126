"""The shapes of ``course.yaml`` and ``help.yaml``: what pydantic validates, once, and what editors are told."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema, model_validator

from breathmark.script.yaml.fields import (
    DurationField,
    FlagField,
    LanguageField,
    OrItem,
    OrScalar,
    TextField,
    VoiceName,
)

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BlockShape", "CourseShape", "HelpShape", "PathShape", "RegionShape", "SessionShape"]

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_MARK = re.compile(r"[A-Za-z0-9]+", re.ASCII)


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _matching(pattern: re.Pattern[str], advice: str) -> PlainValidator:
    """A validator of words of one form."""
    return PlainValidator(_reader(pattern, advice))


def _reader(pattern: re.Pattern[str], advice: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value.strip()) or len(value.strip()) > 80:
            raise ValueError(advice)
        return value.strip()

    return read


def _date(value: object) -> date:
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError as exc:
        raise ValueError("write a date such as `2026-11-24`") from exc


Name: TypeAlias = Annotated[
    str,
    _matching(_NAME, "write a short name of lower-case letters, digits and `-`, such as `no-touch`"),
    WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"}),
]
Mark: TypeAlias = Annotated[
    str,
    _matching(_MARK, "the mark of a concept is letters and digits, such as `C1`"),
    WithJsonSchema({"type": "string"}),
]
DateField: TypeAlias = Annotated[
    date,
    PlainValidator(_date),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}),
]
Lengths: TypeAlias = Annotated[list[DurationField], OrItem, Field(min_length=1, max_length=50)]
Texts: TypeAlias = Annotated[list[TextField], OrItem]


class SessionShape(_Shape):
    """One session; in short, the name of its script."""

    script: TextField = Field(description="The script's path, from this file; `.yaml` may be left out.")
    tags: list[Name] = Field([], description="Words to select it by, such as no-touch.")
    companion: TextField | None = Field(None, description="The path of a page that goes with it.")
    lengths: Lengths | None = Field(None, description="Its own lengths, in place of the course's.")


Session: TypeAlias = Annotated[SessionShape, OrScalar("script")]
Sessions: TypeAlias = Annotated[list[Session], Field(min_length=1, max_length=1000)]


class BlockShape(_Shape):
    """Sessions that belong together, in their order."""

    title: TextField = Field(description="What the block is called.")
    summary: TextField | None = Field(None, description="What it is about, in a sentence.")
    sessions: Sessions = Field(description="Its sessions, in their order.")


class PathShape(_Shape):
    """A way through the course that leaves sessions out."""

    title: TextField = Field(description="What the path is called.")
    sessions: Annotated[list[TextField], Field(min_length=1)] = Field(description="Its sessions by id, in their order.")


class CourseShape(_Shape):
    """A course: its sessions, and what is made of each."""

    title: TextField = Field(description="What the course is called; the album of every file.")
    summary: TextField | None = Field(None, description="What it is about, in a sentence or two.")
    author: TextField | None = Field(None, description="Who made it.")
    language: LanguageField = Field("en", description="Such as en, de or en-GB.")
    cover: TextField | None = Field(None, description="A picture's path, from this file.")
    lengths: Lengths = Field(description="The lengths that every session is built at, such as [5m, 10m, 20m].")
    voices: Annotated[list[VoiceName], OrItem] = Field(
        [], description="Who speaks; the first gives the plain file names. `script` is each script's own voice."
    )
    ambiences: Texts = Field([], description="Sounds, paths or `none`; `script` is each script's own ambience.")
    presets: Texts = Field([], description="Such as podcast or clear. The project's where none is named.")
    concepts: dict[Mark, TextField] = Field({}, description="The marks that scripts use, and what each stands for.")
    sessions: Sessions | None = Field(None, description="The sessions in their order, where there are no blocks.")
    blocks: dict[Name, BlockShape] = Field({}, description="The sessions in their order, in named blocks.")
    extras: list[Session] = Field([], description="Sessions beside the course, each with its own lengths.")
    paths: dict[Name, PathShape] = Field({}, description="Shorter ways through the course.")
    notes: Texts = Field([], description="What every listener should know, such as not to listen while driving.")
    help: TextField | None = Field(None, description="The path of a file with help by region.")
    listeners: TextField | None = Field(None, description="The path of a CSV or YAML file of each listener's values.")
    publish: Annotated[list[Name], OrItem] = Field(["folder"], description="Publishers that run after each build.")

    @model_validator(mode="after")
    def _check(self) -> CourseShape:
        if (self.sessions is None) == (not self.blocks):
            raise ValueError("name the sessions either under `sessions` or in `blocks`")
        return self


class RegionShape(_Shape):
    """Where a listener of one region finds help."""

    name: TextField = Field(description="The region, as its people call it in the course's language.")
    text: TextField = Field(description="Whom to turn to there.")
    verified: FlagField = Field(default=False, description="Whether somebody has tried it since the last review.")


class HelpShape(_Shape):
    """Where listeners find help, by region; it ages, so it has an owner and a date."""

    owner: TextField = Field(description="Who keeps it true.")
    reviewed: DateField = Field(description="The day of the last review.")
    regions: Annotated[dict[Name, RegionShape], Field(min_length=1)] = Field(
        description="By country code in lower case; `everywhere` is for all others."
    )
