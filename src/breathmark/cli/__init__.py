"""The command line: parse the words, call one function of the API, print what it gave.

Every module here is imported only when its command runs, so that ``--help`` loads click and nothing else.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib
import io
import os
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from breathmark import __version__
from breathmark.base.errors import BreathmarkError, DeliveryError, RequestError, near_miss
from breathmark.base.interrupts import INTERRUPTED, came, end_at_once
from breathmark.cli.terminal import ERROR, echo, make_printable, say


class _LazyGroup(click.Group):
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


_SELDOM = 200_000
"""Objects that are made between two searches for garbage; Python 3.11 itself searches after 700."""

_UNPRINTABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_COMMANDS = {
    "new": "A meditation or a course to start from.",
    "check": "Every fault of scripts at once, and the lengths that they can have.",
    "plan": "The timeline of a session, without rendering it.",
    "play": "A script aloud, as it will sound, without rendering it.",
    "render": "A script as a finished file of exactly the length asked for.",
    "build": "A whole course, and only what has changed since the last time.",
    "compose": "A finished file of any length from a pack of a course's site.",
    "studio": "A page in the browser: write, hear, record and finish a session there.",
    "verify": "Whether finished files are what a place of publication demands.",
    "voices": "The voices that can speak here.",
    "takes": "Your own recordings: a sheet to read from, and what is recorded.",
    "sounds": "The ambiences and bells that come with Breathmark.",
    "schema": "The JSON Schema that lets an editor complete and check scripts and courses.",
    "cache": "The store of sentences that were spoken before.",
}


@click.group(
    cls=_LazyGroup,
    commands_with_help=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="breathmark")
def breathmark() -> None:
    """Guided meditations from scripts: finished audio of exactly the length asked for."""
    try:
        os.getcwd()  # noqa: PTH109 - only whether there is one
    except OSError as error:
        raise RequestError("the folder that this terminal is in is gone", "change to another one with cd") from error


def _run(arguments: list[str] | None) -> int:
    """Run one command and give its exit code. The one place where errors are caught to be shown."""
    color = False if os.environ.get("NO_COLOR") else None  # https://no-color.org; None leaves it to the terminal
    try:
        result = breathmark.main(arguments, prog_name="breathmark", standalone_mode=False, color=color)
    except BaseException as error:  # noqa: BLE001 - a bug is raised again by `_failed`
        if came() or isinstance(error, click.exceptions.Abort):
            return _interrupted()
        return _failed(error)
    if came():  # and somebody swallowed it
        return _interrupted()
    return result if isinstance(result, int) else 0


def _interrupted() -> int:
    end_at_once()
    with contextlib.suppress(OSError):
        echo("Interrupted. What was spoken so far is kept in the cache; nothing half-written is left.", err=True)
    return INTERRUPTED


def _failed(error: BaseException) -> int:
    """Show an error, and give its exit code. Raises what is a bug."""
    if isinstance(error, click.ClickException):
        shown = io.StringIO()
        error.show(shown)
        say(re.sub(r"(?m)^Error:", ERROR, shown.getvalue().rstrip("\n")), err=True)
        return error.exit_code
    if isinstance(error, BreathmarkError):
        from breathmark.cli.output import error_text

        with contextlib.suppress(OSError):  # the exit code says it, too
            say(error_text(error), err=True)
        return error.exit_code
    if isinstance(error, OSError) and error.errno in _UNPRINTABLE:
        return _unprinted(error)
    raise error


def _unprinted(error: OSError) -> int:
    """What a disk that is full means for the results that were to go there."""
    # The interpreter must not try to flush into it again.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    with contextlib.suppress(OSError):
        echo(f"Error: the results can't be printed: {error.strerror}\nfree some space there", err=True)
    return DeliveryError.exit_code


def _complete_surroundings() -> None:
    """Give what a bare environment lacks: libraries take a PATH and three open streams for granted."""
    os.environ.setdefault("PATH", os.defpath)
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # In this order each gets the descriptor that is missing, so that no other file can come to be there.
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - open to the end


def main(arguments: list[str] | None = None) -> None:
    """The program ``breathmark``. It ends with 0, or with the exit code of the error's kind."""
    # Nearly all that a command makes lives until its end; by default it would be looked through 150 times for garbage.
    gc.set_threshold(_SELDOM)
    _complete_surroundings()
    make_printable()
    code = _run(arguments)
    end_at_once()
    gc.freeze()  # nor is it worth looking through once more when the interpreter ends: 0.06 s of the 0.79 of `check`
    sys.exit(code)
