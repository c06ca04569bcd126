"""What a sentence asks the listener to do: bare imperatives, invitations, and how many acts at once."""

from __future__ import annotations

import re
from functools import lru_cache

from breathmark.checker.phrases import phrase
from breathmark.checker.words import expression, straight, words_of

_CLAUSE = re.compile(r"[,;:]|\s[-–—]+\s|(?<=\w)\s+(?=and\s|und\s|then\s|dann\s)", re.IGNORECASE)  # noqa: RUF001
_LEADING = re.compile(r"^[\s\"'“”(,]+")


@lru_cache(maxsize=20_000)
def bare(language: str, text: str) -> bool:
    """Whether the sentence begins with an imperative, and holds no word of choice."""
    return bool(_verb(language, text)) and not phrase(language, "choice", text)


@lru_cache(maxsize=20_000)
def invited(language: str, text: str) -> bool:
    """Whether the sentence asks for something and leaves a choice."""
    asks = bool(_verb(language, text)) or bool(phrase(language, "invitation", text))
    return asks and bool(phrase(language, "choice", text))


def acts(language: str, text: str) -> tuple[str, ...]:
    """The imperatives of a sentence that are to be done one with the other; alternatives (``or``) are none."""
    if phrase(language, "alternatives", text):
        return ()
    verbs = [_verb(language, clause) for clause in _CLAUSE.split(straight(text))]
    return tuple(verb for verb in verbs if verb) if verbs[0] else ()


def _verb(language: str, clause: str) -> str:
    """The imperative that a clause begins with; empty where it begins otherwise."""
    lists = words_of(language).lists
    if "imperative" not in lists:
        return ""
    text = _LEADING.sub("", straight(clause))
    if _pattern(lists.get("no_imperative", ())).match(text):
        return ""
    before = _pattern(lists.get("before_imperative", ()))
    while match := before.match(text):
        if _pattern(lists.get("no_imperative", ())).match(text):
            return ""
        text = _LEADING.sub("", text[match.end() :])
    found = _pattern(lists["imperative"]).match(text)
    if not found or _pattern(lists.get("no_imperative", ())).match(text):
        return ""
    return found[0].lower()


@lru_cache(maxsize=100)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    either = expression(phrases) or r"(?!)"
    return re.compile(rf"(?:{either})(?!\w)", re.IGNORECASE)
