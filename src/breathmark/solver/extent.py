"""Extent of a run of items: shortest, ideal and longest length, with the rests at its two ends still open.

Which rests count at a join is known only when both neighbours are. So the length of a run is not a plain number,
but extents can be joined, in any grouping, and that makes the length of a session cheap to follow while
segments and rounds enter it: only what lies on the way to the root is joined anew.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Triple: TypeAlias = tuple[int, int, int]
"""Frames: shortest, ideal, longest."""
Join: TypeAlias = tuple[int, int, int, int]
"""The rests of a join so far: their rank, then frames: ideal, longest, shortest.

This order makes the comparison of two tuples the choice between two implied rests: the higher level, then the larger.
"""

EXPLICIT = 5
"""The rank of rests that the author wrote; implied ones have 1 to 4, no rest at all has 0."""
_OPEN: Join = (0, 0, 0, 0)
_ZERO: Triple = (0, 0, 0)


class RunExtent(NamedTuple):
    """The extent of a run of items."""

    lead: Join = _OPEN
    """The rests before the first cue; all rests where no cue is in the run."""
    core: Triple | None = None
    """From the first cue's start to the last cue's end; None where no cue is in the run."""
    trail: Join = _OPEN
    """The rests after the last cue."""
    ring: int | None = None
    """How long the last bell rings, in frames; None without a bell."""
    since: Triple = _ZERO
    """From the last bell's strike to the end of ``core``."""


NOTHING = RunExtent()


def _meet(left: Join, right: Join) -> Join:
    """Merge the rests at one join: explicit ones add up and replace implied ones, of which the largest applies."""
    if left[0] == right[0] == EXPLICIT:
        return (EXPLICIT, left[1] + right[1], left[2] + right[2], left[3] + right[3])
    return max(left, right)


def combine(left: RunExtent, right: RunExtent) -> RunExtent:
    """``left``, then ``right``. Associative, with ``NOTHING`` as its neutral element."""
    if right.core is None:
        if left.core is None:
            return RunExtent(_meet(left.lead, right.lead))
        return RunExtent(left.lead, left.core, _meet(left.trail, right.lead), left.ring, left.since)
    if left.core is None:
        return RunExtent(_meet(left.lead, right.lead), right.core, right.trail, right.ring, right.since)
    _, ideal, longest, shortest = _meet(left.trail, right.lead)
    low, mid, high = right.core
    low, mid, high = low + shortest, mid + ideal, high + longest
    core = (left.core[0] + low, left.core[1] + mid, left.core[2] + high)
    if right.ring is not None:
        return RunExtent(left.lead, core, right.trail, right.ring, right.since)
    since = (left.since[0] + low, left.since[1] + mid, left.since[2] + high)
    return RunExtent(left.lead, core, right.trail, left.ring, since)


def power(extent: RunExtent, count: int) -> RunExtent:
    """``extent``, ``count`` times in a row, by repeated squaring."""
    whole = NOTHING
    while count:
        if count & 1:
            whole = combine(whole, extent)
        count >>= 1
        if count:
            extent = combine(extent, extent)
    return whole


def session_lengths(extent: RunExtent, head: int, tail: int) -> Triple:
    """The lengths of a session that is just this.

    Implied rests at its two ends don't count. After everything comes the tail, and the end waits for the last bell.
    """
    lead, trail = _explicit(extent.lead), _explicit(extent.trail)
    core = extent.core or _ZERO

    def length(i: int) -> int:
        end = head + lead[i] + core[i]
        rung = end - extent.since[i] + extent.ring if extent.ring is not None else 0
        return max(end + trail[i] + tail, rung)

    return (length(0), length(1), length(2))


def _explicit(join: Join) -> Triple:
    """The rests that remain at an end of the session."""
    rank, ideal, longest, shortest = join
    return (shortest, ideal, longest) if rank == EXPLICIT else _ZERO
