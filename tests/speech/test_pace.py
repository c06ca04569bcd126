from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathmark.speech.pace import LEVEL_PASSAGE, PASSAGE, count_words, estimate, speech_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from breathmark.model import Utterance


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Breathe in.", 2),
        ("One — two … three", 3),
        ("It's 7:30, Ana-María!", 3),
        ("", 0),
        ("… — !", 0),
        ("🙂 hello", 2),
        ("深く息を吸って", 4),
        ("مرحبا بالعالم", 2),
    ],
)
def test_words_are_what_is_spoken(text: str, words: int) -> None:
    """Punctuation by itself is not a word; scripts without spaces count two characters as one."""
    assert count_words(text) == words


def test_the_passage_is_as_long_as_its_docstring_says() -> None:
    """The mappings of speed rest on these 103 words."""
    assert sum(map(count_words, PASSAGE)) == 103
    assert 12 < speech_s(LEVEL_PASSAGE, 1.0) < 18


def test_estimates_follow_words_and_speed(utterance: Callable[..., Utterance]) -> None:
    """Fourteen words take six seconds at 140 words a minute, and twice that at half the speed."""
    text = " ".join(["word"] * 14)
    calm, slow = utterance(text), utterance(text, speed=0.5)
    assert estimate([calm, slow, calm]) == {calm: pytest.approx(6.0), slow: pytest.approx(12.0)}


@given(st.text(), st.floats(0.5, 2.0))
def test_every_text_has_an_estimate(text: str, speed: float) -> None:
    """Whatever is written, the estimate is a positive length."""
    assert 0 < speech_s(text, speed) < 1e6
