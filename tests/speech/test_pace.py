"""Words are counted alike in all scripts."""

from __future__ import annotations

import pytest

from breathmark.speech.pace import count_words


@pytest.mark.parametrize(
    ("text", "words"),
    [("Let it go.", 3), ("— …", 0), ("世界", 1), ("「世界」", 1), ("Hello 世界", 2), ("人々", 1), ("𠮷野", 1)],
)
def test_two_letters_without_spaces_count_as_a_word(text: str, words: int) -> None:
    """Signs of repetition and rare characters, too; marks and brackets do not count."""
    assert count_words(text) == words
