"""The parsed script: a pydantic model, which validation fills, every text with its place.

Templates are not filled in yet. A key of a script is declared here, once, and one of a segment in ``segments.py``: its
type, its default, and what an editor shows for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field, PrivateAttr, ValidationInfo, model_validator

from breathmark.model import Level  # noqa: TC001 - read by pydantic
from breathmark.script.lexicon import Pronunciation, layered
from breathmark.script.reader.adapters import context
from breathmark.script.reader.fields import (
    CoverField,
    Files,
    FlagField,
    LanguageField,
    RangeField,
    RuleName,
    Template,
    TextField,
)
from breathmark.script.reader.nodes import Written
from breathmark.script.reader.shapes import (
    AmbienceField,
    AmbienceShape,
    Cast,
    Pacing,
    Placed,
    SpeakerShape,
    Variables,
    Voice,
    Words,
)
from breathmark.script.segments import BellSegment, Segments, segments_of

if TYPE_CHECKING:
    from breathmark.model import Ambience, Place, Range
    from breathmark.script.project import Project
    from breathmark.script.terms import Named, VoiceSetting


class Document(Placed):
    """A guided meditation."""

    title: Template = Field(description="What the session is called.")
    summary: Template | None = Field(None, description="What it is about, in a sentence.")
    author: Template | None = Field(None, description="Who wrote it.")
    language: LanguageField = Field("en", description="Such as en, de or en-GB.")
    level: Level = Field("beginner", description="Whom it is for.")
    concepts: tuple[TextField, ...] = Field((), description="What it teaches, by the marks of your course.")
    length: RangeField | None = Field(None, description="Shortest..ideal..longest that you promise.")
    cover: CoverField | None = Field(None, description="A picture's path, from this file.")
    own_voice: Voice | None = Field(None, alias="voice", description="Who speaks, how fast, and whether that falls.")
    own_cast: Cast = Field(
        {}, alias="voices", description="Other speakers, by names that `voice:` and `[voice …]` use."
    )
    own_ambience: AmbienceField | None = Field(None, alias="ambience", description="The sound under the voice.")
    own_room: FlagField | None = Field(
        None, alias="room", description="on puts voice and bells into one small room; off where nothing is said."
    )
    variables: Variables = Field({}, description="What a listener may set.")
    own_pacing: Pacing = Field({}, alias="pacing", description="Named rests, over the built-in ones.")
    macros: Files = Field((), description="Files of Jinja2 macros, for the whole script.")
    own_lexicon: Words = Field(
        {}, alias="lexicon", description="How words are spoken, over the project's lexicon.yaml."
    )
    allow: dict[RuleName, TextField] = Field(
        {}, description="Rules of `breathmark check` that this script sets aside: the rule's id, and the reason."
    )
    segments: Segments = Field(description="The session, in its order.")

    _project: Project = PrivateAttr()

    @model_validator(mode="after")
    def _keep_project(self, info: ValidationInfo) -> Document:
        self._project = context(info).project
        return self

    @property
    def project(self) -> Project:
        """The folder that it belongs to, with its settings."""
        return self._project

    @property
    def path(self) -> str:
        """As the user named it."""
        return self.node.source.path

    @property
    def file(self) -> Path:
        """The same, absolute."""
        return self.node.source.file

    @cached_property
    def voice(self) -> VoiceSetting:
        """The script's over the project's over the built-in."""
        around = self.project.settings.voice
        return self.own_voice.over(around) if self.own_voice else around

    @cached_property
    def cast(self) -> Mapping[str, SpeakerShape]:
        """Other speakers by name: the script's over the project's."""
        return {**self.project.settings.cast, **self.own_cast}

    @cached_property
    def ambience(self) -> Ambience:
        """The script's over the project's over the built-in."""
        around = self.project.settings.ambience
        return self.own_ambience.over(around) if self.own_ambience else around

    @property
    def room(self) -> bool:
        """The script's over the project's over the built-in."""
        return bool(self.project.settings.room if self.own_room is None else self.own_room)

    @cached_property
    def pacing(self) -> Mapping[str, Range]:
        """Every named rest: the script's over the project's over the built-in ones."""
        return {**self.project.settings.pacing, **self.own_pacing}

    @cached_property
    def lexicon(self) -> Mapping[str, Pronunciation]:
        """Word to respelling, for the script's language: the script's over the project's. Keys are lower case."""
        return layered(self.project.words(self.language), self.own_lexicon)

    @property
    def private_names(self) -> frozenset[str]:
        """The private variables: free text is, unless the author says otherwise."""
        by_type = {name: each.type in ("text", "list") for name, each in self.variables.items()}
        return frozenset(
            name for name, each in self.variables.items() if (by_type[name] if each.private is None else each.private)
        )

    @cached_property
    def named(self) -> Mapping[Named, Mapping[Place, Place]]:
        """Where sounds and the cover are named, in parts, too.

        For each name the places of what names it, a segment or the file, each with that of the name itself.
        """
        found: dict[Named, dict[Place, Place]] = {}
        owners: list[tuple[Placed, AmbienceShape | None]] = [(self, self.own_ambience)]
        for segment in segments_of(self.segments):
            owners.append((segment, segment.ambience))
            if isinstance(segment, BellSegment) and isinstance(segment.strike.name, Written):
                found.setdefault(("bell", segment.bell), {})[segment.place] = segment.strike.name.node.place
        for owner, ambience in owners:
            if ambience and ambience.sound is not None:
                found.setdefault(("ambience", str(ambience.sound)), {})[owner.place] = ambience.sound.node.place
        if cover := self.value_node("cover"):
            found["cover", ""] = {self.place: cover.place}
        return found
