"""Input tracking: which files a piece of work reads, or looks for, reported by whatever opens them.

So none is overwritten, and a build knows what an artefact was made from. Whoever reads a file that a user has made says
so with ``note_read``: a guess from names would miss links, defaults, macros that only some values lead to, and whatever
is read in the next version.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from breathmark.base.errors import RequestError

_GATHERED: ContextVar[tuple[set[Path], ...]] = ContextVar("_GATHERED", default=())


@contextmanager
def files_read() -> Iterator[set[Path]]:
    """Gathers the files that are read inside the ``with`` block, absolute, also by blocks inside it."""
    files: set[Path] = set()
    token = _GATHERED.set((*_GATHERED.get(), files))
    try:
        yield files
    finally:
        _GATHERED.reset(token)


def note_read(file: Path) -> None:
    """Report that ``file`` is read, will be, or would be if it were there."""
    for files in _GATHERED.get():
        files.add(file.absolute())


def stamp(file: Path) -> tuple[int, int] | None:
    """What changes when a file is written; None where there is none, as for a moment while an editor saves."""
    try:
        stat = file.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def check_inputs_stay(outputs: Iterable[Path], inputs: Iterable[Path], option: str = "-o") -> None:
    """Raise RequestError where one of ``outputs``, which the user names with ``option``, is one of ``inputs``.

    Files are compared, not names: links and spellings that the disk takes for the same are seen through.
    """
    known: dict[tuple[int, int], Path] = {}
    for file in inputs:
        if identity := _identity(file):
            known.setdefault(identity, file)
    for output in outputs:
        if (identity := _identity(output)) and identity in known:
            other = known[identity]
            what = "is read" if output.absolute() == other else f"is the file {other}, which is read"
            raise RequestError(
                f"{output} {what} for this, and would be written over", f"choose another name with {option}"
            )


def _identity(file: Path) -> tuple[int, int] | None:
    """File identity: the same for all names of one file; None if it has none.

    A name like ``new/../rain.mp3`` leads to a file as soon as somebody makes the folder ``new``.
    """
    for name in (file, os.path.normpath(file)):
        try:
            status = os.stat(name)  # noqa: PTH116 - takes a third of the time, and a course asks it of thousands of names
        except (OSError, ValueError):
            continue
        return status.st_dev, status.st_ino
    return None
