"""All rules, by family, and what they find in the renderings of a script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from breathmark.base.errors import Problem, Severity
from breathmark.base.times import minutes
from breathmark.checker.reading import Reading
from breathmark.checker.registry import rules as all_rules
from breathmark.checker.registry import stage_rules

if TYPE_CHECKING:
    from breathmark.checker.rule import Finding, Rule
    from breathmark.model import Place, Script
    from breathmark.script.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A finding that the script's author has suppressed, with the reason that the author gives."""

    problem: Problem
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReport:
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


def run(readings: Sequence[Reading], rules: Sequence[Rule] | None = None) -> RuleReport:
    """What ``rules`` (by default all) find in the readings of one script, the first of which has its defaults.

    There is one problem for each rule and place, however many readings show it; its message says at which lengths, and
    where the defaults don't show it, with which value.
    """
    rules = all_rules() if rules is None else rules
    by_place: dict[tuple[str, Place], list[_Sighting]] = {}
    for sighting in _sightings(readings, rules):
        by_place.setdefault((sighting.rule.id, sighting.finding.place), []).append(sighting)
    document = readings[0].document
    allow = document.allow
    found = [(rule, _problem(sightings)) for (rule, _), sightings in by_place.items()]
    return RuleReport(
        problems=(
            *(problem for rule, problem in found if rule not in allow),
            *_idle(document, {rule for rule, _ in found}),
        ),
        allowed=tuple(Allowed(problem=problem, reason=allow[rule]) for rule, problem in found if rule in allow),
        unchecked=tuple(rule.id for rule in rules if not readings[0].words.has(*rule.needs)),
    )


def _sightings(readings: Sequence[Reading], rules: Sequence[Rule]) -> Iterator[_Sighting]:
    for reading in readings:
        for rule in rules:
            if rule.check is not None and reading.words.has(*rule.needs):
                for finding in rule.check(reading):
                    yield _Sighting(rule=rule, finding=finding, values=reading.values)


def _problem(sightings: Sequence[_Sighting]) -> Problem:
    """One problem for what several readings and lengths show at one place."""
    first = sightings[0]
    rule, finding = first.rule, first.finding
    with_ = ", ".join(f"`{name}: {value}`" for name, value in first.values.items())
    alike = [each.finding.at_s for each in sightings if each.values == first.values]
    at = ", ".join(minutes(round(length)) for length in sorted({each for each in alike if each is not None}))
    message = finding.message + (f", with {with_}" if with_ else "") + (f" (at {at})" if at else "")
    return broken(rule, finding.place, message, hint=finding.hint, severity=finding.severity)


def _idle(document: Document, found: set[str]) -> Iterator[Problem]:
    """Entries of ``allow:`` that have no effect."""
    known = {rule.id: rule for rule in all_rules()}
    for rule in document.allow:
        place = document.key_node("allow", rule).place
        if rule not in known:
            yield problem_at(
                place, f"there is no rule {rule} to allow", "`breathmark check --rules` lists all", "warning"
            )
        elif rule not in found and known[rule].check is not None:
            yield problem_at(place, f"{rule} finds nothing here that needs to be allowed", "take it out", "warning")


def broken(rule: Rule, place: Place, message: str, *, hint: str = "", severity: Severity | None = None) -> Problem:
    """A broken rule at a place; by default with the rule's own hint and severity."""
    return replace(problem_at(place, message, hint or rule.fix, severity or rule.severity), rule=rule.id)


def problem_at(place: Place, message: str, hint: str, severity: Severity) -> Problem:
    """A problem at a place."""
    return Problem(path=place.path, line=place.line, column=place.column, message=message, hint=hint, severity=severity)


def stage_warnings(document: Document, script: Script) -> Iterator[Problem]:
    """Text that is not speech in one rendering, as warnings: whoever renders without a check should hear of it.

    What the script sets aside with ``allow:`` is not among it.
    """
    reading = Reading(document=document, script=script)
    for rule in stage_rules():
        if rule.check is not None and rule.id not in document.allow and reading.words.has(*rule.needs):
            for finding in rule.check(reading):
                yield broken(rule, finding.place, finding.message, severity="warning")
