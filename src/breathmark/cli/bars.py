"""Moving bars on a terminal, of one look for every command. Imported only where there is a terminal to show them on."""

from __future__ import annotations

from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Column
from rich.text import Text

_TRUSTED_AFTER_S: Final = 5.0
_TRUSTED_FROM_SHARE: Final = 0.05
_SPEED_PERIOD_S: Final = 300.0
"""The window of the speed: rich's own 30 s hold too few sentences and sessions, whose lengths differ."""
_REFRESHES_HZ: Final = 5


class _Reached(ProgressColumn):
    """``12/110`` of a task whose steps are ``counted``, else the share of the work."""

    def render(self, task: Task) -> Text:
        """One task's."""
        if task.fields.get("counted"):
            return Text(f"{task.completed:.0f}/{task.total or 0:.0f}", justify="right")
        return Text(f"{task.percentage:.0f}%", justify="right")


class _Left(ProgressColumn):
    """The time that a task still takes."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        """One task's."""
        return Text(time_left(task.elapsed or 0.0, task.percentage / 100, task.time_remaining))


def time_left(elapsed_s: float, share: float, remaining_s: float | None) -> str:
    """The time that a task still takes, in words; empty until enough of it is done for that to be known.

    rich measures the speed from the first finished step on, so that the loading of a voice doesn't count.
    """
    if remaining_s is None or share >= 1 or elapsed_s < _TRUSTED_AFTER_S or share < _TRUSTED_FROM_SHARE:
        return ""
    if remaining_s < 57.5:
        return f"{max(5, 5 * round(remaining_s / 5))} s left"
    minutes = max(1, round(remaining_s / 60))
    return f"{minutes} min left" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min left"


def moving_bars() -> Progress:
    """Bars on standard error that fit a terminal of 40 columns or more, and leave nothing behind when they stop."""
    console = Console(stderr=True)
    # Half the width for the label, which is cut; the bar takes what the others leave.
    label = Column(no_wrap=True, overflow="ellipsis", max_width=max(8, console.width // 2 - 6))
    return Progress(
        TextColumn("{task.description}", markup=False, table_column=label),
        BarColumn(bar_width=None, table_column=Column(ratio=1)),
        _Reached(Column(no_wrap=True)),
        _Left(Column(no_wrap=True)),
        console=console,
        transient=True,
        expand=True,
        redirect_stdout=False,  # which may be a file; what comes to standard error meanwhile is put above the bars
        refresh_per_second=_REFRESHES_HZ,
        speed_estimate_period=_SPEED_PERIOD_S,
    )
