"""The parsed script: checked for structure, its templates not yet filled in, every part with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from breathmark.model import Ambience, Count, EntryCondition, Kind, Level, Place, Range
    from breathmark.script.lexicon import Pronunciation
    from breathmark.script.project import Project
    from breathmark.script.terms import (
        AmbienceChoice,
        Cue,
        Named,
        Text,
        VariableType,
        VoiceChoice,
        VoiceSetting,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """Something that a listener may set."""

    name: str
    type: VariableType
    default: str
    """As text, already checked, in the form that ``typed`` takes; a list's items are parted by ``;``."""
    private: bool
    """Free text is, unless the author says otherwise; in a part it is only private if the author says so, or if
    ``with`` fills it from something private."""
    place: Place
    max_length: int
    """In characters; it bounds every type."""
    choices: tuple[str, ...] = ()
    """Only of the type ``choice``."""
    description: str = ""


def typed(variable: Variable, text: str) -> str | int | float | bool | tuple[str, ...]:
    """What a template sees for a value that has been checked (see ``values.check_values``)."""
    match variable.type:
        case "text" | "choice":
            return text
        case "number":
            number = float(text)
            return int(number) if number.is_integer() else number
        case "flag":
            return text == "yes"
        case "list":
            return tuple(item.strip() for item in text.split(";") if item.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """What every segment of a script may say."""

    place: Place
    """The first character of the segment's first key."""
    title: Text | None = None
    """A template that may not use private variables."""
    kind: Kind | None = None
    """None where the author wrote none: ``silence`` for a silence, else ``practice``."""
    optional: EntryCondition | None = None
    when: Text | None = None
    """A Jinja2 expression, without braces; the segment is left out where it is false."""
    voice: VoiceChoice | None = None
    ambience: AmbienceChoice | None = None
    concepts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SayBlock(_Block):
    """``say:`` spoken text with markers."""

    say: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class BellBlock(_Block):
    """``bell:`` a strike."""

    bell: str
    """A built-in name, or a file's path from the project's root."""
    rest: Range | None = None
    """From the strike to the next cue; None takes the pacing's ``bell``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreatheBlock(_Block):
    """``breathe:`` guided breaths, all of the same length. A phase of 0 s is left out."""

    in_s: float
    hold_s: float
    out_s: float
    rest_s: float
    rounds: Count
    cue: Cue


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceBlock(_Block):
    """``silence:`` a long rest, of order 1."""

    silence: Range


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatBlock(_Block):
    """``repeat:`` segments that come several times."""

    repeat: Count
    segments: tuple[Block, ...]
    """At least one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file of segments that scripts include."""

    path: str
    """As it is shown to the user."""
    segments: tuple[Block, ...]
    variables: Mapping[str, Variable]
    """Only these are allowed in ``with:``; where there are none, any name may."""
    macros: tuple[Text, ...]
    """The texts of the macro files that the part names, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncludeBlock(_Block):
    """``include:`` a part's segments, in place.

    The part's templates see the script's variables, over them the part's own, over them what ``with`` gives.
    """

    include: str
    """The path as it was written."""
    part: Part
    given: Mapping[str, Text]
    """``with:`` by name; each value is a template that is filled in with what is visible outside the part."""


Block: TypeAlias = SayBlock | BellBlock | BreatheBlock | SilenceBlock | RepeatBlock | IncludeBlock


def said_texts(blocks: Iterable[Block]) -> Iterator[Text]:
    """What these segments say, those of repeats and parts included, in the order of the script."""
    for block in blocks:
        match block:
            case SayBlock():
                yield block.say
            case RepeatBlock():
                yield from said_texts(block.segments)
            case IncludeBlock():
                yield from said_texts(block.part.segments)
            case _:
                continue


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """``allow:`` a rule of the checker that the author sets aside for this script."""

    reason: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole script, with its includes and macros read, and the project's settings already under its own."""

    path: str
    """As the user named it."""
    file: Path
    """The same, absolute."""
    project: Project
    title: Text
    segments: tuple[Block, ...]
    """At least one."""
    voice: VoiceSetting
    """The script's over the project's over the built-in."""
    cast: Mapping[str, VoiceChoice]
    """Other speakers by name: the script's over the project's."""
    ambience: Ambience
    """The script's over the project's over the built-in."""
    pacing: Mapping[str, Range]
    """Every named rest: the script's over the project's over the built-in ones. Names are lower-case words."""
    lexicon: Mapping[str, Pronunciation]
    """Word to respelling, for the script's language: the script's over the project's. Keys are lower case."""
    variables: Mapping[str, Variable]
    macros: tuple[Text, ...] = ()
    """The texts of the macro files, in the order of ``macros:``."""
    summary: Text | None = None
    author: Text | None = None
    language: str = "en"
    """A BCP 47 tag."""
    level: Level = "beginner"
    concepts: tuple[str, ...] = ()
    length: Range | None = None
    length_place: Place | None = None
    """Where ``length`` is written; None where it is not."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Where each key of the script itself is written, by the key."""
    named: Mapping[Named, Mapping[Place, Place]] = field(default_factory=dict)
    """Where sounds and the cover are named, in parts, too: for each name the places of what names it, a segment or the
    file, each with that of the name itself."""
    allow: Mapping[str, Suppression] = field(default_factory=dict)
    """By the id of the rule, such as ``SAF-22``."""
    cover: Path | None = None
    """Absolute, inside the project; whether it is a picture is for the delivery to find."""
