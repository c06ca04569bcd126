"""``breathmark verify``."""

from __future__ import annotations

from pathlib import Path

import click

from breathmark.base.errors import AssetError, DeliveryError, RequestError
from breathmark.cli.options import FILE, json_option, listen_option, verbosity
from breathmark.cli.output import verification_data, verification_text, watch
from breathmark.cli.terminal import say, say_json


@click.command()
@click.argument("files", type=FILE, nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--preset",
    default="",
    metavar="PRESET",
    help="What to measure it by. Default: what session.json beside the file says, else podcast.",
)
@listen_option
@json_option
@verbosity
def verify(files: tuple[Path, ...], *, preset: str, listen: str, as_json: bool, quiet: bool, verbose: bool) -> int:
    """Measure finished files anew, and say of each demand of a preset whether it is met."""
    from breathmark.api import render as pipeline
    from breathmark.verification.recogniser import open_recogniser

    recogniser = open_recogniser(listen) if listen else ""
    with watch(quiet=quiet or as_json, verbose=verbose) as progress:
        found, errors = [], []
        for file in files:
            try:
                found.append(pipeline.verify(file, preset, progress, listen=recogniser))
            except (AssetError, RequestError) as error:  # the other files have their results all the same
                errors.append(error)
    if as_json:
        say_json([verification_data(verification) for verification in found])
    else:
        for verification in found:
            if quiet and verification.passed:
                continue
            say(verification_text(verification, quiet=quiet))
    if errors:
        texts = dict.fromkeys(map(str, errors))
        raise errors[0] if len(texts) == 1 else type(errors[0])("\n".join(texts))
    return 0 if all(verification.passed for verification in found) else DeliveryError.exit_code
