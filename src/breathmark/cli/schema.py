"""``breathmark schema``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from breathmark.cli.terminal import say_json

if TYPE_CHECKING:
    from breathmark.course.schema import SchemaName


@click.command()
@click.argument(
    "which", type=click.Choice(["script", "part", "settings", "lexicon", "course", "help"]), default="script"
)
def schema(which: SchemaName) -> None:
    """Print the JSON Schema of scripts, parts, settings, lexicons, courses or their help, for editors."""
    from breathmark.course.schema import json_schema

    say_json(json_schema(which))
