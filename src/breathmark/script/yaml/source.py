"""A text file from outside, read with care: bounded, UTF-8, and without characters that nobody can see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from breathmark.errors import Problem, ScriptError
from breathmark.files import NotRegularError, TooLargeError, read_regular
from breathmark.inputs import note_read
from breathmark.script.characters import UNSPEAKABLE, describe_character
from breathmark.script.faults import short

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MAX_BYTES", "Source", "read_source", "source_of"]

MAX_BYTES = 512 * 1024
"""About 100,000 words, eight hours of speech: more is no script. No more is read of a file."""

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

        LibYAML may tell the line behind the last one, where the file ends too early.
        """
        return Problem(path=self.path, line=min(line, len(self.lines)), column=column, message=message, hint=hint)


def read_source(file: Path, path: str, *, private: bool = False) -> Source:
    """Read ``file``, which messages call ``path``; where it is ``private``, they don't quote its values.

    Raises:
        ScriptError: it is missing, unreadable, no plain file, too large, not UTF-8, or holds unseen characters.
    """
    note_read(file)
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
