"""``breathmark play``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from breathmark.cli.options import AMBIENCE, FILE, gather, session_options, verbosity
from breathmark.cli.output import clock, error_text, watch
from breathmark.cli.terminal import say

if TYPE_CHECKING:
    from breathmark.api.playing import News


@click.command()
@click.argument("script", type=FILE)
@click.option(
    "--from", "start", default="", metavar="TITLE", help="The segment to begin with, or a time such as 3:20 or 90s."
)
@click.option("--watch", "follow", is_flag=True, help="Go on with what has changed whenever the script is saved.")
@session_options
@AMBIENCE
@verbosity
def play(
    script: Path,
    *,
    start: str,
    follow: bool,
    quiet: bool,
    verbose: bool,
    **chosen: Any,  # noqa: ANN401 — see gather
) -> None:
    """Play SCRIPT aloud as it will sound, without rendering it. Ctrl-C ends it."""
    from breathmark.api import playing

    with watch(quiet=quiet, verbose=verbose) as progress:

        def tell(news: News) -> None:
            progress.end()
            match news:
                case playing.Unplayable():
                    say(error_text(news.error), err=True)
                case _ if quiet:
                    pass
                case playing.SentenceBegun():
                    say(f"{clock(news.start_s):>6}  {news.text}")
                case playing.Moved(why="ended"):
                    say("That was all of it. It goes on when the script is saved; Ctrl-C ends it.", err=True)
                case playing.Moved():
                    say(f"The script was saved; on from {clock(news.at_s)}.", err=True)

        playing.play(script, gather(progress=progress, **chosen), start=start, watch=follow, tell=tell)
