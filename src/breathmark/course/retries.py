"""Calls on an executor with one retry: a call that fails twice is reported as failed."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, CancelledError, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from breathmark.base.errors import BreathmarkError, LengthError, RequestError, ScriptError
from breathmark.base.interrupts import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from concurrent.futures import Future


R = TypeVar("R")

_SETTLED: Final = (ScriptError, RequestError, LengthError)
"""Errors that every attempt would end with; these are not retried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Generic[R]):
    """The outcome of one call."""

    key: str
    result: R | None = None
    error: BaseException | None = None
    again: bool = False
    """True where it failed and is tried once more; then another outcome follows."""


def run_all(calls: Mapping[str, Callable[[], Future[R]]], *, keep_going: bool) -> Iterator[Outcome[R]]:
    """Submit all ``calls`` and give their outcomes as they come.

    Without ``keep_going``, what has not begun when a call has failed twice is left out; what has begun is finished.
    """
    running = {call(): key for key, call in calls.items()}
    failed: set[str] = set()
    going = True
    while running:
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            key = running.pop(future)
            error = _error(future)
            if error is None:
                yield Outcome(key=key, result=future.result())
                continue
            if isinstance(error, CancelledError):
                continue
            again = going and key not in failed and not isinstance(error, _SETTLED)
            failed.add(key)
            if again:
                running[calls[key]()] = key
            elif not keep_going:
                going = False
                for each in running:
                    each.cancel()
            yield Outcome(key=key, error=error, again=again)


def try_twice(action: Callable[[], R], failed: Callable[[Exception], None]) -> R:
    """Call ``action``, with one retry; ``failed`` is called with the first failure.

    A process that it needs may be killed. What it raises the second time, or what a retry can't change, is raised.
    """
    try:
        return action()
    except _SETTLED:
        raise
    except Exception as exc:  # noqa: BLE001 - a bug comes again
        check()
        failed(exc)
    return action()


def failure_text(error: BaseException) -> str:
    """The message for a failure."""
    if isinstance(error, BreathmarkError):
        return str(error)
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


def _error(future: Future[R]) -> BaseException | None:
    try:
        return future.exception()
    except CancelledError as exc:
        return exc
