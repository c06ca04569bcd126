"""Terminal output: all text and tables are fitted to the terminal, and to the signs that it can show.

A file's name can hold the sequences by which a terminal is made to clear itself, to rename its window or to show a line
that isn't there. Control characters are made visible, and colours are only our own.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import sys
from collections.abc import Container, Iterator, Sequence
from typing import Final, TextIO

import click

_USUAL_COLUMNS = 80
_UNLIMITED = 10_000
"""Columns of a table that nobody's terminal limits: a line for each row, for grep and for editors."""
_INSTEAD = {"≈": "~", "●": "*", "·": "-", "─": "-", "…": "...", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-"}  # noqa: RUF001
_ERRORS = "breathmark-plain"
_KEPT: Final = "\n\t"
_BIDI: Final = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""They show letters in another order than that of the name (https://trojansource.codes)."""
_OURS: Final = "\0"
"""Stands for ESC in what ``styled`` gives. No file's name and no argument of a command can hold it."""
_VISIBLE: Final = {
    **{code: f"\\x{code:02x}" for code in range(1, 0x20) if chr(code) not in _KEPT},
    **{code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), *_BIDI)},  # so JSON that holds one stays JSON
}


def make_printable() -> None:
    """Let both output streams print every text: a sign that their encoding lacks is replaced and never an error.

    Windows encodes redirected output by its code page, and a file's name may hold what is not text at all.
    """
    codecs.register_error(_ERRORS, _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


def _plain(error: UnicodeError) -> tuple[str, int]:
    """The handler of what can't be encoded: a plain sign that looks like it, else its code."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    shown = "".join(_INSTEAD.get(sign) or sign.encode("ascii", "backslashreplace").decode("ascii") for sign in lacking)
    return shown, error.end


def columns(stream: TextIO) -> int | None:
    """The width of the terminal that ``stream`` goes to; None where it goes elsewhere."""
    if not stream.isatty():
        return None
    if (given := os.environ.get("COLUMNS", "")).isdecimal() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(stream.fileno()).columns or _USUAL_COLUMNS
    except OSError:
        return _USUAL_COLUMNS


def is_live(stream: TextIO) -> bool:
    """Whether what ``stream`` shows can be written over: a terminal, and one that can move its cursor."""
    return stream.isatty() and os.environ.get("TERM", "").lower() not in {"dumb", "unknown"}


def visible(text: str) -> str:
    """``text`` with its control characters written as in Python, but for line feeds and tabs."""
    return text.translate(_VISIBLE)


def styled(text: str, *, fg: str | None = None, bold: bool | None = None) -> str:
    """``text`` in a colour or in bold, for ``echo``, ``say`` and ``table``."""
    return click.style(visible(text), fg=fg, bold=bold).replace("\x1b", _OURS)


ERROR: Final = styled("Error:", fg="red", bold=True)
"""The label of every error."""


def echo(message: object = "", *, err: bool = False, nl: bool = True, color: bool | None = None) -> None:
    """Print ``message`` as it is on standard output, or on standard error: what is pasted, and what programs read.

    Where nobody reads standard error any more, the work goes on without it.
    """
    try:
        click.echo(visible(str(message)).replace(_OURS, "\x1b"), err=err, nl=nl, color=color)
    except BrokenPipeError:
        if not err:
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def say(text: str, *, err: bool = False) -> None:
    """Print ``text``, on a terminal folded at words to its width; colours are left out where they can't be shown."""
    width = columns(sys.stderr if err else sys.stdout)
    color = False if os.environ.get("NO_COLOR") else None  # https://no-color.org; None leaves it to the terminal
    lines = visible(text).split("\n")
    echo(
        "\n".join(lines if width is None else (piece for line in lines for piece in _folded(line, width))),
        err=err,
        color=color,
    )


def say_json(data: object, *, indent: int | None = 2) -> None:
    """Print ``data`` for a program; in an encoding that lacks signs they are escaped as JSON has it."""
    import json

    is_utf = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().startswith("utf")
    echo(json.dumps(data, indent=indent, ensure_ascii=not is_utf, default=str))


def _folded(line: str, width: int) -> Iterator[str]:
    """The line in pieces of at most ``width`` columns, broken at spaces alone, so that no path is torn apart."""
    from rich.cells import cell_len

    def wide(text: str) -> int:
        return cell_len(click.unstyle(text.replace(_OURS, "\x1b")))

    if wide(line) <= width:
        yield line
        return
    indent = re.match(" *", line)
    margin = f"{indent[0] if indent else ''}  "
    piece, *words = re.findall(r" *[^ ]+", line) or [""]
    for word in words:
        if wide(piece) + wide(word) <= width:
            piece += word
        else:
            yield piece
            piece = margin + word.lstrip(" ")
    yield piece


def table(
    rows: Sequence[Sequence[str]], *, headings: Sequence[str] = (), right: Container[int] = (), indent: int = 2
) -> str:
    """Cells in columns, on a terminal folded inside them so that the table fits; those in ``right`` are flush right."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    laid = Table(box=None, show_header=bool(headings), header_style="", padding=(0, 2, 0, 0), pad_edge=False)
    for number in range(max(map(len, (headings, *rows)))):
        heading = headings[number] if headings else ""
        laid.add_column(heading, justify="right" if number in right else "left")
    for row in rows:
        laid.add_row(*(Text.from_ansi(visible(cell).replace(_OURS, "\x1b")) for cell in row))
    drawn = io.StringIO()
    width = columns(sys.stdout) or _UNLIMITED
    # Always with colours, since `say` takes them away where they can't be shown.
    console = Console(file=drawn, width=width, force_terminal=True, color_system="standard", legacy_windows=False)
    console.print(Padding(laid, (0, 0, 0, indent), expand=False))
    lines = drawn.getvalue().replace("\x1b", _OURS).removesuffix("\n").split("\n")
    return "\n".join(line.rstrip() for line in lines)
