"""The user's documentation, taken apart: code blocks, tables, commands."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["DOCS", "PAGES", "ROOT", "Block", "blocks", "code_spans", "commands", "rows"]

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", *sorted(DOCS.glob("*.md")))

_FENCED = re.compile(r"^```(?P<info>[^\n`]*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"(?<!`)(`{1,2})(?!`)(?P<text>.+?)(?<!`)\1(?!`)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of code."""

    page: Path
    language: str
    note: str
    """What stands behind the language."""
    text: str
    line: int

    def __str__(self) -> str:
        """Where it stands."""
        return f"{self.page.name}:{self.line}"


def blocks(page: Path, language: str) -> list[Block]:
    """The page's blocks of one language; an empty one means a terminal."""
    text = page.read_text("utf-8")
    found = []
    for match in _FENCED.finditer(text):
        spoken, _, note = match["info"].strip().partition(" ")
        if spoken == language:
            line = text.count("\n", 0, match.start()) + 1
            found.append(Block(page=page, language=spoken, note=note, text=match["text"], line=line))
    return found


def code_spans(text: str) -> list[str]:
    """What stands between back ticks."""
    return [match["text"].strip() for match in _SPAN.finditer(text)]


def commands(page: Path) -> Iterator[list[str]]:
    """The words of every ``breathmark …`` of a page, in blocks and in lines; an example with ``…`` in it is none."""
    lines = [line.strip() for block in blocks(page, "") for line in block.text.splitlines()]
    lines += code_spans(_FENCED.sub("", page.read_text("utf-8")))
    for line in lines:
        if line.startswith("breathmark ") and "…" not in line:
            yield shlex.split(line, comments=True)[1:]


def rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the first table behind a heading, without its head."""
    behind = page.read_text("utf-8").split(f"{heading}\n", 1)[1]
    table = re.search(r"(?:^\|.*\n)+", behind, re.MULTILINE)
    assert table, heading
    lines = table[0].splitlines()[2:]
    return [[cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
