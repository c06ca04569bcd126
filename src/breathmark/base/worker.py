"""Worker process of a pool: it reads calls from standard input, and answers each on standard output.

A thread of its own reads, so that the end of the input is seen at once, whatever the process is at. The call is then
interrupted: it removes what it has half written, gives no file its name, and no other call is begun. So none outlives
a program that is killed; and where no signal can be sent, as on Windows, it is stopped in the same way.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from queue import Queue
from typing import IO, Final, Protocol

from breathmark.base.errors import BreathmarkError
from breathmark.base.interrupts import came, die, heed, interrupt

STOP_S: Final = 10.0
"""How long a worker may take to clean up once its input has ended; it is killed then.

One needs a moment, but more than 3 s were measured on a machine with eight times as much to do as it has cores.
"""
_EVERY_S: Final = 0.25
_REPORT: ContextVar[Callable[[str, float], None] | None] = ContextVar("_REPORT", default=None)


class _JobProgress(Protocol):
    def __call__(self, stage: str, done: int, total: int) -> None: ...


@contextmanager
def reporting_to(report: Callable[[str, float], None]) -> Iterator[None]:
    """Pass the progress of jobs in the ``with`` block to ``report``: the key of the job, and its share from 0 to 1."""
    token = _REPORT.set(report)
    try:
        yield
    finally:
        _REPORT.reset(token)


def job_progress(job: str) -> _JobProgress:
    """A progress function for the stages of ``job``, which reports at most four times a second."""
    report = _REPORT.get()
    last_s = 0.0

    def progress(stage: str, done: int, total: int) -> None:  # noqa: ARG001 - as stages call it
        nonlocal last_s
        now_s = time.monotonic()
        if report is None or not total or now_s - last_s < _EVERY_S:
            return
        last_s = now_s
        report(job, done / total)

    return progress


def main() -> None:
    """Serve standard input. Ctrl-C is left to the program that reads the answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    heed(signal.SIGTERM)
    # What engines and libraries print must not mix with the answers.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        _send(answers, pickle.dumps(("ready", None)))
        calls: Queue[bytes | None] = Queue()
        threading.Thread(target=_read, args=(calls,), daemon=True).start()
        try:
            while not came() and (call := calls.get()) is not None:
                _answer(answers, call)
                calls.task_done()
        except BrokenPipeError:
            pass  # whoever asked is gone
        except BaseException:
            if not came():
                raise
        if came():
            die()  # all `with` blocks are left, so that nothing half-written stays
        os._exit(0)  # to take down all that was imported costs 0.1 s of processor


def _read(calls: Queue[bytes | None]) -> None:
    with open(0, "rb", closefd=False) as stream, suppress(EOFError, OSError, pickle.UnpicklingError):
        while True:
            calls.put(pickle.load(stream))  # noqa: S301 - from our own parent
    busy = calls.unfinished_tasks
    calls.put(None)
    if busy and not came():  # a second one would end the clearing up after the first
        interrupt()
    time.sleep(STOP_S)
    os._exit(1)


def _answer(answers: IO[bytes], call: bytes) -> None:
    def report(job: str, done: float) -> None:
        _send(answers, pickle.dumps(("progress", (job, done))))

    try:
        with reporting_to(report):
            answer = pickle.dumps(("result", pickle.loads(call)()))  # noqa: S301 - from our own parent
    except Exception as exc:  # noqa: BLE001 - whatever a call raises goes to whoever asked
        if came():
            return  # a library may have made it of the interrupt
        answer = _pickled(exc)
    _send(answers, answer)


def _pickled(exc: Exception) -> bytes:
    """A bug keeps its traceback, as a note. That of an error for users could hold a private value."""
    if not isinstance(exc, BreathmarkError):
        exc.add_note("".join(traceback.format_exception(exc)))
    try:
        pickle.loads(pickle.dumps(exc))  # noqa: S301 - our own bytes: some exceptions can be written, and not be read
        return pickle.dumps(("error", exc))
    except Exception:  # noqa: BLE001 - a library's exception may hold anything
        return pickle.dumps(("error", RuntimeError(f"{type(exc).__name__}: {exc}")))


def _send(answers: IO[bytes], message: bytes) -> None:
    answers.write(message)
    answers.flush()


if __name__ == "__main__":
    main()
