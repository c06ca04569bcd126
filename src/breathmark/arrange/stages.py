"""The one fixed order in which segments and rounds enter a session, and the length at which each does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from breathmark.arrange.extent import Triple, session_lengths
from breathmark.arrange.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.arrange.material import Material
    from breathmark.arrange.outline import Addition, Outline

__all__ = ["Stage", "counts_at", "natural_stage", "stage_at", "stages"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What a session is made of once the first ``entered`` additions are in it; lengths in frames."""

    entered: int
    addition: Addition | None
    """The one that entered last; None at the start."""
    threshold: int
    """Sessions from this length on have it."""
    shortest: int
    ideal: int
    longest: int


def stages(outline: Outline, material: Material) -> Iterator[Stage]:
    """Every stage, beginning with none of the additions. Thresholds never fall from one to the next.

    An addition enters where the session comes nearer to its ideal with it than without it (at the midpoint of the
    two ideal lengths), at the latest where the session can't grow without it, but never before its own ``from``, nor
    where there is no room for it.
    """
    tally = Tally(outline)

    def lengths() -> Triple:
        return session_lengths(tally.extent, material.head, material.tail)

    shortest, ideal, longest = lengths()
    stage = Stage(entered=0, addition=None, threshold=0, shortest=shortest, ideal=ideal, longest=longest)
    yield stage
    for entered, addition in enumerate(outline.additions, start=1):
        tally.enter(addition.number, addition.count)
        shortest, ideal, longest = lengths()
        midpoint = -(-(stage.ideal + ideal) // 2)
        wanted = max(material.frames(addition.from_s), shortest, min(midpoint, stage.longest))
        stage = Stage(
            entered=entered,
            addition=addition,
            threshold=max(stage.threshold, wanted),
            shortest=shortest,
            ideal=ideal,
            longest=longest,
        )
        yield stage


def stage_at(steps: Iterator[Stage], target: int) -> Stage:
    """The stage of a session of ``target`` frames: the last whose threshold it reaches."""
    reached = next(steps)
    for stage in steps:
        if stage.threshold > target:
            break
        reached = stage
    return reached


def natural_stage(steps: Iterator[Stage]) -> Stage:
    """The last stage that a session reaches at its own ideal length, with no round above the author's ideal."""
    natural = next(steps)
    for stage in steps:
        if stage.addition is not None and stage.addition.beyond:
            break
        if stage.threshold <= stage.ideal:
            natural = stage
    return natural


def counts_at(outline: Outline, stage: Stage) -> dict[int, int]:
    """The counts of all Parts and Loops at a stage."""
    entered = {addition.number: addition.count for addition in outline.additions[: stage.entered]}
    return {**outline.counts, **entered}
