"""How far a command has come: a bar on a terminal, plain lines elsewhere, nothing with ``--quiet``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Self

import click

from breathmark.cli.terminal import echo, visible

if TYPE_CHECKING:
    from types import TracebackType

    from click._termui_impl import ProgressBar

__all__ = ["ProgressDisplay"]


class ProgressDisplay:
    """Called by the pipeline with ``(stage, done, total)``; writes to standard error only."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._is_terminal = sys.stderr.isatty()
        self._stage = ""
        self._bar: ProgressBar[int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` is through; stages with nothing to do show nothing."""
        if self._quiet or total == 0:
            return
        if stage != self._stage:
            self._finish()
            self._start(stage, total)
        if self._bar is not None:
            self._bar.update(done - self._bar.pos)
        if done >= total:
            self._finish()

    def _start(self, stage: str, total: int) -> None:
        self._stage = stage
        if not self._is_terminal:
            echo(f"{stage} ...", err=True)
            return
        self._bar = click.progressbar(
            length=total, label=visible(f"{stage:<24}"), file=sys.stderr, show_pos=total < 10_000
        )
        self._bar.__enter__()

    def _finish(self) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
        self._bar = None
