"""What the scripts of a course teach, in which session and at which lengths, and which sentences they share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding

if TYPE_CHECKING:
    from breathmark.checker.reading import Passage, Reading, Sentence
    from breathmark.model import Place
    from breathmark.timeline.pacing import LaidOut


SHORT_S = 300.0
"""The short version of a session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A concept, and where one script serves it."""

    concept: str
    required: bool
    """Whether a required segment serves it: it is in every session, however short."""
    lengths_s: tuple[float, ...]
    """The lengths at which it is served, of those that were laid out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What one script teaches, and what its short version leaves out."""

    title: str
    lengths_s: tuple[float, ...]
    """The lengths that were laid out."""
    served: tuple[Served, ...]
    short_s: float | None
    """The length of the short version: 5 minutes where the script can have these, else the shortest one; None where
    nothing was laid out."""
    left_out: tuple[str, ...]
    """The titled segments that the short version leaves out, of those of the longest."""


def coverage(reading: Reading) -> Coverage:
    """What ``reading`` teaches.

    A segment's ``concepts:`` say what it teaches; a concept of the script that no segment claims is served by the
    required ones together.
    """
    short = _short(reading)
    return Coverage(
        title=reading.script.title,
        lengths_s=tuple(session.length_s for session in reading.sessions),
        served=tuple(_served(concept, reading) for concept in _concepts(reading)),
        short_s=short.length_s if short else None,
        left_out=_left_out(reading, short),
    )


def _concepts(reading: Reading) -> tuple[str, ...]:
    claimed = (concept for passage in reading.segments() for concept in sorted(passage.concepts))
    return tuple(dict.fromkeys((*reading.script.concepts, *claimed)))


def _served(concept: str, reading: Reading) -> Served:
    claiming = [passage for passage in reading.segments() if concept in passage.concepts]
    if not claiming:
        everywhere = tuple(session.length_s for session in reading.sessions)
        return Served(concept=concept, required=True, lengths_s=everywhere)
    return Served(
        concept=concept,
        required=any(passage.required for passage in claiming),
        lengths_s=tuple(session.length_s for session in reading.sessions if _sounds(claiming, session)),
    )


def _sounds(passages: list[Passage], session: LaidOut) -> bool:
    places = {passage.place for passage in passages}
    return any(stretch.place in places for stretch in session.stretches)


def _short(reading: Reading) -> LaidOut | None:
    return reading.at(SHORT_S) or next(iter(reading.sessions), None)


def _left_out(reading: Reading, short: LaidOut | None) -> tuple[str, ...]:
    if short is None:
        return ()
    there = {stretch.title for stretch in short.stretches}
    longest = (stretch.title for stretch in reading.sessions[-1].stretches)
    return tuple(dict.fromkeys(title for title in longest if title and title not in there))


def lost(reading: Reading) -> Iterator[Finding]:
    """COV-02."""
    short = reading.at(SHORT_S)
    if not reading.defaults or short is None:
        return
    lost = [each.concept for each in coverage(reading).served if short.length_s not in each.lengths_s]
    if lost:
        yield Finding(place=reading.place_of("concepts"), message=f"5 minutes leave out {', '.join(lost)}")


def missing(names: Iterable[str], found: Sequence[Coverage]) -> tuple[str, ...]:
    """The concepts among ``names`` that no required segment of any script serves."""
    held = {served.concept for each in found for served in each.served if served.required}
    return tuple(name for name in names if name not in held)


IN_A_ROW = 8
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")  # noqa: RUF001

_NOT_SAID = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}|\[.*?\]", re.DOTALL)
"""Of a macro's text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Echo:
    """Words that an earlier script has, too."""

    place: Place
    words: str
    earlier: Place


def echoes(scripts: Sequence[Sequence[Reading]]) -> Iterator[Echo]:
    """Each passage of eight words in a row that appears in the own text of two scripts, at the later one.

    ``scripts`` has the readings of each script. What is in a part or a macro is meant to be shared.
    """
    first: dict[tuple[str, ...], Place] = {}
    for readings in scripts:
        own = dict(_runs(readings))
        reported: set[Place] = set()
        for run, place in own.items():
            if run in first and place not in reported:
                reported.add(place)
                yield Echo(place=place, words=" ".join(run), earlier=first[run])
        first = {**own, **first}


def _runs(readings: Sequence[Reading]) -> Iterator[tuple[tuple[str, ...], Place]]:
    for reading in readings:
        shared = _macros(reading)
        for passage in reading.segments():
            for own, sentences in groupby(passage.sentences, key=lambda each: _is_own(each, reading, shared)):
                words = [(word, each.place) for each in sentences for word in _words(each.text)] if own else []
                for start in range(len(words) - IN_A_ROW + 1):
                    row = words[start : start + IN_A_ROW]
                    yield tuple(word for word, _ in row), row[0][1]


def _is_own(sentence: Sentence, reading: Reading, shared: str) -> bool:
    """Whether a sentence was written for this script: in its file, and in none of its macros."""
    if sentence.private or sentence.breath or sentence.place.path != reading.document.path:
        return False
    return f" {' '.join(_words(sentence.text))} " not in shared


def _macros(reading: Reading) -> str:
    """The words of the script's macros, concatenated; what a macro says has the place of its call."""
    texts = (_NOT_SAID.sub(" ", macro.raw) for macro in reading.document.macros)
    return f" {' '.join(word for text in texts for word in _words(text))} "


def _words(text: str) -> Iterator[str]:
    return (match[0].replace("’", "'") for match in _WORD.finditer(text.lower()))  # noqa: RUF001
