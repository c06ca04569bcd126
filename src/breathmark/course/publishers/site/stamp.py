"""Stamp of a site: a note of what its pages were made from, by which current pages are left alone."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from breathmark.base.writing import delivery_errors
from breathmark.course.publishers.base import Library, LibraryEntry, offers
from breathmark.course.sources import file_state
from breathmark.languages.words import site_words

FOLDER: Final = "site"
"""Where all but the first page lies, from the library's folder."""
NOTE: Final = ".breathmark-site.json"
"""The note's name in that folder."""
DAY_FILE: Final = "day.html"
"""The page for several sessions in a row."""
PACKS: Final = f"{FOLDER}/packs"
PACK_NOTE: Final = ".breathmark-packs.json"
"""The name of another one, of what was made for any length, in that of the packs."""
_COURSE: Final = Path(__file__).parents[2]
_MAKERS: Final = ("artwork.py", "covers.py", "publishers/site")


def is_current(library: Library) -> bool:
    """Whether the pages were made from just this, and are unchanged since."""
    try:
        noted = _noted(library)
        untouched = all(_status(library.folder / name) == known for name, known in noted.files.items())
        return untouched and noted.made_from == _made_from(library)
    except (OSError, ValidationError):
        return False


def noted_files(library: Library) -> tuple[str, ...]:
    """The files that the last build wrote, from the library's folder; none where there is no note."""
    try:
        return tuple(_noted(library).files)
    except (OSError, ValidationError):
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Noted:
    """The note's content."""

    made_from: str
    files: dict[str, list[int]]
    """By name: size and time."""


def _noted(library: Library) -> _Noted:
    return TypeAdapter(_Noted).validate_json((library.folder / FOLDER / NOTE).read_bytes())


def stamp(library: Library, files: Iterable[Path]) -> tuple[Path, str]:
    """The note on ``files``, and where it belongs. Raises DeliveryError where one of them is gone already."""
    with delivery_errors(library.folder / FOLDER):
        known = {file.relative_to(library.folder).as_posix(): _status(file) for file in files}
    text = json.dumps({"made_from": _made_from(library), "files": known}, indent=1) + "\n"
    return library.folder / FOLDER / NOTE, text


def _status(file: Path) -> list[int]:
    status = file.stat()
    return [status.st_size, status.st_mtime_ns]


def _made_from(library: Library) -> str:
    """Of all that a page shows. What was said is known by the hashes of its files, so that none is read."""
    digest = hashlib.sha256()
    for part in _parts(library):
        digest.update(part.encode() + b"\0")
    return digest.hexdigest()


@cache
def _program() -> str:
    """The code and the templates that make the pages, and who turns Markdown into HTML."""
    digest = hashlib.sha256(version("markdown-it-py").encode())
    for maker in _MAKERS:
        path = _COURSE / maker
        files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
        for file in files:
            if file.suffix != ".pyc":
                digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _parts(library: Library) -> Iterator[str]:
    course = library.course
    yield _program()
    yield repr(sorted(site_words(course.language).words.items()))
    yield repr((course.title, course.summary, course.author, course.language, course.notes, course.help))
    yield repr((course.blocks, course.paths, sorted(course.concepts.items())))
    yield file_state(course.cover) if course.cover else ""
    yield repr(offers(library))
    yield repr(course.site.any_length and not library.listener)
    yield file_state(library.folder / PACKS / PACK_NOTE)
    yield from (part for entry in library.entries for part in _entry_parts(library, entry))


def _entry_parts(library: Library, entry: LibraryEntry) -> Iterator[str]:
    record, session = entry.record, entry.session
    yield repr((entry.path, entry.metadata, session.id, session.block, session.extra))
    yield repr((record.length_s, record.voice, record.ambience, record.preset, record.measures))
    yield repr([(name, file.size, file.sha256) for name, file in record.files.items()])
    for file in (
        session.companion,
        library.course.project.root / entry.metadata.cover if entry.metadata.cover else None,
    ):
        yield f"{os.fspath(file)} {file_state(file)}" if file else ""
