"""Locations: the clip cache, the private folder beside it with its key, and installed voices."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Final

import filelock
import platformdirs

from breathmark.base.errors import VoiceError
from breathmark.base.files import NotRegularError, TooLargeError, read_regular, write_whole
from breathmark.base.folders import cache_folder, own_cache

FORMAT: Final = 1
"""Of the files, of trimming and of measuring: another number makes every stored clip a miss."""

_NOTED_IN: ContextVar[Path | None] = ContextVar("_NOTED_IN", default=None)
_SECRET_BYTES: Final = 32
_PATIENCE_S: Final = 30.0


@contextlib.contextmanager
def notes_in(root: Path) -> Iterator[None]:
    """Meanwhile, keep notes of files in the cache at ``root``, which the user chose.

    Narrators are made from their settings alone, so the folder can't be passed to them.
    """
    before = _NOTED_IN.set(root)
    try:
        yield
    finally:
        _NOTED_IN.reset(before)


def notes_folder(root: Path | None = None) -> Path:
    """Where measurements of takes are noted: in ``root``, else in the cache in use."""
    return (root or _NOTED_IN.get() or cache_folder()) / "models"


def voices_folder(narrator: str) -> Path:
    """Where the voices of ``narrator`` are installed: below ``BREATHMARK_VOICES``, else in this user's data folder."""
    chosen = os.environ.get("BREATHMARK_VOICES", "").strip()
    root = Path(chosen).expanduser().absolute() if chosen else _own_data() / "voices"
    return root / narrator


def private_folder(root: Path) -> Path:
    """Where the private clips of a cache at ``root`` lie; nothing is made yet.

    That is below ``root``, unless other users can write there: a shared store never gets private clips, and so they
    lie in this user's own cache.
    """
    return (own_cache() if _is_shared(root) else root) / "private"


def make_private(folder: Path) -> None:
    """Make ``folder`` for this user alone (0700).

    Raises:
        OSError: it can't be made, or belongs to somebody else.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            raise PermissionError(errno.EPERM, "it belongs to another user")
        folder.chmod(0o700)


def secret(folder: Path) -> bytes:
    """The local random key of a private folder, made when it is first needed, or anew where it is damaged.

    Raises:
        OSError: it can't be read or written.
        VoiceError: another run has been making it for too long.
    """
    path = folder / "key"
    known = _read(path)
    if known:
        return known
    lock = filelock.FileLock(folder / "key.lock", timeout=_PATIENCE_S, mode=0o600)
    try:
        with lock:
            return _read(path) or _make(path)
    except filelock.Timeout as exc:
        raise VoiceError(f"another run holds {lock.lock_file}", "wait for it, or delete that file") from exc


def unwritable(folder: Path, exc: OSError) -> VoiceError:
    """The error for a user whose cache can't be written."""
    if exc.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        hint = "free some space, or choose another folder with --cache or BREATHMARK_CACHE"
        return VoiceError(f"no space is left for the clip cache {folder} ({exc.strerror})", hint)
    hint = "choose a folder that you can write to with --cache or BREATHMARK_CACHE"
    return VoiceError(f"the clip cache {folder} can't be written ({exc.strerror or exc})", hint)


def _own_data() -> Path:
    return Path(platformdirs.user_data_dir("breathmark", appauthor=False))


def _is_shared(root: Path) -> bool:
    """Whether others can put files into ``root``. On Windows, profiles keep users apart."""
    if os.name != "posix":
        return False
    with contextlib.suppress(OSError):
        status = root.stat()
        return status.st_uid != os.getuid() or bool(status.st_mode & 0o022)
    return False


def _read(path: Path) -> bytes:
    with contextlib.suppress(FileNotFoundError, NotRegularError, TooLargeError):
        data = read_regular(path, _SECRET_BYTES)
        if len(data) == _SECRET_BYTES:
            return data
    return b""


def _make(path: Path) -> bytes:
    data = secrets.token_bytes(_SECRET_BYTES)
    # Without it the clips' names mean nothing, so that, unlike a clip, it is forced to the disk.
    write_whole(path, data, private=True, lasting=True)
    return data
