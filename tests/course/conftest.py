"""Builds in this process, for tests whose fact does not depend on where the work is done."""

from __future__ import annotations

import pickle
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import pytest

from breathmark.course.executors import base

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")


class InThisProcess(Executor):
    """Calls each function at once, with what a worker process would get, and gives back what the build would get."""

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """The function's result or error, which have been through pickle as between processes."""
        future: Future[Any] = Future()
        try:
            call, words, named = _sent((fn, args, kwargs))
            future.set_result(_sent(call(*words, **named)))
        except Exception as exc:  # noqa: BLE001 - whatever it raises is the build's
            future.set_exception(exc)
        return future


def _sent(value: T) -> T:
    copy: T = pickle.loads(pickle.dumps(value))  # noqa: S301 - our own bytes
    return copy


@pytest.fixture(scope="module")
def in_this_process() -> Iterator[None]:
    """No build of this module starts a process: each would import everything for a second of work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(base, "local_workers", lambda _settings: InThisProcess())
        yield
