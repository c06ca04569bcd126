"""The segments of a parsed script, and the parts that it includes: pydantic models, which validation fills.

A key of a segment is declared here, once: its type, its default, and what an editor shows for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator

from breathmark.model import EntryCondition, Kind, Range
from breathmark.script.reader.adapters import OrFlag, OrScalar, context, looked_up
from breathmark.script.reader.fields import (
    BellName,
    CountField,
    DurationField,
    Files,
    GivenText,
    PhaseField,
    PriorityField,
    RangeField,
    Template,
    TextField,
    VariableName,
)
from breathmark.script.reader.nodes import WrittenMap
from breathmark.script.reader.shapes import (
    AmbienceField,
    Placed,
    Shape,
    Variables,
    Voice,
)
from breathmark.script.terms import DEFAULT_BELL, Cue, Text

SEGMENT_KEYS = ("say", "bell", "breathe", "silence", "repeat", "include")
"""A segment has exactly one of these."""


class OptionalShape(Shape):
    """When an optional segment enters."""

    from_s: DurationField = Field(0.0, alias="from", description="Never in a session that is shorter than this.")
    priority: PriorityField = Field(1, description="1 comes in before 2.")


class SegmentShape(Placed):
    """What every segment may say."""

    title: Template | None = Field(None, description="Names a chapter of the finished file.")
    kind: Kind | None = Field(None, description="What the segment is for; practice where nothing is said.")
    written_optional: Annotated[OptionalShape | None, OrFlag()] = Field(
        None, alias="optional", description="Left out of shorter sessions: yes, or {from: 8m, priority: 2}."
    )
    when: Template | None = Field(
        None, description='In the session only where this holds, such as: anchor == "breath".'
    )
    voice: Voice | None = Field(None, description="Another voice, speed or level here, or a name of `voices`.")
    ambience: AmbienceField | None = Field(None, description="Another sound, or another level, for this segment.")
    concepts: tuple[TextField, ...] = Field((), description="What this very segment teaches, of the script's concepts.")

    @property
    def optional(self) -> EntryCondition | None:
        """When it enters; None where it is in every session."""
        found = self.written_optional
        return EntryCondition(from_s=found.from_s, priority=found.priority) if found else None


class SaySegment(SegmentShape):
    """Spoken text, with pause markers in brackets."""

    say: Template = Field(description="What is spoken. Best under `say: |`, with markers such as [pause 5s].")


class BellShape(Shape):
    """A bell by its name."""

    name: BellName = Field("", description="singing-bowl, tingsha, chime, or a file's path.")
    rest: RangeField | None = Field(None, description="From the strike to what follows.")


class BellSegment(SegmentShape):
    """A strike of a bell."""

    strike: Annotated[BellShape, OrScalar("name", blank=True)] = Field(
        alias="bell", description="singing-bowl, tingsha, chime, or a file's path."
    )
    own_rest: RangeField | None = Field(
        None, alias="rest", description="From the strike to what follows; 6s..9s..12s if not said."
    )

    @property
    def bell(self) -> str:
        """A built-in name, or a file's path from the project's root."""
        return str(self.strike.name) or DEFAULT_BELL

    @property
    def rest(self) -> Range | None:
        """From the strike to the next cue; None takes the pacing's ``bell``."""
        return self.own_rest or self.strike.rest

    @model_validator(mode="after")
    def _check(self) -> BellSegment:
        if self.own_rest is not None and self.strike.rest is not None:
            raise ValueError("`rest` appears twice here; keep one of them")
        return self


class BreatheShape(Shape):
    """Guided breaths; the seconds are exact."""

    in_s: PhaseField = Field(alias="in", description="How long a breath in takes, exactly.")
    hold_s: PhaseField = Field(0.0, alias="hold", description="How long the breath is held after it.")
    out_s: PhaseField = Field(alias="out", description="How long a breath out takes, exactly.")
    rest_s: PhaseField = Field(0.0, alias="rest", description="How long the rest after it is.")
    rounds: CountField = Field(description="How many breaths: fewest..ideal..most.")
    cue: Cue = Field(
        "voice", description="voice speaks each phase, count counts its seconds, tone sounds, none is still."
    )

    @model_validator(mode="after")
    def _check(self) -> BreatheShape:
        if not self.in_s or not self.out_s:
            raise ValueError("`in` and `out` have to be longer than 0 s")
        return self


