"""One build at a time in a folder of outputs."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from filelock import FileLock, Timeout

from breathmark.course.events import Waiting
from breathmark.deliver.write import delivery_errors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from breathmark.course.events import Watch

__all__ = ["BUILD_LOCK", "alone_in"]

BUILD_LOCK: Final = ".breathmark-build.lock"
"""Held by the one build that works in a folder; the system lets go of it when the build ends, however it ends."""


@contextmanager
def alone_in(folder: Path, watch: Watch) -> Iterator[None]:
    """Wait until no other build is at work in ``folder``, and keep others waiting.

    Raises:
        DeliveryError: the folder can't be made or written.
    """
    with delivery_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / BUILD_LOCK)
    with delivery_errors(folder):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            watch(Waiting(folder=os.fspath(folder)))
            lock.acquire()
    try:
        yield
    finally:
        lock.release()
