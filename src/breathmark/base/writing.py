"""Transactional output: files are written under hidden names, then all renamed at once, or none appears.

What a killed run left behind is removed by the next run in the same folder, and what a running one is writing is not.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from breathmark.base.errors import DeliveryError
from breathmark.base.files import begin, draft_in, drafts_in, flush, is_left_behind, sweep_scratch

_STALE_S: Final = 24 * 3600.0
"""When a file of an owner that can't be asked for counts as left behind."""

_ADVICE: Final = {
    errno.ENOSPC: "the disk is full: free some space, or write to another one with {option}",
    errno.EDQUOT: "your disk quota is used up: free some space, or write elsewhere with {option}",
    errno.EFBIG: "a file can't grow that big here: raise the limit (ulimit -f), or write elsewhere with {option}",
    errno.EACCES: "the folder can't be written to: choose another with {option}",
    errno.EPERM: "the folder can't be written to: choose another with {option}",
    errno.EROFS: "the disk is read-only: choose another with {option}",
    errno.ENOTDIR: "part of the path is a file, not a folder: choose another with {option}",
    errno.EEXIST: "part of the path is a file, not a folder: choose another with {option}",
    errno.EISDIR: "a folder has that name: choose another with {option}",
    errno.ENAMETOOLONG: "the name is too long: choose a shorter one with {option}",
}
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM})


class Staging:
    """The files of one render on their way into ``folder``.

    Leaving the ``with`` block without ``publish`` removes them, whatever the reason. ``option`` is what the user names
    the place with.
    """

    def __init__(self, folder: Path, option: str = "-o") -> None:
        self._folder = folder
        self._option = option
        self._parts: list[tuple[Path, Path]] = []
        self._notes: list[Path] = []

    def __enter__(self) -> Self:
        with delivery_errors(self._folder, self._option):
            self._folder.mkdir(parents=True, exist_ok=True)
            sweep(self._folder)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for part in (*self._notes, *(part for part, _ in self._parts)):
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def add(self, name: str, *, private: bool = False) -> Path:
        """An empty file that will become ``name``; others can't read it where it is private.

        Raises DeliveryError where the folder can't be written to, or something other than a file has that name already.
        """
        final = self._folder / name
        part = draft_in(self._folder)
        with delivery_errors(final, self._option):
            if final.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if final.exists() and not final.is_file():  # a rename would put a file in place of /dev/null
                raise OSError(errno.EINVAL, "it is not a regular file")
            self._parts.append((part, final))
            os.close(begin(part, private=private))
        return part

    def add_text(self, name: str, text: str, *, private: bool = False) -> None:
        """Write ``text`` into a file that will become ``name``, in UTF-8 with line feeds on every system."""
        part = self.add(name, private=private)
        with delivery_errors(self._folder / name, self._option):
            part.write_text(text, encoding="utf-8", newline="\n")

    def note(self, text: str) -> Path:
        """A file that another program needs on the way; it never gets a name, and is gone with the others."""
        path = draft_in(self._folder)
        self._notes.append(path)
        with (
            delivery_errors(path, self._option),
            os.fdopen(begin(path, private=True), "w", encoding="utf-8", newline="\n") as file,
        ):
            file.write(text)
        return path

    def publish(self, make_room: Callable[[], object] = lambda: None) -> tuple[Path, ...]:
        """Give all files their names, the one that was added first as the last of them, and return these in that order.

        Every file is on the disk before the first is renamed, so a machine that loses power leaves no torn one.
        ``make_room`` is called in between.
        """
        last_first = self._parts[::-1]
        for part, final in last_first:
            with delivery_errors(final, self._option):
                flush(part)
        make_room()
        for part, final in last_first:
            with delivery_errors(final, self._option):
                part.replace(final)
        _flush_folder(self._folder)
        return tuple(final for _, final in last_first)


def write_text(path: Path, text: str, *, private: bool = False, option: str = "-o") -> None:
    """Write ``text`` into ``path``, named by ``option``: whole, or not at all. Raises DeliveryError."""
    with Staging(path.parent, option) as staging:
        staging.add_text(path.name, text, private=private)
        staging.publish()


def write_changed(folder: Path, files: Mapping[str, bytes], *, private: bool = False) -> tuple[Path, ...]:
    """Write those of ``files``, by their names in ``folder``, that are missing or differ, and return which.

    Each is written whole or not at all. Raises DeliveryError.
    """
    changed = {name: data for name, data in files.items() if not _holds(folder / name, data)}
    if not changed:
        return ()
    with Staging(folder) as staging:
        for name, data in changed.items():
            part = staging.add(name, private=private)
            with delivery_errors(folder / name):
                part.write_bytes(data)
        return staging.publish()


def _holds(file: Path, data: bytes) -> bool:
    try:
        return file.stat().st_size == len(data) and file.read_bytes() == data
    except OSError:
        return False


@contextmanager
def delivery_errors(path: Path, option: str = "-o") -> Iterator[None]:
    """Translate what the operating system refuses about ``path`` into a DeliveryError that says what to do.

    ``option`` is what the user names the place with.
    """
    try:
        yield
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, "write elsewhere with {option}").format(option=option)
        if error.errno in _FORBIDDEN and os.path.isfile(path):  # noqa: PTH113 - asks without raising
            # Such as the lock of a course that somebody else has built.
            advice = (
                f"this file is another user's, or read-only: change its permissions, or write elsewhere with {option}"
            )
        raise DeliveryError(f"{path} can't be written: {error.strerror or error}", advice) from error


def sweep(folder: Path) -> None:
    """Remove the parts in ``folder`` whose process is gone, and the temporary files of such processes."""
    sweep_scratch()
    for path in drafts_in(folder):
        if is_left_behind(path, stale_s=_STALE_S):
            with suppress(OSError):
                path.unlink()


def _flush_folder(folder: Path) -> None:
    """Make the renames last; not every system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
