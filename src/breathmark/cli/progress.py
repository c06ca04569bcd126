"""Progress reporting: moving bars on a terminal, plain lines elsewhere, nothing with ``--quiet``."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from breathmark.cli.terminal import echo, is_live, say, visible

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class _Said(logging.Handler):
    """Says messages as all else is said, also beside moving bars."""

    def emit(self, record: logging.LogRecord) -> None:
        """One message on standard error."""
        say(self.format(record), err=True)


@contextmanager
def stages_shown(*, verbose: bool) -> Iterator[None]:
    """Meanwhile, print on standard error what stages warn of, and if it is ``verbose``, what each of them does."""
    log, handler = logging.getLogger("breathmark"), _Said()
    handler.setLevel(logging.INFO if verbose else logging.WARNING)
    if verbose:
        log.setLevel(logging.INFO)
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


_COUNTED_BELOW = 10_000
"""Steps. Fewer are sentences, which are worth counting; more are bytes or frames, of which a share says enough."""


class ProgressDisplay:
    """Called by the pipeline with ``(stage, done, total)``; writes to standard error only."""

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        self._quiet = quiet
        self._is_live = is_live(sys.stderr) and not verbose  # lines of the log would tear a bar apart
        self._stage = ""
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Take the bar away; what is reported later gets a new one."""
        if self._progress is not None:
            self._progress.stop()
        self._progress = self._task = None
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` is through; stages with nothing to do show nothing."""
        if self._quiet or total == 0:
            return
        if stage != self._stage:
            self._stage = stage
            self._begin(stage, total)
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=done, total=total)

    def _begin(self, stage: str, total: int) -> None:
        if not self._is_live:
            echo(f"{stage} ...", err=True)
            return
        if self._progress is None:
            from breathmark.cli.bars import moving_bars

            self._progress = moving_bars()
            self._progress.start()
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(visible(stage), total=total, counted=total < _COUNTED_BELOW)
