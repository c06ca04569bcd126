"""Calling something up: small, short, early, by choice, with support before it and ground after it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from breathmark.checker.reading import Passage, Reading
    from breathmark.timeline.gaps import LaidOut, Stretch


_TREALEVEN = "Treleaven on trauma-sensitive mindfulness, as digested for teachers"
_DESIGN = "our own threshold"
LEAST_GROUND_S, GROUND_SHARE = 30.0, 0.5
LEAST_RESOURCE_S = 30.0
MOST_S, MOST_SHARE, LATEST_SHARE = 100.0, 0.20, 0.65
LONGEST_GAP_S = 12.0
_HAIR_S = 0.05
"""What frames and rounding can add to a bound that is met exactly."""


def grounded(reading: Reading) -> Iterator[Finding]:
    """SAF-02."""
    for session in reading.sessions:
        for run in _evocations(session):
            needed_s = max(LEAST_GROUND_S, GROUND_SHARE * _sum(run))
            ground_s = _sum(each for each in session.of("ground") if each.start_s >= run[-1].end_s - _HAIR_S)
            if ground_s < needed_s - _HAIR_S:
                message = f"this evocation of {_sum(run):.0f} s is followed by {ground_s:.0f} s of grounding"
                yield Finding(
                    place=run[0].place,
                    message=f"{message}, and needs {needed_s:.0f} s",
                    at_s=session.length_s,
                )


def resourced(reading: Reading) -> Iterator[Finding]:
    """SAF-03."""
    for session in reading.sessions:
        for run in _evocations(session)[:1]:
            before_s = _sum(each for each in session.of("resource", "anchor") if each.end_s <= run[0].start_s + _HAIR_S)
            if before_s < LEAST_RESOURCE_S - _HAIR_S:
                message = f"only {before_s:.0f} s of anchor or resource come before this evocation"
                yield Finding(place=run[0].place, message=message, at_s=session.length_s)


def mild(reading: Reading) -> Iterator[Finding]:
    """SAF-04."""
    for run in _evoking(reading):
        first = [sentence for passage in run for sentence in passage.sentences][:2]
        if first and not any(reading.words.find("mild", sentence.text) for sentence in first):
            yield Finding(place=first[0].place, message="the first two sentences don't say that it is to be small")


def share(reading: Reading) -> Iterator[Finding]:
    """SAF-05."""
    for session in reading.sessions:
        runs = _evocations(session)
        total_s = sum(map(_sum, runs))
        if total_s > MOST_S + _HAIR_S:
            yield Finding(
                place=runs[0][0].place,
                message=f"evocation takes {total_s:.0f} s, and {MOST_S:.0f} s is the maximum",
                at_s=session.length_s,
            )
        elif total_s > MOST_SHARE * session.length_s + _HAIR_S:
            yield Finding(
                place=runs[0][0].place,
                message=f"evocation takes {total_s / session.length_s:.0%} of the session, and 20% is the maximum",
                at_s=session.length_s,
            )


def early(reading: Reading) -> Iterator[Finding]:
    """SAF-06."""
    for session in reading.sessions:
        for run in _evocations(session):
            end = run[-1].end_s / session.length_s
            if end > LATEST_SHARE:
                message = f"this evocation ends at {end:.0%} of the session, and 65% is the latest"
                yield Finding(place=run[0].place, message=message, at_s=session.length_s)


def accompanied(reading: Reading) -> Iterator[Finding]:
    """SAF-07."""
    for session in reading.sessions:
        for gap in session.gaps:
            if gap.stretch.kind == "evoke" and gap.length_s > LONGEST_GAP_S + _HAIR_S:
                message = (
                    f"{gap.length_s:.0f} s without a cue in an evocation, and {LONGEST_GAP_S:.0f} s is the maximum"
                )
                yield Finding(place=gap.place, message=message, at_s=session.length_s)


def by_choice(reading: Reading) -> Iterator[Finding]:
    """SAF-09."""
    for passage in _of_kind(reading, "evoke"):
        if passage.entry is None:
            yield Finding(place=passage.place, message="this evocation is in every session")
        elif not passage.entry.from_s:
            yield Finding(
                place=passage.place,
                message="this evocation doesn't say from which length on it comes in",
                hint="say so, such as `optional: {from: 8m}`",
                severity="warning",
            )


def _evocations(session: LaidOut) -> list[list[Stretch]]:
    """The evoking stretches, those in a row together."""
    runs = groupby(session.stretches, key=lambda stretch: stretch.kind == "evoke")
    return [list(run) for evoking, run in runs if evoking]


def _evoking(reading: Reading) -> list[list[Passage]]:
    runs = groupby(reading.segments(), key=lambda passage: passage.kind == "evoke")
    return [list(run) for evoking, run in runs if evoking]


def _of_kind(reading: Reading, kind: str) -> Iterator[Passage]:
    return (passage for passage in reading.segments() if passage.kind == kind)


def _sum(stretches: Iterable[Stretch]) -> float:
    return sum(stretch.length_s for stretch in stretches)
