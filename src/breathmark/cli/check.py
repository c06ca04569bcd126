"""``breathmark check``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from breathmark.base.errors import RequestError, ScriptError
from breathmark.cli.options import FILE, gather, json_option, verbosity
from breathmark.cli.output import watch
from breathmark.cli.terminal import echo, say, say_json

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.findings import CourseFindings


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
    from breathmark.cli import check_output

    with watch(quiet=quiet or as_json, verbose=verbose) as progress:
        found = findings.check_course(paths, gather(progress=progress, **chosen))
    if as_json:
        say_json(check_output.as_data(found))
    elif format_ == "github":
        echo(check_output.as_annotations(found), nl=False)
    elif text := check_output.as_text(found, quiet=quiet):
        say(text)
    return ScriptError.exit_code if _fails(found, strict=strict) else 0


def _list_rules(*, as_json: bool) -> int:
    from breathmark.checker.rulebook import rules_data, rules_page

    if as_json:
        say_json(rules_data())
    else:
        echo(rules_page().rstrip("\n"))
    return 0


def _fails(found: CourseFindings, *, strict: bool) -> bool:
    problems = [*found.problems, *(problem for each in found.scripts for problem in each.problems)]
    fatal = {"error", "warning"} if strict else {"error"}
    return any(problem.severity in fatal for problem in problems)
