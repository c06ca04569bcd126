"""``breathmark studio``."""

from __future__ import annotations

import click

from breathmark.base.errors import RequestError
from breathmark.cli.options import FILE
from breathmark.cli.terminal import say


@click.command()
@click.argument("folder", type=FILE, default=".")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The port. Default: the folder's own, if free.")
@click.option("--host", default="127.0.0.1", help="The address to listen at. Default: this machine alone.")
@click.option("--no-open", is_flag=True, help="Print the address without opening it in the browser.")
def studio(folder: object, *, port: int, host: str, no_open: bool) -> None:
    """Open FOLDER on a page in the browser: write, hear, record and finish sessions there."""
    try:
        from breathmark.studio.serve import serve
    except ImportError as error:
        raise RequestError("the studio is not installed", 'run: pip install "breathmark[studio]"') from error
    from pathlib import Path

    if host not in ("127.0.0.1", "localhost", "::1"):
        say(f"Anyone who can reach {host} can try to open the studio; the address contains the key.")
    serve(Path(str(folder)), host=host, port=port, browser=not no_open, say=say)
