"""The folder that a script belongs to: its settings, its lexicon, and the only files that a script can reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from breathmark.script.document import Text

__all__ = ["Project"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project; nothing outside ``root`` is read through it."""

    root: Path
    """Absolute, links resolved."""
    lexicon: Mapping[str, Mapping[str, str]]
    """Language, then word in lower case, then how it is spoken."""

    def resolve(self, written: str, beside: Path) -> Path:
        """The file that ``written`` names in the file ``beside``, links resolved; ``ValueError`` for the author."""
        raise NotImplementedError

    def read_text(self, written: str, beside: Path) -> Text:
        """A whole file as a template (macros, imports), with its places; ``ValueError`` for the author."""
        raise NotImplementedError
