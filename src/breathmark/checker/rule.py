"""Rules and their findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from breathmark.base.errors import Severity
    from breathmark.checker.reading import Reading
    from breathmark.model import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place where a script breaks a rule."""

    place: Place
    message: str
    """What is wrong, in one clause without a full stop. It never repeats a private value."""
    hint: str = ""
    """How to fix this very place; empty takes the rule's own ``fix``."""
    severity: Severity | None = None
    """Another severity than the rule's, where how far it is missed decides."""
    at_s: float | None = None
    """The length of the session that shows it; None where every length does. The engine gathers these by place."""


Check: TypeAlias = "Callable[[Reading], Iterable[Finding]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A requirement on scripts; all but ``check`` is printed, in reports and in ``docs/rules.md``."""

    id: str
    """Such as ``SAF-01``."""
    severity: Severity
    title: str
    """The requirement, in a few words."""
    why: str
    """Why it matters, in one sentence."""
    fix: str
    """How to fix it; the hint of its findings."""
    source: str
    """Where in research, guidance or our own design it comes from."""
    needs: tuple[str, ...] = ()
    """Lists of phrases (names in ``languages/LANGUAGE/rules``) without which a language can't be checked; the rule is
    then skipped, and the report says so."""
    check: Check | None = None
    """None for a rule about the scripts of a course together, which ``findings.check_course`` asks."""
