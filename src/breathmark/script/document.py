"""A script as it was written: checked for structure, its templates not yet filled in, every part with its place."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from breathmark.model import Ambience, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from breathmark.model import Count, Entry, Kind, Level, Range
    from breathmark.script.lexicon import Spoken
    from breathmark.script.project import Project

__all__ = [
    "DEFAULT_BELL",
    "Allowance",
    "AmbienceChoice",
    "Anchor",
    "BellBlock",
    "Block",
    "BreatheBlock",
    "Cue",
    "Document",
    "IncludeBlock",
    "Named",
    "Part",
    "RepeatBlock",
    "SayBlock",
    "SilenceBlock",
    "Text",
    "Variable",
    "VariableType",
    "Voice",
    "VoiceChoice",
    "said_texts",
    "typed",
]

Cue: TypeAlias = Literal["voice", "count", "tone", "none"]
VariableType: TypeAlias = Literal["text", "number", "choice", "flag", "list"]
Anchor: TypeAlias = tuple[int, int, int]
"""``(offset, line, column)``: from this character of a text on, the source runs along with it."""

Named: TypeAlias = tuple[Literal["ambience", "bell", "cover", "preset"], str]
"""What a name is the name of, and the name; that of the cover and of the preset is left empty."""

DEFAULT_BELL = "singing-bowl"
"""What ``- bell:`` and ``[bell]`` strike where no name is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text field: a Jinja2 template, not yet filled in, that knows where each of its characters was written."""

    raw: str
    """The text as YAML gives it: indentation and quotes are gone, line breaks are ``\\n``."""
    path: str
    """The file that holds it, as the user named it."""
    anchors: tuple[Anchor, ...]
    """In the order of the text, the first at offset 0: one for each source line and after each escape."""

    def place(self, offset: int = 0) -> Place:
        """Where character ``offset`` of ``raw`` was written; an offset past the end is the place just behind it."""
        start, line, column = self.anchors[max(bisect_right(self.anchors, (offset, 1 << 60, 0)) - 1, 0)]
        return Place(path=self.path, line=line, column=column + offset - start)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """The voice of a session or of a part of it."""

    name: str = ""
    """``NARRATOR:NAME``; empty means the best voice that is installed."""
    speed: float = 1.0
    """1.0 is about 140 words a minute inside a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceChoice:
    """What a segment says about its voice; None keeps what is around it."""

    name: str | None = None
    """``NARRATOR:NAME``, or a name of the cast."""
    speed: float | None = None

    def over(self, around: Voice) -> Voice:
        """The voice that holds inside the segment."""
        return Voice(
            name=around.name if self.name is None else self.name,
            speed=around.speed if self.speed is None else self.speed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbienceChoice:
    """What a segment says about the sound under it; None keeps what is around it."""

    sound: str | None = None
    """A built-in name, ``none``, or a file's path from the project's root, with ``/``."""
    below_voice_lu: float | None = None
    swell_lu: float | None = None

    def over(self, around: Ambience) -> Ambience:
        """The ambience that holds inside the segment."""
        return Ambience(
            sound=around.sound if self.sound is None else self.sound,
            below_voice_lu=around.below_voice_lu if self.below_voice_lu is None else self.below_voice_lu,
            swell_lu=around.swell_lu if self.swell_lu is None else self.swell_lu,
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
    optional: Entry | None = None
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
    """Only these may stand in ``with:``; where there are none, any name may."""
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
class Allowance:
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
    voice: Voice
    """The script's over the project's over the built-in."""
    cast: Mapping[str, VoiceChoice]
    """Other speakers by name: the script's over the project's."""
    ambience: Ambience
    """The script's over the project's over the built-in."""
    pacing: Mapping[str, Range]
    """Every named rest: the script's over the project's over the built-in ones. Names are lower-case words."""
    lexicon: Mapping[str, Spoken]
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
    allow: Mapping[str, Allowance] = field(default_factory=dict)
    """By the id of the rule, such as ``SAF-22``."""
    cover: Path | None = None
    """Absolute, inside the project; whether it is a picture is for the delivery to find."""
