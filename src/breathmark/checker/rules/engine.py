"""What reaches the narrator: no symbols, abbreviations, dots for pauses, or words that an engine reads in two ways."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from breathmark.checker.phrases import phrase, quoted, spoken
from breathmark.checker.rule import Finding, Rule
from breathmark.checker.rules.unspoken import notes

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


def _symbols(reading: Reading) -> Iterator[Finding]:
    for sentence in spoken(reading):
        found = "" if notes(reading.script.language, sentence.text) else _symbol(sentence.spoken)
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


def _abbreviations(reading: Reading) -> Iterator[Finding]:
    yield from _each(reading, "abbreviation", "{} is an abbreviation")


def _heteronyms(reading: Reading) -> Iterator[Finding]:
    yield from _each(reading, "heteronym", "{} can be spoken in two ways")


def _each(reading: Reading, name: str, message: str) -> Iterator[Finding]:
    """Checks what the narrator gets: a word of the lexicon is respelt already."""
    for sentence in spoken(reading):
        found = phrase(reading.script.language, name, sentence.spoken)
        if found:
            yield Finding(place=sentence.place, message=message.format(quoted(sentence, found)))


def _dots(reading: Reading) -> Iterator[Finding]:
    for sentence in spoken(reading):
        if _DOTS.search(sentence.text):
            yield Finding(place=sentence.place, message="dots make a pause of any length or none")


def _chunks(reading: Reading) -> Iterator[Finding]:
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


def _leftovers(reading: Reading) -> Iterator[Finding]:
    for sentence in spoken(reading):
        found = _LEFTOVERS.search(sentence.text)
        if found and not sentence.private:
            yield Finding(place=sentence.place, message=f"“{found[0].strip()}” is left over from a template")


RULES = (
    Rule(
        id="TTS-01",
        severity="error",
        title="Plain words only: no figures, symbols, capitals, round brackets, addresses",
        why="One engine says “ten to fifteen”, the next “ten minus fifteen” or nothing at all.",
        fix="spell it out: “three”, “and”, “about ten or fifteen”",
        source="documentation of the engines; our own listening",
        check=_symbols,
    ),
    Rule(
        id="TTS-02",
        severity="error",
        title="No abbreviations",
        why="Their full stop may end the sentence, and they are guessed at.",
        fix="write the word out",
        source="documentation of the engines",
        needs=("abbreviation",),
        check=_abbreviations,
    ),
    Rule(
        id="TTS-03",
        severity="error",
        title="Pauses are markers, not dots",
        why="Engines make no pause of dots, or each another one, and the length of the session can't count on them.",
        fix="write `[pause]` or `[pause 3s]`; a line of only dots is a pause too",
        source="documentation of the engines: break tags, ellipses and their limits differ",
        check=_dots,
    ),
    Rule(
        id="TTS-04",
        severity="warning",
        title="No words that are spelt alike and spoken in two ways, where engines guess wrong",
        why="“Let your eyes close” is read like a close friend by eSpeak NG, and by Piper with it.",
        fix="take another word (“let your eyes rest”, “near”), or put a respelling into `lexicon:`",
        source="phonemes of eSpeak NG, read for each use",
        needs=("heteronym",),
        check=_heteronyms,
    ),
    Rule(
        id="TTS-05",
        severity="warning",
        title="No piece cut off at less than 4 words, none of more than 40",
        why="A short piece of a sentence gets the tune of a whole one; a long one runs out of breath.",
        fix="join it to the sentence that it belongs to",
        source="our own listening",
        check=_chunks,
    ),
    Rule(
        id="TTS-06",
        severity="error",
        title="Nothing is left over from a template",
        why="“Hello, name” tells the listener that nobody is there.",
        fix="declare it under `variables:` and write `{{ name }}`, or take it out",
        source="our own design",
        check=_leftovers,
    ),
)
