"""What the YAML parser objects to, in words for someone who writes meditations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from breathmark.errors import Problem
    from breathmark.script.yaml.source import Source

__all__ = ["TOO_DEEP", "explain"]

TOO_DEEP = ("this lies too deep inside other brackets, lists or repeats", "make it flatter")
"""What is wrong, and what to do. We ask first; of some shapes PyYAML 6.0.4 and later tell it before."""

_BLOCK_HINT = "use `say: |` and write the text on the next line"
_TEXT_AFTER = re.compile(r"^(\s*(?:- )*)([A-Za-z_]+):\s+(?=[\[{\"'*])")
_LEADING_TAB = re.compile(r"^[ \-]*\t")


def explain(error: yaml.YAMLError, source: Source) -> Problem:
    """The fault as a problem of ``source``, at the place where the author has to change something."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return source.problem(1, 1, "this can't be read as YAML", "compare it with a script that works")
    lines = source.lines
    unfinished_key = "simple key" in (error.context or "") and error.context_mark is not None
    mark = error.context_mark if unfinished_key and error.context_mark else error.problem_mark
    line, column = min(mark.line, len(lines) - 1), mark.column
    text = lines[line]
    problem = error.problem or ""
    return (
        _tab(source, line, text)
        or _quote_left_open(source, error, problem)
        or _bracket_left_open(source, error, problem, at_end=not "".join(lines[line:])[column:].strip())
        or (None if "escape" in problem else _text_after_bracket(source, line, column, text))
        or _by_wording(source, line, column, text, problem)
    )


def _tab(source: Source, line: int, text: str) -> Problem | None:
    found = _LEADING_TAB.match(text)
    if not found:
        return None
    return source.problem(line + 1, found.end(), "here is a tab; YAML indents with spaces only", "use two spaces")


def _quote_left_open(source: Source, error: yaml.MarkedYAMLError, problem: str) -> Problem | None:
    if "unexpected end of stream" not in problem or error.context_mark is None:
        return None
    mark = error.context_mark
    return source.problem(mark.line + 1, mark.column + 1, "this quotation mark is never closed", _BLOCK_HINT)


def _bracket_left_open(source: Source, error: yaml.MarkedYAMLError, problem: str, *, at_end: bool) -> Problem | None:
    context = error.context or ""
    if "flow" not in context or not (at_end or "',' or" in problem or "stream end" in problem):
        return None
    mark = error.context_mark or error.problem_mark
    if mark is None:
        return None
    message = "this bracket is never closed, or a comma is missing inside it"
    return source.problem(mark.line + 1, mark.column + 1, message, f"for a text {_BLOCK_HINT}")


def _text_after_bracket(source: Source, line: int, column: int, text: str) -> Problem | None:
    """``say: [pause 3s] Hi``, ``say: {{ name }}!`` and ``say: "Hi" she said``."""
    found = _TEXT_AFTER.match(text)
    if not found or column <= found.end():
        return None
    message = f"the text of `{found[2]}` begins with `{text[found.end()]}`, which means something else in YAML"
    hint = f"use `{found[2]}: |` and write the text on the next line"
    return source.problem(line + 1, found.end() + 1, message, hint)


def _by_wording(source: Source, line: int, column: int, text: str, problem: str) -> Problem:
    character = text[column : column + 1]
    if "mapping values are not allowed" in problem:
        message = "here is a `:` too many, or the line is indented too far"
        hint = f"for a text with `: ` in it {_BLOCK_HINT}"
    elif "cannot start any token" in problem:
        message = f'a text can\'t begin with "{character}"'
        hint = f"put it in quotes, or {_BLOCK_HINT}"
    elif "sequence entries are not allowed" in problem:
        message, hint = "a list item `- ` can't begin here", "begin the list on the next line"
    elif "escape" in problem:
        message, hint = "inside double quotes a `\\` has a meaning of its own", f"write `\\\\`, or {_BLOCK_HINT}"
    elif "expected key" in problem or "block end" in problem or "':'" in problem:
        message = "this line doesn't fit here: it is indented differently from its neighbours, or a `key:` is missing"
        hint = "give all lines of one part the same indentation"
    elif "nesting depth" in problem:
        message, hint = TOO_DEEP
    elif "'-' indicator" in problem:
        message, hint = "here a list item `- ` was expected", "indent this line like the items, or begin it with `- `"
    else:
        told = "" if source.private else f" ({problem})"
        message, hint = "from here on this can't be read as YAML", f"check quotes, colons and indentation{told}"
    return source.problem(line + 1, column + 1, message, hint)
