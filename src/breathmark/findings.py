"""Checking scripts and courses: faults, rules that are not kept, lengths and pacing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from breathmark.api.options import Options
from breathmark.api.render import fill_in, measure, preset_of
from breathmark.base.errors import AssetError, Problem, RequestError, ScriptError
from breathmark.base.options import check_options
from breathmark.checker.coverage import Coverage, coverage, echoes, missing
from breathmark.checker.reading import Reading
from breathmark.checker.registry import rule_named
from breathmark.checker.run import Allowed, broken, problem_at, run
from breathmark.course.manifest import COURSE_FILE, Concept, read_concepts
from breathmark.model import Place, Script, cues
from breathmark.script.budget import Budget, OverBudgetError
from breathmark.script.faults import in_order
from breathmark.script.parse import parse
from breathmark.script.project import looks_like_script
from breathmark.script.trials import trials
from breathmark.timeline.pacing import Pacing, lay_out, pacing

if TYPE_CHECKING:
    from breathmark.script.document import Document
    from breathmark.solver import Interval, Material


_READING = 10
"""Parts that it takes to lay out a sentence and ask all rules about it."""
_OF_ONE_RENDERING = 0.5
"""The share of the budget from which on a rendering that exhausts it is not the only cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What ``check`` found in one script."""

    path: Path
    problems: tuple[Problem, ...]
    """Its faults, and the rules that it does not keep."""
    feasible: tuple[Interval, ...] = ()
    """The lengths that it can have; empty where it can't be laid out."""
    estimated: bool = False
    allowed: tuple[Allowed, ...] = ()
    """What the script's ``allow:`` silences, with the reasons."""
    unchecked: tuple[str, ...] = ()
    """The rules that know no words of the script's language."""
    pacing: tuple[Pacing, ...] = ()
    """At each length that was laid out, for the defaults."""
    coverage: Coverage | None = None
    """What it teaches at which lengths; None where it can't be laid out."""

    @property
    def errors(self) -> int:
        """How many of the problems are errors."""
        return sum(problem.severity == "error" for problem in self.problems)

    @property
    def warnings(self) -> int:
        """How many of the problems are warnings."""
        return sum(problem.severity == "warning" for problem in self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseFindings:
    """What ``check_course`` found in several scripts."""

    scripts: tuple[Findings, ...]
    problems: tuple[Problem, ...]
    """What the scripts lack together."""
    concepts: Mapping[str, str]
    """What the course teaches: each concept with its name, which may be empty. It is what ``course.yaml`` lists under
    ``concepts:``, or else what the scripts say."""


def check_course(paths: Iterable[Path | str], options: Options = Options()) -> CourseFindings:
    """``check`` every script among ``paths``, and every one in the folders among them, and what they teach together.

    Raises: RequestError (also where a folder has no script), VoiceError.
    """
    check_options(options, Options)
    named_paths = [Path(path) for path in paths]
    scripts = {path.absolute(): path for path in scripts_among(named_paths)}
    checked = tuple(_check(path, options) for path in scripts.values())
    found = tuple(findings for findings, _ in checked)
    named, problems = _course_concepts(named_paths)
    taught = [each.coverage for each in found if each.coverage is not None]
    lacking = missing(named, taught) if len(taught) == len(found) else ()
    served = sorted({served.concept for each in taught for served in each.served})
    return CourseFindings(
        scripts=found,
        problems=(
            *problems,
            *(_not_covered(name, named[name]) for name in lacking),
            *_copied([readings for _, readings in checked if readings]),
        ),
        concepts={name: concept.name for name, concept in named.items()} or dict.fromkeys(served, ""),
    )


def _not_covered(concept: str, listed: Concept) -> Problem:
    named = f"{concept} ({listed.name})" if listed.name else concept
    return broken(rule_named("COV-01"), listed.place, f"no session serves {named} at every length")


def _copied(scripts: Sequence[tuple[Reading, ...]]) -> Iterator[Problem]:
    allowing = {readings[0].document.path for readings in scripts if "CLM-04" in readings[0].document.allow}
    for echo in echoes(scripts):
        if echo.place.path not in allowing:
            yield broken(rule_named("CLM-04"), echo.place, f"“{echo.words}” appears at {echo.earlier}, too")


def _course_concepts(paths: Iterable[Path]) -> tuple[dict[str, Concept], tuple[Problem, ...]]:
    """What the ``course.yaml`` of each folder, or of a folder in it, lists under ``concepts:``."""
    concepts: dict[str, Concept] = {}
    problems: list[Problem] = []
    folders = filter(os.path.isdir, paths)
    for file in [file for folder in folders for file in sorted(folder.rglob(COURSE_FILE))]:
        found, faults = read_concepts(file)
        concepts |= found
        problems += faults
    return concepts, tuple(problems)


def scripts_among(paths: Iterable[Path]) -> Iterator[Path]:
    """The files as given, and of each folder the scripts: its YAML files that have a ``title:`` and ``segments:``."""
    for path in paths:
        if not os.path.isdir(path):  # noqa: PTH112 - no name is too long for it
            yield path
            continue
        scripts = [file for file in sorted(path.rglob("*.yaml")) if looks_like_script(file)]
        if not scripts:
            raise RequestError(f"there is no script in {path}", "name a script, or a folder that holds some")
        yield from scripts


def check(script: Path | str, options: Options = Options()) -> Findings:
    """Find every fault of a script, and every rule that it does not keep at any length and with any of its values.

    Rules are asked only of a script that can be rendered. What it finds is returned; it raises RequestError and
    VoiceError.
    """
    check_options(options, Options)
    return _check(Path(script), options)[0]


def _check(path: Path, options: Options) -> tuple[Findings, tuple[Reading, ...]]:
    """What is found in a script, and its readings, where it could be read."""
    budget = Budget()
    try:
        document = parse(path, budget)
    except ScriptError as error:
        return Findings(path=path, problems=error.problems), ()
    renderings, problems = _renderings(document, options, budget)
    found = Findings(path=path, problems=problems, estimated=options.estimate)
    if found.errors:
        return found, ()
    try:
        readings = _read(document, renderings, options)
    except ScriptError as error:
        return replace(found, problems=in_order((*problems, *error.problems))), ()
    except AssetError as error:
        start = Place(path=document.path, line=1, column=1)
        problem = problem_at(start, error.message.rstrip("."), error.hint.rstrip("."), "error")
        return replace(found, problems=(*problems, problem)), ()
    report = run(readings)
    found = replace(
        found,
        problems=in_order((*problems, *report.problems)),
        feasible=readings[0].feasible,
        allowed=report.allowed,
        unchecked=report.unchecked,
        coverage=coverage(readings[0]),
        pacing=tuple(pacing(session, document.level) for session in readings[0].sessions),
    )
    return found, readings


def _renderings(
    document: Document, options: Options, budget: Budget
) -> tuple[tuple[tuple[Mapping[str, str], Script], ...], tuple[Problem, ...]]:
    """The script with its defaults and with each other value that it is tried with, and the faults of all of them.

    All draw on one budget. Where many renderings have used it up together, the script is checked with those.
    """
    scripts: list[tuple[Mapping[str, str], Script]] = []
    problems: dict[Problem, None] = {}
    tried = [*trials(document)]
    for number, values in enumerate(tried):
        before = budget.spent
        try:
            script = fill_in(document, replace(options, values=values), budget)
        except ScriptError as error:
            if budget.spent == 1 and number and before > _OF_ONE_RENDERING:
                problems[_untried(document, number, len(tried))] = None
                break
            problems |= dict.fromkeys(error.problems)
            if budget.spent == 1:
                break
            continue
        problems |= dict.fromkeys(script.warnings)
        scripts.append((values, script))
        with suppress(OverBudgetError):
            budget.spend(parts=_READING * sum(1 for _ in cues(script.segments)))
    return tuple(scripts), tuple(problems)


def _untried(document: Document, number: int, of: int) -> Problem:
    message = f"only {number:,} of the {of:,} sets of values that it could be given are checked, the rest is too much"
    place = document.key_node("variables").place
    return problem_at(place, message, "declare fewer variables or choices", "warning")


def _read(
    document: Document, renderings: tuple[tuple[Mapping[str, str], Script], ...], options: Options
) -> tuple[Reading, ...]:
    """Each rendering, laid out. Raises ScriptError, AssetError, VoiceError."""
    scripts = [script for _, script in renderings]
    material = measure(document, scripts, options, preset_of(document, options)).material
    return tuple(
        _reading(document, values, script, material, estimated=options.estimate) for values, script in renderings
    )


def _reading(
    document: Document, values: Mapping[str, str], script: Script, material: Material, *, estimated: bool
) -> Reading:
    layouts = lay_out(script, material)
    return Reading(
        document=document,
        script=script,
        values=values,
        sessions=layouts.sessions,
        refused=layouts.refused,
        estimated=estimated,
        feasible=layouts.feasible,
    )
