"""A program in a pseudo-terminal, and what somebody who looks at it sees."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_CONTROL = re.compile(r"\x1b\[[0-9;?]*([A-Za-z])")


@dataclass(frozen=True, slots=True)
class Shown:
    """What came to a terminal."""

    code: int
    raw: str

    @property
    def pieces(self) -> list[str]:
        """Everything that was ever written from the left edge on, without colours."""
        without_moves = _CONTROL.sub(lambda found: "" if found[1] == "m" else "\n", self.raw)
        return [piece for piece in re.split(r"[\r\n]+", without_moves) if piece.strip()]

    @property
    def screen(self) -> list[str]:
        """The lines that stay, by the controls that rich uses: cursor up, erase line, carriage return."""
        lines, row, column = [""], 0, 0
        for found in re.finditer(r"\x1b\[([0-9;?]*)([A-Za-z])|\r|\n|[^\x1b\r\n]+", self.raw):
            text = found[0]
            if text == "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            elif text == "\r":
                column = 0
            elif found[2] == "A":
                row = max(0, row - int(found[1] or 1))
            elif found[2] == "K":
                lines[row] = ""
            elif not found[2]:
                lines[row] = lines[row][:column].ljust(column) + text + lines[row][column + len(text) :]
                column += len(text)
        return [line.rstrip() for line in lines]


def look_at(*words: object, columns: int, cwd: Path, **environment: str) -> Shown:
    """Run ``breathmark`` with these words in a terminal that is so many columns wide."""
    import fcntl  # noqa: PLC0415 - not on Windows
    import pty  # noqa: PLC0415
    import termios  # noqa: PLC0415

    main, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR", "LINES"}}
    process = subprocess.Popen(
        [sys.executable, "-m", "breathmark", *map(str, words)],
        stdin=terminal, stdout=terminal, stderr=terminal, cwd=cwd, env=env | {"TERM": "xterm-256color"} | environment,
    )  # fmt: skip
    os.close(terminal)
    pieces = []
    while True:
        try:
            piece = os.read(main, 65_536)
        except OSError:  # Linux's way to say that the other end is closed
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(main)
    return Shown(process.wait(), b"".join(pieces).decode())
