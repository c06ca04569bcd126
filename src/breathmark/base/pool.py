"""Worker pool: an executor on processes of this machine, or on threads of this process.

The processes are started as programs of their own, not by ``multiprocessing``: so a run works from a script without a
main guard, from standard input and in a notebook, and no process outlives a run that is killed (see ``worker``).
"""

from __future__ import annotations

import itertools
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, ClassVar, Final, ParamSpec, TypeAlias, TypeVar

from breathmark.base.errors import BreathmarkError
from breathmark.base.worker import STOP_S

P = ParamSpec("P")
R = TypeVar("R")
Report: TypeAlias = "Callable[[str, str, float], None]"
"""Called with progress from any thread: the worker's short name, the key of its job, and its share from 0 to 1."""

_LAST_LINES: Final = 3
_LONGEST_LINE: Final = 300
_PROGRAM: Final = "from breathmark.base.worker import main; main()"


class WorkerError(BreathmarkError):
    """A worker process ended without an answer."""

    exit_code: ClassVar[int] = 6
    what: ClassVar[str] = "a worker process died"

    def __init__(self, end: str, last_output: str = "") -> None:
        super().__init__(end, last_output)
        self.end = end
        """How it ended, such as ``SIGSEGV``, or why it was not started."""
        self.last_output = last_output
        """The last lines that it wrote to standard error; they may contain what it was to speak."""

    def __str__(self) -> str:
        return f"{self.what} ({self.end})\ntry fewer at once with --jobs"


class WorkerStartError(WorkerError):
    """No worker process could be started."""

    what: ClassVar[str] = "a worker process could not be started"


