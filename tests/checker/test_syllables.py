"""Syllables by letters: right for the words of meditations, and good enough for a readability formula."""

from __future__ import annotations

import pytest

from breathmark.checker.rules.wording import grade, syllables, words_in

COUNTED = {
    1: "a I breath breathe breathed eyes warmth you're friend's rest aches moved chairs stone tongue",
    2: "open body little people language quiet being table wanted houses kindness safely lion gently every",
    3: "attention radio familiar memory however beautiful curious easiest idea area",
    4: "compassionate ability especially meditation situation necessary",
    5: "imagination interconnected possibility",
}


@pytest.mark.parametrize(
    ("count", "word"), [(count, word) for count, words in COUNTED.items() for word in words.split()]
)
def test_the_syllables_of_a_word(count: int, word: str) -> None:
    """As the CMU pronouncing dictionary has them."""
    assert syllables(word) == count


def test_the_grade_is_that_of_the_formula() -> None:
    """Kincaid et al. 1975: 10 words in one sentence with 15 syllables are grade 6.0."""
    assert grade(1, 10, 15) == pytest.approx(0.39 * 10 + 11.8 * 1.5 - 15.59)


def test_figures_and_marks_are_no_words() -> None:
    """A dash between spaces would else shorten the mean sentence."""
    text = "Well \N{EN DASH} it\N{RIGHT SINGLE QUOTATION MARK}s 10 o'clock, isn't it?"
    assert words_in(text) == ("Well", "it\N{RIGHT SINGLE QUOTATION MARK}s", "o'clock", "isn't", "it")
