"""The search for phrases of a language in a text, which every rule uses; a list that a language lacks finds nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from breathmark.languages.phrases import compiled, expression, straight
from breathmark.languages.words import number_values, phrase_lists, primary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


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
        return _pattern(self, template)


_NAMED = re.compile(r"\{([a-z_]+)\}")


@lru_cache(maxsize=500)
def _pattern(words: Words, template: str) -> re.Pattern[str]:
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
