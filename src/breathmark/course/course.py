"""The course model: what ``course.yaml`` says, as pydantic validates it, with every file found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, BaseModel, Field, PrivateAttr, ValidationInfo, field_validator, model_validator

from breathmark.course.shapes import (
    AudiobookShape,
    BlockShape,
    ChoiceShape,
    FeedShape,
    FileField,
    HelpText,
    Lengths,
    Mark,
    Name,
    OptionalText,
    PathShape,
    PresetName,
    SessionField,
    Sessions,
    SessionShape,
    SiteShape,
    Texts,
)
from breathmark.script.reader.adapters import OrItem, context, looked_up
from breathmark.script.reader.fields import LanguageField, SoundField, TextField, VoiceName
from breathmark.script.reader.shapes import Placed

if TYPE_CHECKING:
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


def _or_scripted(found: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found)) or (AS_SCRIPTED,)


class Course(Placed):
    """A course: its sessions, and what is made of each."""

    title: TextField = Field(description="What the course is called; the album of every file.")
    summary: OptionalText = Field(default_factory=str, description="What it is about, in a sentence or two.")
    author: OptionalText = Field(default_factory=str, description="Who made it.")
    language: LanguageField = Field("en", description="Such as en, de or en-GB.")
    cover: FileField | None = Field(None, description="A picture's path, from this file.")
    lengths: Lengths = Field(description="The lengths that every session is built at, such as [5m, 10m, 20m].")
    voices: Annotated[tuple[VoiceName, ...], OrItem, AfterValidator(_or_scripted)] = Field(
        (),
        validate_default=True,
        description="Who speaks; the first gives the plain file names. `script` is each script's own voice.",
    )
    written_ambiences: Annotated[tuple[SoundField, ...], OrItem] = Field(
        (), alias="ambiences", description="Sounds, paths or `none`; `script` is each script's own ambience."
    )
    presets: Annotated[tuple[PresetName, ...], OrItem] = Field(
        (), validate_default=True, description="Such as podcast or clear. The project's where none is named."
    )
    concepts: dict[Mark, TextField] = Field({}, description="The marks that scripts use, and what each means.")
    listed: Sessions | None = Field(
        None, alias="sessions", description="The sessions in their order, where there are no blocks."
    )
    blocks: dict[Name, BlockShape] = Field({}, description="The sessions in their order, in named blocks.")
    extras: list[SessionField] = Field([], description="Sessions beside the course, each with its own lengths.")
    paths: dict[Name, PathShape] = Field({}, description="Shorter paths through the course.")
    notes: Texts = Field((), description="What every listener should know, such as not to listen while driving.")
    help: Annotated[HelpText, looked_up(lambda reader, written: reader.help(written))] | None = Field(
        None, description="The path of a file with help by region."
    )
    listeners: FileField | None = Field(None, description="The path of a CSV or YAML file of each listener's values.")
    publish: Annotated[list[Name], OrItem, AfterValidator(lambda names: list(dict.fromkeys(names)))] = Field(
        ["folder"], description="Publishers that run after each build."
    )
    feed: FeedShape | None = Field(None, description="What the publisher `feed` has to know.")
    written_audiobook: AudiobookShape | None = Field(
        None, alias="audiobook", description="What the publisher `audiobook` makes its one file of."
    )

    written_site: SiteShape | None = Field(None, alias="site", description="What the publisher `site` has to know.")

    _project: Project = PrivateAttr()
    _warnings: tuple[Problem, ...] = PrivateAttr(())

    @field_validator("presets", mode="after")
    @classmethod
    def _fill_presets(cls, presets: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(presets)) or (context(info).default_preset,)
        context(info).check_ambiences(info.data.get("written_ambiences", ()), found)
        return found

    @field_validator("feed", "written_audiobook", mode="after")
    @classmethod
    def _check_choice(cls, section: ChoiceShape | None, info: ValidationInfo) -> ChoiceShape | None:
        if section is not None:
            context(info).check_choice(section, info.data)
        return section

    @model_validator(mode="after")
    def _check(self, info: ValidationInfo) -> Course:
        if (self.listed is None) == (not self.blocks):
            raise ValueError("name the sessions either under `sessions` or in `blocks`")
        self._project, self._warnings = context(info).project, tuple(context(info).warnings)
        return self

    @property
    def file(self) -> Path:
        """``course.yaml``, absolute."""
        return self.node.source.file

    @property
    def shown(self) -> str:
        """The same as messages name it."""
        return self.node.source.path

    @property
    def project(self) -> Project:
        """The folder that it belongs to, with its settings."""
        return self._project

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What does not stop a build."""
        return self._warnings

    @cached_property
    def ambiences(self) -> tuple[str, ...]:
        """A sound's name, a path from the project's root, ``none``, or ``AS_SCRIPTED``."""
        return _or_scripted(tuple(map(str, self.written_ambiences)))

    @cached_property
    def sessions(self) -> tuple[Session, ...]:
        """In their order; the extras behind the others."""
        return tuple(self._sessions())

    def _sessions(self) -> Iterator[Session]:
        for each in self.listed or ():
            yield self._session(each)
        for block, shape in self.blocks.items():
            yield from (self._session(each, block=block) for each in shape.sessions)
        for each in self.extras:
            yield self._session(each, extra=True)

    def _session(self, shape: SessionShape, *, block: str = "", extra: bool = False) -> Session:
        script = shape.script
        return Session(
            id=script.file.stem,
            script=script.file,
            shown=script.shown,
            place=script.place,
            block=block,
            tags=shape.tags,
            companion=shape.companion,
            lengths_s=tuple(dict.fromkeys(shape.lengths or self.lengths)),
            extra=extra,
            published=shape.published,
        )

    @property
    def audiobook(self) -> AudiobookShape:
        """The course as one file."""
        return self.written_audiobook or AudiobookShape()

    @property
    def site(self) -> SiteShape:
        """The pages for listeners."""
        return self.written_site or SiteShape()

    def choice(self, section: ChoiceShape) -> Choice:
        """Which artefact of each session goes into the feed or the audiobook: what it names, else the first."""
        return Choice(
            length_s=self.lengths[0] if section.length_s is None else section.length_s,
            voice=section.voice or self.voices[0],
            ambience=section.ambience or self.ambiences[0],
            preset=section.preset or self.presets[0],
        )

    @property
    def sections(self) -> Mapping[str, BaseModel]:
        """What publishers and executors of others have to know, by their names, each validated by its own model."""
        own = {name: field for name, field in type(self).model_fields.items() if name not in Course.model_fields}
        values = {field.alias or name: getattr(self, name) for name, field in own.items()}
        return {name: value for name, value in values.items() if isinstance(value, BaseModel)}

    def number_of(self, session: Session) -> int:
        """The place of a session in the course, from 1."""
        return next(number for number, each in enumerate(self.sessions, start=1) if each.id == session.id)

    @property
    def name(self) -> str:
        """What its folder, or a manifest of another name, is called; as it is written in file names."""
        name = self.file.parent.name if self.file.stem == "course" else self.file.stem
        return re.sub(r"[^\w.-]+", "-", name) or "course"
