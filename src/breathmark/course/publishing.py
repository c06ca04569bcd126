"""Publishing: files that are in the way, and one call of each publisher for each library."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from breathmark.base.errors import BreathmarkError, LengthError, RequestError, ScriptError
from breathmark.base.interrupts import check
from breathmark.course.options import Failed, Preparing, Published, Watch
from breathmark.course.publishers.base import Claim, ClaimsFiles, ComesLast, Library, LibraryEntry, Prepares, Publisher

if TYPE_CHECKING:
    from breathmark.course.planning import BuildPlan
    from breathmark.course.state import State


NamedPublisher = tuple[str, "Publisher"]
_HEAD_BYTES: Final = 2**16
_SHOWN: Final = 3
"""How many files an error names."""


def check_claims(plan: BuildPlan, publishers: Iterable[NamedPublisher]) -> None:
    """Raise RequestError where a publisher would write over a file that Breathmark didn't make."""
    for name, publisher in publishers:
        found = [os.fspath(path) for state in _states(plan, publisher) for path in _foreign(plan, publisher, state)]
        if found:
            more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            what = f"{', '.join(found[:_SHOWN])}{more} {'are' if len(found) > 1 else 'is'} in the way"
            message = f"{what}: the publisher {name} would write over it, and Breathmark didn't make it"
            raise RequestError(message, "move it, or choose another folder with -o")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where and with how many processes publishers work."""

    cache: Path | None = None
    jobs: int | None = None


def publish(plan: BuildPlan, publishers: Iterable[NamedPublisher], watch: Watch, at: Surroundings) -> None:
    """Call each publisher for the shared library, and for that of each listener.

    The names are noted before anything is written, so that a file of a killed build is known to be Breathmark's.

    Raises:
        AssetError, DeliveryError: as the publishers do.
    """
    in_order = sorted(publishers, key=lambda each: isinstance(each[1], ComesLast) and each[1].comes_last)
    for listener, state in plan.states.items():
        library = replace(_library(plan, listener), cache=at.cache, jobs=at.jobs)
        if not library.entries:
            continue
        called = [each for each in in_order if each[1].for_listeners or not listener]
        state.note_published(claim.name for _, publisher in called for claim in _claims(plan, publisher))
        state.save()
        reporting = {name: replace(library, progress=partial(_report_progress, watch, name)) for name, _ in called}
        for name, publisher in called:
            if isinstance(publisher, Prepares):
                made = _try_twice(partial(publisher.prepare, reporting[name]), partial(_report_retry, watch, name))
                if made:
                    watch(Published(publisher=name, paths=tuple(map(os.fspath, made)), entry=""))
        for name, publisher in called:
            claims = _claims(plan, publisher)
            written = _try_twice(partial(publisher.publish, reporting[name]), partial(_report_retry, watch, name))
            if listener and written:
                state.note_published(path.relative_to(state.folder).as_posix() for path in written)
                state.save()
            if written:
                entry = os.fspath(state.folder / claims[0].name) if claims else ""
                watch(Published(publisher=name, paths=tuple(map(os.fspath, written)), entry=entry))


def _report_progress(watch: Watch, publisher: str, name: str, done: int, total: int) -> None:
    watch(Preparing(publisher=publisher, name=name, done=done, total=total))


def _report_retry(watch: Watch, name: str, error: Exception) -> None:
    watch(Failed(job=name, message=failure_text(error), again=True))


def _states(plan: BuildPlan, publisher: Publisher) -> Iterator[State]:
    return (state for listener, state in plan.states.items() if publisher.for_listeners or not listener)


def _claims(plan: BuildPlan, publisher: Publisher) -> tuple[Claim, ...]:
    return publisher.claims(plan.course) if isinstance(publisher, ClaimsFiles) else ()


def _foreign(plan: BuildPlan, publisher: Publisher, state: State) -> Iterator[Path]:
    """Files with a claimed name that Breathmark did not make."""
    for claim in _claims(plan, publisher):
        path = state.folder / claim.name
        if path.is_file() and not _is_ours(path, claim, state):
            yield path


def _is_ours(path: Path, claim: Claim, state: State) -> bool:
    """A file of a kind that is marked has to have its mark; for other kinds the records decide.

    So a page of the user's own in place of ours is found even where the records have its name.
    """
    if not claim.mark:
        return claim.name in state.published or bool(claim.record and (state.folder / claim.record).is_file())
    try:
        with path.open("rb") as file:
            return claim.mark in file.read(_HEAD_BYTES)
    except OSError:
        return False


def _library(plan: BuildPlan, listener: str) -> Library:
    state = plan.states[listener]
    found = (job for job in plan.jobs if job.listener == listener and job.path in state.artefacts)
    entries = tuple(
        LibraryEntry(
            session=job.session,
            metadata=plan.sessions[job.session.id].metadata,
            path=job.path,
            record=state.artefacts[job.path],
        )
        for job in found
    )
    order = {session.id: number for number, session in enumerate(plan.course.sessions)}
    ordered = tuple(sorted(entries, key=lambda entry: (order[entry.session.id], entry.record.length_s)))
    return Library(course=plan.course, folder=state.folder, entries=ordered, listener=listener)


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


def _try_twice(action: Callable[[], R], failed: Callable[[Exception], None]) -> R:
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
