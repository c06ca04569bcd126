"""All that is printed passes here: control characters of names and texts are made visible, colours are only our own.

A file's name can hold the sequences by which a terminal is told to clear itself, to rename its window or to show a line
that isn't there.
"""

from __future__ import annotations

from typing import Final

import click

__all__ = ["echo", "styled", "visible"]

_KEPT: Final = "\n\t"
_BIDI: Final = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""They show letters in another order than that of the name (https://trojansource.codes)."""
_OURS: Final = "\0"
"""Stands for ESC in what ``styled`` gives. No file's name and no argument of a command can hold it."""
_VISIBLE: Final = {
    **{code: f"\\x{code:02x}" for code in range(1, 0x20) if chr(code) not in _KEPT},
    **{code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), *_BIDI)},  # so JSON that holds one stays JSON
}


def visible(text: str) -> str:
    """``text`` with its control characters written as in Python, but for line feeds and tabs."""
    return text.translate(_VISIBLE)


def styled(text: str, *, fg: str | None = None, bold: bool | None = None) -> str:
    """``text`` in a colour or in bold, for ``echo``."""
    return click.style(visible(text), fg=fg, bold=bold).replace("\x1b", _OURS)


def echo(message: object = "", *, err: bool = False, nl: bool = True, color: bool | None = None) -> None:
    """Print ``message`` on standard output, or on standard error."""
    click.echo(visible(str(message)).replace(_OURS, "\x1b"), err=err, nl=nl, color=color)
