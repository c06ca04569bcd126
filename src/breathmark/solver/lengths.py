"""Feasible lengths of a script, and messages about what binds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from breathmark.base.errors import LengthError
from breathmark.base.times import minutes, whole_frames

if TYPE_CHECKING:
    from collections.abc import Sequence

    from breathmark.solver.stages import Stage


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


def clip_to_author(found: Sequence[Interval], shortest: int, longest: int) -> tuple[Interval, ...]:
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


def length_error(target: int, possible: Sequence[Interval], reachable: Sequence[Interval], rate_hz: int) -> LengthError:
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
