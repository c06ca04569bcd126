"""How long a word and a sentence may be that an engine is given in one go.

An engine may take a sentence whole, with time and memory that grow with it, so the bounds hold before it sees a text.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["MOST_IN_SENTENCE", "MOST_IN_WORD", "too_long", "word_too_long"]

MOST_IN_SENTENCE: Final = 2000
"""Characters: more than two minutes without a full stop. ``tests/narrators`` hold every narrator to so many."""
MOST_IN_WORD: Final = 100
"""Letters and digits in a row. The longest word of a dictionary has about 50; what parts an address ends a row."""

_UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese put no spaces between words: a row of these is no word."""
_WORD: Final = re.compile(rf"[^\W{_UNSPACED}]{{{MOST_IN_WORD + 1},}}")


def word_too_long(text: str) -> str:
    """What is wrong with the first word of ``text`` that is too long, without the word; empty where none is."""
    word = _WORD.search(text)
    return f"a word of {len(word[0]):,} letters, and at most {MOST_IN_WORD} can be spoken" if word else ""


def too_long(text: str) -> tuple[str, str]:
    """What is too long in a sentence, and what to do about it; both are empty where nothing is."""
    word = word_too_long(text)
    if word:
        return f"here is {word}", "put spaces between the words, or leave it out"
    if len(text) > MOST_IN_SENTENCE:
        message = f"this sentence is spoken with {len(text):,} characters, and at most {MOST_IN_SENTENCE:,} fit"
        return message, "end it with a full stop, or put a `[pause]` in it"
    return "", ""
