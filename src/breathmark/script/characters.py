"""Characters that a text from outside may not hold, wherever it comes from: a file, an escape, a value."""

from __future__ import annotations

import re

__all__ = ["UNSPEAKABLE", "describe_character"]

UNSPEAKABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000f0000-\U0010ffff]"
)
"""Control characters but tab and line feed, line separators that editors hide, what turns the direction of text (an
editor would show another order than is spoken; the marks U+200E and U+200F don't do that), half characters, and the
private-use characters, which stand for markers while a template is filled in and so may not come from outside."""

_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Embeddings, overrides and isolates of Unicode's bidirectional algorithm (UAX #9)."""


def describe_character(character: str) -> str:
    """Name a refused character for the author."""
    code = f"U+{ord(character):04X}"
    if character in "\u0085\u2028\u2029":
        return f"an unseen line separator ({code})"
    if character in _TURNING:
        return f"an unseen character that turns the direction of text ({code})"
    if ord(character) < 0xA0:
        return f"an unseen control character ({code})"
    return f"a character without a meaning of its own ({code})"
