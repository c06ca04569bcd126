"""The SHA-256 of large files that hardly ever change, remembered between runs."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import stat
from typing import TYPE_CHECKING, Final

from breathmark.base.files import NotRegularError, read_regular, write_whole
from breathmark.speech.clips.places import notes_folder

if TYPE_CHECKING:
    from pathlib import Path


_NOTE_BYTES_MAX: Final = 64 * 2**10
_MEMORY: dict[str, str] = {}


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's content, computed anew only where the file was touched.

    It is remembered by path, size, inode, and the times of the last change of content and of the inode; the latter
    changes also where an installer sets the former back. Where nothing can be remembered, it is computed each time.

    Raises:
        OSError: the file can't be read.
    """
    state = path.stat()
    if not stat.S_ISREG(state.st_mode):
        raise NotRegularError(errno.EINVAL, "it is not a file", str(path))
    identity = f"{path.resolve()} {state.st_size} {state.st_ino} {state.st_mtime_ns} {state.st_ctime_ns}"
    if identity not in _MEMORY:
        note = notes_folder() / f"{hashlib.sha256(identity.encode()).hexdigest()}.json"
        _MEMORY[identity] = _noted(note, identity) or _note(note, identity, path)
    return _MEMORY[identity]


def _noted(note: Path, identity: str) -> str:
    with contextlib.suppress(OSError, ValueError, RecursionError):
        known = json.loads(read_regular(note, _NOTE_BYTES_MAX))
        if isinstance(known, list) and len(known) == 2 and known[0] == identity and _is_sha256(known[1]):
            return str(known[1])
    return ""


def _is_sha256(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and set(value) <= set("0123456789abcdef")


def _note(note: Path, identity: str, path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with contextlib.suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        write_whole(note, json.dumps([identity, digest]).encode())
    return digest
