"""Several sentences under way at once, where another program or machine speaks and this one only waits."""

from __future__ import annotations

import time
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from breathmark.narrators.speaking import Speaker, Task

__all__ = ["perform_waiting"]

_GRACE_S: Final = 2.0
"""How long sentences may go on after the run has been interrupted, as with processes."""


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
    """What each thread does until nothing is left, or it has to stop."""
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
