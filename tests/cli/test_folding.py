"""What a rule finds again and again is one line."""

from __future__ import annotations

from breathmark.cli.folding import folded
from breathmark.errors import Problem


def problem(line: int, rule: str = "LAN-01", path: str = "a.yaml") -> Problem:
    """A finding of ``rule``, or a fault of the script itself."""
    message = "“you must” gives an order" if rule else "no key"
    return Problem(path=path, line=line, column=1, message=message, hint="invite", rule=rule)


def test_two_findings_have_a_line_each() -> None:
    """Folding them would save nothing."""
    assert [*folded([problem(2), problem(5)])] == [str(problem(2)), str(problem(5))]


def test_more_are_told_by_the_first_with_the_lines_of_the_others() -> None:
    """In the place of the first, and other rules keep theirs."""
    lines = [*folded([problem(2), problem(3, "TTS-01"), problem(5), problem(9)])]
    assert lines == [f"{problem(2)}, and 2 more: lines 5, 9", str(problem(3, "TTS-01"))]


def test_what_stands_in_a_part_is_told_with_its_file() -> None:
    """A line number alone would point into the script."""
    lines = [*folded([problem(2), problem(4, path="part.yaml"), problem(6), problem(6)])]
    assert lines == [f"{problem(2)}, and 3 more: line 6, part.yaml:4"]


def test_faults_that_no_rule_found_are_never_folded() -> None:
    """Each of them has to be mended before anything else is seen."""
    assert len([*folded([problem(line, rule="") for line in range(5)])]) == 5
