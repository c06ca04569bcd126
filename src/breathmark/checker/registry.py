"""All rules, by family, and what they find in the renderings of a script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from breathmark.arrange.lengths import minutes
from breathmark.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from breathmark.checker.reading import Reading
    from breathmark.checker.rule import CourseRule, Finding, Rule
    from breathmark.model import Place

__all__ = ["COURSE_RULES", "RULES", "Allowed", "Report", "run"]

RULES: tuple[Rule, ...] = ()
"""Every rule about a script, in the order of their families: each family's module has its tuple ``RULES``."""
COURSE_RULES: tuple[CourseRule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A finding that the script's author has silenced, with the reason that the author gives."""

    problem: Problem
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What the rules found in one script."""

    problems: tuple[Problem, ...]
    allowed: tuple[Allowed, ...] = ()
    unchecked: tuple[str, ...] = ()
    """The rules that have no word lists in the script's language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sighting:
    """A finding, and the reading that shows it."""

    rule: Rule
    finding: Finding
    values: Mapping[str, str]


def run(readings: Sequence[Reading], rules: Sequence[Rule] = RULES) -> Report:
    """What ``rules`` find in the readings of one script, the first of which has its defaults.

    There is one problem for each rule and place, however many readings show it; its message says at which lengths, and
    where the defaults don't show it, with which value. Its end names the rule: ``[SAF-01]``.
    """
    by_place: dict[tuple[str, Place], list[_Sighting]] = {}
    for sighting in _sightings(readings, rules):
        by_place.setdefault((sighting.rule.id, sighting.finding.place), []).append(sighting)
    return Report(problems=tuple(map(_problem, by_place.values())))


def _sightings(readings: Sequence[Reading], rules: Sequence[Rule]) -> Iterator[_Sighting]:
    for reading in readings:
        for rule in rules:
            if reading.words.has(*rule.needs):
                for finding in rule.look(reading):
                    yield _Sighting(rule=rule, finding=finding, values=reading.values)


def _problem(sightings: Sequence[_Sighting]) -> Problem:
    """One problem for what several readings and lengths show at one place."""
    first = sightings[0]
    rule, finding = first.rule, first.finding
    with_ = ", ".join(f"`{name}: {value}`" for name, value in first.values.items())
    lengths = sorted({each.finding.at_s for each in sightings if each.finding.at_s is not None})
    at = ", ".join(minutes(round(length)) for length in lengths)
    message = finding.message + (f", with {with_}" if with_ else "") + (f" (at {at})" if at else "")
    place = finding.place
    return Problem(
        path=place.path,
        line=place.line,
        column=place.column,
        message=f"{message} [{rule.id}]",
        hint=finding.hint or rule.mend,
        severity=finding.severity or rule.severity,
    )
