"""Stages: the fixed order in which segments and rounds enter a session, and the length at which each does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from breathmark.solver.extent import NOTHING, RunExtent, Triple, combine, power, session_lengths
from breathmark.solver.outline import CueNode, Glue, RepeatNode, SegmentNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.solver.material import Material
    from breathmark.solver.outline import Addition, Node, Outline


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
    """The counts of all optional segments and repeats at a stage."""
    entered = {addition.number: addition.count for addition in outline.additions[: stage.entered]}
    return {**outline.counts, **entered}
