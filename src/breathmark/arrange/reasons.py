"""Why a session can't be shorter or longer, in words that name the segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.arrange.lengths import minutes
from breathmark.arrange.outline import Glue, Sound, name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from breathmark.arrange.layout import Row

__all__ = ["why_no_longer", "why_no_shorter"]

_NAMED = 3
"""How many segments a sentence names before it becomes a list that nobody reads."""


def why_no_shorter(row: Row, rate_hz: int) -> str:
    """What a session is made of when nothing is left to take away."""
    sounds = [thing for thing in row.things if isinstance(thing, Sound)]
    speech = sum(sound.speech_frames for sound in sounds)
    breaths = sum(sound.frames - sound.speech_frames for sound in sounds)
    parts = [f"speech alone takes {minutes(speech // rate_hz)}"]
    if breaths:
        parts.append(f"guided breaths take {minutes(breaths // rate_hz)} beside it")
    most = _largest(row, lambda glue: glue.shortest)
    named = ", ".join(f"{title} {minutes(frames // rate_hz)}" for title, frames in most)
    parts.append("every rest is at its shortest" + (f" (most in {named})" if named else ""))
    return " and ".join([", ".join(parts[:-1]), parts[-1]])


def why_no_longer(row: Row) -> str:
    """What holds when nothing is left to add."""
    held = _largest(row, _held_back)
    why = "everything optional is in and every rest is at its longest"
    if not held:
        return why
    return f"{why} (by their kind, rests never grow past their ideal in {', '.join(title for title, _ in held)})"


def _held_back(glue: Glue) -> int:
    """What the author's range would give beyond what its kind of segment lets it have, in milliseconds."""
    return round((glue.rest.range.max_s - glue.rest.range.ideal_s) * 1000) if glue.held else 0


def _largest(row: Row, size: Callable[[Glue], int]) -> list[tuple[str, int]]:
    """The segments in which the rests are largest in sum, the largest first."""
    sums: dict[str, int] = {}
    for thing, owner in zip(row.things, _owners(row), strict=True):
        if isinstance(thing, Glue):
            sums[owner] = sums.get(owner, 0) + size(thing)
    ranked = sorted(sums.items(), key=lambda item: -item[1])
    return [(title, frames) for title, frames in ranked[:_NAMED] if frames > 0]


def _owners(row: Row) -> list[str]:
    """For each thing, what to call the innermost segment around it that has a title, else the innermost."""
    owners = [""] * len(row.things)
    for stretch in row.stretches:
        segment = stretch.part.segment
        for i in range(stretch.first, stretch.end):
            if segment.title or not owners[i].startswith("“"):
                owners[i] = name_of(segment)
    return owners
