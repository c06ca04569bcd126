"""Worker pools for speech: processes for engines on this machine, threads for servers.

The processes are started as programs of their own, not by ``multiprocessing``: so a run works from a script without a
main guard, from standard input and in a notebook, and no process outlives a run that is killed.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor, as_completed
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from breathmark.base.errors import VoiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from breathmark.speech.registry import Settings
    from breathmark.speech.speaking import Speaker, Task

log = logging.getLogger(__name__)

_GRACE_S: Final = 2.0
"""How long threads and worker processes may go on with their sentences after the run has been interrupted."""
_LAST_LINES: Final = 3
_LONGEST_LINE: Final = 300


def perform_waiting(tasks: Sequence[Task], speaker: Speaker, *, at_once: int, on_done: Callable[[], None]) -> None:
    """Speak all ``tasks`` on ``at_once`` threads that share one narrator, in the order given.

    ``on_done`` is called after each, in the caller's thread. When it is interrupted, or a task fails, no further one
    is begun; those under way are still stored, if that takes no longer than 2 s.

    Raises:
        VoiceError: a sentence could not be spoken.
    """
    todo: SimpleQueue[Task] = SimpleQueue()
    for task in tasks:
        todo.put(task)
    done: SimpleQueue[BaseException | None] = SimpleQueue()
    stop = Event()
    # Daemons, since an executor's threads would hold up the end of the program for as long as a server is silent.
    threads = [
        Thread(target=_work, args=(todo, done, speaker, stop), daemon=True) for _ in range(min(at_once, len(tasks)))
    ]
    try:
        for thread in threads:
            thread.start()
        for _ in tasks:
            fault = done.get()
            if fault:
                raise fault
            on_done()
    finally:
        stop.set()
        _wait(threads)


def _work(todo: SimpleQueue[Task], done: SimpleQueue[BaseException | None], speaker: Speaker, stop: Event) -> None:
    """The loop of each thread: it ends when no task is left, or on ``stop``."""
    while not stop.is_set():
        try:
            task = todo.get_nowait()
        except Empty:
            return
        try:
            speaker.perform(task)
        except BaseException as exc:  # noqa: BLE001 - it is raised in the caller's thread
            stop.set()
            done.put(exc)
        else:
            done.put(None)


def _wait(threads: Sequence[Thread]) -> None:
    deadline = time.monotonic() + _GRACE_S
    for thread in threads:
        if thread.ident is not None:
            thread.join(max(0.0, deadline - time.monotonic()))


def usable_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class NoWorkersError(Exception):
    """No process could be started; the run has to speak by itself."""


class _DiedError(Exception):
    """A worker ended without an answer."""

    def __init__(self, end: str, last_words: str) -> None:
        super().__init__(end, last_words)
        self.end = end
        """How it ended, such as ``SIGSEGV``."""
        self.last_words = last_words
        """The last lines that its engine wrote to standard error; they may contain the sentence."""


class _BugError(Exception):
    """A bug of our own code in a worker; its traceback is the note."""


def perform_all(
    tasks: Sequence[Task], *, root: Path, settings: Settings, jobs: int, on_done: Callable[[], None]
) -> None:
    """Speak all ``tasks`` into the cache at ``root`` on ``jobs`` processes, in the order given.

    ``on_done`` is called after each, in the caller's thread. When it is interrupted, or a task fails, the sentences
    being spoken are still finished and stored, if that takes no longer than 2 s.

    Raises:
        VoiceError: a sentence could not be spoken. A bug of ours in a worker keeps its traceback, as a note.
        NoWorkersError: no worker could be started; some tasks may have been done all the same.
    """
    pool = _WorkerPool(root, settings, jobs)
    with ThreadPoolExecutor(jobs) as threads:
        futures = [threads.submit(pool.perform, task) for task in tasks]
        try:
            for future in as_completed(futures):
                future.result()
                on_done()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise
        finally:
            pool.close()


class _WorkerPool:
    """A pool of worker processes, each started when it is first needed."""

    def __init__(self, root: Path, settings: Settings, size: int) -> None:
        self._start = {"root": str(root), "settings": {name: dict(one) for name, one in settings.items()}}
        self._idle: SimpleQueue[_Worker | None] = SimpleQueue()
        self._all: list[_Worker] = []
        self._closed = False
        self._lock = threading.Lock()
        for _ in range(size):
            self._idle.put(None)

    def perform(self, task: Task) -> None:
        """Have a worker do one task; if it dies, another one tries once more."""
        worker = self._idle.get()
        try:
            worker = worker or self._started()
            try:
                worker.perform(task)
            except _DiedError:
                worker = None
                worker = self._started()
                worker.perform(task)
        except _DiedError as exc:
            worker = None
            detail = exc.end if task.key.private or not exc.last_words else f"{exc.end}: {exc.last_words}"
            hint = "try again with fewer at once, or another voice with --voice"
            raise VoiceError(f"{task.request.voice} broke down while speaking {task.label} ({detail})", hint) from exc
        finally:
            self._idle.put(worker)

    def close(self) -> None:
        """End all workers."""
        with self._lock:
            self._closed = True
        for worker in self._all:
            worker.close()
        for worker in self._all:
            worker.end()

    def _started(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise NoWorkersError
            worker = _Worker()
            self._all.append(worker)
        try:
            worker.ask(self._start)
        except _DiedError as exc:
            log.info("no process could be started to speak: %s %s", exc.end, exc.last_words)
            raise NoWorkersError from exc
        return worker


class _Worker:
    """One worker process, used by one thread at a time."""

    def __init__(self) -> None:
        # -P and this path: the worker imports what the run does, and nothing from its working directory.
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "breathmark.speech.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                encoding="utf-8",
                errors="replace",
            )
        except (OSError, ValueError) as exc:
            raise NoWorkersError from exc
        self._said: deque[str] = deque(maxlen=_LAST_LINES)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def perform(self, task: Task) -> None:
        """Do one task.

        Raises:
            VoiceError: the worker reports a failure.
            _BugError: it reports a bug.
        """
        answer = self.ask(task.to_json())
        if "error" in answer:
            raise VoiceError(*answer["error"])
        if "bug" in answer:
            bug = _BugError("a bug in a speech worker process")
            bug.add_note(*answer["bug"])
            raise bug

    def ask(self, question: object) -> dict[str, list[str]]:
        """Send a line, and wait for the answer."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            answer: dict[str, list[str]] = json.loads(self._process.stdout.readline())
        except (OSError, ValueError) as exc:
            raise self._died() from exc
        return answer

    def _listen(self) -> None:
        """Keep the last of what engines print, and never let them wait for a reader."""
        assert self._process.stderr is not None  # noqa: S101 - it is a pipe
        with self._process.stderr as complaints:
            while line := complaints.readline(_LONGEST_LINE):
                if line.strip():
                    self._said.append(line.strip())

    def _died(self) -> _DiedError:
        self.close()
        self.end()
        code = self._process.returncode
        with contextlib.suppress(ValueError):
            return _DiedError(signal.Signals(-code).name, " | ".join(self._said))
        return _DiedError(f"exit code {code}", " | ".join(self._said))

    def close(self) -> None:
        """Let it end after its sentence."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(OSError, ValueError):  # a ValueError where another thread is closing it
            self._process.stdin.close()

    def end(self) -> None:
        """Wait for it a little, then end it."""
        try:
            self._process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(OSError):
            self._process.stdout.close()
        self._listener.join(_GRACE_S)
