"""A click group whose commands are imported when they are needed."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from breathmark.base.errors import near_miss

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class LazyGroup(click.Group):
    """Knows its commands' names and one-line helps; ``breathmark.cli.NAME`` holds the command ``NAME``."""

    def __init__(self, *, commands_with_help: Mapping[str, str], **attributes: Any) -> None:  # noqa: ANN401 — click's own
        super().__init__(**attributes)
        self._helps = dict(commands_with_help)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:  # noqa: ANN401 — click's own
        """As click's; here ``--help`` prints."""
        with _quiet_without_reader():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 — click's own
        """As click's; here everything else prints."""
        with _quiet_without_reader():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 — click's signature
        """In the order in which a user meets them."""
        return list(self._helps)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 — click's signature
        """Import the module of the command; None where there is no such command."""
        if cmd_name not in self._helps:
            return None
        command = getattr(importlib.import_module(f"breathmark.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)  # noqa: S101 — a wrong module is our own mistake
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, which knows commands that are imported already, and so could propose none."""
        if args and args[0] not in self._helps and not args[0].startswith("-"):
            near = near_miss(args[0], self._helps)
            hint = f" Did you mean {near}?" if near else ""
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 — click's signature
        """List the commands from the one-line helps, which imports none of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self._helps.items()))


@contextmanager
def _quiet_without_reader() -> Iterator[None]:
    """End with 0 where the reader of the results is gone, as with ``head``: that is not an error.

    A pipe that breaks elsewhere is one, which click would end with 1 and without a word.
    """
    try:
        yield
    except BrokenPipeError as error:
        if all(frame.f_code is not click.echo.__code__ for frame, _ in traceback.walk_tb(error.__traceback__)):
            raise RuntimeError("the pipe to another program broke") from error
        # The interpreter must not try to flush into it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit(0) from error
