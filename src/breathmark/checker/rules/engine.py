"""What reaches the narrator: no symbols, abbreviations, dots for pauses, or words that an engine reads in two ways."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding
from breathmark.checker.rules.unspoken import notes
from breathmark.checker.sentences import quoted, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading, Sentence


_FEWEST_WORDS, _MOST_WORDS = 4, 40
_ADDRESS = re.compile(r"\b(?:https?://|www\.)\S+|\S+@\S+\.\w+|\b\w+\.(?:com|org|net|app|io|de|co\.uk)\b", re.IGNORECASE)
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*(?:st|nd|rd|th|s)?")
_CAPITALS = re.compile(r"\b[A-ZÄÖÜ]{2,}\b(?<!\bOK)(?<!\bTV)")
_SYMBOL = re.compile(r"[%&/\\+=<>^~|@#*_$€£°§(){}\[\]\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]")
_PICTURE = re.compile("[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff]")
_PICTURE_HINT = "take it out: one engine says nothing, the next reads out its name, such as “folded hands”"
_DOTS = re.compile(r"\.{2,}|…|(?:\. ){2,}\.?")
_LEFTOVERS = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{\s*\w+\s*\}|%\w+%|\$\{?\w+|<\s*\w+\s*>|(?<=[a-z,] )None\b|\b(?:undefined|NaN|null)\b|\S  +\S"
    r"| [,;.!?](?!\.)|,\s*[,.]|\b(?:LISTENER|USER|CLIENT|YOUR)[ _]NAME\b|\b_{2,}\b"
)


def symbols(reading: Reading) -> Iterator[Finding]:
    """TTS-01."""
    for sentence in spoken(reading):
        found = "" if notes(reading.words, sentence.text) else _symbol(sentence.spoken)
        if found:
            message = f"{quoted(sentence, found)} is read differently by every engine"
            yield Finding(place=sentence.place, message=message, hint=_PICTURE_HINT if _PICTURE.match(found) else "")


def _symbol(text: str) -> str:
    """The first thing that is not a plain word."""
    for pattern in (_ADDRESS, _FIGURE, _CAPITALS, _SYMBOL):
        match = pattern.search(text)
        if match and not _LEFTOVERS.search(text):
            return match[0]
    return ""


def dots(reading: Reading) -> Iterator[Finding]:
    """TTS-03."""
    for sentence in spoken(reading):
        if _DOTS.search(sentence.text):
            yield Finding(place=sentence.place, message="dots make a pause of any length or none")


def chunks(reading: Reading) -> Iterator[Finding]:
    """TTS-05."""
    for sentence in spoken(reading):
        if sentence.words > _MOST_WORDS:
            yield Finding(
                place=sentence.place,
                message=f"{sentence.words} words go to the engine in one piece, and {_MOST_WORDS} is the maximum",
                hint="make two sentences of it",
            )
        elif sentence.words < _FEWEST_WORDS and _runs_on(sentence):
            message = f"{quoted(sentence, sentence.text)} is spoken as a piece of its own"
            yield Finding(place=sentence.place, message=message)


def _runs_on(sentence: Sentence) -> bool:
    """A short piece that ends in the middle of a sentence: a marker or a line break has cut it off."""
    return sentence.text[-1:].isalnum() or sentence.text.endswith((",", ";", "-", "–", "—"))  # noqa: RUF001


def leftovers(reading: Reading) -> Iterator[Finding]:
    """TTS-06."""
    for sentence in spoken(reading):
        found = _LEFTOVERS.search(sentence.text)
        if found and not sentence.private:
            yield Finding(place=sentence.place, message=f"“{found[0].strip()}” is left over from a template")
