"""YAML sources and their syntax errors, in words for someone who writes meditations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from breathmark.base.errors import Problem, ScriptError
from breathmark.base.files import NotRegularError, TooLargeError, read_regular
from breathmark.base.inputs import note_read
from breathmark.base.unsaved import unsaved_text
from breathmark.script.faults import short
from breathmark.script.limits import UNSPEAKABLE, describe_character

MAX_BYTES = 512 * 1024
"""About 100,000 words, eight hours of speech: a script is never longer. No more of a file is read."""

_MOST_REPORTED = 5
"""A file that holds more of them isn't text, and one line of it says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The text of one file, its line breaks made one kind and its byte order mark gone."""

    path: str
    """As the user named it, or as it is reached from there."""
    file: Path
    """The same, absolute."""
    text: str
    lines: tuple[str, ...]
    """The text's lines, without their breaks."""
    private: bool = False
    """It holds values that may be private: messages don't quote them."""

    def quoted(self, text: str) -> str:
        """What was written, as a message shows it."""
        return "this" if self.private else f"`{short(text)}`"

    def problem(self, line: int, column: int, message: str, hint: str = "") -> Problem:
        """A fault in this file; ``line`` and ``column`` are counted from 1.

        LibYAML may report the line after the last one, where the file ends too early.
        """
        return Problem(path=self.path, line=min(line, len(self.lines)), column=column, message=message, hint=hint)


def read_source(file: Path, path: str, *, private: bool = False) -> Source:
    """Read ``file``, which messages call ``path``; where it is ``private``, they don't quote its values.

    Raises:
        ScriptError: it is missing, unreadable, not a regular file, too large, not UTF-8, or holds invisible characters.
    """
    note_read(file)
    edited = unsaved_text(file)
    if edited is not None:
        return source_of(edited, file=file, path=path, private=private)
    data = _read_bytes(file, path)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as exc:
        line, column = _place_of_byte(data, exc.start)
        hint = "save it as UTF-8 in your editor"
        raise _fault(path, "this isn't UTF-8 text", hint, line=line, column=column) from exc
    return source_of(text, file=file, path=path, private=private)


def source_of(text: str, *, file: Path, path: str, private: bool = False) -> Source:
    """A text that is at hand already, checked in the same way; raises ``ScriptError``."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    source = Source(path=path, file=file, text=text, lines=tuple(text.split("\n")), private=private)
    problems = tuple(_unseen(source))
    if problems:
        raise ScriptError(problems)
    return source


def _read_bytes(file: Path, path: str) -> bytes:
    try:
        return read_regular(file, MAX_BYTES)
    except FileNotFoundError as exc:
        raise _fault(path, "there is no such file", "check the spelling and the folder") from exc
    except NotRegularError as exc:
        raise _fault(path, "this isn't a file", "give the path of a text file") from exc
    except TooLargeError as exc:
        hint = "a script is text; split it with `include:`"
        raise _fault(path, f"this file is larger than {MAX_BYTES // 1024} KB", hint) from exc
    except OSError as exc:
        reason = (exc.strerror or str(exc)).lower()
        raise _fault(path, f"this file can't be read: {reason}", "check its name and its permissions") from exc


def _fault(path: str, message: str, hint: str, *, line: int = 1, column: int = 1) -> ScriptError:
    return ScriptError((Problem(path=path, line=line, column=column, message=message, hint=hint),))


def _place_of_byte(data: bytes, position: int) -> tuple[int, int]:
    start = data.rfind(b"\n", 0, position) + 1
    return data.count(b"\n", 0, position) + 1, len(data[start:position].decode("utf-8", "replace")) + 1


def _unseen(source: Source) -> list[Problem]:
    problems: list[Problem] = []
    for match in UNSPEAKABLE.finditer(source.text):
        if len(problems) == _MOST_REPORTED:
            break
        line = source.text.count("\n", 0, match.start()) + 1
        start = source.text.rfind("\n", 0, match.start()) + 1
        message = f"here is {describe_character(match[0])}, which can't be in a script"
        problems.append(source.problem(line, match.start() - start + 1, message, "delete it"))
    return problems


TOO_DEEP = ("this is nested too deeply in brackets, lists or repeats", "make it flatter")
"""Message and hint. We check first; for some shapes PyYAML 6.0.4 and later report it earlier."""

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
    return source.problem(line + 1, found.end(), "this is a tab; YAML indents with spaces only", "use two spaces")


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
        message = "there is one `:` too many here, or the line is indented too far"
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
        message, hint = "a list item `- ` was expected here", "indent this line like the items, or begin it with `- `"
    else:
        detail = "" if source.private else f" ({problem})"
        message, hint = "from here on this can't be read as YAML", f"check quotes, colons and indentation{detail}"
    return source.problem(line + 1, column + 1, message, hint)
