"""What a rule finds again and again is one line, and the last line counts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click
import pytest

from breathmark.base.errors import Problem
from breathmark.cli.output import closing_line, folded

if TYPE_CHECKING:
    from breathmark.base.errors import Severity


def problem(line: int, rule: str = "LAN-01", path: str = "a.yaml") -> Problem:
    """A finding of ``rule``, or a fault of the script itself."""
    message = "“you must” gives an order" if rule else "no key"
    return Problem(path=path, line=line, column=1, message=message, hint="invite", rule=rule)


def unstyled(problems: list[Problem]) -> list[str]:
    """The lines without their colours."""
    return [click.unstyle(line.replace("\0", "\x1b")) for line in folded(problems)]


def test_two_findings_have_a_line_each() -> None:
    """Folding them would save nothing."""
    assert unstyled([problem(2), problem(5)]) == [str(problem(2)), str(problem(5))]


def test_more_are_told_by_the_first_with_the_lines_of_the_others() -> None:
    """In the place of the first, and other rules keep theirs."""
    lines = unstyled([problem(2), problem(3, "TTS-01"), problem(5), problem(9)])
    assert lines == [f"{problem(2)}, and 2 more: lines 5, 9", str(problem(3, "TTS-01"))]


def test_what_stands_in_a_part_is_told_with_its_file() -> None:
    """A line number alone would point into the script."""
    lines = unstyled([problem(2), problem(4, path="part.yaml"), problem(6), problem(6)])
    assert lines == [f"{problem(2)}, and 3 more: line 6, part.yaml:4"]


def test_faults_that_no_rule_found_are_never_folded() -> None:
    """Each of them has to be mended before anything else is seen."""
    assert len(unstyled([problem(line, rule="") for line in range(5)])) == 5


def test_a_label_has_its_colour() -> None:
    """An error is red, a warning yellow, and the place in front of it as editors know it."""
    (line,) = folded([problem(2)])
    assert line.startswith("a.yaml:2:1: \0[31m\0[1merror:\0[0m “you must” gives an order [LAN-01] (invite)")


@pytest.mark.parametrize(
    ("errors", "warnings", "notes", "line"),
    [
        (0, 0, 0, "No faults found."),
        (1, 0, 0, "1 error in 1 file."),
        (2, 1, 0, "2 errors and 1 warning in 3 files."),
        (0, 2, 1, "2 warnings and 1 note in 3 files."),
        (1, 1, 2, "1 error, 1 warning and 2 notes in 4 files."),
    ],
)
def test_the_last_line_counts(errors: int, warnings: int, notes: int, line: str) -> None:
    """Each severity with its plural, and the files that they are in."""
    counts: dict[Severity, int] = {"error": errors, "warning": warnings, "info": notes}
    severities = [severity for severity, count in counts.items() for _ in range(count)]
    problems = [
        replace(problem(1, path=f"{number}.yaml"), severity=severity) for number, severity in enumerate(severities)
    ]
    assert closing_line(problems) == line


def test_nothing_to_count_names_the_scripts() -> None:
    """Where there were several, so that a mistyped folder is noticed."""
    assert closing_line([], scripts=12) == "No faults found in 12 scripts."


def test_of_very_many_places_the_first_are_named() -> None:
    """In the file of the first, and in others."""
    found = [problem(line) for line in range(1, 21)] + [problem(line, path="b.yaml") for line in range(1, 21)]
    (line,) = unstyled(found)
    assert line.endswith("11, 12, 13, …, " + ", ".join(f"b.yaml:{number}" for number in range(1, 13)) + ", …")
