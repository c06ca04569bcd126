"""What a rule finds again and again, as one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from breathmark.errors import Problem

__all__ = ["folded"]

_SHOWN = 2
"""So many findings of one rule have a line each; of more, the first one stands for all."""
_LISTED = 12
"""So many lines are named."""


def folded(problems: Sequence[Problem]) -> Iterator[str]:
    """A line for each problem, in order; where a rule finds more than two, the first with the lines of the others."""
    told: set[str] = set()
    for problem in problems:
        alike = [each for each in problems if problem.rule and each.rule == problem.rule]
        if len(alike) <= _SHOWN:
            yield str(problem)
        elif problem.rule not in told:
            told.add(problem.rule)
            yield f"{problem}, and {len(alike) - 1} more: {_lines(problem, alike[1:])}"


def _lines(first: Problem, others: Sequence[Problem]) -> str:
    """Where the others are: lines of the same file, places of another one."""
    here = list(dict.fromkeys(each.line for each in others if each.path == first.path))
    elsewhere = [f"{each.path}:{each.line}" for each in others if each.path != first.path]
    lines = f"line{'s' if len(here) > 1 else ''} {', '.join(map(str, here[:_LISTED]))}" if here else ""
    cut = "…" if len(here) > _LISTED else ""
    return ", ".join(filter(None, (lines + cut, *dict.fromkeys(elsewhere))))
