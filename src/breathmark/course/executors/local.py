"""The executor ``local``: processes of this machine.

They are started as programs of their own, as those that speak are (see ``speech.pool``): a build works from a
script without a main guard and in a notebook. One that dies takes its job with it and no other, and is replaced. None
outlives a build that is killed, not even by the job that it is at: what it was writing would else come after the files
of the next build.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from breathmark.course.executors.base import Rendering, WorkerDiedError
from breathmark.course.executors.frames import read_frame, write_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from breathmark.course.executors.base import ExecutorSettings


P = ParamSpec("P")
R = TypeVar("R")

_GRACE_S: Final = 10.0
"""How long all workers together may take to clean up when the build is interrupted, and are then killed.

One needs a moment, but more than 3 s were measured on a machine with eight times as much to do as it has cores.
"""


def local_workers(settings: ExecutorSettings) -> LocalExecutor:
    """Processes of this machine, each started when it is first needed."""
    return LocalExecutor(settings.jobs, settings.on_progress)


class LocalExecutor(Executor):
    """An executor whose futures fail one by one."""

    def __init__(self, jobs: int, on_progress: Callable[[Rendering], None] = lambda _event: None) -> None:
        self._todo: SimpleQueue[_Call | None] = SimpleQueue()
        self._on_progress = on_progress
        self._lock = threading.Lock()
        self._closed = False
        self._ending = False
        self._workers: set[_Worker] = set()
        self._threads = [
            threading.Thread(target=self._serve, args=(str(number),), daemon=True) for number in range(1, jobs + 1)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Have a worker call ``fn``; a worker's death is the future's WorkerDiedError."""
        future: Future[R] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("this executor is shut down")
            self._todo.put(_Call(future, pickle.dumps((fn, args, kwargs))))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - the base's
        """Accept no further calls. With ``cancel_futures`` and without ``wait``, running calls are stopped, too."""
        with self._lock:
            self._closed = True
            self._ending = self._ending or (cancel_futures and not wait)
            workers = tuple(self._workers)
        if cancel_futures:
            with suppress(Empty):  # the threads take calls meanwhile
                while True:
                    call = self._todo.get_nowait()
                    if call is not None:
                        call.future.cancel()
        for _ in self._threads:
            self._todo.put(None)
        if self._ending:
            for worker in workers:
                worker.ask_to_end()
            ends_s = time.monotonic() + _GRACE_S
            for worker in workers:
                worker.kill_after(max(0.0, ends_s - time.monotonic()))
        if wait or cancel_futures:
            for thread in self._threads:
                thread.join()

    def _serve(self, name: str) -> None:
        """One thread, one worker at a time."""
        worker: _Worker | None = None
        while (call := self._todo.get()) is not None:
            if not call.future.set_running_or_notify_cancel():
                continue
            try:
                worker = worker or self._start_worker(name)
                call.answer(*worker.perform(call.pickled, self._on_progress))
            except (OSError, EOFError, pickle.PickleError, WorkerDiedError) as exc:
                if worker:
                    self._end_worker(worker)
                worker = None
                death = WorkerDiedError("a worker process died")
                death.__cause__ = exc
                call.future.set_exception(death)
        if worker:
            self._end_worker(worker)

    def _start_worker(self, name: str) -> _Worker:
        with self._lock:
            if self._ending:
                raise WorkerDiedError("the build is over")
            worker = _Worker(name)
            self._workers.add(worker)
        return worker

    def _end_worker(self, worker: _Worker) -> None:
        with self._lock:
            self._workers.discard(worker)
        worker.end()


class _Call:
    """A function to be called elsewhere, and the future of its result."""

    def __init__(self, future: Future[Any], pickled: bytes) -> None:
        self.future = future
        self.pickled = pickled

    def answer(self, kind: str, value: Any) -> None:  # noqa: ANN401 - whatever the function gives
        if kind == "error":
            self.future.set_exception(value)
        else:
            self.future.set_result(value)


class _Worker:
    """One process, asked by one thread."""

    def __init__(self, name: str) -> None:
        self.name = name
        # -P and this path: the worker imports what the build does, and nothing from the current folder.
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "breathmark.course.executors.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )

    def perform(self, pickled: bytes, on_progress: Callable[[Rendering], None]) -> tuple[str, Any]:
        """The kind of answer, ``result`` or ``error``, and its value. Raises OSError or EOFError when it is gone."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        write_frame(self._process.stdin, pickled)
        while True:
            kind, value = pickle.loads(read_frame(self._process.stdout))  # noqa: S301 - from our own child
            if kind != "progress":
                return kind, value
            job, done = value
            on_progress(Rendering(worker=self.name, job=job, done=done))

    def ask_to_end(self) -> None:
        """Have it stop its job, and remove what it has half written."""
        with suppress(OSError):
            self._process.terminate()

    def end(self) -> None:
        """Close its input, at which it ends, and wait for it."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        with suppress(OSError):
            self._process.stdin.close()
        self.kill_after(_GRACE_S)
        with suppress(OSError):
            self._process.stdout.close()

    def kill_after(self, grace_s: float) -> None:
        """Wait until it has ended, and end it where it doesn't: no signal is heard in the middle of a call of C."""
        try:
            self._process.wait(grace_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
