"""Atomic file writes: a file is written whole under a draft's name, then renamed; and cleanup after killed runs.

A draft's name records the process and the machine that write it. So what a killed run left behind can be
distinguished from what a running one is writing. Folders for temporary files are named in the same way.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import re
import secrets
import shutil
import socket
import stat
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Final

from breathmark.base.interrupts import held_back


class NotRegularError(OSError):
    """It is a folder, a FIFO, a socket or a device."""


class TooLargeError(OSError):
    """It holds more bytes than its reader takes."""


def is_regular(path: Path) -> bool:
    """Whether ``path`` is a regular file, or a link to one.

    ``Path.is_file`` raises for a name that is too long and for a folder that can't be searched.
    """
    return os.path.isfile(path)  # noqa: PTH113 - see above


def is_utf8(name: str) -> bool:
    """Whether a file's name can be written into a text; Python reads bytes that aren't UTF-8 as surrogates."""
    return not any(0xD800 <= ord(character) <= 0xDFFF for character in name)


def read_regular(path: Path, max_bytes: int) -> bytes:
    """All bytes of a regular file.

    Raises:
        NotRegularError: it is something else; it is not waited for.
        TooLargeError: it is larger than ``max_bytes``.
        OSError: it can't be read; also where no file can have such a name (a NUL in it, or a character that the
            system's encoding lacks).
    """
    with _open_regular(path) as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise TooLargeError(errno.EFBIG, f"it is larger than {max_bytes:,} bytes", str(path))
    return data


def read_head(path: Path, count: int) -> bytes:
    """The first ``count`` bytes of a regular file, or all of a shorter one.

    Raises: as ``read_regular`` does, whatever the file's size.
    """
    with _open_regular(path) as file:
        return file.read(count)


def file_sha256(path: Path) -> str:
    """The SHA-256 of a regular file's content, in hexadecimal digits.

    Raises: as ``read_regular`` does.
    """
    with _open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def names_beside(path: Path) -> list[str]:
    """The names beside a file that is missing, for a near miss; empty where its folder can't be read."""
    try:
        return [each.name for each in islice(path.parent.iterdir(), _MOST_NAMES) if each != path]
    except (OSError, ValueError):
        return []


def _open_regular(path: Path) -> BufferedReader:
    try:
        file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115 - the caller closes it
    except (IsADirectoryError, PermissionError) as exc:  # Windows says the second of a folder
        if os.path.isdir(path):  # noqa: PTH112 - see above
            raise _not_regular(path) from exc
        raise
    except ValueError as exc:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from exc
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise _not_regular(path)


def _open_at_once(path: str, flags: int) -> int:
    """Open a FIFO, too, without waiting for whoever writes into it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _not_regular(path: Path) -> NotRegularError:
    return NotRegularError(errno.EINVAL, "it is not a file", str(path))


_MOST_NAMES: Final = 1000
"""More are not compared with a misspelt one."""

_SESSION: Final = secrets.token_hex(4)
"""Distinguishes this process from an earlier one with the same id, as the first process of a container always has."""
_NUMBERS: Final = itertools.count()
_OWNER: Final = r"(?P<host>[0-9a-f]{8})-(?P<pid>\d+)-(?P<session>[0-9a-f]{8})"
_NAME: Final = re.compile(rf"\.breathmark-{_OWNER}-\d+\.part")
_SCRATCH: Final = re.compile(rf"breathmark-{_OWNER}-\w+")
_SCRATCH_STALE_S: Final = 7 * 24 * 3600.0
_PUBLIC_MODE: Final = 0o666
_PRIVATE_MODE: Final = 0o600


def draft_in(folder: Path) -> Path:
    """A new draft's path in ``folder``; nothing is made yet. It is hidden, and no two calls give the same."""
    return folder / f".breathmark-{_host()}-{os.getpid()}-{_SESSION}-{next(_NUMBERS)}.part"


def begin(draft: Path, *, private: bool = False) -> int:
    """Make the file ``draft`` and open it for writing; others can't read it where it is private.

    Gives its descriptor. A name that somebody else has laid there, or linked elsewhere, is never written through.

    Raises:
        OSError: it can't be made.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.open(draft, flags, _PRIVATE_MODE if private else _PUBLIC_MODE)


def write_whole(path: Path, data: bytes, *, private: bool = False, lasting: bool = False) -> None:
    """Write ``data`` into ``path``: whole, or not at all.

    Others can't read it where it is ``private``; where it is ``lasting``, it is on the disk before it has its name, so
    that a power cut leaves no torn one.

    Raises:
        OSError: it can't be written; no draft is left.
    """
    draft = draft_in(path.parent)
    descriptor = begin(draft, private=private)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        if lasting:
            flush(draft)
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def flush(path: Path) -> None:
    """Wait until all of a file is on the disk. Raises OSError."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def is_draft(path: Path) -> bool:
    """Whether ``path`` has the name of a draft."""
    return _NAME.fullmatch(path.name) is not None


def drafts_in(folder: Path) -> Iterator[Path]:
    """All drafts in ``folder``, of any process; empty where the folder does not exist."""
    return filter(is_draft, folder.glob(".breathmark-*.part"))


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for temporary files, this user's alone, which is removed with what is in it; ``TMPDIR`` says where.

    Raises:
        OSError: it can't be made.
    """
    prefix = f"breathmark-{_host()}-{os.getpid()}-{_SESSION}-"
    with ExitStack() as stack:
        with held_back():  # an interrupt in the middle would leave the folder
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True))
        try:
            yield Path(folder)
        finally:
            with held_back():
                stack.close()


@cache
def sweep_scratch() -> None:
    """Remove the folders for temporary files that killed runs have left; once in a process."""
    with suppress(OSError):
        for path in Path(tempfile.gettempdir()).glob("breathmark-*"):
            if is_left_behind(path, stale_s=_SCRATCH_STALE_S) and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)


def is_left_behind(draft: Path, *, stale_s: float) -> bool:
    """Whether nobody writes ``draft``, or into the scratch folder of that name, any more.

    ``stale_s`` is the age (s) from which one counts as left behind whose process can't be asked for: that of another
    machine, and any on Windows.
    """
    match = _NAME.fullmatch(draft.name) or _SCRATCH.fullmatch(draft.name)
    if match is None:
        return False
    pid = int(match["pid"])
    if match["host"] != _host() or sys.platform == "win32":  # there os.kill(pid, 0) would end the process
        with suppress(OSError):
            return time.time() - draft.stat().st_mtime > stale_s
        return False
    if pid == os.getpid():
        return match["session"] != _SESSION
    return not _is_alive(pid)


def _host() -> str:
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
