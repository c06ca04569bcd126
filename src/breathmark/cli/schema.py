"""``breathmark schema``."""

from __future__ import annotations

import json

import click

__all__ = ["schema"]


@click.command()
@click.argument("which", type=click.Choice(["script", "settings", "lexicon"]), default="script")
def schema(which: str) -> None:
    """Print the JSON Schema of scripts, settings or lexicons, for editors."""
    from breathmark.script.schema import json_schema

    click.echo(json.dumps(json_schema(which), indent=2, ensure_ascii=False))
