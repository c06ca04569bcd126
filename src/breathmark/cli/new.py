"""``breathmark new``."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

import click

from breathmark.base.errors import RequestError
from breathmark.base.wording import command_line
from breathmark.cli.options import FILE
from breathmark.cli.terminal import echo, say

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.course.schema import SchemaName


_SCHEMAS = ".breathmark"
"""The folder beside the file for the JSON Schema that editors complete YAML by."""
_FIRST = "01-first-session"


@click.group()
def new() -> None:
    """Something to start from."""


@new.command(short_help="Write a small, whole meditation, with notes.")
@click.argument("path", type=FILE)
def meditation(path: Path) -> None:
    """Write a small, whole meditation to PATH, with notes that show the script language."""
    _write_starter(path, "script", "meditation.yaml")
    _say_next(
        path,
        command_line("breathmark", "check", path),
        command_line("breathmark", "render", path, "--length", "12m"),
    )


@new.command(short_help="Write a course, and a first session for it.")
@click.argument("path", type=FILE)
def course(path: Path) -> None:
    """Write a course to PATH, a folder or a file: its manifest, and a first session where there is no script yet."""
    from breathmark.script.project import looks_like_script

    path = path if path.suffix else path / "course.yaml"
    scripts = sorted(each.stem for each in path.parent.glob("*.yaml") if looks_like_script(each))
    _write_starter(path, "course", "course.yaml", sessions="".join(f"\n  - {name}" for name in scripts or [_FIRST]))
    if not scripts:
        _write_starter(path.parent / f"{_FIRST}.yaml", "script", "meditation.yaml")
    build = command_line("breathmark", "build", path.parent)
    _say_next(path, f"{build} --dry-run", build)


def _say_next(path: Path, *commands: str) -> None:
    say(f"Wrote {path}. Next:")
    echo("\n".join(f"  {command}" for command in commands))  # never folded, so that they can be pasted


def _write_starter(path: Path, schema: SchemaName, starter: str, *, sessions: str = "") -> None:
    """Write a starter with its schema beside it. Raises RequestError where that can't be."""
    if path.suffix not in {".yaml", ".yml"}:
        command = "meditation evening.yaml" if schema == "script" else "course evenings/course.yaml"
        raise RequestError(f"{path} should end in .yaml", f"such as: breathmark new {command}")
    text = files("breathmark").joinpath("starters", starter).read_text(encoding="utf-8")
    text = text.replace("\n  - SESSIONS", sessions)
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(f"# yaml-language-server: $schema={_SCHEMAS}/{schema}.json\n{text}")
        _write_schema(path.parent / _SCHEMAS / f"{schema}.json", schema)
    except FileExistsError as exc:
        raise RequestError(f"{path} exists already", "choose another name, or move it first") from exc
    except OSError as exc:
        raise RequestError(f"{path} can't be written: {exc.strerror}", "choose another folder") from exc


def _write_schema(path: Path, schema: SchemaName) -> None:
    from breathmark.course.schema import json_schema

    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(json_schema(schema), indent=2, ensure_ascii=False), encoding="utf-8")
