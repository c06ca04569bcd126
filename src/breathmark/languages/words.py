"""The words of a language, from its files: lists of phrases, numbers, pauses, the words of pages.

Whatever a language lacks is empty here; who asks decides what to do without. Tags are those of BCP 47: ``de-AT`` has
the words of ``de``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel, ValidationError

from breathmark.base import plugins
from breathmark.base.errors import AssetError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Every scalar is text, so that ``no`` is the Norwegian word, and the shapes below say what is a number."""
_OUR_FOLDER = resources.files("breathmark.languages")

_Line = Annotated[tuple[str, ...], BeforeValidator(lambda text: text.split() if isinstance(text, str) else text)]
"""Words with spaces between them."""


class _WordsShape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BreathCues(_WordsShape):
    """What a guided breath says at the start of each phase; ``count_in`` and ``count_out`` stand for the number one."""

    in_: str = Field(alias="in")
    hold: str
    out: str
    rest: str
    count_in: str
    count_out: str


class _LanguageFile(_WordsShape):
    """``language.yaml``."""

    name: str = ""
    """In English."""
    trial: str = ""
    """The sentence by which a voice is tried."""
    breaths: BreathCues | None = None
    numbers: dict[int, _Line] = {}
    """How they are written in words; the first word of each is the one to count with."""
    contractions: dict[str, str] = {}
    """By a word's ending, what that stands for."""


class _PausesFile(_WordsShape):
    """``pauses.yaml``; in any case."""

    pauses: _Line = ()
    """Alone in a bracket, these are a pause."""
    halts: _Line = ()
    """These are one together with a time in figures."""
    units: dict[Literal["hours", "minutes", "seconds", "milliseconds", "counts"], _Line] = {}
    """Words for a unit of time; ``counts`` are those without a length of their own, such as breaths."""
    short_units: _Line = ()
    """Nobody speaks these."""
    between: _Line = ()
    """Words that may accompany them."""
    articles: _Line = ()
    """“The silence” is what somebody speaks of; “silence” is what somebody is to do."""


class _WordsFile(RootModel[dict[str, str]]):
    """``lexicon.yaml`` (a word, and how it is spoken), ``site.yaml`` and ``names.yaml``."""


class PhrasesFile(RootModel[dict[str, tuple[str, ...]]]):
    """A file of ``rules/``: lists of phrases, by name."""


_File = TypeVar("_File", bound=BaseModel)


@cache
def tags() -> tuple[str, ...]:
    """The languages of which there is a folder, in order."""
    ours = (folder.name for folder in _OUR_FOLDER.iterdir() if folder.is_dir() and not folder.name.startswith("_"))
    return tuple(sorted({*ours, *_packaged()}))


def read(tag: str, name: str, shape: type[_File]) -> _File | None:
    """A file of a language, from the first of its folders that has it; None where none does.

    Raises:
        AssetError: a package's file is not as it should be.
    """
    for folder in _folders(tag):
        file = folder / name
        if file.is_file():
            return _read(file, shape)
    return None


def _read_phrases(tag: str) -> Iterator[dict[str, tuple[str, ...]]]:
    """Every file of ``rules/`` in all folders of a language. Raises AssetError."""
    for folder in _folders(tag):
        rules = folder / "rules"
        if rules.is_dir():
            for file in sorted(rules.iterdir(), key=lambda each: each.name):
                if file.name.endswith(".yaml"):
                    yield _read(file, PhrasesFile).root


def contents(*names: str) -> Iterator[bytes]:
    """The bytes of all files of these names, and whose they are, for whoever has to know that one has changed."""
    for tag in tags():
        for folder in _folders(tag):
            for file in (folder / name for name in names):
                if file.is_file():
                    yield f"{tag}/{file.name}\0".encode() + file.read_bytes() + b"\0"


@cache
def _packaged() -> frozenset[str]:
    """The languages of which packages have a folder."""
    return frozenset(plugins.registered(plugins.LANGUAGES))


@cache
def _folders(tag: str) -> tuple[Traversable, ...]:
    """Our own before that of a package."""
    ours = _OUR_FOLDER / tag
    found = [ours] if tag.isalpha() and ours.is_dir() else []
    if tag in _packaged():
        found.append(resources.files(plugins.load(plugins.LANGUAGES, tag)))  # type: ignore[arg-type]
    return tuple(found)


def _read(file: Traversable, shape: type[_File]) -> _File:
    try:
        data: Any = yaml.load(file.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - it makes nothing but text
        return shape.model_validate({} if data in (None, "") else data)
    except (yaml.YAMLError, UnicodeDecodeError, ValidationError) as error:
        raise AssetError(f"the words of a language in {file} can't be read: {error}", "correct the file") from error


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
    files = [found for tag in tags() if (found := read(tag, "pauses.yaml", _PausesFile))]
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
    for file in _read_phrases(primary(tag)):
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
def _language(tag: str) -> _LanguageFile:
    return read(primary(tag), "language.yaml", _LanguageFile) or _LanguageFile()


@cache
def _words(tag: str, name: str) -> Mapping[str, str]:
    found = read(primary(tag), name, _WordsFile)
    return MappingProxyType(found.root if found else {})
