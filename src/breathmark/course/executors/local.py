"""The executor ``local``: processes of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.base.pool import Pool
from breathmark.course.executors.base import Rendering

if TYPE_CHECKING:
    from breathmark.course.executors.base import ExecutorSettings


def local_workers(settings: ExecutorSettings) -> Pool:
    """A pool; what its workers are at when the build is interrupted is stopped at once."""

    def on_progress(worker: str, job: str, done: float) -> None:
        settings.on_progress(Rendering(worker=worker, job=job, done=done))

    return Pool(settings.jobs, on_progress=on_progress)