class BreatheSegment(SegmentShape):
    """Guided breaths."""

    breathe: BreatheShape = Field(description="Such as {in: 4s, out: 6s, rounds: 3..6..12, cue: voice}.")


class SilenceSegment(SegmentShape):
    """A long rest, the first to grow and the first to shrink."""

    silence: RangeField = Field(description="How long, such as 20s..60s..5m.")


class RepeatSegment(SegmentShape):
    """Segments that come several times."""

    repeat: CountField = Field(description="How often: fewest..ideal..most.")
    segments: Segments = Field(description="What is repeated.")


class IncludeSegment(SegmentShape):
    """The segments of another file of the project."""

    part: Annotated[Part, looked_up(lambda reader, written: reader.part(written))] = Field(
        alias="include", description="The file's path, from this file."
    )
    with_: dict[VariableName, GivenText] = Field({}, alias="with", description="Values for the part's variables.")

    @property
    def given(self) -> dict[str, Text]:
        """``with:`` by name; each value is a template that is filled in with what is visible outside the part."""
        return {name: text for name, text in self.with_.items() if text is not None}

    @field_validator("with_", mode="before")
    @classmethod
    def _check_names(cls, value: object, info: ValidationInfo) -> object:
        part = info.data.get("part")
        if part and part.variables and isinstance(value, WrittenMap):
            for key, _ in value.node.entries:
                if key.value not in part.variables:
                    context(info).unknown_variable(key, part.variables)
        return value


def _tag(key: str) -> str:
    return f"{key} segment"


def _tell_apart(value: object) -> str | None:
    """The tag of the segment, or None where it has none or several of the keys."""
    if not isinstance(value, dict):
        return None
    found = [key for key in SEGMENT_KEYS if key in value]
    return _tag(found[0]) if len(found) == 1 else None


AnySegment: TypeAlias = SaySegment | BellSegment | BreatheSegment | SilenceSegment | RepeatSegment | IncludeSegment
Segments: TypeAlias = Annotated[
    list[
        Annotated[
            Annotated[SaySegment, Tag("say segment")]
            | Annotated[BellSegment, Tag("bell segment")]
            | Annotated[BreatheSegment, Tag("breathe segment")]
            | Annotated[SilenceSegment, Tag("silence segment")]
            | Annotated[RepeatSegment, Tag("repeat segment")]
            | Annotated[IncludeSegment, Tag("include segment")],
            Discriminator(_tell_apart),
        ]
    ],
    Field(min_length=1),
]

SEGMENT_SHAPES: Mapping[str, type[SegmentShape]] = {
    "say segment": SaySegment,
    "bell segment": BellSegment,
    "breathe segment": BreatheSegment,
    "silence segment": SilenceSegment,
    "repeat segment": RepeatSegment,
    "include segment": IncludeSegment,
}
"""By the tag that pydantic puts into an error's ``loc`` behind a segment's index; it is never a key of a script."""


def segments_of(segments: Iterable[AnySegment]) -> Iterator[AnySegment]:
    """These segments and all that are inside them, those of repeats and parts included, in the order of the script."""
    for segment in segments:
        yield segment
        if isinstance(segment, RepeatSegment):
            yield from segments_of(segment.segments)
        if isinstance(segment, IncludeSegment):
            yield from segments_of(segment.part.segments)


def said_texts(segments: Iterable[AnySegment]) -> Iterator[Text]:
    """What these segments say, those of repeats and parts included, in the order of the script."""
    return (each.say for each in segments_of(segments) if isinstance(each, SaySegment))


class Part(Placed):
    """Segments that scripts include."""

    segments: Segments = Field(description="The segments, in their order.")
    variables: Variables = Field({}, description="What the including script gives in `with:`.")
    macros: Files = Field((), description="Files of Jinja2 macros, for this part.")

    @property
    def file(self) -> Path:
        """Absolute, links resolved."""
        return self.node.source.file

    @property
    def private_names(self) -> frozenset[str]:
        """The private variables: of a part, whose values an author gives, only those that are said to be."""
        return frozenset(name for name, variable in self.variables.items() if variable.private)

    @cached_property
    def size(self) -> int:
        """How many segments it is, with its own parts written out."""
        return _size(self.segments)


def _size(segments: Iterable[AnySegment]) -> int:
    size = 0
    for segment in segments:
        size += 1
        if isinstance(segment, RepeatSegment):
            size += _size(segment.segments)
        if isinstance(segment, IncludeSegment):
            size += segment.part.size
    return size
