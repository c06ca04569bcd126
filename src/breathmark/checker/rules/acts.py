"""What a sentence asks the listener to do: bare imperatives, invitations, and how many acts at once."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from breathmark.languages.phrases import straight

if TYPE_CHECKING:
    from breathmark.checker.words import Words

_CLAUSE = r"[,;:]|\s[-–—]+\s|(?<=\w)\s+(?={clause_start}\s)"  # noqa: RUF001
_LEADING = re.compile(r"^[\s\"'“”(,]+")


@lru_cache(maxsize=20_000)
def bare(words: Words, text: str) -> bool:
    """Whether the sentence begins with an imperative, and holds no word of choice."""
    return bool(_verb(words, text)) and not words.find("choice", text)


@lru_cache(maxsize=20_000)
def invited(words: Words, text: str) -> bool:
    """Whether the sentence asks for something and leaves a choice."""
    asks = bool(_verb(words, text)) or bool(words.find("invitation", text))
    return asks and bool(words.find("choice", text))


def acts(words: Words, text: str) -> tuple[str, ...]:
    """The imperatives of a sentence that are to be done one with the other; alternatives (``or``) are none."""
    if words.find("alternatives", text):
        return ()
    verbs = [_verb(words, clause) for clause in words.pattern(_CLAUSE).split(straight(text))]
    return tuple(verb for verb in verbs if verb) if verbs[0] else ()


def _verb(words: Words, clause: str) -> str:
    """The imperative that a clause begins with; empty where it begins otherwise."""
    text = _LEADING.sub("", straight(clause))
    while not words.at_start("no_imperative", text):
        before = words.at_start("before_imperative", text)
        if not before:
            found = words.at_start("imperative", text)
            return found[0].lower() if found else ""
        text = _LEADING.sub("", text[before.end() :])
    return ""
