"""Fault collection: all faults of a script are gathered while it is read, and reported at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from breathmark.base.errors import Problem, ScriptError, Severity

if TYPE_CHECKING:
    from breathmark.model import Place


_SEVERITIES: Final = ("error", "warning", "info")
_MORE: Final = "from here on there are more faults"
MOST_REPORTED = 100
"""The most that are reported."""
MOST_COLLECTED = 200
"""The most that are collected, so that a hostile script can't make the list grow for ever."""


class Faults:
    """A list of problems that grows; the same one at the same place is kept once."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}

    def error(self, place: Place, message: str, hint: str = "") -> None:
        """Add a fault. Raises ``ScriptError`` with what there is when there are too many."""
        self._add(place, message, hint, "error")

    def warning(self, place: Place, message: str, hint: str = "") -> None:
        """Add something that does not stop a render, unless there are very many already."""
        if len(self._problems) < MOST_COLLECTED - 1:
            self._add(place, message, hint, "warning")

    def _add(self, place: Place, message: str, hint: str, severity: Severity) -> None:
        problem = Problem(
            path=place.path, line=place.line, column=place.column, message=message, hint=hint, severity=severity
        )
        self._problems[problem] = None
        if len(self._problems) >= MOST_COLLECTED:
            raise self.as_error()

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What does not stop a render, in the order of the text."""
        return in_order(problem for problem in self._problems if problem.severity == "warning")

    @property
    def has_errors(self) -> bool:
        """True where anything was found that stops a render."""
        return any(problem.severity == "error" for problem in self._problems)

    def as_error(self) -> ScriptError:
        """Everything that was found, as the error that users see."""
        return ScriptError(in_order(self._problems))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By file (in the order of their first fault), then by place; none twice.

    At most a hundred, errors before warnings before hints; then a line says where others are, as bad as the worst.
    """
    found = list(dict.fromkeys(problems))
    files = {path: index for index, path in reversed([*enumerate(problem.path for problem in found)])}
    ordered = sorted(found, key=lambda problem: (files[problem.path], problem.line, problem.column))
    if len(ordered) <= MOST_REPORTED:
        return tuple(ordered)
    worst_first = sorted(ordered, key=lambda problem: _SEVERITIES.index(problem.severity))
    kept, left = set(worst_first[:MOST_REPORTED]), worst_first[MOST_REPORTED]
    return (*(problem for problem in ordered if problem in kept), replace(left, message=_MORE, hint=""))


def short(text: str, most: int = 40) -> str:
    """What an author wrote, as a message shows it: cut behind ``most`` characters."""
    return text if len(text) <= most else f"{text[:most]}…"
