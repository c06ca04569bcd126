"""``breathmark new``."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

import click

from breathmark.cli.options import FILE
from breathmark.errors import RequestError

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["new"]

_SCHEMA = ".breathmark/script.json"
"""Beside the script, for editors that complete YAML by a JSON Schema."""


@click.group()
def new() -> None:
    """Something to start from."""


@new.command()
@click.argument("path", type=FILE)
def meditation(path: Path) -> None:
    """Write a small, whole meditation to PATH, with notes that show the script language."""
    if path.suffix not in {".yaml", ".yml"}:
        raise RequestError(f"{path} should end in .yaml", "such as: breathmark new meditation evening.yaml")
    starter = files("breathmark").joinpath("starters", "meditation.yaml").read_text(encoding="utf-8")
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(f"# yaml-language-server: $schema={_SCHEMA}\n{starter}")
        _write_schema(path.parent / _SCHEMA)
    except FileExistsError as exc:
        raise RequestError(f"{path} exists already", "choose another name, or move it first") from exc
    except OSError as exc:
        raise RequestError(f"{path} can't be written: {exc.strerror}", "choose another folder") from exc
    click.echo(f"Wrote {path}. Next:")
    click.echo(f"  breathmark check {path}\n  breathmark render {path} --length 12m")


def _write_schema(path: Path) -> None:
    from breathmark.script.schema import json_schema

    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(json_schema("script"), indent=2, ensure_ascii=False), encoding="utf-8")
