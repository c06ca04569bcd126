"""What scripts, parts and settings have in common: the mappings that their keys take, as pydantic models.

Input is what ``nodes.plain`` gives: dicts, lists and strings. Titles and descriptions are for authors, who see them
in their editor while they type.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cached_property
from typing import Annotated, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ModelWrapValidatorHandler, PrivateAttr, model_validator

from breathmark.model import Ambience, Place, Taper
from breathmark.script.reader.adapters import OrNone, OrScalar
from breathmark.script.reader.fields import (
    VOICE_PATTERN,
    AnyText,
    BelowVoiceField,
    CastName,
    FlagField,
    IpaField,
    ItemsText,
    LevelFallField,
    LevelField,
    MaxLengthField,
    PitchFallField,
    RangeField,
    Respelling,
    RestName,
    RoomToneField,
    SoundField,
    SpeedFallField,
    SpeedField,
    SwellField,
    TakeField,
    TextField,
    ValueField,
    VariableName,
    VoiceName,
    Word,
)
from breathmark.script.reader.nodes import MapNode, Node, Written, WrittenMap
from breathmark.script.terms import VariableType, VoiceSetting
from breathmark.script.variables import DEFAULT_MAX_LENGTH, FLAG_WORDS, NUMBER, canonical


class Shape(BaseModel):
    """A mapping with known keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Placed(Shape):
    """A mapping that knows its node, and so the places of all that is written in it."""

    _node: MapNode | None = PrivateAttr(None)

    @model_validator(mode="wrap")
    @classmethod
    def _keep_node(cls, value: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        found = handler(value)
        if isinstance(value, WrittenMap):
            found._node = value.node  # noqa: SLF001 - its own
        return found

    @property
    def node(self) -> MapNode:
        """What it was read from."""
        if self._node is None:
            raise ValueError("it was not read from a file")
        return self._node

    @property
    def place(self) -> Place:
        """The first character of its first key."""
        return self.node.place

    def key_node(self, *keys: str) -> Node:
        """The last of ``keys``, each inside the one before it; the mapping itself where they are not written."""
        owner = self.value_node(*keys[:-1])
        return (owner.key(keys[-1]) if isinstance(owner, MapNode) else None) or self.node

    def value_node(self, *keys: str) -> Node | None:
        """The value of the last of ``keys``."""
        found: Node | None = self._node
        for key in keys:
            found = found.get(key) if isinstance(found, MapNode) else None
        return found


class TaperShape(Shape):
    """How far the voice falls from the first sentence to the last one."""

    speed: SpeedFallField = Field(0.0, description="By how much the speed falls, such as 0.1: from 1.0 to 0.9.")
    level_db: LevelFallField = Field(0.0, alias="level", description="By how much it gets softer, in dB.")
    pitch_semitones: PitchFallField = Field(
        0.0, alias="pitch", description="By how many semitones it gets lower, with narrators that can."
    )

    @property
    def taper(self) -> Taper:
        """The value of it."""
        return Taper(speed=self.speed, level_db=self.level_db, pitch_semitones=self.pitch_semitones)


class SpeakerShape(Shape):
    """Who speaks, and how."""

    name: VoiceName | None = Field(None, description="NARRATOR or NARRATOR:NAME, such as hibari:heart.")
    speed: SpeedField | None = Field(None, description="1.0 is about 140 words a minute inside a sentence.")
    level_db: LevelField | None = Field(
        None, alias="level", description="How much louder than the rest of the session, in dB: -6 to 6."
    )
    take: TakeField | None = Field(None, description="2 is another take of each sentence, with narrators that can.")
    de_esser: FlagField | None = Field(None, description="off leaves the sharpest s and sh as they are.")

    def over(self, around: VoiceSetting) -> VoiceSetting:
        """The voice that holds where this is said; what it leaves open is that ``around`` it."""
        return replace(
            around,
            name=around.name if self.name is None else self.name,
            speed=around.speed if self.speed is None else self.speed,
            level_db=around.level_db if self.level_db is None else self.level_db,
            take=around.take if self.take is None else self.take,
            de_esser=around.de_esser if self.de_esser is None else self.de_esser,
        )


class VoiceShape(SpeakerShape):
    """Who speaks, how, and how that changes from the first sentence to the last one."""

    written_taper: Annotated[TaperShape | None, OrNone()] = Field(
        None,
        alias="taper",
        description="How far it falls from the first sentence to the last; none keeps it level.",
    )

    @property
    def taper(self) -> Taper | None:
        """None where nothing is said of it."""
        return self.written_taper.taper if self.written_taper else None

    def over(self, around: VoiceSetting) -> VoiceSetting:
        """The voice that holds where this is said, with its taper."""
        return replace(SpeakerShape.over(self, around), taper=around.taper if self.taper is None else self.taper)


class AmbienceShape(Shape):
    """The sound under the voice."""

    sound: SoundField | None = Field(None, description="A built-in sound such as soft-rain, a file's path, or none.")
    below_voice_lu: BelowVoiceField | None = Field(
        None, alias="below_voice", description="How far it lies under the voice, in LU."
    )
    swell_lu: SwellField | None = Field(
        None, alias="swell", description="How much it rises in rests of 8 s and more, in LU."
    )
    loop: bool | None = Field(None, description="yes for music that was made as a loop: it keeps its beat.")
    room_tone: RoomToneField | None = Field(
        None, description="Under `sound: none`: the level of the room tone in dB, or off for digital silence."
    )

    def over(self, around: Ambience) -> Ambience:
        """The ambience that holds where this is said; what it leaves open is that ``around`` it."""
        return Ambience(
            sound=around.sound if self.sound is None else str(self.sound),
            below_voice_lu=around.below_voice_lu if self.below_voice_lu is None else self.below_voice_lu,
            swell_lu=around.swell_lu if self.swell_lu is None else self.swell_lu,
            loop=bool(self.loop) if self.sound is not None or self.loop is not None else around.loop,
            room_tone_db=around.room_tone_db if self.room_tone is None else _unless_silent(self.room_tone),
        )


def _unless_silent(level_db: float) -> float | None:
    return level_db if math.isfinite(level_db) else None


Voice: TypeAlias = Annotated[VoiceShape, OrScalar("name", pattern=VOICE_PATTERN)]
AmbienceField: TypeAlias = Annotated[AmbienceShape, OrScalar("sound")]
Speaker: TypeAlias = Annotated[SpeakerShape, OrScalar("name", pattern=VOICE_PATTERN)]
Cast: TypeAlias = Annotated[dict[CastName, Speaker], Field(max_length=20)]
Pacing: TypeAlias = Annotated[dict[RestName, RangeField], Field(max_length=100)]


class VariableShape(Shape):
    """Something that a listener may set, with ``--set name=value``."""

    written_default: ValueField = Field(None, alias="default", description="Its value where nobody sets it.")
    written_type: VariableType | None = Field(
        None, alias="type", description="text, number, choice, flag (yes or no), or list."
    )
    max_length: MaxLengthField = Field(DEFAULT_MAX_LENGTH, description="The longest value, in characters.")
    written_choices: Annotated[list[TextField], Field(min_length=1, max_length=100)] | None = Field(
        None, alias="choices", description="The only allowed values."
    )
    private: FlagField | None = Field(None, description="Whether it stays out of names, tags and logs. Text: yes.")
    description: AnyText = Field("", description="An explanation for whoever sets it.")

    @property
    def choices(self) -> tuple[str, ...]:
        """Only of the type ``choice``."""
        return tuple(self.written_choices or ())

    @cached_property
    def type(self) -> VariableType:
        """The type that was written, or else the one that default and choices speak of."""
        if self.written_type is not None:
            return self.written_type
        if self.written_choices is not None:
            return "choice"
        default = self.written_default
        if isinstance(default, ItemsText):
            return "list"
        plain = isinstance(default, Written) and not default.node.style
        if not plain or "max_length" in self.model_fields_set:
            return "text"
        if str(default).lower() in FLAG_WORDS and str(default) not in ("0", "1"):
            return "flag"
        return "number" if NUMBER.fullmatch(str(default)) else "text"

    @cached_property
    def default(self) -> str:
        """In the form that ``variables.typed`` takes; a list's items are parted by ``;``."""
        missing = {"text": "", "list": "", "flag": "no", "choice": "".join(self.choices[:1]), "number": "0"}
        text = missing[self.type] if self.written_default is None else str(self.written_default)
        return canonical(text, kind=self.type, choices=self.choices, max_length=self.max_length)

    @model_validator(mode="after")
    def _check(self) -> VariableShape:
        kind = self.type
        if self.written_choices is not None and kind != "choice":
            raise ValueError(f"`choices` go with `type: choice`, not with `type: {kind}`")
        if kind == "choice" and self.written_choices is None:
            raise ValueError("`type: choice` needs `choices: [one, another]`")
        if kind == "number" and self.written_default is None:
            raise ValueError("a number needs a `default`")
        for choice in self.choices:
            canonical(choice, kind="text", max_length=self.max_length)
        try:
            self.default  # noqa: B018 (it raises where the default doesn't fit)
        except ValueError as exc:
            raise ValueError(f"its default {exc}") from exc
        return self


Variables: TypeAlias = Annotated[
    dict[VariableName, Annotated[VariableShape, OrScalar("default", blank=True)]], Field(max_length=200)
]


class SpokenShape(Shape):
    """How a word is spoken."""

    say: Respelling | None = Field(None, description="In letters, for every voice.")
    ipa: IpaField | None = Field(None, description="In signs of the IPA, for voices that take them.")

    @model_validator(mode="after")
    def _says_something(self) -> SpokenShape:
        if self.say is None and self.ipa is None:
            raise ValueError("write how it is spoken: `say:` in letters, `ipa:` in signs of the IPA, or both")
        return self


Words: TypeAlias = Annotated[dict[Word, Annotated[SpokenShape, OrScalar("say")]], Field(max_length=5000)]
