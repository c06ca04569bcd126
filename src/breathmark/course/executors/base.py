"""What an executor is: a ``concurrent.futures.Executor``, made by a function that an entry point names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from pydantic import BaseModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """How far a worker has come."""

    worker: str
    """A short name, such as ``1``."""
    job: str
    """The key of what it is at."""
    done: float
    """From 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorSettings:
    """What is asked of an executor."""

    jobs: int
    """How many processes work at once."""
    scheduler: str = ""
    """The address of a cluster that runs already; not every executor has a use for it."""
    section: BaseModel | None = None
    """What the course's manifest has under the executor's name, where the executor has an attribute ``section``."""
    on_progress: Callable[[Rendering], None]
    """Called with what workers report, from any thread. An executor that has no way to pass it on never calls it."""


class ExecutorFactory(Protocol):
    """Makes an executor.

    Functions and arguments that are submitted can be pickled. ``shutdown(wait=False, cancel_futures=True)`` ends what
    is going on as soon as it can be ended without harm.
    """

    def __call__(self, settings: ExecutorSettings) -> Executor:
        """Raises RequestError where there is no such cluster."""


class WorkerDiedError(Exception):
    """A process ended in the middle of its work: it was killed, or ran out of memory."""
