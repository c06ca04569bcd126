"""Stages: the fixed order in which segments and rounds enter a session, and the length at which each does.

Which rests count at a join is known only when both neighbours are. So the length of a run of items is not a plain
number but its extent. Extents can be joined, in any grouping, and that makes the length of a session cheap to follow
while segments and rounds enter it: only what lies on the way to the root is joined anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from breathmark.solver.outline import (
    EXPLICIT,
    Addition,
    CueNode,
    Glue,
    Material,
    Node,
    Outline,
    RepeatNode,
    SegmentNode,
)

Triple: TypeAlias = tuple[int, int, int]
"""Frames: shortest, ideal, longest."""
Join: TypeAlias = tuple[int, int, int, int]
"""The rests of a join so far: their rank, then frames: ideal, longest, shortest.

This order makes the comparison of two tuples the choice between two implied rests: the higher level, then the larger.
"""

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


def _session_lengths(extent: RunExtent, head: int, tail: int) -> Triple:
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


class _RunNode:
    """A run of items that never changes, and the base of those that do."""

    __slots__ = ("extent", "parent")

    def __init__(self, extent: RunExtent) -> None:
        self.extent = extent
        self.parent: _RunNode | None = None

    def refresh(self) -> None:
        """Work out the extent from the cells below."""


class _Pair(_RunNode):
    """Two runs in a row."""

    __slots__ = ("left", "right")

    def __init__(self, left: _RunNode, right: _RunNode) -> None:
        super().__init__(combine(left.extent, right.extent))
        self.left, self.right = left, right
        left.parent = right.parent = self

    def refresh(self) -> None:
        self.extent = combine(self.left.extent, self.right.extent)


class _Repeated(_RunNode):
    """A run that comes ``count`` times: an optional segment (0 or 1) or the body of a repeat."""

    __slots__ = ("body", "count")

    def __init__(self, body: _RunNode, count: int) -> None:
        super().__init__(power(body.extent, count))
        self.body, self.count = body, count
        body.parent = self

    def refresh(self) -> None:
        self.extent = power(self.body.extent, self.count)


class Tally:
    """Follows the extent of a session.

    Runs that no length changes are one cell each; the others hang in a balanced tree, so that a change of one count
    joins a number of cells anew that grows with the logarithm of the script's size.
    """

    def __init__(self, outline: Outline) -> None:
        self._counts = outline.counts
        self._repeated: dict[int, _Repeated] = {}
        self._root = self._row(outline.nodes)

    @property
    def extent(self) -> RunExtent:
        """The extent of the session with the counts as they are."""
        return self._root.extent

    def enter(self, number: int, count: int) -> None:
        """Set the count of one optional segment or repeat."""
        changed = self._repeated[number]
        changed.count = count
        cell: _RunNode | None = changed
        while cell is not None:
            cell.refresh()
            cell = cell.parent

    def _row(self, nodes: tuple[Node, ...]) -> _RunNode:
        """The cell of nodes in a row."""
        row: list[_RunNode] = []
        still = NOTHING
        for node in nodes:
            cell = self._cell(node)
            if type(cell) is _RunNode:
                still = combine(still, cell.extent)
            else:
                row += [_RunNode(still), cell]
                still = NOTHING
        return _balanced([*row, _RunNode(still)])

    def _cell(self, node: Node) -> _RunNode:
        match node:
            case CueNode(frames=frames):
                ring = node.ring if node.bell else None
                whole = (frames, frames, frames)
                return _RunNode(RunExtent(core=whole, ring=ring, since=whole))
            case Glue():
                return _RunNode(RunExtent(lead=node.weight))
            case SegmentNode():
                body = self._row(node.nodes)
                return self._repeat(node.number, body) if node.segment.optional else body
            case RepeatNode():
                body, count = self._row(node.nodes), node.rounds.count
                if type(body) is _RunNode and count.min == count.max:
                    return _RunNode(power(body.extent, count.min))
                return self._repeat(node.number, body)

    def _repeat(self, number: int, body: _RunNode) -> _Repeated:
        cell = _Repeated(body, self._counts[number])
        self._repeated[number] = cell
        return cell


def _balanced(row: list[_RunNode]) -> _RunNode:
    """Pair neighbours until one cell is left."""
    while len(row) > 1:
        pairs: list[_RunNode] = [_Pair(left, right) for left, right in zip(row[::2], row[1::2], strict=False)]
        row = pairs + row[len(pairs) * 2 :]
    return row[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The session with the first ``entered`` additions; lengths in frames."""

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
    where it does not fit.
    """
    tally = Tally(outline)

    def lengths() -> Triple:
        return _session_lengths(tally.extent, material.head, material.tail)

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
    """The counts of all optional segments and repeats at a stage."""
    entered = {addition.number: addition.count for addition in outline.additions[: stage.entered]}
    return {**outline.counts, **entered}
