"""Output of ``plan``, ``render`` and ``verify``, as text and as data; faults of scripts as lines."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from breathmark.base.errors import BreathmarkError, Problem, ScriptError, Severity
from breathmark.base.times import tenths
from breathmark.base.wording import counted
from breathmark.cli.progress import ProgressDisplay, stages_shown
from breathmark.cli.terminal import ERROR, columns, say, styled, table

if TYPE_CHECKING:
    from breathmark.api.render import Plan
    from breathmark.results import Artefact, StandIn
    from breathmark.solver import Interval
    from breathmark.timeline.pacing import Pacing
    from breathmark.verification.verdict import Listening, Misheard, Verification


@contextmanager
def watch(*, quiet: bool, verbose: bool) -> Iterator[ProgressDisplay]:
    """Show progress, and with ``verbose`` what the stages log, on standard error."""
    with stages_shown(verbose=verbose), ProgressDisplay(quiet=quiet, verbose=verbose) as progress:
        yield progress


def say_warnings(warnings: tuple[Problem, ...], *, quiet: bool) -> None:
    """Print a script's warnings on standard error."""
    if not quiet:
        for warning in warnings:
            say(problem_line(warning), err=True)


def artefact_text(artefact: Artefact) -> str:
    """What was made, for a person."""
    alone = artefact.path in artefact.stems
    whole, limited = ("sum", ", before the limiter") if alone else ("whole file", "")
    levels = f"voice {artefact.voice_lufs:.1f} LUFS, {whole} {artefact.file_lufs:.1f} LUFS"
    lines = [
        f"{styled(str(artefact.path), bold=True)}  {clock(artefact.timeline.duration_s)}",
        f"  {levels}, peak {artefact.true_peak_dbtp:.1f} dBTP{limited}",
        *(f"  {path}" for path in (*artefact.beside, *artefact.stems) if path != artefact.path),
        *_timeline_lines(artefact.stems),
        *_stand_in_lines(artefact.stand_in),
    ]
    return "\n".join(lines)


def _timeline_lines(stems: tuple[Path, ...]) -> Iterator[str]:
    if stems and not any(path.suffix == ".otio" for path in stems):
        yield "  without a timeline for OpenTimelineIO, which needs: pip install 'breathmark[timeline]'"


def say_remarks(artefact: Artefact, *, quiet: bool, as_json: bool = False) -> None:
    """Print what is wrong with recordings and with the user's own ambience on standard error.

    Levels that are not as asked, too, but beside data, which has them.
    """
    if quiet:
        return
    if artefact.swell_remark and not as_json:
        say(f"{styled('info:', fg='cyan', bold=True)} {artefact.swell_remark}", err=True)
    takes, loudness = (f"the take {each}" for each in artefact.remarks), "" if as_json else artefact.loudness_remark
    for remark in [*takes, *artefact.ambience_remarks, *([loudness] if loudness else [])]:
        say(f"{styled('warning:', fg='yellow', bold=True)} {remark}", err=True)


def _stand_in_lines(stand_in: StandIn | None) -> Iterator[str]:
    if stand_in is not None:
        count = counted(len(stand_in.sentences), "sentence")
        yield f"  {stand_in.voice} stood in for {count} without a recording:"
        yield from (f"    {each.caption}" for each in stand_in.sentences if not each.private)
        hidden = sum(each.private for each in stand_in.sentences)
        yield from [f"    and {hidden} with a private value"] if hidden else []


def artefact_data(artefact: Artefact) -> dict[str, object]:
    """The same for a program."""
    return {
        "path": str(artefact.path),
        "frames": artefact.timeline.frames,
        "rate_hz": artefact.timeline.rate_hz,
        "voice_lufs": round(artefact.voice_lufs, 3),
        "file_lufs": round(artefact.file_lufs, 3),
        "true_peak_dbtp": round(artefact.true_peak_dbtp, 3),
        "beside": [str(path) for path in artefact.beside],
        "stems": [str(path) for path in artefact.stems],
        "warnings": [asdict(warning) for warning in artefact.warnings],
        "stand_in": _stand_in_data(artefact.stand_in),
        "remarks": list(artefact.remarks),
        "ambience_remarks": list(artefact.ambience_remarks),
        "swell_remark": artefact.swell_remark,
        "loudness_remark": artefact.loudness_remark,
    }


def _stand_in_data(stand_in: StandIn | None) -> dict[str, object] | None:
    if stand_in is None:
        return None
    return {"voice": stand_in.voice, "sentences": [each.caption for each in stand_in.sentences if not each.private]}


