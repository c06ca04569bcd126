"""The options that several commands share, gathered into one ``Options`` value."""

from __future__ import annotations

import errno
import functools
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import click

from breathmark.base.errors import RequestError

if TYPE_CHECKING:
    from breathmark.api.options import Options


P = ParamSpec("P")
R = TypeVar("R")


class _FilePath(click.Path):
    """A path that can be asked about: none is empty, which to Python is the current folder, and none too long."""

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        if not os.fspath(value):
            self.fail("it is empty: give a name, or leave it out", param, ctx)
        try:
            os.lstat(value)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                self.fail("the name is too long for this system: choose a shorter one", param, ctx)
        except ValueError:
            self.fail("there is a null character in it", param, ctx)
        return super().convert(value, param, ctx)


FILE = _FilePath(path_type=Path)


class _LengthType(click.ParamType[float]):
    """A session's length in seconds, from text such as ``12m``, ``7:30`` or ``90s``; a bare number has no unit."""

    name = "length"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ARG002 - click's signature
        from breathmark.script.ranges import parse_duration

        if re.fullmatch(r"[0-9]*\.?[0-9]+", text := value.strip(), re.ASCII):
            raise RequestError(f"--length {text}: {text} what?", f"write {text}m for minutes or {text}s for seconds")
        try:
            length_s = parse_duration(text)
        except ValueError as error:
            raise RequestError(f"the length {value!r} can't be read: {error}", _LENGTH_FORMS) from error
        if not length_s:
            raise RequestError("a session needs a length", _LENGTH_FORMS)
        return length_s


LENGTH = _LengthType()
_LENGTH_FORMS = "write --length 12m, 7:30 or 90s"

_SESSION = (
    click.option(
        "--length", type=LENGTH, metavar="LENGTH", help="Such as 12m, 7:30 or 90s. Default: the script's own ideal."
    ),
    click.option("--voice", default="", metavar="VOICE", help="NARRATOR:NAME, such as hibari:heart or pyttsx3:en-gb."),
    click.option(
        "--stand-in", default="", metavar="VOICE", help="Who speaks what you have not recorded (for --voice recorded)."
    ),
    click.option("--no-bell", is_flag=True, help="Leave out every bell and the rest after it."),
    click.option(
        "--set", "set_values", multiple=True, metavar="NAME=VALUE", help="A variable of the script. Repeatable."
    ),
    click.option("--vars", "vars_file", type=FILE, metavar="FILE", help="Variables from a YAML or JSON file."),
    click.option("--preset", default="", metavar="PRESET", help="Where it will be published. Default: podcast."),
    click.option("--cache", type=FILE, metavar="FOLDER", help="Where spoken sentences are kept."),
    click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Worker processes. Default: one per core."),
    click.option("--strict", is_flag=True, help="Treat warnings as errors."),
)

AMBIENCE = click.option(
    "--ambience", default=None, metavar="SOUND", help="A built-in name, a file of your own, or none."
)
_RENDER = (
    AMBIENCE,
    click.option(
        "--format",
        "format_",
        default="",
        metavar="FORMAT",
        help="mp3, m4b, m4a, opus, flac or wav. Default: as the file is named.",
    ),
    click.option("--bitrate", default="", metavar="RATE", help="Such as 192k; for MP3 also V2, a variable rate."),
    click.option("--only", default="", metavar="TITLE", help="Only the segment with this title, to listen to it."),
    click.option(
        "--stems",
        type=FILE,
        metavar="FOLDER",
        help="Voice, ambience and bells as WAV, with projects for editors; without -o nothing else is made.",
    ),
    click.option("--sound-only", is_flag=True, help="No captions, chapters and other files beside the finished one."),
    click.option("--from", "start_from", default="", metavar="TITLE", help="From the segment with this title on."),
)


def _apply(options: tuple[Callable[[Any], Any], ...]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    def decorate(command: Callable[P, R]) -> Callable[P, R]:
        return functools.reduce(lambda wrapped, option: option(wrapped), reversed(options), command)

    return decorate


session_options = _apply(_SESSION)
render_options = _apply(_RENDER)


def _named(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    """The name of a model, empty where the option is left out: one that is given empty would listen to nothing."""
    if value is not None and not value.strip():
        raise click.BadParameter("it is empty: give a name, or leave it out", ctx, param)
    return value or ""


listen_option = click.option(
    "--listen",
    callback=_named,
    metavar="MODEL",
    help="Also listen to what is spoken, by this model of Whisper: a name such as base, or a folder.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print data instead of text.")
verbosity = _apply(
    (
        click.option("-q", "--quiet", is_flag=True, help="Print nothing but results and errors."),
        click.option("-v", "--verbose", is_flag=True, help="Report what each stage does."),
    )
)


def gather(**chosen: Any) -> Options:  # noqa: ANN401 — the values come from click, one for each option above
    """The chosen options as the API's value."""
    from breathmark.api.options import Options
    from breathmark.script.values import read_values, values_of_settings

    settings, file = chosen.pop("set_values", ()), chosen.pop("vars_file", None)
    chosen["values"] = read_values(file) if file else {}
    chosen["values"].update(values_of_settings(settings))
    chosen["bells"] = not chosen.pop("no_bell", False)
    chosen["format"] = chosen.pop("format_", "")
    return Options(**chosen)
