"""What a verification says: one finding for each thing that was looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from pathlib import Path


Outcome: TypeAlias = Literal["pass", "fail", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

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
    findings: tuple[Finding, ...]

    @property
    def failures(self) -> tuple[Finding, ...]:
        """What is not as it should be."""
        return tuple(finding for finding in self.findings if finding.outcome == "fail")

    @property
    def passed(self) -> bool:
        """True where nothing failed."""
        return not self.failures


def passed(item: str, found: str, asked: str = "") -> Finding:
    """It is as it should be."""
    return Finding(item=item, outcome="pass", found=found, asked=asked)


def failed(item: str, found: str, asked: str = "") -> Finding:
    """It is not."""
    return Finding(item=item, outcome="fail", found=found, asked=asked)


def judged(item: str, found: str, asked: str, *, good: bool) -> Finding:
    """It is, or it is not."""
    return Finding(item=item, outcome="pass" if good else "fail", found=found, asked=asked)


def skipped(item: str, missing: str) -> Finding:
    """It couldn't be looked at."""
    return Finding(item=item, outcome="skipped", found="not looked at", asked=missing)
