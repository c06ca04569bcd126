"""``breathmark render``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from breathmark.cli.options import FILE, gather, json_option, render_options, session_options, verbosity
from breathmark.cli.output import artefact_data, artefact_text, say_remarks, say_warnings, watch
from breathmark.cli.terminal import say, say_json


@click.command()
@click.argument("script", type=FILE)
@click.option("-o", "--output", type=FILE, metavar="FILE", help="The file; its suffix sets the format. Default: dist/.")
@session_options
@render_options
@json_option
@verbosity
def render(
    script: Path,
    output: Path | None,
    *,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    **chosen: Any,  # noqa: ANN401 — see gather
) -> None:
    """Render SCRIPT as a finished file of exactly the length asked for."""
    from breathmark.api import render as pipeline

    with watch(quiet=quiet or as_json, verbose=verbose) as progress:
        artefact = pipeline.render(script, output, gather(progress=progress, **chosen))
    say_warnings(artefact.warnings, quiet=quiet)
    say_remarks(artefact, quiet=quiet, as_json=as_json)
    if as_json:
        say_json(artefact_data(artefact))
    elif not quiet:
        say(artefact_text(artefact))
