"""Words that two scripts of a course share, where no part says that they are meant to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from breathmark.checker.reading import Reading, Sentence
    from breathmark.model import Place


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
