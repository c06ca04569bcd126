"""Word lists of a language: what the rules look for in spoken text.

A language is a folder of YAML files in ``checker/languages``, each a mapping of list name to phrases. A phrase is
plain words; it may hold a regular expression, such as ``(small|mild)`` or ``feel(s|ing)?``. It is found as whole
words, in any case, over any white space (`` ?`` is white space that may lack), with straight or curly apostrophes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING

import yaml
from pydantic import RootModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FOLDER = resources.files("breathmark.checker") / "languages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The word lists of one language; a list that it lacks finds nothing."""

    language: str
    """The bare tag, such as ``en``."""
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def has(self, *names: str) -> bool:
        """Whether the language has all of these lists."""
        return all(name in self.lists for name in names)

    def find(self, name: str, text: str) -> re.Match[str] | None:
        """The first phrase of the list ``name`` in ``text``."""
        return next(self.all(name, text), None)

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
        yield from _pattern(phrases).finditer(straight(text)) if phrases else ()

    def which(self, name: str, text: str) -> frozenset[int]:
        """Which phrases of the list ``name``, by their numbers in it, are in ``text``."""
        return frozenset(
            number
            for number, phrase in enumerate(self.lists.get(name, ()))
            if _pattern((phrase,)).search(straight(text))
        )


def straight(text: str) -> str:
    """``text`` with straight quotation marks, character by character, so that positions stay."""
    return text.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x00A0: " "})


def expression(phrases: tuple[str, ...]) -> str:
    """A regular expression for one of the phrases; the longest are tried first."""
    longest_first = sorted(phrases, key=len, reverse=True)
    return "|".join("(?:" + phrase.replace(" ?", r"\s*").replace(" ", r"\s+") + ")" for phrase in longest_first)


@lru_cache(maxsize=1000)
def _pattern(phrases: tuple[str, ...]) -> re.Pattern[str]:
    either = expression(phrases)
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)


class _File(RootModel[dict[str, list[str]]]):
    """A file of word lists. That every phrase compiles is tested, not asked at each start: it takes 0.4 s."""


@lru_cache(maxsize=50)
def words_of(language: str) -> Words:
    """The lists of ``en-GB`` are those of ``en``; a language that nobody wrote lists for has none."""
    bare = language.lower().split("-")[0]
    if bare not in LANGUAGES:
        return Words(language=bare)
    lists: dict[str, tuple[str, ...]] = {}
    for file in sorted((_FOLDER / bare).iterdir(), key=lambda each: each.name):
        if file.name.endswith(".yaml"):
            text = file.read_text(encoding="utf-8")
            file_lists = _File.model_validate(yaml.load(text, _LOADER) or {}).root  # noqa: S506 - it makes texts, lists and mappings only
            for name, phrases in file_lists.items():
                lists[name] = (*lists.get(name, ()), *phrases)
    return Words(language=bare, lists=lists)


LANGUAGES = frozenset(folder.name for folder in _FOLDER.iterdir() if folder.is_dir())
"""The languages that there are lists for."""