def usable_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Pool(Executor):
    """An executor whose workers are started when they are needed, and replaced when they die.

    A call whose worker dies fails with a WorkerError, and no other call does.
    """

    def __init__(
        self,
        size: int,
        *,
        threads: bool = False,
        attempts: int = 1,
        finish_s: float = 0.0,
        stop_s: float = STOP_S,
        on_progress: Report = lambda _worker, _job, _done: None,
    ) -> None:
        """Start nothing yet.

        Args:
            size: how many calls run at once.
            threads: let threads make the calls, and no processes, for calls that only wait.
            attempts: how often a call is made whose worker dies.
            finish_s: how long running calls may go on when the pool is closed.
            stop_s: how long workers may take to clean up after that; they are killed then.
            on_progress: called with what jobs report.
        """
        self.size = size
        self._threads = threads
        self._attempts = attempts
        self._finish_s = finish_s
        self._stop_s = stop_s
        self._on_progress = on_progress
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._stopping = False
        self._workers: dict[str, _Worker] = {}
        self._idle: list[_Worker] = []
        # Daemons, since other threads would hold up the end of the program for as long as a call takes.
        self._servers = [threading.Thread(target=self._serve, daemon=True) for _ in range(size)]
        self._serving = size
        for server in self._servers:
            server.start()

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Have a worker call ``fn``. What goes to a process and back can be pickled."""
        future: Future[R] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("this pool is closed")
            self._calls.put((future, partial(fn, *args, **kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - the base's
        """Accept no further calls. With ``cancel_futures`` and without ``wait``, running calls are stopped, too."""
        with self._lock:
            self._closed = True
            self._stopping = self._stopping or (cancel_futures and not wait)
        if cancel_futures:
            with suppress(Empty):  # the servers take calls meanwhile
                while True:
                    if call := self._calls.get_nowait():
                        call[0].cancel()
        for _ in self._servers:
            self._calls.put(None)
        if wait:
            self._join(None)
        elif cancel_futures:
            try:
                self._join(self._finish_s)
            finally:
                self._end_workers()

    def close(self) -> None:
        """Cancel what has not begun, give running calls their time, and end all workers."""
        self.shutdown(wait=False, cancel_futures=True)

    def _join(self, longest_s: float | None) -> None:
        ends_s = time.monotonic() + (longest_s or 0.0)
        for server in self._servers:
            server.join(None if longest_s is None else max(0.0, ends_s - time.monotonic()))

    def _end_workers(self) -> None:
        with self._lock:
            workers = tuple(self._workers.values())
        for worker in workers:
            worker.close()
        ends_s = time.monotonic() + self._stop_s
        for worker in workers:
            worker.end(max(0.0, ends_s - time.monotonic()))

    def _serve(self) -> None:
        """One call after the other; the last of these threads to leave ends the workers."""
        while (taken := self._calls.get()) is not None:
            future, call = taken
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call() if self._threads else self._perform(call))
            except BaseException as exc:  # noqa: BLE001 - it is raised where the result is asked for
                future.set_exception(exc)
            del taken, future, call  # while this thread waits for another one, nothing keeps its result
        with self._lock:
            self._serving -= 1
        if not self._serving:
            self._end_workers()

    def _perform(self, call: Callable[[], R]) -> R:
        pickled = pickle.dumps(call)
        for attempt in range(1, self._attempts + 1):
            worker = self._worker(new=attempt > 1)  # where one died, the idle ones may have been killed, too
            try:
                kind, value = worker.perform(pickled)
            except Exception as exc:
                self._dismiss(worker)
                if attempt == self._attempts or type(exc) is not WorkerError:
                    raise
                continue
            with self._lock:
                self._idle.append(worker)
            if kind == "error":
                raise value
            return value  # type: ignore[no-any-return]  # what `call` gives
        raise AssertionError

    def _worker(self, *, new: bool) -> _Worker:
        """The one that was idle last, so that few are started where few are needed."""
        with self._lock:
            if self._stopping:
                raise WorkerStartError("the pool is closed")
            if self._idle and not new:
                return self._idle.pop()
            name = next(name for name in map(str, itertools.count(1)) if name not in self._workers)
            self._workers[name] = _Worker(name, self._on_progress)
            return self._workers[name]

    def _dismiss(self, worker: _Worker) -> None:
        worker.end(self._stop_s)
        with self._lock:  # only now, so that whoever closes the pool waits for it, too
            del self._workers[worker.name]


class _Worker:
    """One process, asked by one thread."""

    def __init__(self, name: str, on_progress: Report) -> None:
        self.name = name
        self._on_progress = on_progress
        self._error: type[WorkerError] = WorkerStartError
        """What its end is, until it is ready."""
        pipe = subprocess.PIPE
        # -P and this path: the worker imports what this process does, and nothing from the current folder.
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-P", "-c", _PROGRAM], stdin=pipe, stdout=pipe, stderr=pipe, env=environment
            )
        except (OSError, ValueError) as exc:
            raise WorkerStartError(getattr(exc, "strerror", None) or str(exc)) from exc
        self._output: deque[str] = deque(maxlen=_LAST_LINES)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def perform(self, call: bytes) -> tuple[str, Any]:
        """The kind of answer, ``result`` or ``error``, and its value. Raises WorkerError where it dies."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            pickle.dump(call, self._process.stdin)
            self._process.stdin.flush()
            while True:
                kind, value = pickle.load(self._process.stdout)  # noqa: S301 - from our own child
                if kind == "ready":
                    self._error = WorkerError
                elif kind == "progress":
                    self._on_progress(self.name, *value)
                else:
                    return kind, value
        except (OSError, EOFError, ValueError, pickle.PickleError) as exc:
            self.end(STOP_S)
            raise self._error(_ending(self._process.returncode), " | ".join(self._output)) from exc

    def _listen(self) -> None:
        """Keep the last of what engines print, and never let them wait for a reader."""
        assert self._process.stderr is not None  # noqa: S101 - it is a pipe
        with self._process.stderr as complaints:
            while line := complaints.readline(_LONGEST_LINE):
                if text := line.decode(errors="replace").strip():
                    self._output.append(text)

    def close(self) -> None:
        """End its input, at which it stops what it is at."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        with suppress(OSError, ValueError):  # a ValueError where another thread is closing it
            self._process.stdin.close()

    def end(self, grace_s: float) -> None:
        """Wait until it has ended, and kill it where it doesn't: no signal arrives in the middle of a call of C."""
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        self.close()
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join(1.0)
        with suppress(OSError):
            self._process.stdout.close()


def _ending(code: int) -> str:
    """How a process ended, such as ``SIGSEGV`` or ``exit code 1``."""
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code}"
