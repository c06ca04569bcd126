"""Which sounds of a sentence are which of its words."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathmark.speech.word_times import word_times

SOUNDS = st.text(alphabet="ˈabcəʲː ,.", max_size=8)


def starts(words: str, read: list[str], heard: str) -> dict[str, float]:
    """When each word begins, a sound lasting a second."""
    times = word_times(words.split(), read, [(sign, float(place)) for place, sign in enumerate(heard)], len(heard))
    assert [time.end_s for time in times] == [*(time.start_s for time in times[1:]), float(len(heard))]
    return {time.word: time.start_s for time in times}


@pytest.mark.parametrize(
    ("words", "read", "heard", "found"),
    [
        ("Be still.", ["biː", "stˈɪl."], "biː stˈɪl.", {"Be": 0, "still.": 4}),
        # Two words that are read as one, and figures as several.
        ("out of the 20 sounds", ["aʊt", "ɑːv", "ðə", "twˈɛnti fˈoːɹ", "sˈaʊndz"], "aʊt ʌvðə twˈɛnti fˈoːɹ sˈaʊndz",
         {"out": 0, "of": 4, "the": 6, "20": 9, "sounds": 23}),
        # A stress before the first sound belongs to the word; another first sound, too.
        ("an hour", ["æn", "ˈaʊɚ"], "ɐn ˈaʊɚ", {"an": 0, "hour": 3}),
        ("take a little time", ["tˈeɪk", "ˈeɪ", "lˈɪɾəl", "tˈaɪm"], "tˈeɪk ɐ lˈɪɾəl tˈaɪm",
         {"take": 0, "a": 6, "little": 8, "time": 15}),
        # What links two words is a part of the first one.
        ("be a cat", ["bˈiː", "ˈeɪ", "kˈæt"], "biːʲ ɐ kˈæt", {"be": 0, "a": 5, "cat": 7}),
        ("after a while", ["ˈæftɚ", "ˈeɪ", "wˈaɪl"], "ˈæftɚɹ ɐ wˈaɪl", {"after": 0, "a": 7, "while": 9}),
        ("call it a day", ["kˈɔːl", "ˈɪt", "ˈeɪ", "dˈeɪ"], "kˈɔːl ɪɾ ɐ dˈeɪ", {"call": 0, "it": 6, "a": 9, "day": 11}),
        ("rest — now", ["ɹˈɛst", "", "nˈaʊ"], "ɹˈɛst, nˈaʊ", {"rest": 0, "now": 7}),
        ("mm hello", ["", "həlˈoʊ"], "həlˈoʊ", {"hello": 0}),
    ],
)  # fmt: skip
def test_a_word_begins_with_its_first_sound(words: str, read: list[str], heard: str, found: dict[str, float]) -> None:
    """However the engine joins or parts them in a sentence; what has no sound has no time."""
    assert starts(words, read, heard) == found


@given(st.lists(SOUNDS, max_size=8), SOUNDS)
def test_any_two_readings_give_rising_times(read: list[str], heard: str) -> None:
    """Inside the sentence, each word at most once and in their order."""
    words = [str(number) for number in range(len(read))]
    times = word_times(words, read, [(sign, float(place)) for place, sign in enumerate(heard)], len(heard))
    found = [int(time.word) for time in times]
    assert found == sorted(set(found))
    assert all(time.start_s < time.end_s <= len(heard) for time in times)
    assert [time.start_s for time in times] == sorted({time.start_s for time in times})