def plan_text(plan: Plan) -> str:
    """A plan as a table, with the lengths that the script can have."""
    from breathmark.timeline.table import pacing_line, timeline_table

    about = "≈ " if plan.estimated else ""
    length = f"{about}{clock(plan.timeline.duration_s)}"
    heading = f"{styled(plan.script.title, bold=True)}  {length}  {plan.voice}".rstrip()
    rows = timeline_table(plan.timeline, estimated=plan.estimated, columns=columns(sys.stdout) or 80)
    # A fact is a line here, so that none is broken on a narrow terminal.
    pacing = pacing_line(plan.timeline, plan.script.level, estimated=plan.estimated).replace(" · ", "\n")
    return "\n".join((heading, "", rows, "", pacing, possible(plan.feasible, about)))


def plan_data(plan: Plan) -> dict[str, object]:
    """The same for a program."""
    from breathmark.timeline.data import timeline_data
    from breathmark.timeline.pacing import LaidOut, pacing

    return {
        "title": plan.script.title,
        "voice": plan.voice,
        "estimated": plan.estimated,
        "feasible": intervals_data(plan.feasible),
        "pacing": pacing_data(pacing(LaidOut(timeline=plan.timeline), plan.script.level)),
        **asdict(timeline_data(plan.timeline)),
    }


def pacing_data(pacing: Pacing) -> dict[str, object]:
    """How a session is paced, for a program."""
    paces = [
        {
            "title": pace.title,
            "kind": pace.kind,
            "place": str(pace.place),
            "words": pace.words,
            "wpm": round(pace.wpm, 1),
        }
        for pace in pacing.paces
    ]
    return {
        "length_s": round(pacing.length_s, 3),
        "silence": round(pacing.silence, 4),
        "silence_model": round(pacing.silence_model, 4),
        "longest_gap_s": round(pacing.longest_gap_s, 2),
        "longest_gap_in": pacing.longest_gap_in,
        "gap_limit_s": round(pacing.gap_limit_s, 2),
        "wpm": round(pacing.wpm, 1),
        "segments": paces,
    }


def verification_text(verification: Verification, *, quiet: bool = False) -> str:
    """A table of what was looked at in one file; with ``quiet`` of what failed alone."""
    shown = verification.failures if quiet else verification.findings
    says = f"{len(verification.failures)} failed" if verification.failures else "passed"
    colours = {"pass": "green", "fail": "red", "skipped": "yellow"}
    rows = [(styled(each.outcome, fg=colours[each.outcome]), each.item, each.found, each.asked) for each in shown]
    heard = "\n".join(_listening_lines(verification.listening)) if verification.listening else ""
    heading = f"{styled(str(verification.path), bold=True)}  {verification.preset}: {says}"
    return "\n".join((heading, table(rows), heard)).rstrip()


def _listening_lines(listening: Listening) -> Iterator[str]:
    """What was heard differently, or, where nobody knows what it should be, all that was heard."""
    shown = listening if sys.stdout.isatty() else listening.hidden()  # on a terminal it stays with whose it is
    for each in shown.misheard:
        yield from misheard_lines(each)
    for heard in listening.transcript:
        yield f"  {tenths(heard.start_s):>7}  {heard.text}"


def misheard_lines(misheard: Misheard) -> Iterator[str]:
    """When it is spoken, what is written, and what was heard."""
    at = f"  {tenths(misheard.start_s):>7}  "
    if misheard.private and not misheard.text:
        yield f"{at}a sentence with a private value"
        return
    yield f"{at}written  {misheard.text}"
    yield f"{' ' * len(at)}heard    {misheard.heard or '(nothing)'}"


def verification_data(verification: Verification) -> dict[str, object]:
    """The same for a program."""
    return {
        "path": str(verification.path),
        "preset": verification.preset,
        "passed": verification.passed,
        "findings": [asdict(finding) for finding in verification.findings],
        "listening": asdict(verification.listening.hidden()) if verification.listening else None,
    }


def possible(feasible: tuple[Interval, ...], about: str) -> str:
    """The lengths that a script can have, and what keeps it from those between."""
    spans = ", or ".join(about + str(interval).replace(" to ", f" to {about}") for interval in feasible)
    holes = "" if len(feasible) < 2 else f"  (nothing between: {'; '.join(each.min_binds for each in feasible[1:])})"
    return f"possible lengths {spans}{holes}"


def intervals_data(feasible: tuple[Interval, ...]) -> list[dict[str, object]]:
    """The same for a program."""
    return [asdict(interval) for interval in feasible]


def clock(seconds: float) -> str:
    """A length as minutes and seconds."""
    from breathmark.base.times import minutes

    return minutes(round(seconds))


_SHOWN: Final = 2
"""How many findings of one rule have a line each; of more, the first one represents all."""
_LISTED: Final = 12
"""So many lines are named."""
_COLOURS: Final[dict[Severity, str]] = {"error": "red", "warning": "yellow", "info": "cyan"}
_NOUNS: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "info": "note"}


def error_text(error: BreathmarkError) -> str:
    """An error with its label; the faults of a script have one each."""
    if not isinstance(error, ScriptError):
        return f"{ERROR} {error}"
    return "\n".join((*map(problem_line, error.problems), closing_line(error.problems)))


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
