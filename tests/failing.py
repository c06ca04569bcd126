"""Functions that workers run in tests of pools and executors."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from breathmark.base.errors import RequestError, VoiceError
from breathmark.base.worker import job_progress


def double(number: int) -> int:
    """Twice the number."""
    return 2 * number


def die() -> None:
    """End as the kernel ends a process that has taken all memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(note: str) -> int:
    """Die at the first call; then give the process's number."""
    if not Path(note).exists():
        Path(note).touch()
        die()
    return os.getpid()


def fail(message: str) -> None:
    """A failure of the kind that users see."""
    raise VoiceError(message, "try another voice")


def refuse() -> None:
    """A failure that another try doesn't change."""
    raise RequestError("there is no such thing")


class _OddError(Exception):
    def __init__(self, one: str, two: str) -> None:
        super().__init__(one + two)


def blunder() -> None:
    """A bug."""
    int("nothing")


def die_loudly() -> None:
    """Break down as engines do."""
    print("out of memory", file=sys.stderr, flush=True)  # noqa: T201 - that is the point
    os._exit(9)


def unpicklable() -> None:
    """A failure of a library whose exceptions don't survive the way between processes."""
    raise _OddError("it broke", " badly")


def print_and_tell(job: str) -> str:
    """Print, as some engines do, and tell how far it is."""
    print("noise on the way of the answers")  # noqa: T201 - that is the point
    sys.stdout.flush()
    os.write(1, b"more noise\n")
    job_progress(job)("Rendering", 1, 2)
    return job


def compute(note: str) -> int:
    """Say that work has begun, then be for hours in a call of C that hears no signal."""
    Path(note + ".begun").touch()
    return sum(range(10**13))


def sleep_and_write(note: str, seconds: float) -> None:
    """Say that work has begun, work for a while, then leave a trace; tidy up when asked to stop."""
    try:
        Path(note + ".begun").touch()
        time.sleep(seconds)
        Path(note).touch()
    except KeyboardInterrupt:
        Path(note + ".tidied").touch()
        raise
