"""A worker process of a build: ``python -m breathmark.course.executors.worker``, for ``local``.

It reads calls from standard input, and answers each. A thread of its own reads, so that the end of the build is seen
at once, whatever the process is at: it then ends without another word, and without giving any file its name.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
import traceback
from io import FileIO
from queue import SimpleQueue
from typing import IO

from breathmark.base.interrupts import came, die, heed
from breathmark.course.executors.frames import read_frame, write_frame
from breathmark.course.executors.progress import reporting_to


def main() -> None:
    """Serve standard input. Ctrl-C is left to the build."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    heed(signal.SIGTERM)
    # What libraries print must not mix with the answers.
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        todo: SimpleQueue[bytes] = SimpleQueue()
        threading.Thread(target=_read, args=(todo,), daemon=True).start()
        try:
            while not came():
                _answer(answers, todo.get())
        except BrokenPipeError:
            os._exit(0)  # the thread that reads is not to be waited for
        except BaseException:
            if not came():
                raise
        die()  # all `with` blocks are left, so that nothing half-written stays


def _read(todo: SimpleQueue[bytes]) -> None:
    # Unbuffered: a buffer's lock, held by a thread that waits, would stop the interpreter from ending.
    calls = FileIO(0, closefd=False)
    while True:
        try:
            todo.put(read_frame(calls))
        except (EOFError, OSError):
            os._exit(0)


def _answer(answers: IO[bytes], call: bytes) -> None:
    def report(job: str, done: float) -> None:
        write_frame(answers, pickle.dumps(("progress", (job, done))))

    try:
        function, words, named = pickle.loads(call)  # noqa: S301 - from our own parent
        with reporting_to(report):
            answer = pickle.dumps(("result", function(*words, **named)))
    except Exception as exc:  # noqa: BLE001 - whatever a job raises goes to the build
        if came():
            return  # a library may have made it of the interrupt
        exc.add_note("".join(traceback.format_exception(exc)))
        answer = _pickled(exc)
    write_frame(answers, answer)


def _pickled(exc: Exception) -> bytes:
    try:
        pickle.loads(pickle.dumps(exc))  # noqa: S301 - our own bytes: some exceptions can be written, and not be read
        return pickle.dumps(("error", exc))
    except Exception:  # noqa: BLE001 - a library's exception may hold anything
        return pickle.dumps(("error", RuntimeError(f"{type(exc).__name__}: {exc}")))


if __name__ == "__main__":
    main()
