"""Length and pace: every length that is promised can be had, and the words come at a calm pace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.base.times import minutes
from breathmark.checker.rule import Finding
from breathmark.solver.lengths import length_text
from breathmark.timeline.pacing import PACE_WPM, paces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading


def fits(reading: Reading) -> Iterator[Finding]:
    """DUR-01."""
    written = reading.document.value_node("length")
    place = written.place if written else reading.place
    if reading.refused:
        lengths = [minutes(round(each.length_s)) for each in reading.refused]
        first = reading.refused[0]
        _, _, why = first.message.partition(" can't be reached. ")
        listed = " and ".join([*filter(None, [", ".join(lengths[:-1])]), lengths[-1]])
        yield Finding(
            place=place, message=f"{listed} can't be reached. {why}".rstrip(". "), hint=first.hint.rstrip(".")
        )
        return
    for one, two in zip(reading.feasible, reading.feasible[1:], strict=False):
        gap = f"{length_text(one.max_frames, one, up=False)} and {length_text(two.min_frames, two, up=True)}"
        yield Finding(
            place=place,
            message=f"no length between {gap} can be reached: {two.min_binds}",
            hint="widen the rests, or let optional segments come in sooner",
            severity="warning",
        )


def calm(reading: Reading) -> Iterator[Finding]:
    """DUR-04."""
    if reading.estimated or reading.free_text:
        return  # guessed lengths say nothing of the voice, and what listeners write is theirs
    slowest, fastest = PACE_WPM
    for session in reading.sessions:
        for pace in paces(session):
            if pace.tells and not slowest <= round(pace.wpm) <= fastest:
                side = "faster" if round(pace.wpm) > fastest else "slower"
                yield Finding(
                    place=pace.place,
                    message=f"{pace.wpm:.0f} words a minute here, {side} than the {slowest:.0f} to {fastest:.0f} "
                    "that are calm and alive",
                    at_s=session.length_s,
                )
