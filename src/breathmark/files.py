"""Files that somebody else has named, read with care: regular ones only, and never more than was bargained for.

A FIFO or a device under a file's name would keep whoever reads it waiting for ever, or never end.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["NotRegularError", "TooLargeError", "is_regular", "read_regular"]


class NotRegularError(OSError):
    """It is a folder, a FIFO, a socket or a device."""


class TooLargeError(OSError):
    """It holds more bytes than its reader takes."""


def is_regular(path: Path) -> bool:
    """Whether ``path`` is a regular file, or a link to one.

    ``Path.is_file`` raises for a name that is too long and for a folder that can't be searched.
    """
    return os.path.isfile(path)  # noqa: PTH113 - see above


def read_regular(path: Path, max_bytes: int) -> bytes:
    """All bytes of a regular file.

    Raises:
        NotRegularError: it is something else; it is not waited for.
        TooLargeError: it is larger than ``max_bytes``.
        OSError: it can't be read; also where no file can have such a name (a NUL in it, or a character that the
            system's encoding lacks).
    """
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _not_regular(path)
            data = file.read(max_bytes + 1)
    except (IsADirectoryError, PermissionError) as exc:  # Windows says the second of a folder
        if os.path.isdir(path):  # noqa: PTH112 - see above
            raise _not_regular(path) from exc
        raise
    except ValueError as exc:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from exc
    if len(data) > max_bytes:
        raise TooLargeError(errno.EFBIG, f"it is larger than {max_bytes:,} bytes", str(path))
    return data


def _open_at_once(path: str, flags: int) -> int:
    """Open a FIFO, too, without waiting for whoever writes into it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _not_regular(path: Path) -> NotRegularError:
    return NotRegularError(errno.EINVAL, "it is not a file", str(path))
