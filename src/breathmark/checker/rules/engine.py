"""What a narrator gets to read: text that engines stumble over, and what blank or long values leave in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil
from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding, notes, quoted, spoken

if TYPE_CHECKING:
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


_NAMES = re.compile(r"(?:(?:listener|first|your|given|nick)_?)?name(?:_spoken)?|listener|nickname", re.IGNORECASE)
"""How a variable is called that holds what the listener is called: ``name``, ``listener_name``, ``name_spoken``."""
MOST_IN_TEN_MINUTES = 3
LONGEST_NAME, LONGEST_TEXT = 24, 100
_HOLE = re.compile(
    r"""
    [,:;]\s*[.!?]                  # “Here is one answer: .”
    | ^\s*[,;:.!?]                 # “, welcome.”
    | [,;:]\s*[,;:]                # “hello, , friend”
    | (["“])\s*["”]                # an empty quotation
    | \s[.,!?](?:\s|$)             # “with .”
    | [,:;]\s*$                    # “Say to yourself:”
    """,
    re.VERBOSE,
)


def no_hole(reading: Reading) -> Iterator[Finding]:
    """VAR-02."""
    variables = reading.document.variables
    texts = {name: each.default for name, each in variables.items() if each.type in ("text", "list")}
    if all(reading.values.get(name, default) for name, default in texts.items()):
        return
    for sentence in reading.sentences():
        if _HOLE.search(sentence.text) or reading.words.find("dangling", sentence.text):
            yield Finding(place=sentence.place, message=f"“{sentence.text}” has a hole where a value is blank")


def sparing(reading: Reading) -> Iterator[Finding]:
    """VAR-03."""
    for name, variable in reading.document.variables.items():
        value = reading.values.get(name, "")
        alone = list(reading.values.values()).count(value) == 1
        if variable.type != "text" or not value or not alone or not _NAMES.fullmatch(name):
            continue
        said = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)")
        for passage in reading.segments():
            for sentence in passage.sentences:
                if passage.kind == "evoke" and said.search(sentence.text):
                    yield Finding(place=sentence.place, message="the listener's name is said in an evocation")
        for session in reading.sessions:
            times = sum(len(said.findall(spoken.utterance.caption)) for spoken in session.timeline.speech)
            most = max(MOST_IN_TEN_MINUTES, ceil(session.length_s * MOST_IN_TEN_MINUTES / 600))
            if times > most:
                yield Finding(
                    place=reading.document.key_node("variables", name).place,
                    message=f"the listener's name is said {times} times, and {most} is the maximum",
                    at_s=session.length_s,
                )


def bounded(reading: Reading) -> Iterator[Finding]:
    """VAR-04."""
    for name, variable in reading.document.variables.items() if reading.defaults else ():
        most = LONGEST_NAME if _NAMES.fullmatch(name) else LONGEST_TEXT
        if variable.type == "text" and variable.max_length > most:
            yield Finding(
                place=reading.document.key_node("variables", name).place,
                message=f"`{name}` takes up to {variable.max_length} characters",
                hint=f"bound it: `max_length: {most}` or less",
            )


def private(reading: Reading) -> Iterator[Finding]:
    """VAR-05."""
    for name, variable in reading.document.variables.items() if reading.defaults else ():
        if variable.type in ("text", "list") and name not in reading.document.private_names:
            yield Finding(
                place=reading.document.key_node("variables", name).place,
                message=f"`{name}` takes free text, and is not private",
            )
