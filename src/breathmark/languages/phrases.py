"""Phrases and how they are found: the words of a list, as one regular expression.

A phrase is plain words; it may hold a regular expression, such as ``(small|mild)`` or ``feel(s|ing)?``. It is found as
whole words, in any case, over any white space (`` ?`` is white space that may lack), with either kind of apostrophe.
"""

from __future__ import annotations

import re
from functools import lru_cache

from breathmark.base.errors import AssetError

_STRAIGHT = str.maketrans("\u2018\u2019\u201c\u201d\u00a0", "''\"\" ")


def straight(text: str) -> str:
    """``text`` with straight quotation marks, character by character, so that positions stay."""
    return text.translate(_STRAIGHT)


def expression(phrases: tuple[str, ...]) -> str:
    """A regular expression for one of the phrases; the longest are tried first. Without phrases, it matches nothing."""
    spaced = (phrase.replace(" ?", r"\s*").replace(" ", r"\s+") for phrase in sorted(phrases, key=len, reverse=True))
    return "|".join(f"(?:{phrase})" for phrase in spaced) or "(?!)"


@lru_cache(maxsize=1000)
def compiled(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """The expression, over whole words and in any case.

    Raises:
        AssetError: one of the phrases is not a regular expression. It is found here, since to compile all lists of a
            language takes longer than most commands.
    """
    try:
        return re.compile(rf"(?<!\w)(?:{expression(phrases)})(?!\w)", re.IGNORECASE)
    except re.error as error:
        if len(phrases) > 1:
            for phrase in phrases:
                compiled((phrase,))
        raise AssetError(f"the phrase {phrases[0]!r} is not a regular expression: {error}", "correct it") from error
