"""``breathmark check``, and its output as text, as data, and as annotations of a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any

import click

from breathmark.base.errors import Problem, RequestError, ScriptError
from breathmark.cli.options import FILE, gather, json_option, verbosity
from breathmark.cli.output import clock, closing_line, folded, intervals_data, pacing_data, possible, watch
from breathmark.cli.terminal import echo, say, say_json, table

if TYPE_CHECKING:
    from breathmark.checker.coverage import Coverage, Served
    from breathmark.findings import CourseFindings, Findings
    from breathmark.timeline.pacing import Pacing, SegmentPace


@click.command()
@click.argument("paths", type=FILE, nargs=-1)
@click.option("--voice", default="", metavar="VOICE", help="Measure with this voice. Default: the script's.")
@click.option("--stand-in", default="", metavar="VOICE", help="Who speaks what you have not recorded.")
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--estimate", is_flag=True, help="Speak nothing: guess lengths from the words, marked ≈.")
@click.option("--cache", type=FILE, metavar="FOLDER", help="Where spoken sentences are kept.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Speaking processes. Default: one per core.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "github"]),
    default="text",
    help="github: as annotations of a pull request.",
)
@click.option("--rules", is_flag=True, help="List all rules, and check nothing.")
@json_option
@verbosity
def check(
    paths: tuple[Path, ...],
    *,
    strict: bool,
    rules: bool,
    format_: str,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    **chosen: Any,  # noqa: ANN401 — see gather
) -> int:
    """Find every fault of scripts (or of all scripts in a folder), and the rules of kind and safe sessions they break.

    Their feasible lengths and their pacing are shown too, and for several scripts what they teach together.
    """
    if rules:
        return _list_rules(as_json=as_json)
    if not paths:
        raise RequestError(
            "there is nothing to check", "name scripts or folders, such as: breathmark check evening.yaml"
        )
    from breathmark import findings

    with watch(quiet=quiet or as_json, verbose=verbose) as progress:
        found = findings.check_course(paths, gather(progress=progress, **chosen))
    if as_json:
        say_json(_as_data(found))
    elif format_ == "github":
        echo(_as_annotations(found), nl=False)
    elif text := as_text(found, quiet=quiet):
        say(text)
    return ScriptError.exit_code if _fails(found, strict=strict) else 0


def _list_rules(*, as_json: bool) -> int:
    from breathmark.checker.registry import rules_data, rules_page

    if as_json:
        say_json(rules_data())
    else:
        echo(rules_page().rstrip("\n"))
    return 0


def _fails(found: CourseFindings, *, strict: bool) -> bool:
    problems = [*found.problems, *(problem for each in found.scripts for problem in each.problems)]
    fatal = {"error", "warning"} if strict else {"error"}
    return any(problem.severity in fatal for problem in problems)


_HEADINGS = ("length", "silence", "model", "longest gap", "unannounced", "words a minute (slowest, fastest)")
_FIGURES = range(5)
"""The columns of figures, which are flush right."""


def as_text(found: CourseFindings, *, quiet: bool) -> str:
    """A line for each fault; then, if not ``quiet``, lengths and pacing, what several scripts cover, and the count."""
    lines: list[str] = []
    seen: set[Problem] = set()
    for each in found.scripts:
        lines += folded([problem for problem in each.problems if problem not in seen])
        seen.update(each.problems)
        lines += () if quiet else _script_lines(each)
    lines += folded(found.problems)
    if not quiet:
        if len(found.scripts) > 1 and found.concepts:
            lines += ["", *_coverage_lines(found), ""]
        lines.append(closing_line((*seen, *found.problems), scripts=len(found.scripts)))
    return "\n".join(lines)


def _script_lines(found: Findings) -> Iterator[str]:
    for allowed in found.allowed:
        yield f"{allowed.problem.at}: allowed: {allowed.problem.labelled} (the script's reason: {allowed.reason})"
    about = "≈ " if found.estimated else ""
    if found.feasible:
        yield f"{found.path}: {possible(found.feasible, about)}"
        yield table([_pacing_row(each, about) for each in found.pacing], headings=_HEADINGS, right=_FIGURES)
    if found.unchecked:
        yield f"  not checked in this language: {', '.join(found.unchecked)}"


def _pacing_row(pacing: Pacing, about: str) -> tuple[str, ...]:
    """One length: silence beside the model, the longest gap beside its limit, the pace."""
    from breathmark.checker.rules.quiet import SHORTEST_S

    paces = sorted((pace for pace in pacing.paces if pace.tells), key=lambda pace: pace.wpm)
    return (
        f"{about}{clock(pacing.length_s)}",
        f"{about}{pacing.silence:.0%}",
        f"{pacing.silence_model:.0%}" if pacing.length_s >= SHORTEST_S else "",
        f"{about}{pacing.longest_gap_s:.0f} s",
        f"{pacing.gap_limit_s:.0f} s",
        f"{about}{pacing.wpm:.0f} ({paces[0].wpm:.0f} to {paces[-1].wpm:.0f}{_where(paces[-1])})" if paces[1:] else "",
    )


def _where(pace: SegmentPace) -> str:
    return f" in “{pace.title}”" if pace.title else ""


def _coverage_lines(found: CourseFindings) -> Iterator[str]:
    """Concept by session: ● at every length, a number from so many minutes on; then what five minutes leave out."""
    taught = [(each, each.coverage) for each in found.scripts if each.coverage is not None]
    heads = _heads([each for each, _ in taught])
    names = {concept: f"{concept} {name}".strip() for concept, name in found.concepts.items()}
    rows = [(name, *(_cell(concept, coverage) for _, coverage in taught)) for concept, name in names.items()]
    yield table(rows, headings=("concept", *heads), right=range(1, len(heads) + 1), indent=0)
    held = sum(any(_required(concept, coverage) for _, coverage in taught) for concept in names)
    yield f"{held} of {len(names)} concepts at every length of some session (● every length, 10 from 10 minutes on)"
    if lettered := [f"{head} {each.path}" for head, (each, _) in zip(heads, taught, strict=True) if head.isalpha()]:
        yield f"without a number: {', '.join(lettered)}"
    for head, (_, coverage) in zip(heads, taught, strict=True):
        if coverage.left_out and coverage.short_s is not None:
            lost = [served.concept for served in coverage.served if _is_lost(served, coverage.short_s)]
            concepts = f" (with {', '.join(lost)})" if lost else ""
            short = clock(coverage.short_s)
            yield f"{head} {coverage.title}, at {short}, leaves out{concepts}: {', '.join(coverage.left_out)}"


def _is_lost(served: Served, short_s: float) -> bool:
    return not served.required and short_s not in served.lengths_s


def _required(concept: str, coverage: Coverage) -> bool:
    return any(served.concept == concept and served.required for served in coverage.served)


def _cell(concept: str, coverage: Coverage) -> str:
    served = next((each for each in coverage.served if each.concept == concept), None)
    if served is None:
        return "·"
    if served.required:
        return "●"
    return f"{min(served.lengths_s) / 60:.0f}" if served.lengths_s else "-"


def _heads(scripts: Sequence[Findings]) -> list[str]:
    """What a column is called: the number that a session's file begins with, else a letter."""
    letters = (f"{first}{second}" for first in ("", *ascii_lowercase) for second in ascii_lowercase)
    numbers = [re.match(r"\d+", each.path.stem) for each in scripts]
    return [number[0] if number else next(letters, "?") for number in numbers]


