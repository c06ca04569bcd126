"""Which concepts a course teaches, in which session, and at which lengths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from breathmark.checker.reading import Passage, Reading
    from breathmark.timeline.gaps import LaidOut


SHORT_S = 300.0
"""The short version of a session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A concept, and where one script serves it."""

    concept: str
    required: bool
    """Whether a required segment serves it: it is in every session, however short."""
    lengths_s: tuple[float, ...]
    """The lengths at which it is served, of those that were laid out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What one script teaches, and what its short version leaves out."""

    title: str
    lengths_s: tuple[float, ...]
    """The lengths that were laid out."""
    served: tuple[Served, ...]
    short_s: float | None
    """The length of the short version: 5 minutes where the script can have these, else the shortest one; None where
    nothing was laid out."""
    left_out: tuple[str, ...]
    """The titled segments that the short version leaves out, of those of the longest."""


def coverage(reading: Reading) -> Coverage:
    """What ``reading`` teaches.

    A segment's ``concepts:`` say what it teaches; a concept of the script that no segment claims is served by the
    required ones together.
    """
    short = _short(reading)
    return Coverage(
        title=reading.script.title,
        lengths_s=tuple(session.length_s for session in reading.sessions),
        served=tuple(_served(concept, reading) for concept in _concepts(reading)),
        short_s=short.length_s if short else None,
        left_out=_left_out(reading, short),
    )


def _concepts(reading: Reading) -> tuple[str, ...]:
    claimed = (concept for passage in reading.segments() for concept in sorted(passage.concepts))
    return tuple(dict.fromkeys((*reading.script.concepts, *claimed)))


def _served(concept: str, reading: Reading) -> Served:
    claiming = [passage for passage in reading.segments() if concept in passage.concepts]
    if not claiming:
        everywhere = tuple(session.length_s for session in reading.sessions)
        return Served(concept=concept, required=True, lengths_s=everywhere)
    return Served(
        concept=concept,
        required=any(passage.required for passage in claiming),
        lengths_s=tuple(session.length_s for session in reading.sessions if _sounds(claiming, session)),
    )


def _sounds(passages: list[Passage], session: LaidOut) -> bool:
    places = {passage.place for passage in passages}
    return any(stretch.place in places for stretch in session.stretches)


def _short(reading: Reading) -> LaidOut | None:
    return reading.at(SHORT_S) or next(iter(reading.sessions), None)


def _left_out(reading: Reading, short: LaidOut | None) -> tuple[str, ...]:
    if short is None:
        return ()
    there = {stretch.title for stretch in short.stretches}
    longest = (stretch.title for stretch in reading.sessions[-1].stretches)
    return tuple(dict.fromkeys(title for title in longest if title and title not in there))


def lost(reading: Reading) -> Iterator[Finding]:
    """COV-02."""
    short = reading.at(SHORT_S)
    if not reading.defaults or short is None:
        return
    lost = [each.concept for each in coverage(reading).served if short.length_s not in each.lengths_s]
    if lost:
        yield Finding(place=reading.place_of("concepts"), message=f"5 minutes leave out {', '.join(lost)}")


def missing(names: Iterable[str], found: Sequence[Coverage]) -> tuple[str, ...]:
    """The concepts among ``names`` that no required segment of any script serves."""
    held = {served.concept for each in found for served in each.served if served.required}
    return tuple(name for name in names if name not in held)
