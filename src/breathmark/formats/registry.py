"""The registry of formats: those of entry points, the built-in ones first."""

from __future__ import annotations

from functools import cache
from typing import Final

from breathmark.base.errors import RequestError
from breathmark.base.plugins import load, registered
from breathmark.formats.format import FileFormat

GROUP: Final = "breathmark.formats"
_IN_ORDER: Final = ("mp3", "m4b", "m4a", "opus", "flac", "wav")


@cache
def format_names() -> tuple[str, ...]:
    """Every format that can be written: the built-in ones, then those of other packages by the alphabet."""
    ranks = {name: rank for rank, name in enumerate(_IN_ORDER)}
    return tuple(sorted(registered(GROUP), key=lambda name: (ranks.get(name, len(ranks)), name)))


@cache
def file_format(name: str) -> FileFormat:
    """The format called ``name``. Raises RequestError where there is none, or its package is broken."""
    loaded = load(GROUP, name)
    try:
        if isinstance(loaded, type) and issubclass(loaded, FileFormat):
            return loaded()
        reason = "it is not a FileFormat"
    except TypeError as error:  # a method is missing
        reason = str(error)
    raise RequestError(f"the format {name} is broken: {reason}", "install its package again")
