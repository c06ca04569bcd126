"""The words of the shipped course: each script's own, easy to follow by ear, and nothing left to an engine's luck."""

from __future__ import annotations

import re
from itertools import combinations, groupby
from statistics import mean
from typing import TYPE_CHECKING, Final

import pytest
import textstat

from .corpus import TRACKS, spoken, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RUN_OF_WORDS: Final = 8
"""From this many in a row on, two scripts say the same thing."""
GRADE_FROM_WORDS: Final = 100
"""Flesch-Kincaid means little in shorter texts."""
MOST_GRADE, MOST_MEAN_WORDS, MOST_WORDS = 6, 12, 22

# Each of these is said in two ways, and no engine knows which one is meant.
HETERONYM = re.compile(r"\b(close|leads?|lives?|read|tears?|presents?|content|minute|winds?|wound)\b", re.IGNORECASE)
ABBREVIATION = re.compile(r"\b(approx|cm|dr|e\.g|etc|ft|hrs?|i\.e|kg|km|mrs?|ms|prof|secs?|st|vs)\b", re.IGNORECASE)
CAPITALS = re.compile(r"\b[A-Z]{2,}\b")
UNSPEAKABLE = re.compile(r"[^\w .,:;?!'\u2019\u201c\u201d\u2013-]|[\d_]")
LEFTOVER = re.compile(r"  | [,.;:?!]|\bundefined\b")

every_track = pytest.mark.parametrize("path", TRACKS, ids=lambda path: path.stem)


def test_the_course_is_found() -> None:
    """The corpus is not emptied by a mistake in a glob, and sessions and extras are both in it."""
    sessions = [path.stem[:2] for path in TRACKS if path.parent.name != "extras"]
    assert sessions == [f"{number:02}" for number in range(1, 17)]
    assert len(TRACKS) - len(sessions) == 6


def test_no_two_scripts_share_a_run_of_words() -> None:
    """Eight words in a row stand in one script alone, or else in a part or a macro, where they are changed at once."""
    runs = {path.stem: set(_runs(path)) for path in TRACKS}
    twice = [
        f"{one} and {other}: {' '.join(run)}"
        for one, other in combinations(runs, 2)
        for run in sorted(runs[one] & runs[other])
    ]
    assert not twice, "\n".join(twice)


def test_a_shared_run_of_words_is_noticed() -> None:
    """The comparison above sees a script's own words, across the ends of sentences."""
    known = {" ".join(run) for run in _runs(next(path for path in TRACKS if path.stem.startswith("16")))}
    assert "the pot comes back to you and there" in known
    assert "bowls for yourself thank you for coming to" not in known
    assert "bowl for yourself thank you for coming to" in known
    assert not any("skip any part" in run for run in known), "that is a macro's"


@every_track
def test_it_can_be_followed_by_ear(path: Path) -> None:
    """Flesch-Kincaid grade 6 at most, sentences of 12 words on average, and none over 22."""
    for sentences in spoken(path):
        counts = {sentence.caption: len(words(sentence.caption)) for sentence in sentences}
        assert not {caption: count for caption, count in counts.items() if count > MOST_WORDS}
        assert mean(counts.values()) <= MOST_MEAN_WORDS
    defaults = " ".join(sentence.caption for sentence in spoken(path)[0])
    if len(words(defaults)) >= GRADE_FROM_WORDS:
        assert textstat.flesch_kincaid_grade(defaults) <= MOST_GRADE


@every_track
def test_nothing_is_left_to_an_engine_s_luck(path: Path) -> None:
    """What the narrator gets holds no digit, symbol, abbreviation, leftover or word that is said in two ways."""
    faults = {
        sentence.text: fault
        for sentences in spoken(path)
        for sentence in sentences
        if (fault := _unspeakable(sentence.text))
    }
    assert not faults


@pytest.mark.parametrize(
    "text",
    ["At 7.", "Rest & be.", "Dr. Who.", "A TV.", "Stay close.", "It , ends.", "Two  gaps.", "A 50% rise.", "{{ x }}"],
)
def test_what_an_engine_would_stumble_over_is_noticed(text: str) -> None:
    """Each kind of thing that the test above looks for is seen by it."""
    assert _unspeakable(text)


def _runs(path: Path) -> Iterator[tuple[str, ...]]:
    """Every run of eight words of a script's own, for each set of values."""
    for sentences in spoken(path):
        for shared, group in groupby(sentences, key=lambda sentence: sentence.shared):
            if not shared:
                said = [word for sentence in group for word in words(sentence.caption)]
                yield from (tuple(said[at : at + RUN_OF_WORDS]) for at in range(len(said) - RUN_OF_WORDS + 1))


def _unspeakable(text: str) -> str:
    """What an engine might say wrongly; empty where there is nothing."""
    doubts = (HETERONYM, ABBREVIATION, CAPITALS, UNSPEAKABLE, LEFTOVER)
    return " ".join(repr(found[0]) for doubt in doubts for found in doubt.finditer(text))
