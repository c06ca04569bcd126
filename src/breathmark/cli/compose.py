"""``breathmark compose``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from breathmark.cli.options import FILE, LENGTH, json_option
from breathmark.cli.terminal import say, say_json

if TYPE_CHECKING:
    from breathmark.formats.pack import BellChoice


@click.command()
@click.argument("packs", type=FILE, nargs=-1, required=True, metavar="PACK...")
@click.option("-o", "--output", type=FILE, metavar="FILE", required=True, help="The file, an .mp3.")
@click.option("--length", type=LENGTH, metavar="LENGTH", help="Of the whole, such as 43m. Default: the author's own.")
@click.option(
    "--bells",
    type=click.Choice(["all", "end", "none"]),
    default="all",
    help="Which bells are struck; end is the last one alone.",
)
@json_option
def compose(packs: tuple[Path, ...], output: Path, *, length: float | None, bells: BellChoice, as_json: bool) -> None:
    """Put sessions of packs together as one MP3 of exactly the length asked for."""
    from breathmark.api import compose as api
    from breathmark.base.times import tenths

    made = api.compose(packs, output, length=length, bells=bells)
    if as_json:
        say_json(
            {
                "path": str(made.path),
                "rate_hz": made.rate_hz,
                "frames": made.frames,
                "duration_s": made.duration_s,
                "lengths_s": list(made.lengths_s),
            }
        )
    else:
        say(f"{made.path}  {tenths(made.duration_s)}")
