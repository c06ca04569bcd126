"""A YAML source as a tree of values that know which characters they were written in.

``reader.nodes`` keeps where a value begins, which is what a message needs; an edit needs where it ends, too. Offsets
count characters of the whole text, from 0.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final, TypeAlias

import yaml
from typing_extensions import TypeAliasType

from breathmark.base.errors import RequestError
from breathmark.script.budget import Budget
from breathmark.script.reader.nodes import ListNode, MapNode, Node, ScalarNode, compose
from breathmark.script.reader.source import source_of

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where a value is in the data: keys of mappings and numbers of list items, from 0, such as
``("segments", 2, "say")``."""
Data = TypeAliasType("Data", "str | list[Data] | dict[str, Data]")
"""What YAML holds here: every scalar is the string that was written."""

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COMMENT = re.compile(r"[ \t]*#")
_BLOCK_STYLES = ("|", ">")


def _data(node: Node) -> Data:
    match node:
        case ScalarNode():
            return str(node.value)
        case ListNode():
            return [_data(item) for item in node.items]
        case MapNode():
            return {key.value: _data(value) for key, value in node.entries}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The characters from ``start`` up to, not including, ``end``."""

    start: int
    end: int


class Tree:
    """A source that is valid YAML. Raises ScriptError where it is not, or is larger than a script can be."""

    def __init__(self, text: str, file: Path, path: str) -> None:
        self.file, self.path = file, path
        source = source_of(text, file=file, path=path)
        node, problems = compose(source, Budget())
        self.text = source.text
        self.data = _data(node)
        self.faulty = bool(problems)
        """Whether the reader reports something, such as a key that appears twice."""
        self.lines = source.lines
        self._starts = [0]
        for line in self.lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    @cached_property
    def root(self) -> yaml.Node:
        """The values with where each one ends; what only compares ``data`` does without."""
        root: yaml.Node | None = yaml.compose(self.text, Loader=_LOADER)
        return root or yaml.MappingNode("", [])

    def node(self, path: KeyPath) -> yaml.Node:
        """The value at ``path``. Raises RequestError where there is none."""
        node = self.root
        for step in path:
            found = _child(node, step)
            if found is None:
                shown = ".".join(map(str, path))
                raise RequestError(f"there is nothing at `{shown}`", "reload the page, which shows an older text")
            node = found
        return node

    def offset(self, line: int, column: int) -> int:
        """The character at a line and column, both counted from 0; behind a line's end is its end."""
        if line >= len(self.lines):
            return len(self.text)
        return self._starts[line] + min(column, len(self.lines[line]))

    def line_of(self, offset: int) -> int:
        """The line, from 0, of a character."""
        return bisect_right(self._starts, offset, hi=len(self.lines)) - 1

    def start(self, node: yaml.Node) -> int:
        """The first character of a value."""
        return self.offset(node.start_mark.line, node.start_mark.column)

    def end(self, node: yaml.Node) -> int:
        """Behind the last character of a value; comments and blank lines behind it are not part of it."""
        if isinstance(node, yaml.ScalarNode):
            return self._block_end(node) if node.style in _BLOCK_STYLES else self._mark(node)
        children = list(_children(node))
        if not children or (isinstance(node, yaml.CollectionNode) and node.flow_style):
            return self._mark(node)
        return self.end(children[-1])

    def span(self, node: yaml.Node) -> Span:
        """All characters of a value."""
        return Span(start=self.start(node), end=self.end(node))

    def indent(self, line: int) -> int:
        """How many spaces a line begins with."""
        return len(self.lines[line]) - len(self.lines[line].lstrip(" "))

    def is_comment(self, line: int) -> bool:
        """Whether there is nothing but a comment in the line."""
        return bool(_COMMENT.match(self.lines[line]))

    def line_end(self, offset: int) -> int:
        """Behind the line of a character, its break included."""
        return min(self._starts[self.line_of(offset) + 1], len(self.text))

    def _mark(self, node: yaml.Node) -> int:
        return self.offset(node.end_mark.line, node.end_mark.column)

    def _block_end(self, node: yaml.ScalarNode) -> int:
        """The parser's mark lies at the next value; a text ends with the last of its lines that is not blank."""
        first, line = node.start_mark.line, self.line_of(max(self._mark(node) - 1, 0))
        deepest = self.block_indent(node)
        while line > first and (not self.lines[line].strip() or self.indent(line) < deepest):
            line -= 1
        return self._starts[line] + len(self.lines[line])

    def block_indent(self, node: yaml.ScalarNode) -> int:
        """How far the lines of a text under ``|`` or ``>`` are indented."""
        first = node.start_mark.line + 1
        for line, written in zip(self.lines[first:], node.value.split("\n"), strict=False):
            if line.strip():
                return len(line) - len(written) if line.endswith(written) else self.indent(first)
        return self.indent(node.start_mark.line) + 2


@lru_cache(maxsize=2)
def tree_of(text: str, file: Path, path: str) -> Tree:
    """The tree of a text, which nobody may change. Raises ScriptError.

    The last two are kept: an edit is proved on the text that its page shows next, and edits next.
    """
    return Tree(text, file, path)


def _child(node: yaml.Node, step: str | int) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
        found: yaml.Node = node.value[step]
        return found
    return None


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    for each in node.value:
        if isinstance(node, yaml.MappingNode):
            yield each[1]
        else:
            yield each
