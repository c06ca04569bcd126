"""The terms that scripts are written in: texts that keep their places, voices, ambiences, kinds of variables."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal, TypeAlias

from breathmark.model import STEADY, Place, Taper

Cue: TypeAlias = Literal["voice", "count", "tone", "none"]


VariableType: TypeAlias = Literal["text", "number", "choice", "flag", "list"]


Anchor: TypeAlias = tuple[int, int, int]
"""``(offset, line, column)``: from this character of a text on, the source runs along with it."""


Named: TypeAlias = tuple[Literal["ambience", "bell", "cover", "preset"], str]
"""What a name is the name of, and the name; that of the cover and of the preset is left empty."""


NamedSound: TypeAlias = tuple[Literal["ambience", "bell"], str]
"""The same, of sounds alone."""


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
class VoiceSetting:
    """The voice of a session or of a part of it."""

    name: str = ""
    """``NARRATOR:NAME``; empty means the best voice that is installed."""
    speed: float = 1.0
    """1.0 is about 140 words a minute inside a sentence."""
    level_db: float = 0.0
    """How much louder than the rest of the session."""
    take: int = 1
    """Which take of its sentences."""
    de_esser: bool = True
    """Whether the mix softens its sharpest s and sh."""
    taper: Taper = STEADY
    """How it falls over the session."""
