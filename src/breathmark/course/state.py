"""The state of a folder, ``breathmark.lock``: its artefacts, and what each was made from.

It is JSON, for people to read, but not to edit. It is replaced whole, and written by one build at a time. A
damaged one is ignored: what finished artefacts were made from is then read from their ``session.json``.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from breathmark.base.writing import write_text
from breathmark.course.values import ArtefactRecord, SessionRecord  # noqa: TC001 - pydantic reads the annotations

LOCK_FILE: Final = "breathmark.lock"
_FORMAT: Final = 1
_ABOUT: Final = (
    "What `breathmark build` made in this folder, and from what. Breathmark keeps it; don't edit it. "
    "Where it is missing, the artefacts are looked through once."
)
_SHARE: Final = 0.05
"""Of a build's time that writing this file may take."""

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class _Content:
    """The file's content."""

    format: int = _FORMAT
    about: str = _ABOUT
    course: str = ""
    program: str = ""
    """Which program read the scripts."""
    sessions: dict[str, SessionRecord] = field(default_factory=dict)
    by_course: bool = False
    """Of what is private: whether the course asked for it, and not only who built it."""
    published: list[str] = field(default_factory=list)
    """What publishers have written beside the artefacts, or were about to write."""
    artefacts: dict[str, ArtefactRecord] = field(default_factory=dict)


class State:
    """The records of one folder."""

    def __init__(self, folder: Path, *, private: bool = False) -> None:
        self.folder = folder
        self.path = folder / LOCK_FILE
        self.private = private
        self._stamp = _stamp(self.path)
        self._content = _read(self.path)
        self._saved = self._now()
        self._next_s = 0.0

    @property
    def was_overtaken(self) -> bool:
        """Whether another build has written the file since it was read."""
        return _stamp(self.path) != self._stamp

    @property
    def artefacts(self) -> dict[str, ArtefactRecord]:
        """What was finished, by its path from the folder."""
        return self._content.artefacts

    @property
    def sessions(self) -> dict[str, SessionRecord]:
        """What scripts said when they were read last."""
        return self._content.sessions

    @property
    def by_course(self) -> bool:
        """Whether the course itself asked for what lies in a private folder."""
        return self._content.by_course

    @property
    def published(self) -> tuple[str, ...]:
        """What publishers have written into the folder, or were about to write, from there."""
        return tuple(self._content.published)

    def note_origin(self, *, by_course: bool) -> None:
        """Note who asked for what lies here: the course, or who built it."""
        self._content.by_course = by_course

    def note_published(self, names: Iterable[str]) -> None:
        """Note what a publisher writes, by its path from the folder."""
        self._content.published = sorted({*self._content.published, *names})

    def begin(self, course: str, program: str) -> None:
        """Note whose outputs these are, and forget what another program read in scripts."""
        if self._content.program != program:
            self._content.sessions.clear()
        self._content.course, self._content.program = course, program

    def save(self, *, now: bool = True) -> None:
        """Write what has changed; without ``now``, only if that takes no noticeable part of the time.

        What isn't written for a moment is not lost by a kill, because an artefact's ``session.json`` says what it
        was made from. Raises DeliveryError where the folder can't be written.
        """
        if not now and time.monotonic() < self._next_s:
            return
        current = self._now()
        if current == self._saved:
            return
        began = time.monotonic()
        content = asdict(self._content)
        content["artefacts"] = dict(sorted(content["artefacts"].items()))  # not in the order of a race
        write_text(self.path, json.dumps(content, indent=1, ensure_ascii=False) + "\n", private=self.private)
        self._saved, self._stamp = current, _stamp(self.path)
        ended = time.monotonic()
        self._next_s = ended + (ended - began) / _SHARE

    def _now(self) -> _Content:
        """A copy; what is in it is never changed."""
        content = self._content
        return replace(content, sessions=dict(content.sessions), artefacts=dict(content.artefacts))


def _stamp(path: Path) -> tuple[int, int]:
    """What is another one after the file was replaced."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_ino)


def _read(path: Path) -> _Content:
    try:
        text = path.read_bytes()
    except OSError:
        return _Content()
    with suppress(ValidationError):
        content = TypeAdapter(_Content).validate_json(text)
        if content.format == _FORMAT:
            return content
    log.warning("%s can't be read; the artefacts beside it are looked through", os.fspath(path))
    return _Content()
