"""What ``check`` finds: faults of a script, rules that it does not keep, its lengths and its pacing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from breathmark.checker.pacing import pacing
from breathmark.checker.reading import Reading
from breathmark.checker.registry import problem_at, run
from breathmark.checker.session import lay_out
from breathmark.errors import AssetError, ScriptError
from breathmark.pipeline import Options, fill_in, measure, preset_of
from breathmark.script.faults import in_order
from breathmark.script.parse import parse
from breathmark.script.trials import trials

if TYPE_CHECKING:
    from collections.abc import Mapping

    from breathmark.arrange import Interval, Material
    from breathmark.checker.pacing import Pacing
    from breathmark.checker.registry import Allowed
    from breathmark.errors import Problem
    from breathmark.model import Script
    from breathmark.script.document import Document

__all__ = ["Findings", "check"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What ``check`` found in one script."""

    path: Path
    problems: tuple[Problem, ...]
    """Its faults, and the rules that it does not keep; the message of the latter ends with the rule, ``[SAF-01]``."""
    feasible: tuple[Interval, ...] = ()
    """The lengths that it can have; empty where it can't be laid out."""
    estimated: bool = False
    allowed: tuple[Allowed, ...] = ()
    """What the script's ``allow:`` silences, with the reasons."""
    unchecked: tuple[str, ...] = ()
    """The rules that know no words of the script's language."""
    pacing: tuple[Pacing, ...] = ()
    """At each length that was laid out, for the defaults."""

    @property
    def errors(self) -> int:
        """How many of the problems are errors."""
        return sum(problem.severity == "error" for problem in self.problems)

    @property
    def warnings(self) -> int:
        """How many of the problems are warnings."""
        return sum(problem.severity == "warning" for problem in self.problems)


def check(script: Path | str, options: Options = Options()) -> Findings:  # noqa: B008 (it is frozen)
    """Find every fault of a script, and every rule that it does not keep at any length and with any of its values.

    Rules are asked only of a script that can be rendered. What it finds is returned; it raises RequestError and
    VoiceError.
    """
    path = Path(script)
    try:
        document = parse(path)
    except ScriptError as error:
        return Findings(path=path, problems=error.problems)
    renderings, problems = _renderings(document, options)
    found = Findings(path=path, problems=problems, estimated=options.estimate)
    if found.errors:
        return found
    try:
        readings = _read(document, renderings, options)
    except ScriptError as error:
        return replace(found, problems=in_order((*problems, *error.problems)))
    except AssetError as error:
        problem = problem_at(document.title.place(), error.message.rstrip("."), error.hint.rstrip("."), "error")
        return replace(found, problems=(*problems, replace(problem, line=1, column=1)))
    report = run(readings)
    return replace(
        found,
        problems=in_order((*problems, *report.problems)),
        feasible=readings[0].feasible,
        allowed=report.allowed,
        unchecked=report.unchecked,
        pacing=tuple(pacing(session, document.level) for session in readings[0].sessions),
    )


def _renderings(
    document: Document, options: Options
) -> tuple[tuple[tuple[Mapping[str, str], Script], ...], tuple[Problem, ...]]:
    """The script with its defaults and with each other value that it is tried with, and the faults of all of them."""
    scripts: list[tuple[Mapping[str, str], Script]] = []
    problems: list[Problem] = []
    for values in trials(document):
        chosen = replace(options, values=values, set_values=(), vars_file=None, strict=False)
        try:
            script = fill_in(document, chosen)
        except ScriptError as error:
            problems += error.problems
        else:
            problems += script.warnings
            scripts.append((values, script))
    return tuple(scripts), tuple(dict.fromkeys(problems))


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
