"""Texts of files that an editor has changed and not yet saved, read in place of what is on the disk."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType

_TEXTS: ContextVar[Mapping[str, str]] = ContextVar("unsaved", default=MappingProxyType({}))


@contextmanager
def unsaved(texts: Mapping[Path, str]) -> Iterator[None]:
    """Inside, each of these files holds this text, for whatever reads scripts; paths are absolute."""
    token = _TEXTS.set({os.path.realpath(file): text for file, text in texts.items()})
    try:
        yield
    finally:
        _TEXTS.reset(token)


def unsaved_text(file: Path) -> str | None:
    """The text that replaces the file's; None where the file itself counts."""
    texts = _TEXTS.get()
    return texts.get(os.path.realpath(file)) if texts else None
