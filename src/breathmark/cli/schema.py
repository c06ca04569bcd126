"""``breathmark schema``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from breathmark.cli.terminal import echo

if TYPE_CHECKING:
    from breathmark.course.schema import SchemaName

__all__ = ["schema"]


@click.command()
@click.argument(
    "which", type=click.Choice(["script", "part", "settings", "lexicon", "course", "help"]), default="script"
)
def schema(which: SchemaName) -> None:
    """Print the JSON Schema of scripts, parts, settings, lexicons, courses or their help, for editors."""
    from breathmark.course.schema import json_schema

    echo(json.dumps(json_schema(which), indent=2, ensure_ascii=False))
