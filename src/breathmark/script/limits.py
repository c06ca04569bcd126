"""Limits on text from a file, an escape or a value: refused characters, length of words and of sentences."""

from __future__ import annotations

import re
from typing import Final

MOST_IN_SENTENCE: Final = 2000
"""In characters: more than two minutes without a full stop. ``tests/speech`` holds every narrator to so many."""
MOST_IN_WORD: Final = 100
"""Letters and digits in a row. The longest word of a dictionary has about 50; an address's marks end a run."""

UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3040-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""The letters of scripts that put no spaces between words, as the inside of a regular expression's brackets: Thai, Lao,
Burmese, Khmer, kana and Chinese characters with their signs of repetition. A run of these is not a word."""
_WORD: Final = re.compile(rf"[^\W{UNSPACED}]{{{MOST_IN_WORD + 1},}}")


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


UNSPEAKABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff]"
)
"""Control characters but tab and line feed, line separators that editors hide, what turns the direction of text (an
editor would show another order than is spoken; the marks U+200E and U+200F don't do that), half characters, and the
private-use characters, which represent markers while a template is filled in and so may not come from outside."""

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates of Unicode's bidirectional algorithm (UAX #9)."""


def describe_character(character: str) -> str:
    """Name a refused character for the author."""
    code = f"U+{ord(character):04X}"
    if character in "\u0085\u2028\u2029":
        return f"an invisible line separator ({code})"
    if character in _TURNING:
        return f"an invisible character that changes the direction of text ({code})"
    if ord(character) < 0xA0:
        return f"an invisible control character ({code})"
    return f"a character without a meaning of its own ({code})"
