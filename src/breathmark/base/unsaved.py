"""Texts of files that an editor has changed and not yet saved, read in place of what is on the disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType

_TEXTS: ContextVar[Mapping[Path, str]] = ContextVar("unsaved", default=MappingProxyType({}))


@contextmanager
def unsaved(texts: Mapping[Path, str]) -> Iterator[None]:
    """Inside, each of these files holds this text, for whatever reads scripts; paths are absolute."""
    token = _TEXTS.set({file.resolve(): text for file, text in texts.items()})
    try:
        yield
    finally:
        _TEXTS.reset(token)


def unsaved_text(file: Path) -> str | None:
    """The text that replaces the file's; None where the file itself counts."""
    texts = _TEXTS.get()
    return texts.get(file.resolve()) if texts else None
