"""Faults of scripts as lines: each with its label in its colour, what a rule finds often as one, and their number."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from breathmark.base.wording import counted
from breathmark.cli.terminal import styled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from breathmark.base.errors import Problem, Severity


_SHOWN: Final = 2
"""How many findings of one rule have a line each; of more, the first one represents all."""
_LISTED: Final = 12
"""So many lines are named."""
_COLOURS: Final[dict[Severity, str]] = {"error": "red", "warning": "yellow", "info": "cyan"}
_NOUNS: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "info": "note"}


def problem_line(problem: Problem) -> str:
    """``path:line:column: severity: message [rule] (hint)``, with its severity in colour."""
    label = styled(f"{problem.severity}:", fg=_COLOURS[problem.severity], bold=True)
    return f"{problem.at}: {label} {problem.advice}"


def closing_line(problems: Sequence[Problem], *, scripts: int = 1) -> str:
    """How many faults there are of each severity, and in how many files."""
    if not problems:
        return "No faults found." if scripts < 2 else f"No faults found in {scripts} scripts."
    found = Counter(problem.severity for problem in problems)
    counts = [counted(found[severity], noun) for severity, noun in _NOUNS.items() if found[severity]]
    counts_text = " and ".join(filter(None, (", ".join(counts[:-1]), counts[-1])))
    return f"{counts_text} in {counted(len({problem.path for problem in problems}), 'file')}."


def folded(problems: Sequence[Problem]) -> Iterator[str]:
    """A line for each problem, in order; where a rule finds more than two, the first with the lines of the others."""
    shown: set[str] = set()
    for problem in problems:
        alike = [each for each in problems if problem.rule and each.rule == problem.rule]
        if len(alike) <= _SHOWN:
            yield problem_line(problem)
        elif problem.rule not in shown:
            shown.add(problem.rule)
            yield f"{problem_line(problem)}, and {len(alike) - 1} more: {_lines(problem, alike[1:])}"


def _lines(first: Problem, others: Sequence[Problem]) -> str:
    """Where the others are: lines of the same file, places of another one."""
    here = list(dict.fromkeys(str(each.line) for each in others if each.path == first.path))
    elsewhere = list(dict.fromkeys(f"{each.path}:{each.line}" for each in others if each.path != first.path))
    label = ("line " if len(here) == 1 else "lines ") if here else ""
    return label + ", ".join((*_listed(here), *_listed(elsewhere)))


def _listed(places: list[str]) -> list[str]:
    """The first of them, with a mark where there are more."""
    return [*places[:_LISTED], "…"] if len(places) > _LISTED else places
