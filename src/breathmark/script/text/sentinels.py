"""Sentinels: private-use characters that represent markers, places and values while a template is filled in.

A template's own brackets become sentinels before Jinja2 sees them, and what becomes a marker afterwards is only
what was a sentinel. The input may hold no private-use character, so nothing else can ever look like one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from breathmark.model import Place
    from breathmark.script.terms import Text
    from breathmark.script.text.markers import Marker


PRIVATE_START, PRIVATE_END = "\ue000", "\ue001"
"""Around text that depends on a private value."""
VALUE_START, VALUE_END = "\ue002", "\ue003"
"""Around a value: it is one word, whatever it holds, when text is cut into sentences."""
BLANK = "\ue004"
"""In place of a value that is empty."""
NOTE = "\ue005"
"""In place of a note for the reader."""

_ORIGINS = 0xF0000
_MARKS = 0x100000
_ROOM = 0xFFFD
"""Each plane of private use has room for this many; more markers than that are refused."""

SENTINEL = re.compile("([\ue000-\uf8ff\U000f0000-\U0010fffd])")
_ORIGIN = re.compile("[\U000f0000-\U000ffffd]")


class TooManyError(Exception):
    """A script has more markers and template tags than there are sentinels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """From here on, text comes from this place of the source."""

    text: Text
    offset: int
    """In ``text.raw``."""
    verbatim: bool
    """True where the text behind it runs along with the source, character by character."""

    def place(self, distance: int) -> Place:
        """The place of the character that lies ``distance`` behind the sentinel."""
        return self.text.place(self.offset + (distance if self.verbatim else 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedMarker:
    """A marker, and where it was written."""

    marker: Marker
    place: Place


class Sentinels:
    """The table behind the sentinels of one script."""

    def __init__(self) -> None:
        self._origins: list[Origin] = []
        self._marks: list[PlacedMarker] = []

    def origin(self, origin: Origin) -> str:
        """The sentinel for a place. Raises ``TooManyError``."""
        if len(self._origins) >= _ROOM:
            raise TooManyError
        self._origins.append(origin)
        return chr(_ORIGINS + len(self._origins) - 1)

    def mark(self, mark: PlacedMarker) -> str:
        """The sentinel for a marker. Raises ``TooManyError``."""
        if len(self._marks) >= _ROOM:
            raise TooManyError
        self._marks.append(mark)
        return chr(_MARKS + len(self._marks) - 1)

    def meanings(self, text: str) -> Iterator[Origin | PlacedMarker | str]:
        """The stretches of a text and what each sentinel between them represents, in order."""
        return (self.meaning(part) if SENTINEL.fullmatch(part) else part for part in SENTINEL.split(text))

    def meaning(self, sentinel: str) -> Origin | PlacedMarker | str:
        """What a sentinel represents; those around values and private text represent themselves."""
        code = ord(sentinel)
        if code >= _MARKS:
            return self._marks[code - _MARKS]
        return self._origins[code - _ORIGINS] if code >= _ORIGINS else sentinel


def plain(text: str) -> str:
    """``text`` without any sentinel: what a comparison or a title sees."""
    return SENTINEL.sub("", text)


def without_origins(text: str) -> str:
    """``text`` without the sentinels of places, which would disturb filters of captured text."""
    return _ORIGIN.sub("", text)
