"""Calling something up: small, short, early, by choice, with support before it and ground after it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding, Rule

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


def _grounded(reading: Reading) -> Iterator[Finding]:
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


def _resourced(reading: Reading) -> Iterator[Finding]:
    for session in reading.sessions:
        for run in _evocations(session)[:1]:
            before_s = _sum(each for each in session.of("resource", "anchor") if each.end_s <= run[0].start_s + _HAIR_S)
            if before_s < LEAST_RESOURCE_S - _HAIR_S:
                message = f"only {before_s:.0f} s of anchor or resource come before this evocation"
                yield Finding(place=run[0].place, message=message, at_s=session.length_s)


def _mild(reading: Reading) -> Iterator[Finding]:
    for run in _evoking(reading):
        first = [sentence for passage in run for sentence in passage.sentences][:2]
        if first and not any(reading.words.find("mild", sentence.text) for sentence in first):
            yield Finding(place=first[0].place, message="the first two sentences don't say that it is to be small")


def _share(reading: Reading) -> Iterator[Finding]:
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


def _early(reading: Reading) -> Iterator[Finding]:
    for session in reading.sessions:
        for run in _evocations(session):
            end = run[-1].end_s / session.length_s
            if end > LATEST_SHARE:
                message = f"this evocation ends at {end:.0%} of the session, and 65% is the latest"
                yield Finding(place=run[0].place, message=message, at_s=session.length_s)


def _accompanied(reading: Reading) -> Iterator[Finding]:
    for session in reading.sessions:
        for gap in session.gaps:
            if gap.stretch.kind == "evoke" and gap.length_s > LONGEST_GAP_S + _HAIR_S:
                message = (
                    f"{gap.length_s:.0f} s without a cue in an evocation, and {LONGEST_GAP_S:.0f} s is the maximum"
                )
                yield Finding(place=gap.place, message=message, at_s=session.length_s)


def _by_choice(reading: Reading) -> Iterator[Finding]:
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


RULES = (
    Rule(
        id="SAF-02",
        severity="error",
        title="Grounding follows every evocation: 30 s, and half as long as the evocation, at the least",
        why="Whoever has called up something hard needs time and help to come back before the session ends.",
        fix="put a `kind: ground` segment behind it, or make the grounding longer",
        source=f"{_TREALEVEN} (stable anchors, the window of tolerance); {_DESIGN}",
        check=_grounded,
    ),
    Rule(
        id="SAF-03",
        severity="error",
        title="At least 30 s of anchor or resource come before the first evocation",
        why="A listener who has no steady place yet has nothing to come back to.",
        fix="put a `kind: anchor` or `kind: resource` segment before it",
        source=f"{_TREALEVEN}; compassion-focused imagery begins with a soothing rhythm (Rockliff et al. 2008)",
        check=_resourced,
    ),
    Rule(
        id="SAF-04",
        severity="error",
        title="An evocation names a mild size in its first two sentences",
        why="Without a size, the mind takes the worst that there is.",
        fix="ask for something small, such as “two or three on a scale of ten”, right at the beginning",
        source=f"{_TREALEVEN}; {_DESIGN}",
        needs=("mild",),
        check=_mild,
    ),
    Rule(
        id="SAF-05",
        severity="error",
        title="Evocation takes at most 100 s and a fifth of the session",
        why="Staying long with what is hard, alone with a recording, can overwhelm.",
        fix="shorten it, or let it come in only in longer sessions",
        source=_DESIGN,
        check=_share,
    ),
    Rule(
        id="SAF-06",
        severity="error",
        title="Evocation ends before 65 % of the session",
        why="What is called up late is still open when the session ends.",
        fix="move it towards the beginning, or let what follows it be longer",
        source=_DESIGN,
        check=_early,
    ),
    Rule(
        id="SAF-07",
        severity="error",
        title="No more than 12 s without a cue inside an evocation",
        why="Silence with a hard memory is where listeners get lost; a voice keeps them company.",
        fix="shorten the rest, or say something in the middle of it",
        source=f"{_TREALEVEN}; Rockliff et al. 2008: self-critical listeners did worse with imagery; {_DESIGN}",
        check=_accompanied,
    ),
    Rule(
        id="SAF-09",
        severity="error",
        title="Every evocation is optional, and says from which length on it comes in",
        why="A short session has no room to call something up and to settle it again.",
        fix="write `optional: {from: 8m}`, and let the session make sense without it",
        source=_DESIGN,
        check=_by_choice,
    ),
)
