"""The extent of a whole session, kept up to date while segments and rounds enter it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.arrange.extent import NOTHING, Extent, combine, power
from breathmark.arrange.outline import Glue, Loop, Part, Sound

if TYPE_CHECKING:
    from breathmark.arrange.outline import Node, Outline

__all__ = ["Tally"]


class _Cell:
    """A run of items that never changes, and the base of those that do."""

    __slots__ = ("extent", "parent")

    def __init__(self, extent: Extent) -> None:
        self.extent = extent
        self.parent: _Cell | None = None

    def refresh(self) -> None:
        """Work out the extent from the cells below."""


class _Pair(_Cell):
    """Two runs in a row."""

    __slots__ = ("left", "right")

    def __init__(self, left: _Cell, right: _Cell) -> None:
        super().__init__(combine(left.extent, right.extent))
        self.left, self.right = left, right
        left.parent = right.parent = self

    def refresh(self) -> None:
        self.extent = combine(self.left.extent, self.right.extent)


class _Repeated(_Cell):
    """A run that comes ``count`` times: an optional segment (0 or 1) or the body of a repeat."""

    __slots__ = ("body", "count")

    def __init__(self, body: _Cell, count: int) -> None:
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
    def extent(self) -> Extent:
        """The extent of the session with the counts as they are."""
        return self._root.extent

    def enter(self, number: int, count: int) -> None:
        """Set the count of one Part or Loop."""
        changed = self._repeated[number]
        changed.count = count
        cell: _Cell | None = changed
        while cell is not None:
            cell.refresh()
            cell = cell.parent

    def _row(self, nodes: tuple[Node, ...]) -> _Cell:
        """The cell of nodes in a row."""
        row: list[_Cell] = []
        still = NOTHING
        for node in nodes:
            cell = self._cell(node)
            if type(cell) is _Cell:
                still = combine(still, cell.extent)
            else:
                row += [_Cell(still), cell]
                still = NOTHING
        return _balanced([*row, _Cell(still)])

    def _cell(self, node: Node) -> _Cell:
        match node:
            case Sound(frames=frames):
                ring = node.ring if node.bell else None
                whole = (frames, frames, frames)
                return _Cell(Extent(core=whole, ring=ring, since=whole))
            case Glue():
                return _Cell(Extent(lead=node.weight))
            case Part():
                body = self._row(node.nodes)
                return self._repeat(node.number, body) if node.segment.optional else body
            case Loop():
                body, count = self._row(node.nodes), node.rounds.count
                if type(body) is _Cell and count.min == count.max:
                    return _Cell(power(body.extent, count.min))
                return self._repeat(node.number, body)

    def _repeat(self, number: int, body: _Cell) -> _Repeated:
        cell = _Repeated(body, self._counts[number])
        self._repeated[number] = cell
        return cell


def _balanced(row: list[_Cell]) -> _Cell:
    """Pair neighbours until one cell is left."""
    while len(row) > 1:
        pairs: list[_Cell] = [_Pair(left, right) for left, right in zip(row[::2], row[1::2], strict=False)]
        row = pairs + row[len(pairs) * 2 :]
    return row[0]
