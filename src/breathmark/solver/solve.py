"""Solver entry points: the lengths that a script can have, and a session of exactly the one asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from breathmark.base.errors import LengthError, RequestError
from breathmark.base.times import minutes, whole_frames
from breathmark.solver.layout import Row, place, read_row, rests_for
from breathmark.solver.outline import (
    CueNode,
    Glue,
    Material,
    Node,
    Outline,
    RepeatNode,
    SegmentNode,
    name_of,
    read_outline,
)
from breathmark.solver.stages import Stage, counts_at, natural_stage, stage_at, stages

if TYPE_CHECKING:
    from breathmark.model import Script, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An interval of feasible lengths."""

    min_frames: int
    max_frames: int
    """Included."""
    min_binds: str
    """What keeps the session from being a little shorter, in words."""
    max_binds: str
    """What keeps it from being a little longer, in words."""
    rate_hz: int

    @property
    def min_s(self) -> float:
        """The shortest, in seconds."""
        return self.min_frames / self.rate_hz

    @property
    def max_s(self) -> float:
        """The longest, in seconds."""
        return self.max_frames / self.rate_hz

    def __str__(self) -> str:
        """Such as ``4:11 to 12:40``: rounded to what every length between the two can keep."""
        low = length_text(self.min_frames, self, up=True)
        high = length_text(self.max_frames, self, up=False)
        return low if self.min_frames == self.max_frames else f"{low} to {high}"


def intervals(stages: Sequence[Stage], shortest_binds: str, longest_binds: str, rate_hz: int) -> tuple[Interval, ...]:
    """The union of what the stages reach, each up to where the next one begins."""
    found: list[Interval] = []
    for i, stage in enumerate(stages):
        following = stages[i + 1] if i + 1 < len(stages) else None
        low = max(stage.threshold, stage.shortest)
        high = min(stage.longest, following.threshold - 1) if following else stage.longest
        if low > high:
            continue
        if found and low <= found[-1].max_frames + 1:
            merged = found.pop()
            low, min_binds = merged.min_frames, merged.min_binds
        else:
            min_binds = _entering(stage, stages, rate_hz) if found else shortest_binds
        max_binds = _without(stage, following) if following else longest_binds
        found.append(
            Interval(min_frames=low, max_frames=high, min_binds=min_binds, max_binds=max_binds, rate_hz=rate_hz)
        )
    return tuple(found)


def _entering(stage: Stage, stages: Sequence[Stage], rate_hz: int) -> str:
    """Why a stage is not reached earlier: it waits for the first addition that has its threshold."""
    cause = next(earlier for earlier in stages if earlier.threshold == stage.threshold)
    title = cause.addition.title if cause.addition else "this"
    if cause.threshold > cause.shortest:
        return f"{title} may not come in before {clock(cause.threshold, rate_hz)}"
    return f"with {title} it takes {clock(cause.shortest, rate_hz)} at the least"


def _without(stage: Stage, following: Stage) -> str:
    """Why a stage does not last longer."""
    title = following.addition.title if following.addition else "more"
    if stage.longest < following.threshold:
        return f"without {title} every rest is at its longest"
    return f"from there on {title} is in"


def _clip_to_author(found: Sequence[Interval], shortest: int, longest: int) -> tuple[Interval, ...]:
    """What of ``found`` lies within the lengths that the author promises."""
    clipped: list[Interval] = []
    for interval in found:
        low, high = max(interval.min_frames, shortest), min(interval.max_frames, longest)
        if low > high:
            continue
        below, above = interval.min_frames < shortest, interval.max_frames > longest
        clipped.append(
            Interval(
                min_frames=low,
                max_frames=high,
                min_binds="the script's `length:` begins there" if below else interval.min_binds,
                max_binds="the script's `length:` ends there" if above else interval.max_binds,
                rate_hz=interval.rate_hz,
            )
        )
    return tuple(clipped)


def _length_error(
    target: int, possible: Sequence[Interval], reachable: Sequence[Interval], rate_hz: int
) -> LengthError:
    """The error that ``target`` can't be reached: what can, and why.

    ``reachable`` are the lengths without the author's bounds, for the case that nothing lies within these.
    """
    wanted = clock(target, rate_hz, digits=3)
    if not possible:
        spans = ", ".join(str(interval) for interval in reachable)
        why = f"None of the lengths in the script's `length:` can be reached: with these sentences it takes {spans}."
        return LengthError(f"{wanted} can't be reached. {why}", "Widen `length:`, or the rests of the script.")
    spans = ", or ".join(str(interval) for interval in possible)
    reasons = " ".join(_reasons(target, possible))
    nearest = min(possible, key=lambda interval: _distance(target, interval))
    below = target < nearest.min_frames
    frames = nearest.min_frames if below else nearest.max_frames
    hint = f"The nearest length is --length {length_text(frames, nearest, up=below)}"
    return LengthError(f"{wanted} can't be reached. Possible lengths: {spans}. {reasons}", hint)


def _reasons(target: int, possible: Sequence[Interval]) -> list[str]:
    """What binds on both sides of ``target``."""
    shorter = [interval for interval in possible if interval.max_frames < target]
    longer = [interval for interval in possible if interval.min_frames > target]
    reasons = []
    if shorter:
        reasons.append(f"Above {length_text(shorter[-1].max_frames, shorter[-1], up=False)}: {shorter[-1].max_binds}.")
    if longer:
        reasons.append(f"Below {length_text(longer[0].min_frames, longer[0], up=True)}: {longer[0].min_binds}.")
    return reasons


def _distance(target: int, interval: Interval) -> int:
    return max(interval.min_frames - target, target - interval.max_frames, 0)


def length_text(frames: int, within: Interval, *, up: bool) -> str:
    """An end of an interval as a value for ``--length``: ``7:30``, or where that is too coarse ``245.3s``.

    It is rounded ``up`` or down, to the coarsest step that stays inside the interval.
    """
    rate_hz = within.rate_hz
    for digits in range(7):
        step = 10**digits
        ticks = -(-frames * step // rate_hz) if up else frames * step // rate_hz
        if within.min_frames <= whole_frames(ticks / step, rate_hz) <= within.max_frames:
            return minutes(ticks) if digits == 0 else f"{ticks / step:.{digits}f}s"
    return f"{frames / rate_hz!r}s"


def clock(frames: int, rate_hz: int, *, digits: int = 1) -> str:
    """A length as minutes and seconds, and where it needs them up to ``digits`` digits behind the point."""
    seconds, parts = divmod(round(frames * 10**digits / rate_hz), 10**digits)
    return f"{minutes(seconds)}.{parts:0{digits}d}".rstrip("0").rstrip(".") if parts else minutes(seconds)


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
        raise _length_error(target, _allowed(script, material, reachable), reachable, material.rate_hz)
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
    return reachable if bounds is None else _clip_to_author(reachable, *bounds)
