"""The verdict on a file: one finding for each check, and what was heard where somebody listened."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from breathmark.base.wording import counted

Outcome: TypeAlias = Literal["pass", "fail", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedItem:
    """One check of a file, and its outcome."""

    item: str
    """Its name, such as ``true peak``."""
    outcome: Outcome
    found: str
    """What was found, for a person."""
    asked: str = ""
    """What is asked for; where it was skipped: what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardText:
    """A stretch of speech, as a recogniser understood it."""

    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Misheard:
    """A sentence that was heard as something else than its text."""

    start_s: float
    text: str
    heard: str
    words_apart: int
    """How many words are missing, added or other."""
    private: bool = False

    def hidden(self) -> Misheard:
        """The same without its texts where these are private."""
        return replace(self, text="", heard="") if self.private else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """What a recogniser heard in one file."""

    recogniser: str
    sentences: int
    """How many were compared."""
    misheard: tuple[Misheard, ...] = ()
    transcript: tuple[HeardText, ...] = ()
    """All that was heard, where nobody knows what the file should say."""

    def hidden(self) -> Listening:
        """The same without private texts."""
        return replace(self, misheard=tuple(each.hidden() for each in self.misheard))

    @property
    def item(self) -> CheckedItem:
        """The finding of ``verify``."""
        found = f"{len(self.misheard)} of {counted(self.sentences, 'sentence')} heard differently"
        return judged("speech", found, "the words of session.json", good=not self.misheard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All that was found about one file."""

    path: Path
    preset: str
    findings: tuple[CheckedItem, ...]
    listening: Listening | None = None
    """None where nobody listened."""

    @property
    def failures(self) -> tuple[CheckedItem, ...]:
        """What is not as it should be."""
        return tuple(finding for finding in self.findings if finding.outcome == "fail")

    @property
    def passed(self) -> bool:
        """True where nothing failed."""
        return not self.failures


def passed(item: str, found: str, asked: str = "") -> CheckedItem:
    """A check that passed."""
    return CheckedItem(item=item, outcome="pass", found=found, asked=asked)


def failed(item: str, found: str, asked: str = "") -> CheckedItem:
    """A check that failed."""
    return CheckedItem(item=item, outcome="fail", found=found, asked=asked)


def judged(item: str, found: str, asked: str, *, good: bool) -> CheckedItem:
    """A check that passed where ``good``, else failed."""
    return CheckedItem(item=item, outcome="pass" if good else "fail", found=found, asked=asked)


def skipped(item: str, missing: str) -> CheckedItem:
    """A check that could not be made."""
    return CheckedItem(item=item, outcome="skipped", found="not looked at", asked=missing)
