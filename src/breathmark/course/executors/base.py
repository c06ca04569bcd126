"""Executors: the contract (a ``concurrent.futures.Executor``, made by what an entry point names), and ``local``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from breathmark.base.pool import Pool

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from pydantic import BaseModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """Progress of a worker in one job."""

    worker: str
    """A short name, such as ``1``."""
    job: str
    """The key of the job."""
    done: float
    """From 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutorSettings:
    """The settings that an executor is made with."""

    jobs: int
    """How many processes work at once."""
    scheduler: str = ""
    """The address of a cluster that runs already; not every executor uses it."""
    section: BaseModel | None = None
    """What the course's manifest has under the executor's name, where the executor has an attribute ``section``."""
    on_progress: Callable[[Rendering], None]
    """Called with what workers report, from any thread. An executor that can't pass that on never calls it."""
    on_warning: Callable[[str], None] = lambda _message: None
    """Called with what does not stop the build, but should be looked at, from any thread."""


class ExecutorFactory(Protocol):
    """Makes an executor.

    Functions and arguments that are submitted can be pickled. ``shutdown(wait=False, cancel_futures=True)`` stops
    running calls as soon as that does no harm.
    """

    def __call__(self, settings: ExecutorSettings) -> Executor:
        """Raises RequestError where there is no such cluster."""


def local_workers(settings: ExecutorSettings) -> Pool:
    """A pool; what its workers are at when the build is interrupted is stopped at once."""

    def on_progress(worker: str, job: str, done: float) -> None:
        settings.on_progress(Rendering(worker=worker, job=job, done=done))

    return Pool(settings.jobs, on_progress=on_progress)
