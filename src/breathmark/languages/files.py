"""The files of the languages: which folders a language has, and what a file holds, checked against its shape."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel, ValidationError

from breathmark.base import plugins
from breathmark.base.errors import AssetError

if TYPE_CHECKING:
    from collections.abc import Iterator
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


class LanguageFile(_WordsShape):
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


class PausesFile(_WordsShape):
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


class WordsFile(RootModel[dict[str, str]]):
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


def read_phrases(tag: str) -> Iterator[dict[str, tuple[str, ...]]]:
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
