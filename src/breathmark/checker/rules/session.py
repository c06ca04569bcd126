"""The shape of a session: its frame, and what it evokes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from breathmark.checker.rule import CLIP_S, Finding
from breathmark.model import Bell, Kind, Rest

if TYPE_CHECKING:
    from breathmark.checker.reading import Passage, Reading
    from breathmark.timeline.pacing import LaidOut, Stretch


_FRAME: tuple[Kind, ...] = ("opening", "ground", "close")
_SENSES = ("sense_touch", "sense_sound", "sense_sight", "sense_movement", "sense_eyes")
"""Ways back into the room."""
_ANCHORS = ("sense_body", "sense_breath", "sense_sound", "sense_sight", "sense_object")
_OUTSIDE = ("sense_sound", "sense_sight", "sense_object")
_AFTER_GROUND = frozenset({"ground", "close", "tail"})


def framed(reading: Reading) -> Iterator[Finding]:
    """DUR-02."""
    if _is_clip(reading):
        return
    passages = reading.segments()
    there = {passage.kind for passage in passages if passage.required and passage.sentences}
    missing = [f"`{kind}`" for kind in _FRAME if kind not in there]
    if missing:
        optional = next((each for each in passages if f"`{each.kind}`" in missing and each.sentences), None)
        yield Finding(
            place=optional.place if optional else reading.place,
            message=f"not every session has a segment of the kind {' and one of the kind '.join(missing)}",
        )


def oriented(reading: Reading) -> Iterator[Finding]:
    """SAF-11."""
    ground = [passage for passage in reading.segments() if passage.kind == "ground" and passage.sentences]
    if not ground:
        return
    always = [passage for passage in ground if passage.required] or ground
    text = " ".join(passage.text for passage in always)
    found = [name for name in _SENSES if reading.words.find(name, text)]
    if len(found) < 2:
        through = f"only through {found[0].removeprefix('sense_')}" if found else "through none of the senses"
        yield Finding(place=always[-1].place, message=f"the grounding leads back {through}")


def ends_grounded(reading: Reading) -> Iterator[Finding]:
    """SAF-12."""
    passages = reading.segments()
    grounds = [index for index, passage in enumerate(passages) if passage.kind == "ground"]
    if not grounds:
        return
    for passage in passages[grounds[-1] + 1 :]:
        if passage.kind not in _AFTER_GROUND and (passage.sentences or passage.kind == "silence"):
            yield Finding(place=passage.place, message=f"{_named(passage)} comes after the grounding")
    for passage in passages[: grounds[-1]]:
        if passage.kind == "close" and passage.sentences:
            yield Finding(place=passage.place, message=f"{_named(passage)} closes before the grounding")


def anchor_choice(reading: Reading) -> Iterator[Finding]:
    """SAF-17."""
    anchors = [passage for passage in reading.segments() if passage.kind == "anchor" and passage.sentences]
    if not anchors:
        return
    text = " ".join(passage.text for passage in anchors)
    found = {name for name in _ANCHORS if reading.words.find(name, text)}
    if len(found) < 2 or not found.intersection(_OUTSIDE):
        what = "one sense only" if len(found) < 2 else "nothing outside the body"
        yield Finding(place=anchors[0].place, message=f"the anchor offers {what}")


def tail(reading: Reading) -> Iterator[Finding]:
    """SAF-25."""
    passages = reading.segments()
    tails = [index for index, passage in enumerate(passages) if passage.kind == "tail"]
    if not tails:
        return
    first, last = passages[tails[0]], passages[tails[-1]]
    text = " ".join(passage.text for passage in passages if passage.kind == "tail")
    missing = [
        what
        for what, there in (
            ("say that silence follows", bool(reading.words.find("announces_quiet", text))),
            ("say that one can stop at any time", bool(reading.words.find("stop_whenever", text))),
            ("end with a bell", _strikes_last(last)),
        )
        if not there
    ]
    if missing:
        yield Finding(place=first.place, message=f"the unguided tail doesn't {', nor '.join(missing)}")


def _strikes_last(passage: Passage) -> bool:
    cues = (item for item in reversed(passage.segment.items) if not isinstance(item, Rest))
    return isinstance(next(cues, None), Bell)


def rises_slowly(reading: Reading) -> Iterator[Finding]:
    """SAF-27."""
    sentences = reading.sentences()
    lying = next((each for each in sentences if reading.words.find("lying_down", each.text)), None)
    if lying is None:
        return
    ending = " ".join(each.text for each in sentences if each.kind in _AFTER_GROUND)
    if ending and not reading.words.find("move_slowly", ending):
        yield Finding(place=lying.place, message="listeners may lie, and the ending doesn't say to move slowly")


def _is_clip(reading: Reading) -> bool:
    length = reading.script.length
    longest = length.max_s if length else max((each.max_s for each in reading.feasible), default=0.0)
    return bool(longest) and longest <= CLIP_S


def _named(passage: Passage) -> str:
    return f"“{passage.title}”, a segment of the kind `{passage.kind}`," if passage.title else f"a `{passage.kind}`"


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
