"""Progress reporting from a job to whoever watches the build, whatever runs the job."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from breathmark.api.options import Progress


_EVERY_S: Final = 0.25
_REPORT: ContextVar[Callable[[str, float], None] | None] = ContextVar("_REPORT", default=None)


@contextmanager
def reporting_to(report: Callable[[str, float], None]) -> Iterator[None]:
    """Pass the progress of jobs in the ``with`` block to ``report``: the key of the job, and its share from 0 to 1."""
    token = _REPORT.set(report)
    try:
        yield
    finally:
        _REPORT.reset(token)


def job_progress(job: str) -> Progress:
    """A progress function for the stages of ``job``, which reports at most four times a second."""
    report = _REPORT.get()
    last_s = 0.0

    def progress(stage: str, done: int, total: int) -> None:  # noqa: ARG001 - the protocol's
        nonlocal last_s
        now_s = time.monotonic()
        if report is None or not total or now_s - last_s < _EVERY_S:
            return
        last_s = now_s
        report(job, done / total)

    return progress
