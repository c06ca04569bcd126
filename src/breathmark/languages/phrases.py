"""The search for a language's phrases in a text.

A phrase is plain words; it may hold a regular expression, such as ``(small|mild)`` or ``feel(s|ing)?``. It is found as
whole words, in any case, over any white space (`` ?`` is white space that may be missing), with either kind of
apostrophe.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from breathmark.base.errors import AssetError
from breathmark.languages.words import number_values, phrase_lists, primary

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Words:
    """The lists of phrases of one language, and its numbers."""

    lists: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, int]

    def has(self, *names: str) -> bool:
        """Whether the language has all of these lists."""
        return all(name in self.lists for name in names)

    def find(self, name: str, text: str) -> str:
        """The first phrase of the list ``name`` in ``text`` (see ``all``); empty where there is none."""
        return _first(self, name, text)

    def all(self, name: str, text: str) -> Iterator[re.Match[str]]:
        """Every phrase of the list ``name`` in ``text``; positions are those of ``text``.

        A match that a phrase of the list ``NAME_allowed`` touches is skipped: ``not the worst``.
        """
        found = list(self._matches(name, text))
        excused = [match.span() for match in self._matches(f"{name}_allowed", text)] if found else []
        for match in found:
            if not any(start < match.end() and match.start() < end for start, end in excused):
                yield match

    def _matches(self, name: str, text: str) -> Iterator[re.Match[str]]:
        phrases = self.lists.get(name, ())
        yield from compiled(phrases).finditer(straight(text)) if phrases else ()

    def which(self, name: str, text: str) -> frozenset[int]:
        """Which phrases of the list ``name``, by their numbers in it, are in ``text``."""
        return frozenset(
            number
            for number, phrase in enumerate(self.lists.get(name, ()))
            if compiled((phrase,)).search(straight(text))
        )

    def at_start(self, name: str, text: str) -> re.Match[str] | None:
        """The phrase of the list ``name`` that ``text`` begins with, up to the end of a word."""
        return self.pattern(rf"{{{name}}}(?!\w)").match(straight(text))

    def is_whole(self, name: str, text: str) -> bool:
        """Whether ``text`` is a phrase of the list ``name`` from start to end."""
        return bool(self.pattern(f"{{{name}}}").fullmatch(straight(text)))

    def pattern(self, template: str) -> re.Pattern[str]:
        """A regular expression in which ``{NAME}`` stands for one of the phrases of a list, if there is any."""
        return _filled(self, template)


_NAMED = re.compile(r"\{([a-z_]+)\}")


@lru_cache(maxsize=500)
def _filled(words: Words, template: str) -> re.Pattern[str]:
    filled = _NAMED.sub(lambda name: f"(?:{expression(words.lists.get(name[1], ()))})", template)
    try:
        return re.compile(filled, re.IGNORECASE)
    except re.error:
        for name in _NAMED.findall(template):
            compiled(words.lists.get(name, ()))  # says which phrase is at fault
        raise


@lru_cache(maxsize=100_000)
def _first(words: Words, name: str, text: str) -> str:
    match = next(words.all(name, text), None)
    return match[0] if match else ""


@lru_cache(maxsize=50)
def words_of(language: str) -> Words:
    """The lists of ``en-GB`` are those of ``en``; a language that nobody wrote lists for has none."""
    tag = primary(language)
    return Words(lists=phrase_lists(tag), numbers=number_values(tag))
