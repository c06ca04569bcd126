"""``breathmark build``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breathmark.base.wording import counted
from breathmark.cli.options import FILE, LENGTH, listen_option, verbosity
from breathmark.cli.terminal import say, say_json, styled

if TYPE_CHECKING:
    from breathmark.course.options import BuildReport


@click.command()
@click.argument("course", type=FILE)
@click.option(
    "-o", "--output", type=FILE, metavar="FOLDER", help="Output folder. Default: dist/ and the course's name."
)
@click.option("--select", multiple=True, metavar="E", help="Only these, such as '04-*' or 'path:short length:10m'.")
@click.option("--exclude", multiple=True, metavar="E", help="Without these.")
@click.option(
    "--length", "lengths_s", type=LENGTH, multiple=True, metavar="LENGTH", help="In place of the course's lengths."
)
@click.option("--listeners", type=FILE, metavar="FILE", help="A CSV or YAML file with values for each listener.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Worker processes. Default: one per core.")
@click.option("--executor", default="local", metavar="NAME", help="Where the work is done: local or dask.")
@click.option("--scheduler", default="", metavar="ADDRESS", help="The address of a running Dask cluster.")
@click.option("--keep-going", is_flag=True, help="Finish the others when one fails.")
@click.option("--dry-run", is_flag=True, help="Report what would be built, and why.")
@click.option("--force", is_flag=True, help="Also build what has not changed.")
@click.option("--prune", is_flag=True, help="Remove what was made for sessions, lengths or listeners that are gone.")
@click.option("--publish", multiple=True, metavar="NAME", help="A publisher, in place of the course's. Repeatable.")
@listen_option
@click.option("--cache", type=FILE, metavar="FOLDER", help="Where spoken sentences are kept.")
@click.option("--json", "as_json", is_flag=True, help="Print each event as a line of JSON.")
@verbosity
def build(
    course: Path,
    *,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    **chosen: Any,  # noqa: ANN401 — click's, one for each option above
) -> None:
    """Build all of COURSE, a folder or its course.yaml, that is not built yet or has changed since."""
    from breathmark.cli.build_output import watching
    from breathmark.course.build import build as build_course
    from breathmark.course.options import BuildOptions

    if chosen["scheduler"]:
        chosen["executor"] = "dask"
    with watching(quiet=quiet, verbose=verbose, as_json=as_json) as watch:
        report = build_course(course, BuildOptions(watch=watch, **chosen))
    if as_json:
        say_json({"event": "report", **_data(report)}, indent=None)
    elif chosen["dry_run"]:
        say(_dry_text(report))
    elif not quiet:
        say(_text(report))


def _data(report: BuildReport) -> dict[str, object]:
    return {
        "folder": str(report.folder),
        "current": report.current,
        "todo": report.todo,
        "built": report.built,
        "spoken": report.spoken,
        "failed": report.failed,
        "misheard": report.misheard,
        "orphans": list(report.orphans),
    }


def _dry_text(report: BuildReport) -> str:
    """What would be done."""
    width = max((len(key) for key in report.todo), default=0)
    lines = [f"  {key:<{width}}  {why}" for key, why in report.todo.items()]
    lines += [f"  {name}  {message}" for name, message in report.failed.items()]
    lines += [f"  {path}  is no longer in the course; --prune removes it" for path in report.orphans]
    return "\n".join([f"{len(report.todo)} to build, {report.current} current: {report.folder}", *lines])


def _text(report: BuildReport) -> str:
    """What was done."""
    spoken = f", {counted(report.spoken, 'sentence')} spoken" if report.spoken else ""
    return f"{len(report.built)} built{spoken}, {report.current} current: {styled(str(report.folder), bold=True)}"
