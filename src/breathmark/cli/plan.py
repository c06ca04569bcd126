"""``breathmark plan``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from breathmark.base.errors import RequestError
from breathmark.cli.options import FILE, gather, json_option, session_options, verbosity
from breathmark.cli.output import plan_data, plan_text, say_warnings, watch
from breathmark.cli.terminal import say, say_json


@click.command()
@click.argument("script", type=FILE)
@click.option("--svg", type=FILE, metavar="FILE", help="Draw the timeline into this file.")
@click.option("--estimate", is_flag=True, help="Speak nothing: guess lengths from the words, marked ≈.")
@session_options
@json_option
@verbosity
def plan(
    script: Path,
    svg: Path | None,
    *,
    as_json: bool,
    quiet: bool,
    verbose: bool,
    **chosen: Any,  # noqa: ANN401 — see gather
) -> None:
    """Show the timeline of SCRIPT without rendering it."""
    from breathmark.api import render as pipeline

    if svg is not None and svg.suffix.lower() != ".svg":
        # A name such as the script's own would be written over.
        raise RequestError(f"the picture {svg} should end in .svg", "such as: --svg plan.svg")
    with watch(quiet=quiet or as_json, verbose=verbose) as progress:
        laid_out = pipeline.plan(script, gather(progress=progress, **chosen))
    say_warnings(laid_out.script.warnings, quiet=quiet)
    if svg is not None:
        pipeline.draw(laid_out, svg)
    if as_json:
        say_json(plan_data(laid_out))
    else:
        say(plan_text(laid_out))
