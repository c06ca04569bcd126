"""The files of the studio's folder: what it lists, reads and writes, and nothing outside it."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar, Final

from breathmark.base.errors import BreathmarkError, RequestError
from breathmark.base.files import TooLargeError, read_regular
from breathmark.base.writing import Staging
from breathmark.course.manifest import COURSE_FILE
from breathmark.script.project import SETTINGS_FILE, looks_like_script
from breathmark.script.reader.source import MAX_BYTES

_TEXTS: Final = frozenset({".yaml", ".yml", ".j2", ".jinja", ".md", ".txt"})
OUTPUT: Final = "dist"
"""Where finished files go unless one chooses another place."""
SOUND_SUFFIXES: Final = frozenset({".mp3", ".m4a", ".m4b", ".opus", ".flac", ".wav", ".aiff"})
_HIDDEN: Final = frozenset({"node_modules", "__pycache__", OUTPUT})
_MOST_FINISHED: Final = 10
_MOST_FILES: Final = 5_000
"""Files that are looked at for scripts; a folder with more is not one to write in."""


class ChangedError(BreathmarkError):
    """A file is not what the page last read; ``text`` is what it holds now."""

    exit_code: ClassVar[int] = 2

    def __init__(self, path: str, text: str) -> None:
        super().__init__(path, text)
        self.path = path
        self.text = text

    def __str__(self) -> str:
        return f"{self.path} was changed by another program meanwhile\ncompare both, and keep one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder that the studio was opened on."""

    root: Path
    """Absolute, links resolved."""

    def file(self, path: str) -> Path:
        """The file of a path with ``/`` from the folder on. Raises RequestError where it is not inside."""
        parts = PurePosixPath(path).parts
        if not parts or "\\" in path or "\0" in path or any(part in ("..", "/") or ":" in part for part in parts):
            raise RequestError(f"“{path}” is not a file of this folder", "choose one that is listed")
        file = self.root.joinpath(*parts)
        try:
            inside = file.resolve().is_relative_to(self.root)
        except (OSError, RuntimeError) as exc:
            raise RequestError(f"“{path}” can't be opened", "look at it in the folder") from exc
        if not inside:
            raise RequestError(f"“{path}” leads out of this folder", "copy the file into the folder")
        return file

    def read(self, path: str) -> str:
        """The text of a file, with line breaks of one character. Raises RequestError."""
        file = self._text_file(path)
        return _lines(self._text(file, path))

    def _text(self, file: Path, path: str) -> str:
        try:
            return read_regular(file, MAX_BYTES).decode("utf-8")
        except TooLargeError as exc:
            raise RequestError(f"“{path}” is larger than {MAX_BYTES // 1024} KB", "split it with `include:`") from exc
        except OSError as exc:
            raise RequestError(f"“{path}” can't be read: {exc.strerror or exc}", "look at it in the folder") from exc
        except ValueError as exc:
            raise RequestError(f"“{path}” can't be read as text", "save it as UTF-8") from exc

    def write(self, path: str, text: str, seen: str) -> str:
        """Put ``text`` in place of the text that has the mark ``seen``, and return the new mark.

        Raises: ChangedError, RequestError, DeliveryError.
        """
        file = self._text_file(path)
        written = self._text(file, path) if os.path.lexists(file) else None
        now = "" if written is None else _lines(written)
        if seen != ("" if written is None else mark(now)):
            raise ChangedError(path, now)
        data = (text.replace("\n", "\r\n") if "\r\n" in (written or "") else text).encode("utf-8")
        if len(data) > MAX_BYTES:
            raise RequestError(f"“{path}” would be larger than {MAX_BYTES // 1024} KB", "split it with `include:`")
        with Staging(file.parent) as staging:
            staging.add(file.name).write_bytes(data)
            staging.publish()
        return mark(text)

    def finished(self, path: str) -> list[str]:
        """The finished files of a script, the newest first, by the names that they get unless one chooses others."""
        stem = PurePosixPath(path).stem
        named = re.compile(rf"{re.escape(stem)}(-\d[\dhms]*)?(-[a-z-]+)?")
        found = []
        with suppress(OSError), os.scandir(self.root / OUTPUT) as entries:
            for entry in entries:
                name = PurePosixPath(entry.name)
                if name.suffix.lower() in SOUND_SUFFIXES and named.fullmatch(name.stem) and entry.is_file():
                    found.append((entry.stat().st_mtime, f"{OUTPUT}/{entry.name}"))
        return [path for _, path in sorted(found, reverse=True)][:_MOST_FINISHED]

    def scripts(self) -> Iterator[str]:
        """The scripts, as paths with ``/`` from the folder on; also those that can't be read."""
        return (path for path in self._files() if path.endswith((".yaml", ".yml")) and self._is_script(path))

    def courses(self) -> Iterator[str]:
        """The ``course.yaml`` files, likewise."""
        return (path for path in self._files() if PurePosixPath(path).name == COURSE_FILE)

    def _is_script(self, path: str) -> bool:
        name = PurePosixPath(path).name
        return name not in (COURSE_FILE, SETTINGS_FILE) and looks_like_script(self.root / path)

    def _files(self) -> Iterator[str]:
        left = _MOST_FILES
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(name for name in folders if name not in _HIDDEN and not name.startswith("."))
            for name in sorted(files):
                left -= 1
                if left < 0:
                    return
                path = Path(folder, name).relative_to(self.root).as_posix()
                if _is_text(path):
                    yield path

    def _text_file(self, path: str) -> Path:
        file = self.file(path)
        if file.suffix.lower() not in _TEXTS:
            raise RequestError(f"“{path}” is not a text file", "choose a script, a part or a page")
        return file


def _is_text(path: str) -> bool:
    """Whether a path can be told to the page: a name that is not UTF-8 can't."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _lines(text: str) -> str:
    """The text with its line breaks made one kind; it is written with the kind that the file has."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def mark(text: str) -> str:
    """What tells one text of a file from another: the ETag of its answers."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:32]
