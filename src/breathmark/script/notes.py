"""Notes for the reader, ``[note: …]``: never spoken, and shown on the recording sheet beside their sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from breathmark.script.segments import AnySegment, said_texts

if TYPE_CHECKING:
    from breathmark.model import Place
    from breathmark.script.terms import Text


_NOTE: Final = re.compile(r"(?<!\\)\[\s*note\s*:\s*(?P<text>[^\[\]]*?)\s*\]", re.IGNORECASE)
_MARKERS: Final = re.compile(r"(?<!\\)\[[^\[\]]*\]")
_ENDS_SENTENCE: Final = (".", "!", "?", "…", ":", "”", '"')


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedNote:
    """A note, as it was written."""

    text: str
    place: Place
    follows: bool
    """True if it belongs to the sentence that it is in or follows; else it belongs to the next one."""


def notes(blocks: Iterable[AnySegment]) -> Iterator[PlacedNote]:
    """Every note in the texts of these segments, those of repeats and parts included."""
    for text in said_texts(blocks):
        yield from _notes(text)


def notes_by_sentence(found: Iterable[PlacedNote], sentences: Iterable[Place]) -> dict[Place, tuple[str, ...]]:
    """The notes of each sentence, by the place at which it begins; a note that has none is left out."""
    begins = sorted(set(sentences), key=_position)
    by_sentence: dict[Place, tuple[str, ...]] = {}
    for note in sorted(set(found), key=lambda each: _position(each.place)):
        beside = [place for place in begins if place.path == note.place.path]
        before = [place for place in beside if _position(place) <= _position(note.place)]
        after = beside[len(before) :]
        owner = (before[-1:] or after[:1]) if note.follows else (after[:1] or before[-1:])
        for place in owner:
            by_sentence[place] = (*by_sentence.get(place, ()), note.text)
    return by_sentence


def _notes(text: Text) -> Iterator[PlacedNote]:
    for match in _NOTE.finditer(text.raw):
        line = text.raw[text.raw.rfind("\n", 0, match.start()) + 1 : match.start()]
        before = _MARKERS.sub("", line).strip()
        after = _MARKERS.sub("", text.raw[match.end() :].partition("\n")[0]).strip()
        follows = bool(before) and (not after or not before.endswith(_ENDS_SENTENCE))
        yield PlacedNote(text=" ".join(match["text"].split()), place=text.place(match.start()), follows=follows)


def _position(place: Place) -> tuple[str, int, int]:
    return place.path, place.line, place.column
