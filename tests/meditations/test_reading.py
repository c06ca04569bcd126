"""The words of the shipped course: easy to follow by ear, and nothing in them left to an engine's luck."""

from __future__ import annotations

import re
from statistics import mean
from typing import TYPE_CHECKING, Final

import pytest
import textstat

from tests.profiles import PROFILE

from .corpus import EXTRAS, SESSIONS, TRACKS, heard, lengths_s, texts, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MOST_GRADE, MOST_MEAN_WORDS, MOST_WORDS = 6, 12, 22
GRADE_FROM_WORDS: Final = 100
"""A grade of fewer says nothing."""

HETERONYM = re.compile(
    r"\b(bass|bow|bowed|bows|close|closer|closes|content|contents|desert|dove|leads?|lives?|minute|moped|object|objects"
    r"|presents?|read|record|records|refuse|refuses|resume|rows?|sewer|sows?|tears?|winds?|winding|wound|wounds)\b",
    re.IGNORECASE,
)
"""Each is said in two ways, and an engine has to guess from what stands around it. None is worth the risk."""
ABBREVIATION = re.compile(
    r"\b(approx|aka|asap|cm|dr|e\.g|eg|etc|ft|hrs?|i\.e|ie|kg|km|mins?|mrs?|ms|prof|secs?|st|vs)\b", re.IGNORECASE
)
CAPITALS = re.compile(r"\b[A-Z]{2,}\b|\b(?:[A-Z]\.){2,}")
NO_PLAIN_WORD = re.compile(r"[^\w .,:;?!'\u2019\u201c\u201d-]|[\d_]|\.\.")
LEFTOVER = re.compile(r"  | [,.;:?!]|,[,.]|(?<=[a-z,] )None\b|\bundefined\b")

every_track = pytest.mark.parametrize("path", TRACKS, ids=lambda path: path.stem)


def test_the_course_is_all_there() -> None:
    """A slip in a pattern would empty the tests below: sixteen sessions by number, and six extras."""
    assert [path.stem[:2] for path in SESSIONS] == [f"{number:02}" for number in range(1, 17)]
    assert len(EXTRAS) == 6


@every_track
def test_it_can_be_followed_by_ear(path: Path) -> None:
    """Flesch-Kincaid grade 6 at most by textstat, and 12 words in a sentence on average, with all that is optional."""
    _assert_easy([sentence.caption for sentence in texts(path)[0]])


@pytest.mark.slow
@every_track
def test_it_can_be_followed_by_ear_at_every_length(path: Path) -> None:
    """A short session is no harder than a long one: the same of what is heard at its shortest, at night at each."""
    for length_s in lengths_s(path) if PROFILE == "nightly" else lengths_s(path)[:1]:
        _assert_easy(heard(path, length_s))


@pytest.mark.slow
@every_track
def test_it_can_be_followed_by_ear_whatever_is_chosen(path: Path) -> None:
    """The same for each choice of each variable."""
    for version in texts(path)[1:]:
        _assert_easy([sentence.caption for sentence in version])


@every_track
def test_no_sentence_is_longer_than_a_breath(path: Path) -> None:
    """22 words at most, in every choice, long sessions and short ones."""
    captions = {sentence.caption for version in texts(path) for sentence in version}
    assert not [caption for caption in captions if len(words(caption)) > MOST_WORDS]


def test_grade_and_length_tell_hard_texts_from_easy_ones() -> None:
    """The measure that finds the course easy finds a sentence of a paper hard."""
    hard = (
        "Longitudinal investigations demonstrate considerable associations between dispositional self-compassion and "
        "psychological adjustment, notwithstanding methodological heterogeneity across representative populations."
    )
    assert textstat.flesch_kincaid_grade(hard) > 2 * MOST_GRADE
    assert textstat.flesch_kincaid_grade("Let the chair hold you. It has held you all day.") < 2


@every_track
def test_nothing_is_left_to_an_engine_s_luck(path: Path) -> None:
    """What reaches the narrator holds no figure, symbol, abbreviation, leftover or word that is said in two ways."""
    faults = {
        sentence.spoken: fault
        for version in texts(path)
        for sentence in version
        if (fault := _unspeakable(sentence.spoken))
    }
    assert not faults


@pytest.mark.parametrize(
    "text",
    [
        "Rest at 7.", "Rest & be.", "Dr. Who came.", "A TV hums.", "Stay close.", "It is the U.S. way.", "It , ends.",
        "Two  gaps.", "A 50% rise.", "Hello, {{ x }}.", "Wait... and rest.", "Tea, toast, etc.", "Go (slowly) on.",
    ],
)  # fmt: skip
def test_what_an_engine_would_stumble_over_is_noticed(text: str) -> None:
    """Each kind of thing that the test above looks for is seen by it."""
    assert _unspeakable(text)


def _assert_easy(sentences: Sequence[str]) -> None:
    counts = [len(words(sentence)) for sentence in sentences]
    assert mean(counts) <= MOST_MEAN_WORDS
    if sum(counts) >= GRADE_FROM_WORDS:
        assert textstat.flesch_kincaid_grade(" ".join(sentences)) <= MOST_GRADE


def _unspeakable(text: str) -> str:
    """What an engine might say wrongly; empty where there is nothing."""
    doubts = (HETERONYM, ABBREVIATION, CAPITALS, NO_PLAIN_WORD, LEFTOVER)
    return " ".join(repr(found[0]) for doubt in doubts for found in doubt.finditer(text))
