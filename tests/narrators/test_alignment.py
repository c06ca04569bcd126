"""Which sounds of a sentence are which of its words."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathmark.narrators.alignment import word_times

SOUNDS = st.text(alphabet="ˈabcə ,.", max_size=8)


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
        ("rest — now", ["ɹˈɛst", "", "nˈaʊ"], "ɹˈɛst, nˈaʊ", {"rest": 0, "now": 7}),
        ("mm hello", ["", "həlˈoʊ"], "həlˈoʊ", {"hello": 0}),
    ],
)  # fmt: skip
def test_a_word_begins_with_its_first_sound(words: str, read: list[str], heard: str, found: dict[str, float]) -> None:
    """However the engine joins or parts them in a sentence; what has no sound has no time."""
    assert starts(words, read, heard) == found


@given(st.lists(SOUNDS, max_size=8), SOUNDS)
def test_any_two_readings_give_rising_times(read: list[str], heard: str) -> None:
    """Inside the sentence, each word at most once."""
    times = word_times(read, read, [(sign, float(place)) for place, sign in enumerate(heard)], len(heard))
    assert len(times) <= len(read)
    assert all(time.start_s < time.end_s <= len(heard) for time in times)
    assert [time.start_s for time in times] == sorted({time.start_s for time in times})
