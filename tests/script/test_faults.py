"""What is left where there are more faults than anybody reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.base.errors import Problem
from breathmark.script.faults import MOST_REPORTED, in_order

if TYPE_CHECKING:
    from breathmark.base.errors import Severity


def _problems(count: int, severity: Severity, first_line: int = 1) -> list[Problem]:
    return [
        Problem(path="a.yaml", line=first_line + number, column=1, message="so it is", severity=severity)
        for number in range(count)
    ]


def test_many_warnings_are_no_error() -> None:
    """The line at the end is a warning, too: it does not stop a render."""
    told = in_order(_problems(MOST_REPORTED + 20, "warning"))
    assert len(told) == MOST_REPORTED + 1
    assert {problem.severity for problem in told} == {"warning"}
    assert (told[-1].line, "more faults" in told[-1].message) == (MOST_REPORTED + 1, True)


def test_no_error_is_lost_behind_warnings() -> None:
    """All errors are among what is told, in the order of the text, wherever they stand."""
    told = in_order([*_problems(MOST_REPORTED, "warning"), *_problems(3, "error", first_line=500)])
    assert [problem.line for problem in told if problem.severity == "error"] == [500, 501, 502]
    assert [problem.line for problem in told[:-1]] == sorted(problem.line for problem in told[:-1])
    assert told[-1].severity == "warning"
