"""Solver entry points: from a script and measured lengths to a session of exactly the requested length."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from breathmark.base.errors import RequestError
from breathmark.base.times import minutes
from breathmark.solver.layout import place, read_row, rests_for
from breathmark.solver.lengths import clip_to_author, intervals, length_error
from breathmark.solver.outline import CueNode, Glue, RepeatNode, SegmentNode, name_of, read_outline
from breathmark.solver.stages import counts_at, natural_stage, stage_at, stages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from breathmark.model import Script, Timeline
    from breathmark.solver.layout import Row
    from breathmark.solver.lengths import Interval
    from breathmark.solver.material import Material
    from breathmark.solver.outline import Node, Outline

_NAMED = 3
"""How many segments a message names."""


def why_no_shorter(row: Row, rate_hz: int) -> str:
    """What a session is made of when nothing is left to take away."""
    sounds = [thing for thing in row.things if isinstance(thing, CueNode)]
    speech = sum(sound.speech_frames for sound in sounds)
    breaths = sum(sound.frames - sound.speech_frames for sound in sounds)
    parts = [f"speech alone takes {minutes(speech // rate_hz)}"]
    if breaths:
        parts.append(f"guided breaths take {minutes(breaths // rate_hz)} more")
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


def arrange(script: Script, material: Material, target_s: float | None = None) -> Timeline:
    """Lay ``script`` out to exactly ``target_s`` seconds, to the frame.

    Without a target it takes the script's ideal length; a script without one gets every rest at its ideal.

    Raises:
        LengthError: the length can't be reached; the message says which can, and what binds.
        RequestError: the target is not a length.
        ScriptError: a sentence is longer than the phase of its guided breath.
    """
    outline = read_outline(script, material)
    if target_s is None and script.length is not None:
        target_s = script.length.ideal_s
    if target_s is None:
        return _natural(outline, material)
    target = _target(target_s, material)
    reached = stage_at(stages(outline, material), target)
    in_reach = reached.shortest <= target <= reached.longest
    if not (in_reach and _author_allows(script, material, target)):
        reachable = _reachable(outline, material)
        raise length_error(target, _allowed(script, material, reachable), reachable, material.rate_hz)
    row = read_row(outline, counts_at(outline, reached))
    return place(row, rests_for(row, material, target), material, target)


def feasible(script: Script, material: Material) -> tuple[Interval, ...]:
    """Every length that ``arrange`` accepts, as the fewest intervals, from the shortest up.

    It lies within the lengths that the author promises; it is empty where none of these can be reached.
    Raises ScriptError as ``arrange`` does.
    """
    return _allowed(script, material, _reachable(read_outline(script, material), material))


def lengths_with(script: Script, material: Material) -> dict[str, int]:
    """The shortest session in frames that has a segment of each title, of all that any session has.

    Raises ScriptError as ``arrange`` does.
    """
    outline = read_outline(script, material)
    found: dict[str, int] = {}
    for stage in stages(outline, material):
        for title in _titles(outline.nodes, counts_at(outline, stage)):
            found.setdefault(title, max(stage.threshold, stage.shortest))
    return found


def _titles(nodes: Iterable[Node], counts: Mapping[int, int]) -> Iterator[str]:
    """The titles of all segments that these counts leave in."""
    for node in nodes:
        if isinstance(node, SegmentNode | RepeatNode) and counts.get(node.number, 1):
            if isinstance(node, SegmentNode) and node.segment.title:
                yield node.segment.title
            yield from _titles(node.nodes, counts)


def _target(target_s: float, material: Material) -> int:
    if not isfinite(target_s) or target_s < 0:
        raise RequestError(f"{target_s} seconds is not a length", "write 12m, 7:30 or 90s")
    return material.frames(target_s)


def _natural(outline: Outline, material: Material) -> Timeline:
    """Every rest at its ideal, with what a session of that length has."""
    stage = natural_stage(stages(outline, material))
    row = read_row(outline, counts_at(outline, stage))
    return place(row, [glue.ideal for glue in row.rests], material, stage.ideal)


def _author_bounds(script: Script, material: Material) -> tuple[int, int] | None:
    """The shortest and longest that the author promises, in frames."""
    if script.length is None:
        return None
    return material.frames(script.length.min_s), material.frames(script.length.max_s)


def _author_allows(script: Script, material: Material, target: int) -> bool:
    bounds = _author_bounds(script, material)
    return bounds is None or bounds[0] <= target <= bounds[1]


def _reachable(outline: Outline, material: Material) -> tuple[Interval, ...]:
    """Every length that can be laid out, whatever the author says."""
    steps = list(stages(outline, material))
    first, last = (read_row(outline, counts_at(outline, stage)) for stage in (steps[0], steps[-1]))
    return intervals(steps, why_no_shorter(first, material.rate_hz), why_no_longer(last), material.rate_hz)


def _allowed(script: Script, material: Material, reachable: tuple[Interval, ...]) -> tuple[Interval, ...]:
    bounds = _author_bounds(script, material)
    return reachable if bounds is None else clip_to_author(reachable, *bounds)
