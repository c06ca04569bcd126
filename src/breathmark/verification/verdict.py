"""The verdict on a file: one finding for each check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path


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
class Verification:
    """All that was found about one file."""

    path: Path
    preset: str
    findings: tuple[CheckedItem, ...]

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
