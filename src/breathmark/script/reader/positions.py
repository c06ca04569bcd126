"""Where each character of a YAML scalar was written.

YAML folds lines, drops indentation and resolves escapes. All of that only touches white space and the escapes
themselves, so it is enough to find each source line's own text again in the value, one after the other; inside
quotes each line is cut at its escapes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from breathmark.script.terms import Anchor


ScalarStyle = str
"""``""`` (plain), ``'``, ``"``, ``|`` or ``>``."""

_ESCAPES = {
    "'": re.compile(r"''|[^']+"),
    '"': re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|[^\\]+|\\$"),
}


def whole_file_anchors(text: str) -> tuple[Anchor, ...]:
    """The anchors of a text that is a file of its own."""
    anchors: list[Anchor] = []
    offset = 0
    for number, line in enumerate(text.split("\n"), start=1):
        anchors.append((offset, number, 1))
        offset += len(line) + 1
    return tuple(anchors)


def scalar_anchors(
    value: str, style: ScalarStyle, lines: Sequence[str], start: tuple[int, int], end: tuple[int, int]
) -> tuple[Anchor, ...]:
    """The anchors of ``value``, which YAML read between ``start`` and ``end`` (line and column from 0) of ``lines``.

    Where the two can't be brought together the last sure anchor holds; there is always one at offset 0.
    """
    if style in ("'", '"'):
        found = list(_quoted(value, style, list(_pieces(lines, start, end, skip=1))))
    else:
        pieces = list(_pieces(lines, start, end, skip=0))
        found = list(_unquoted(value, pieces[1:] if style in ("|", ">") else pieces))
    if found and found[0][0] == 0:
        return tuple(found)
    return ((0, *_first_place(found, start)), *found)


def _first_place(found: list[Anchor], start: tuple[int, int]) -> tuple[int, int]:
    """Leading blank lines belong to the first line with text, an empty scalar to its own start."""
    return (found[0][1], 1) if found else (start[0] + 1, start[1] + 1)


def _pieces(
    lines: Sequence[str], start: tuple[int, int], end: tuple[int, int], *, skip: int
) -> Iterator[tuple[int, int, str]]:
    """Line number and column (from 1) and text of what the scalar covers of each line, without its quotes."""
    for number in range(start[0], min(end[0], len(lines) - 1) + 1):
        line = lines[number]
        first = start[1] + skip if number == start[0] else 0
        last = end[1] - skip if number == end[0] else len(line)
        yield number + 1, first + 1, line[first:last]


def _unquoted(value: str, pieces: list[tuple[int, int, str]]) -> Iterator[Anchor]:
    position = 0
    for line, column, text in pieces:
        bare = text.strip()
        if not bare:
            continue
        found = value.find(bare, position)
        if found < 0 or value[position:found].strip():
            return
        yield found, line, column + len(text) - len(text.lstrip())
        position = found + len(bare)


def _quoted(value: str, style: ScalarStyle, pieces: list[tuple[int, int, str]]) -> Iterator[Anchor]:
    position = 0
    for index, (line, column, text) in enumerate(pieces):
        bare = text if index == 0 else text.lstrip()
        if index < len(pieces) - 1:
            bare = bare.rstrip()
        place = column + (len(text) - len(text.lstrip()) if index else 0)
        while index and bare[:1] != "\\" and position < len(value) and value[position].isspace():
            position += 1
        for run in _ESCAPES[style].findall(bare):
            if run == "\\":
                break
            yield position, line, place
            place += len(run)
            position += _length(run, style)
        position += _fold(bare, index, pieces)


def _length(run: str, style: ScalarStyle) -> int:
    """How many characters of the value a run of the source makes."""
    return 1 if run == "''" or (style == '"' and run.startswith("\\")) else len(run)


def _fold(bare: str, index: int, pieces: list[tuple[int, int, str]]) -> int:
    """The white space in the value that represents the line break after ``bare``, where an escape follows it."""
    following = pieces[index + 1][2].lstrip() if index + 1 < len(pieces) else ""
    return 1 if following.startswith("\\") and bare and not bare.endswith("\\") else 0
