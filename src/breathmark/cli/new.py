"""``breathmark new``."""

from __future__ import annotations

from pathlib import Path

import click

from breathmark.base.wording import command_line
from breathmark.cli.options import FILE
from breathmark.cli.terminal import echo, say


@click.group()
def new() -> None:
    """Something to start from."""


@new.command(short_help="Write a small, whole meditation, with notes.")
@click.argument("path", type=FILE)
def meditation(path: Path) -> None:
    """Write a small, whole meditation to PATH, with notes that show the script language."""
    from breathmark.course.schema import new_meditation

    new_meditation(path)
    _say_next(
        path,
        command_line("breathmark", "check", path),
        command_line("breathmark", "render", path, "--length", "12m"),
    )


@new.command(short_help="Write a course, and a first session for it.")
@click.argument("path", type=FILE)
def course(path: Path) -> None:
    """Write a course to PATH, a folder or a file: its manifest, and a first session where there is no script yet."""
    from breathmark.course.schema import new_course

    path = new_course(path)
    build = command_line("breathmark", "build", path.parent)
    _say_next(path, f"{build} --dry-run", build)


def _say_next(path: Path, *commands: str) -> None:
    say(f"Wrote {path}. Next:")
    echo("\n".join(f"  {command}" for command in commands))  # never folded, so that they can be pasted
