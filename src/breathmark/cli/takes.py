"""``breathmark takes``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from breathmark.cli.options import FILE, gather, json_option
from breathmark.cli.terminal import say, say_json

if TYPE_CHECKING:
    from pathlib import Path


_set = click.option("--set", "set_values", multiple=True, metavar="NAME=VALUE", help="A variable of the script.")
_missing = click.option("--missing", is_flag=True, help="Only what is not recorded yet.")
_folder = click.option(
    "-o", "--output", type=FILE, metavar="FOLDER", help="Where takes are. Default: the project's folder."
)
_cache = click.option("--cache", type=FILE, metavar="FOLDER", help="Where spoken sentences and measurements are kept.")


@click.group()
def takes() -> None:
    """Your own recordings: a sheet to read from, and what is recorded."""


@takes.command("list", short_help="List every sentence, and what is recorded of it.")
@click.argument("script", type=FILE)
@click.option("--html", type=FILE, metavar="FILE", help="Write a sheet to print or to read from.")
@_folder
@_missing
@_set
@_cache
@json_option
def list_(
    script: Path,
    *,
    html: Path | None,
    output: Path | None,
    missing: bool,
    set_values: tuple[str, ...],
    cache: Path | None,
    as_json: bool,
) -> None:
    """List every sentence that SCRIPT can need, at any length and with any choice, and what is recorded of it."""
    from breathmark.api.recordings import list_takes, write_sheet
    from breathmark.cli import takes_output

    listing = list_takes(script, gather(set_values=set_values, cache=cache), output)
    if html is not None:
        write_sheet(listing, html, only_missing=missing)
    if as_json:
        say_json(takes_output.listing_data(listing))
    else:
        say(takes_output.listing_text(listing, only_missing=missing))
        if html is not None:
            say(f"Wrote {html}.")


@takes.command("split", short_help="Cut one long recording into takes.")
@click.argument("recording", type=FILE)
@click.argument("script", type=FILE)
@_folder
@_missing
@_set
@_cache
@json_option
def split(
    recording: Path,
    script: Path,
    *,
    output: Path | None,
    missing: bool,
    set_values: tuple[str, ...],
    cache: Path | None,
    as_json: bool,
) -> None:
    """Cut RECORDING, the sheet of SCRIPT read in its order, into takes; what is unsure is reported and set aside."""
    from breathmark.api.recordings import split_takes
    from breathmark.cli import takes_output

    report = split_takes(recording, script, gather(set_values=set_values, cache=cache), output, only_missing=missing)
    if as_json:
        say_json(takes_output.split_data(report))
    else:
        say(takes_output.split_text(report))
    takes_output.check_found(report, recording)
