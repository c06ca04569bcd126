"""The errors that Breathmark reports on purpose. Whatever else escapes is a bug and keeps its traceback.

Each class carries its exit code, and its message says the next step. All of them survive pickling, because
their fields are handed to ``Exception.__init__`` and the text is built in ``__str__``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar, Literal, TypeAlias

Severity: TypeAlias = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault of a script, at one place, with what to do about it."""

    path: str
    """The file as the user named it."""
    line: int
    """Counted from 1."""
    column: int
    """Counted from 1, in characters."""
    message: str
    """What is wrong, in one sentence without a full stop."""
    hint: str = ""
    """What to do about it; empty where the message already says so."""
    severity: Severity = "error"
    rule: str = ""
    """The rule of the checker that is broken, such as ``SAF-01``; empty for any other fault."""

    @property
    def at(self) -> str:
        """``path:line:column``."""
        return f"{self.path}:{self.line}:{self.column}"

    @property
    def labelled(self) -> str:
        """``message [rule]``."""
        return f"{self.message} [{self.rule}]" if self.rule else self.message

    @property
    def advice(self) -> str:
        """``message [rule] (hint)``."""
        return f"{self.labelled} ({self.hint})" if self.hint else self.labelled

    def __str__(self) -> str:
        """``path:line:column: severity: message [rule] (hint)``, the form that editors jump to."""
        return f"{self.at}: {self.severity}: {self.advice}"


class BreathmarkError(Exception):
    """The base of every error that is shown to a user without a traceback."""

    exit_code: ClassVar[int] = 2


class ScriptError(BreathmarkError):
    """A script, a settings file or a lexicon is at fault; all its faults are here, in the order of the text."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class NamedAssetError(ScriptError):
    """A sound or a cover that a script names is missing or damaged; each name has its place."""

    exit_code: ClassVar[int] = 3


class _MessageError(BreathmarkError):
    """An error that is one message and one hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class RequestError(_MessageError):
    """The command, or an argument of the Python API, asks for something that does not exist or fit."""


class LengthError(_MessageError):
    """The length asked for can't be reached; the message prints what can be, and what binds it."""


class AssetError(_MessageError):
    """A sound, a cover or ffmpeg is missing or damaged, or an asset has no provenance."""

    exit_code: ClassVar[int] = 3


class VoiceError(_MessageError):
    """A voice is unknown, not installed, of another language, or failed to speak."""

    exit_code: ClassVar[int] = 4


class DeliveryError(_MessageError):
    """Encoding, tagging or writing the finished file failed."""

    exit_code: ClassVar[int] = 5


class BuildError(_MessageError):
    """Some sessions of a build failed; the others are finished."""

    exit_code: ClassVar[int] = 6


_LONGEST_NAME = 40
"""In characters. A longer word is not a mistyped name, and comparing it would be slow."""


def near_miss(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """Closest match: the known word most similar to ``word``, for a hint "did you mean …?"; empty where none is close.

    ``cutoff`` is the minimum similarity, from 0 to 1 (Ratcliff and Obershelp's measure, as ``difflib`` has it).
    """
    if len(word) > _LONGEST_NAME:
        return ""
    by_lower = {name.casefold(): name for name in sorted(known)}
    return next((by_lower[name] for name in get_close_matches(word.casefold(), by_lower, n=1, cutoff=cutoff)), "")
