"""Output of ``build`` while it runs: live on a terminal, a line for each artefact elsewhere, events for programs."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Self, assert_never

from breathmark.base.wording import counted
from breathmark.cli.output import misheard_lines
from breathmark.cli.progress import stages_shown
from breathmark.cli.terminal import is_live, say, say_json, visible
from breathmark.course.executors.base import Rendering
from breathmark.course.options import (
    Event,
    Failed,
    Finished,
    Heard,
    Planned,
    Preparing,
    Pruned,
    Published,
    Speaking,
    Stopped,
    Waiting,
    Warned,
    Watch,
)

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


@contextmanager
def watching(*, quiet: bool, verbose: bool, as_json: bool) -> Iterator[Watch]:
    """Show a build's events on standard error; as data on standard output."""
    with stages_shown(verbose=verbose):
        if as_json:
            yield _as_json()
        elif quiet:
            yield _Lines(failures_only=True)
        elif is_live(sys.stderr) and not verbose:
            with _Live() as live:
                yield live
        else:
            yield _Lines(verbose=verbose)


def _as_json() -> Watch:
    """Each event as a line; the events of workers come from threads of their own."""
    lock = threading.Lock()

    def report(event: Event) -> None:
        with lock:
            say_json({"event": type(event).__name__.lower(), **asdict(event)}, indent=None)

    return report


def _line(event: Event, *, verbose: bool = False) -> str:  # noqa: C901, PLR0911 - one for each kind
    """An event in words; empty for what only a moving picture can show."""
    match event:
        case Waiting():
            return f"Another build is at work in {event.folder}; this one waits for it."
        case Warned():
            return event.message
        case Planned():
            return f"{len(event.todo)} to build, {event.current} current" if event.todo else ""
        case Speaking():
            return f"Speaking {counted(event.total, 'sentence')} ..." if not event.done else ""
        case Rendering():
            return ""
        case Finished():
            return f"[{event.done}/{event.total}] {event.job}"
        case Failed():
            return f"{event.job}: {event.message}" + ("\n  It will be tried once more." if event.again else "")
        case Heard():
            return _heard(event)
        case Pruned():
            done = "Removed" if event.removed else "No longer in the course; --prune removes:"
            return "\n  ".join((done, *event.paths))
        case Preparing():
            return f"[{event.done + 1}/{event.total}] {event.publisher}: {event.name}"
        case Published():
            return _published(event, verbose=verbose)
        case Stopped():
            names = "".join(f"\n  {name}" for name in event.finished)
            return (
                f"Stopped. {len(event.finished)} finished, {event.left} left; the next build goes on from here.{names}"
            )
    assert_never(event)


def _heard(event: Heard) -> str:
    """What was heard differently; nothing where all is as it is written."""
    if not event.misheard:
        return ""
    first = f"{event.job}: {len(event.misheard)} of {counted(event.sentences, 'sentence')} heard differently"
    return "\n".join((first, *(line for each in event.misheard for line in misheard_lines(each))))


def _published(event: Published, *, verbose: bool) -> str:
    """The one file, or how many there are and which one to open; with ``verbose`` all of them."""
    if len(event.paths) == 1:
        return f"{event.publisher}: wrote {event.paths[0]}"
    where = f": {event.entry}" if event.entry else ""
    listed = "".join(f"\n  {path}" for path in event.paths) if verbose else ""
    return f"{event.publisher}: wrote {counted(len(event.paths), 'file')}{where}{listed}"


class _Lines:
    """Plain lines, as logs want them."""

    def __init__(self, *, failures_only: bool = False, verbose: bool = False) -> None:
        self._failures_only = failures_only
        self._verbose = verbose

    def __call__(self, event: Event) -> None:
        text = _line(event, verbose=self._verbose)
        if text and (isinstance(event, Failed | Heard | Stopped) or not self._failures_only):
            say(text, err=True)


class _Live:
    """Bars on a terminal: one for the whole build with the time that is left, one for each worker."""

    def __init__(self) -> None:
        self._progress: Progress | None = None
        self._wholes: dict[str, TaskID] = {}
        self._finished = 0
        self._workers: dict[str, TaskID] = {}
        self._shares: dict[str, float] = {}
        self._seconds: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()
        self._progress = None

    def __call__(self, event: Event) -> None:
        match event:
            case Planned():
                self._seconds = dict(event.seconds)
                self._say(event)
            case Speaking():
                self._set_whole("Speaking", event.done, event.total)
            case Rendering():
                self._show_worker(event)
            case Preparing():
                self._set_whole("Packing", event.done, event.total)
            case Heard():
                self._set_whole("Listening", event.done, event.total)
                self._say(event)
            case Finished():
                self._shares[event.job], self._finished = 1.0, event.done
                self._advance()
                self._say(event)
            case _:
                self._say(event)

    def _say(self, event: Event) -> None:
        text = _line(event)
        if not text:
            return
        if self._progress is None:
            say(text, err=True)
        else:
            from rich.text import Text

            self._progress.console.print(Text(visible(text)))

    def _show_worker(self, event: Rendering) -> None:
        progress = self._begun()
        label = visible(f"  {event.worker}: {event.job.rpartition('/')[2]}")
        if event.worker not in self._workers:
            self._workers[event.worker] = progress.add_task(label, total=1.0)
        progress.update(self._workers[event.worker], description=label, completed=event.done)
        self._shares[event.job] = event.done
        self._advance()

    def _advance(self) -> None:
        done = sum(self._seconds.get(job, 0.0) * share for job, share in self._shares.items())
        self._set_whole("Rendering", done, sum(self._seconds.values()))
        label = f"Rendering {self._finished}/{len(self._seconds)}"
        self._begun().update(self._wholes["Rendering"], description=label)

    def _set_whole(self, stage: str, done: float, total: float) -> None:
        progress = self._begun()
        if stage not in self._wholes:
            for earlier in self._wholes.values():
                progress.update(earlier, visible=False)
            self._wholes[stage] = progress.add_task(stage, total=total, counted=stage == "Speaking")
        progress.update(self._wholes[stage], completed=done, total=total)

    def _begun(self) -> Progress:
        if self._progress is None:
            from breathmark.cli.bars import moving_bars

            self._progress = moving_bars()
            self._progress.start()
        return self._progress
