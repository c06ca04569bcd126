"""The way from the middle of a job to whoever watches the build, whatever runs the job."""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from breathmark.api.options import Progress


_EVERY_S: Final = 0.25
_HEARER: ContextVar[Callable[[str, float], None] | None] = ContextVar("_HEARER", default=None)


@contextmanager
def heard_by(hear: Callable[[str, float], None]) -> Iterator[None]:
    """What jobs tell inside the ``with`` block goes to ``hear``: the key of the job, and its share from 0 to 1."""
    token = _HEARER.set(hear)
    try:
        yield
    finally:
        _HEARER.reset(token)


def teller(job: str) -> Progress:
    """A progress function for the pipeline that tells of ``job``, at most four times a second."""
    hear = _HEARER.get()
    last_s = 0.0

    def tell(stage: str, done: int, total: int) -> None:  # noqa: ARG001 - the protocol's
        nonlocal last_s
        now_s = time.monotonic()
        if hear is None or not total or now_s - last_s < _EVERY_S:
            return
        last_s = now_s
        hear(job, done / total)

    return tell
