"""What is known of a language: its name, what Breathmark says in it, its pauses, its respellings, its words for rules.

Whatever a language lacks is empty here; who asks decides what to do without. Tags are those of BCP 47: ``de-AT`` has
the words of ``de``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

from breathmark.base.errors import AssetError
from breathmark.languages.files import LanguageFile, PausesFile, WordsFile, contents, read, read_phrases, tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from breathmark.languages.files import BreathCues


def primary(tag: str) -> str:
    """The language of a tag, without region and script: ``en`` of ``en-GB``."""
    return tag.replace("_", "-").lower().partition("-")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseWords:
    """The words by which a pause is written out, of all languages together: a script may quote any."""

    pauses: frozenset[str]
    """Alone in a bracket, these are a pause."""
    halts: frozenset[str]
    """These are one together with a time in figures."""
    units: Mapping[str, str]
    """Words for a unit of time, and its letters in a marker; those that count something, such as breaths, have none."""
    short_units: frozenset[str]
    """Nobody speaks these."""
    articles: frozenset[str]
    """“The silence” is what somebody speaks of; “silence” is what somebody is to do."""
    numbers: Mapping[str, int]
    known: frozenset[str]
    """All of them, and the words that may come between them."""


@cache
def pause_words() -> PauseWords:
    """Of every language. Raises AssetError."""
    files = [found for tag in tags() if (found := read(tag, "pauses.yaml", PausesFile))]
    pauses = _all(file.pauses for file in files)
    halts = _all(file.halts for file in files)
    units = {word.casefold(): _LETTERS[unit] for file in files for unit, words in file.units.items() for word in words}
    numbers = {word: number for tag in tags() for word, number in number_values(tag).items()}
    between = _all((*file.between, *file.articles) for file in files)
    parts = frozenset(part for word in numbers for part in _LETTERS_ONLY.findall(word))
    return PauseWords(
        pauses=pauses,
        halts=halts,
        units=MappingProxyType(units),
        short_units=_all(file.short_units for file in files),
        articles=_all(file.articles for file in files),
        numbers=MappingProxyType(numbers),
        known=pauses | halts | units.keys() | parts | between,
    )


_LETTERS_ONLY = re.compile(r"[^\W\d_]+")
_LETTERS = {"hours": "h", "minutes": "m", "seconds": "s", "milliseconds": "ms", "counts": ""}


def _all(words: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(word.casefold() for word in chain.from_iterable(words))


@cache
def number_values(tag: str) -> Mapping[str, int]:
    """The numbers that are written in words, without regard to case, and what they mean."""
    return MappingProxyType(
        {word.casefold(): number for number, words in _language(tag).numbers.items() for word in words}
    )


def counted(tag: str, number: int) -> str:
    """A number as it is counted aloud: in a word, or in figures, which engines know how to read."""
    return next(iter(_language(tag).numbers.get(number, ())), str(number))


def contractions(tag: str) -> Mapping[str, str]:
    """What the endings of words stand for, such as ``'ll`` for ``will``."""
    return MappingProxyType(_language(tag).contractions)


def breath_cues(tag: str) -> BreathCues | None:
    """What a guided breath says."""
    return _language(tag).breaths


def breath_languages() -> tuple[str, ...]:
    """The languages that guided breaths are spoken in."""
    return tuple(tag for tag in tags() if breath_cues(tag))


def trial_sentence(tag: str) -> str:
    """The sentence by which a voice is tried: an English one where the language has none."""
    return _language(tag).trial or _language("en").trial


@cache
def english_name(tag: str) -> str:
    """The language of a tag in English, with its accent where that has a name; empty where none is known."""
    whole, names = tag.replace("_", "-").lower(), _words("en", "names.yaml")
    return names.get(whole) or names.get(primary(tag)) or _language(tag).name


def respellings(tag: str) -> Mapping[str, str]:
    """Words in lower case, and how they are spoken."""
    return _words(tag, "lexicon.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteWords:
    """Labels of buttons and headings of sections on a course's pages."""

    language: str
    words: Mapping[str, str] = field(repr=False)


@cache
def site_words(tag: str) -> SiteWords:
    """The words of the pages, in English where the language has none.

    Raises:
        AssetError: a language has some of them only.
    """
    english, own = _words("en", "site.yaml"), _words(tag, "site.yaml")
    if not own:
        return SiteWords(language="en", words=english)
    lacking = [name for name in english if name not in own]
    if lacking:
        raise AssetError(f"site.yaml of the language {primary(tag)} lacks {', '.join(lacking)}", "add them to the file")
    return SiteWords(language=primary(tag), words=own)


@cache
def phrase_lists(tag: str) -> Mapping[str, tuple[str, ...]]:
    """The phrases that rules look for, by the name of their list."""
    lists: dict[str, tuple[str, ...]] = {}
    for file in read_phrases(primary(tag)):
        for name, phrases in file.items():
            lists[name] = (*lists.get(name, ()), *phrases)
    return MappingProxyType(lists)


def languages_with_phrases() -> tuple[str, ...]:
    """The languages in which there is anything that rules look for."""
    return tuple(tag for tag in tags() if phrase_lists(tag))


def spoken_contents() -> Iterator[bytes]:
    """The files that decide what is spoken, as bytes: an artefact was made from these."""
    return contents("language.yaml", "lexicon.yaml")


@cache
def _language(tag: str) -> LanguageFile:
    return read(primary(tag), "language.yaml", LanguageFile) or LanguageFile()


@cache
def _words(tag: str, name: str) -> Mapping[str, str]:
    found = read(primary(tag), name, WordsFile)
    return MappingProxyType(found.root if found else {})