def _as_data(found: CourseFindings) -> dict[str, object]:
    """The same for a program."""
    return {
        "scripts": [_script_data(each) for each in found.scripts],
        "problems": [asdict(problem) for problem in found.problems],
        "concepts": dict(found.concepts),
    }


def _script_data(found: Findings) -> dict[str, object]:
    return {
        "path": str(found.path),
        "problems": [asdict(problem) for problem in found.problems],
        "allowed": [{**asdict(each.problem), "reason": each.reason} for each in found.allowed],
        "unchecked": list(found.unchecked),
        "feasible": intervals_data(found.feasible),
        "estimated": found.estimated,
        "pacing": [pacing_data(pacing) for pacing in found.pacing],
        "coverage": asdict(found.coverage) if found.coverage else None,
    }


def _as_annotations(found: CourseFindings) -> str:
    """Workflow commands that GitHub Actions turns into annotations; see its documentation of workflow commands."""
    problems = [*(problem for each in found.scripts for problem in each.problems), *found.problems]
    return "".join(f"{_annotation(problem)}\n" for problem in _once(problems))


def _once(problems: Sequence[Problem]) -> Sequence[Problem]:
    """Each once, also where several scripts include the part that it is in."""
    return tuple(dict.fromkeys(problems))


def _annotation(problem: Problem) -> str:
    level = {"error": "error", "warning": "warning", "info": "notice"}[problem.severity]
    properties = {"file": problem.path, "line": str(problem.line), "col": str(problem.column), "title": problem.rule}
    listed = ",".join(f"{name}={_escaped(value, ':,')}" for name, value in properties.items() if value)
    message = f"{problem.message} ({problem.hint})" if problem.hint else problem.message
    return f"::{level} {listed}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    """As a workflow command takes it: percent signs and line ends always, in properties also colons and commas."""
    return re.sub(f"[%\r\n{more}]", lambda match: f"%{ord(match[0]):02X}", text)
