"""``breathmark check``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from breathmark.cli.options import FILE, gather, json_option, verbosity
from breathmark.cli.report import findings_data, findings_text, watch
from breathmark.errors import RequestError, ScriptError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from breathmark.findings import Findings

__all__ = ["check"]


@click.command()
@click.argument("paths", type=FILE, nargs=-1, required=True)
@click.option("--voice", default="", metavar="VOICE", help="Find the feasible lengths for this voice.")
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--estimate", is_flag=True, help="Speak nothing: guess lengths from the words, marked ≈.")
@click.option("--cache", type=FILE, metavar="FOLDER", help="Where spoken sentences are kept.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes that speak. Default: one a core.")
@json_option
@verbosity
def check(
    paths: tuple[Path, ...],
    *,
    strict: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    **chosen: Any,  # noqa: ANN401 — see gather
) -> int:
    """Find every fault of scripts (or of all scripts in a folder), and the lengths that they can have."""
    from breathmark import findings as room

    with watch(quiet=quiet or as_json, verbose=verbose) as progress:
        found = [room.check(path, gather(progress=progress, **chosen)) for path in _scripts(paths)]
    if as_json:
        click.echo(json.dumps([findings_data(findings) for findings in found], indent=2, ensure_ascii=False))
    else:
        for findings in found:
            click.echo(findings_text(findings, quiet=quiet), nl=False)
    return ScriptError.exit_code if any(_fails(findings, strict=strict) for findings in found) else 0


def _fails(findings: Findings, *, strict: bool) -> bool:
    return bool(findings.errors or (strict and findings.warnings))


def _scripts(paths: tuple[Path, ...]) -> Iterator[Path]:
    """The files as given, and of each folder the scripts: its YAML files that have a ``title:`` and ``segments:``."""
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        scripts = [file for file in sorted(path.rglob("*.yaml")) if _looks_like_script(file)]
        if not scripts:
            raise RequestError(f"there is no script in {path}", "name a script, or a folder that holds some")
        yield from scripts


def _looks_like_script(file: Path) -> bool:
    """Parts have no title, settings and lexicons no segments."""
    try:
        keys = {line.split(":")[0] for line in file.read_text(encoding="utf-8").splitlines() if line[:1].isalpha()}
    except (OSError, UnicodeDecodeError):
        return True
    return {"title", "segments"} <= keys
