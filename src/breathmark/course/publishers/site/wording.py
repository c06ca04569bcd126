"""The site's own words, in the language of the course where there are any, else in English."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Wording", "wording_for"]

_FOLDER: Final = Path(__file__).parent / "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What stands on buttons and over sections."""

    language: str
    words: Mapping[str, str]


def wording_for(language: str) -> Wording:
    """The words for a course in ``language``, such as ``de-AT``."""
    found = language.partition("-")[0].lower()
    file = _FOLDER / f"{found}.json"
    if not (found.isalpha() and file.is_file()):
        found, file = "en", _FOLDER / "en.json"
    words: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return Wording(language=found, words=words)
