"""pydantic models of scripts, parts, settings and lexicons: what is validated, and what editors show.

Input is what ``lines.plain`` gives: dicts, lists and strings. Titles and descriptions are for authors, who see them
in their editor while they type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, RootModel, Tag, model_validator

from breathmark.model import Kind, Level
from breathmark.script.reader.fields import (
    VOICE_PATTERN,
    AnyText,
    BelowVoiceField,
    CastName,
    CountField,
    DurationField,
    FlagField,
    IpaField,
    ItemsText,
    LanguageField,
    MaxLengthField,
    OrFlag,
    OrItem,
    OrScalar,
    PhaseField,
    PriorityField,
    RangeField,
    Respelling,
    RestName,
    RuleName,
    SettingName,
    SpeedField,
    SwellField,
    TextField,
    ValueField,
    VariableName,
    VoiceName,
    Word,
)
from breathmark.script.reader.nodes import Quoted
from breathmark.script.terms import Cue, VariableType
from breathmark.script.variables import DEFAULT_MAX_LENGTH, FLAG_WORDS, NUMBER, canonical

if TYPE_CHECKING:
    from collections.abc import Mapping


SEGMENT_KEYS = ("say", "bell", "breathe", "silence", "repeat", "include")
"""A segment has exactly one of these."""


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class VoiceShape(_Shape):
    """Who speaks, and how fast."""

    name: VoiceName | None = Field(None, description="NARRATOR or NARRATOR:NAME, such as piper:joe.")
    speed: SpeedField | None = Field(None, description="1.0 is about 140 words a minute inside a sentence.")


class AmbienceShape(_Shape):
    """The sound under the voice."""

    sound: TextField | None = Field(None, description="A built-in sound such as soft-rain, a file's path, or none.")
    below_voice: BelowVoiceField | None = Field(None, description="How far it lies under the voice, in LU.")
    swell: SwellField | None = Field(None, description="How much it rises in rests of 8 s and more, in LU.")


class OptionalShape(_Shape):
    """When an optional segment enters."""

    from_: DurationField = Field(0.0, alias="from", description="Never in a session that is shorter than this.")
    priority: PriorityField = Field(1, description="1 comes in before 2.")


Voice: TypeAlias = Annotated[VoiceShape, OrScalar("name", pattern=VOICE_PATTERN)]
Ambience: TypeAlias = Annotated[AmbienceShape, OrScalar("sound")]
Files: TypeAlias = Annotated[list[TextField], OrItem]
Cast: TypeAlias = Annotated[dict[CastName, Voice], Field(max_length=20)]
Pacing: TypeAlias = Annotated[dict[RestName, RangeField], Field(max_length=100)]


class VariableShape(_Shape):
    """Something that a listener may set, with ``--set name=value``."""

    default: ValueField = Field(None, description="What holds where nobody sets it.")
    type: VariableType | None = Field(None, description="text, number, choice, flag (yes or no), or list.")
    max_length: MaxLengthField = Field(DEFAULT_MAX_LENGTH, description="The longest value, in characters.")
    choices: Annotated[list[TextField], Field(min_length=1, max_length=100)] | None = Field(
        None, description="The only values that there are."
    )
    private: FlagField | None = Field(None, description="Whether it stays out of names, tags and logs. Text: yes.")
    description: AnyText = Field("", description="What to tell whoever sets it.")

    @property
    def derived_type(self) -> VariableType:
        """The type that was written, or else the one that default and choices speak of."""
        if self.type is not None:
            return self.type
        if self.choices is not None:
            return "choice"
        if isinstance(self.default, ItemsText):
            return "list"
        plain = self.default is not None and not isinstance(self.default, Quoted)
        if not plain or "max_length" in self.model_fields_set:
            return "text"
        if str(self.default).lower() in FLAG_WORDS and str(self.default) not in ("0", "1"):
            return "flag"
        return "number" if NUMBER.fullmatch(str(self.default)) else "text"

    @property
    def checked_default(self) -> str:
        """The default in the form that ``document.typed`` takes."""
        kind = self.derived_type
        choices = self.choices or []
        missing = {"text": "", "list": "", "flag": "no", "choice": choices[0] if choices else "", "number": "0"}
        text = missing[kind] if self.default is None else str(self.default)
        return canonical(text, kind=kind, choices=choices, max_length=self.max_length)

    @model_validator(mode="after")
    def _check(self) -> VariableShape:
        kind = self.derived_type
        if self.choices is not None and kind != "choice":
            raise ValueError(f"`choices` go with `type: choice`, not with `type: {kind}`")
        if kind == "choice" and self.choices is None:
            raise ValueError("`type: choice` needs `choices: [one, another]`")
        if kind == "number" and self.default is None:
            raise ValueError("a number needs a `default`")
        for choice in self.choices or ():
            canonical(choice, kind="text", max_length=self.max_length)
        try:
            self.checked_default  # noqa: B018 (it raises where the default doesn't fit)
        except ValueError as exc:
            raise ValueError(f"its default {exc}") from exc
        return self


Variable: TypeAlias = Annotated[VariableShape, OrScalar("default", blank=True)]
Variables: TypeAlias = Annotated[dict[VariableName, Variable], Field(max_length=200)]


class SegmentShape(_Shape):
    """What every segment may say."""

    title: TextField | None = Field(None, description="Names a chapter of the finished file.")
    kind: Kind | None = Field(None, description="What the segment is for; practice where nothing is said.")
    optional: Annotated[OptionalShape | None, OrFlag()] = Field(
        None, description="Left out of shorter sessions: yes, or {from: 8m, priority: 2}."
    )
    when: TextField | None = Field(
        None, description='In the session only where this holds, such as: anchor == "breath".'
    )
    voice: Voice | None = Field(None, description="Another voice or speed for this segment, or a name of `voices`.")
    ambience: Ambience | None = Field(None, description="Another sound, or another level, for this segment.")
    concepts: list[TextField] = Field([], description="What this very segment teaches, of the script's concepts.")


class SaySegment(SegmentShape):
    """Spoken text, with pause markers in brackets."""

    say: TextField = Field(description="What is spoken. Best under `say: |`, with markers such as [pause 5s].")


class BellShape(_Shape):
    """A bell by its name."""

    name: AnyText = Field("", description="singing-bowl, tingsha, chime, or a file's path.")
    rest: RangeField | None = Field(None, description="From the strike to what follows.")


class BellSegment(SegmentShape):
    """A strike of a bell."""

    bell: Annotated[BellShape, OrScalar("name", blank=True)] = Field(
        description="singing-bowl, tingsha, chime, or a file's path."
    )
    rest: RangeField | None = Field(None, description="From the strike to what follows; 6s..9s..12s if not said.")

    @model_validator(mode="after")
    def _check(self) -> BellSegment:
        if self.rest is not None and self.bell.rest is not None:
            raise ValueError("`rest` appears twice here; keep one of them")
        return self


class BreatheShape(_Shape):
    """Guided breaths; the seconds are exact."""

    in_: PhaseField = Field(alias="in", description="How long a breath in takes, exactly.")
    hold: PhaseField = Field(0.0, description="How long the breath is held after it.")
    out: PhaseField = Field(description="How long a breath out takes, exactly.")
    rest: PhaseField = Field(0.0, description="How long the rest after it is.")
    rounds: CountField = Field(description="How many breaths: fewest..ideal..most.")
    cue: Cue = Field(
        "voice", description="voice speaks each phase, count counts its seconds, tone sounds, none is still."
    )

    @model_validator(mode="after")
    def _check(self) -> BreatheShape:
        if not self.in_ or not self.out:
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
    segments: Annotated[list[AnySegment], Field(min_length=1)] = Field(description="What is repeated.")


class IncludeSegment(SegmentShape):
    """The segments of another file of the project."""

    include: TextField = Field(description="The file's path, from this file.")
    with_: dict[VariableName, AnyText] = Field({}, alias="with", description="Values for the part's variables.")


def _tag(key: str) -> str:
    return f"{key} segment"


def _tell_apart(value: object) -> str | None:
    """The tag of the segment, or None where it has none or several of the keys."""
    if not isinstance(value, dict):
        return None
    found = [key for key in SEGMENT_KEYS if key in value]
    return _tag(found[0]) if len(found) == 1 else None


AnySegment: TypeAlias = Annotated[
    Annotated[SaySegment, Tag("say segment")]
    | Annotated[BellSegment, Tag("bell segment")]
    | Annotated[BreatheSegment, Tag("breathe segment")]
    | Annotated[SilenceSegment, Tag("silence segment")]
    | Annotated[RepeatSegment, Tag("repeat segment")]
    | Annotated[IncludeSegment, Tag("include segment")],
    Discriminator(_tell_apart),
]


class SpokenShape(_Shape):
    """How a word is spoken."""

    say: Respelling | None = Field(None, description="In letters, for every voice.")
    ipa: IpaField | None = Field(None, description="In signs of the IPA, for voices that take them.")

    @model_validator(mode="after")
    def _says_something(self) -> SpokenShape:
        if self.say is None and self.ipa is None:
            raise ValueError("write how it is spoken: `say:` in letters, `ipa:` in signs of the IPA, or both")
        return self


Words: TypeAlias = Annotated[dict[Word, Annotated[SpokenShape, OrScalar("say")]], Field(max_length=5000)]


SEGMENT_SHAPES: Mapping[str, type[SegmentShape]] = {
    "say segment": SaySegment,
    "bell segment": BellSegment,
    "breathe segment": BreatheSegment,
    "silence segment": SilenceSegment,
    "repeat segment": RepeatSegment,
    "include segment": IncludeSegment,
}
"""By the tag that pydantic puts into an error's ``loc`` behind a segment's index; it is never a key of a script."""


class ScriptShape(_Shape):
    """A guided meditation."""

    title: TextField = Field(description="What the session is called.")
    summary: TextField | None = Field(None, description="What it is about, in a sentence.")
    author: TextField | None = Field(None, description="Who wrote it.")
    language: LanguageField = Field("en", description="Such as en, de or en-GB.")
    level: Level = Field("beginner", description="Whom it is for.")
    concepts: list[TextField] = Field([], description="What it teaches, by the marks of your course.")
    length: RangeField | None = Field(None, description="Shortest..ideal..longest that you promise.")
    cover: TextField | None = Field(None, description="A picture's path, from this file.")
    voice: Voice | None = Field(None, description="Who speaks, and how fast.")
    voices: Cast = Field({}, description="Other speakers, by names that `voice:` and `[voice …]` use.")
    ambience: Ambience | None = Field(None, description="The sound under the voice.")
    variables: Variables = Field({}, description="What a listener may set.")
    pacing: Pacing = Field({}, description="Named rests, over the built-in ones.")
    macros: Files = Field([], description="Files of Jinja2 macros, for the whole script.")
    lexicon: Words = Field({}, description="How words are spoken, over the project's lexicon.yaml.")
    allow: dict[RuleName, TextField] = Field(
        {}, description="Rules of `breathmark check` that this script sets aside: the rule's id, and the reason."
    )
    segments: Annotated[list[AnySegment], Field(min_length=1)] = Field(description="The session, in its order.")


class PartShape(_Shape):
    """Segments that scripts include."""

    segments: Annotated[list[AnySegment], Field(min_length=1)] = Field(description="The segments, in their order.")
    variables: Variables = Field({}, description="What the including script gives in `with:`.")
    macros: Files = Field([], description="Files of Jinja2 macros, for this part.")


class FoldersShape(_Shape):
    """Where things go."""

    output: TextField = Field("dist", description="Where finished files go, seen from where the command runs.")


class SettingsShape(_Shape):
    """What holds for every script of a project."""

    voice: Voice | None = Field(None, description="Who speaks, and how fast.")
    voices: Cast = Field({}, description="Other speakers, by names that scripts use.")
    preset: TextField | None = Field(None, description="Such as podcast, insight-timer, clear, master.")
    ambience: Ambience | None = Field(None, description="The sound under the voice.")
    pacing: Pacing = Field({}, description="Named rests, over the built-in ones.")
    narrators: dict[TextField, dict[SettingName, AnyText]] = Field(
        {}, description="Settings of each narrator, by its name; never a key."
    )
    folders: FoldersShape = Field(default_factory=FoldersShape, description="Where things are.")


class LexiconShape(RootModel[dict[LanguageField, Words]]):
    """How words are spoken: language, then word, then its respelling."""
