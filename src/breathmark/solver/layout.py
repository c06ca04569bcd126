"""Layout: the session as a row of cues and rests, and its placement in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from breathmark.model import BellPlacement, RestPlacement, SegmentSpan, SpeechPlacement, Timeline
from breathmark.solver.outline import EXPLICIT, CueNode, Glue, Material, Node, Outline, RepeatNode, SegmentNode


def surviving(rests: Sequence[Glue], *, inside: bool) -> Sequence[int]:
    """Which of the rests at one join count, as positions among them.

    Explicit ones all do, and replace every implied one. Of implied ones the highest level does, of equals the
    largest, of equals the first; but only ``inside`` the session, between two cues.
    """
    explicit = [i for i, glue in enumerate(rests) if glue.rank == EXPLICIT]
    if explicit or not inside or not rests:
        return explicit
    return (max(range(len(rests)), key=lambda i: rests[i].weight),)


def share_out(rests: Sequence[Glue], total: int) -> list[int]:
    """The length of each rest, so that they sum to ``total``, which lies between their bounds.

    All start at their ideal. The difference from ``total`` goes to the rests of order 1, and only when
    these are at their bound to the others. Within an order each takes the same share of its own room, rounded
    down; the frames left over go to the largest remainders, among equals to the first.
    """
    lengths = [glue.ideal for glue in rests]
    missing = total - sum(lengths)
    sign = 1 if missing > 0 else -1
    missing = abs(missing)
    for order in (1, 0):
        if not missing:
            break
        rooms = [_room(glue, sign) if glue.order == order else 0 for glue in rests]
        given = min(missing, sum(rooms))
        lengths = [length + sign * part for length, part in zip(lengths, _shares(rooms, given), strict=True)]
        missing -= given
    return lengths


def _room(glue: Glue, sign: int) -> int:
    return glue.longest - glue.ideal if sign > 0 else glue.ideal - glue.shortest


def _shares(rooms: Sequence[int], given: int) -> list[int]:
    """``given`` in proportion to ``rooms``, in whole frames, by the largest remainder (Hamilton's method)."""
    whole = sum(rooms)
    if not given:
        return [0] * len(rooms)
    shares = [room * given // whole for room in rooms]
    left_over = given - sum(shares)
    if left_over:
        first = sorted(range(len(rooms)), key=lambda i: -(rooms[i] * given % whole))
        for i in first[:left_over]:
            shares[i] += 1
    return shares


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSpan:
    """A segment in a row: it covers the things from ``first`` up to, not including, ``end``."""

    part: SegmentNode
    depth: int
    round: int
    optional: bool
    first: int
    end: int


Thing: TypeAlias = "CueNode | Glue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One session without its lengths: every cue, and the rests that count, in order."""

    things: tuple[Thing, ...]
    stretches: tuple[RowSpan, ...]
    """A parent before its children; those in which nothing is left are left out."""

    @property
    def rests(self) -> list[Glue]:
        """The rests, in order."""
        return [thing for thing in self.things if isinstance(thing, Glue)]

    @property
    def sounding(self) -> int:
        """How long all cues take, in frames."""
        return sum(thing.frames for thing in self.things if isinstance(thing, CueNode))

    @property
    def last_bell(self) -> int | None:
        """Where among the things the last bell is."""
        bells = (i for i in reversed(range(len(self.things))) if _rings(self.things[i]))
        return next(bells, None)


def read_row(outline: Outline, counts: Mapping[int, int]) -> Row:
    """Write out every round, and settle which rests count at each join."""
    writer = _Writer(counts=counts)
    writer.write(outline.nodes, _Inside())
    kept = _kept(writer.things)
    before = [0]
    for keep in kept:
        before.append(before[-1] + keep)
    stretches = (_moved(stretch, before) for stretch in sorted(writer.stretches, key=lambda s: (s.first, s.depth)))
    return Row(
        things=tuple(thing for thing, keep in zip(writer.things, kept, strict=True) if keep),
        stretches=tuple(stretch for stretch in stretches if stretch.first < stretch.end),
    )


def rests_for(row: Row, material: Material, frames: int) -> list[int]:
    """The lengths of a row's rests in a session of ``frames``.

    They fill what cues, head and tail leave; but where the last bell would not ring out, they give way to it, and the
    tail becomes longer instead.
    """
    rests = row.rests
    fixed = material.head + row.sounding
    total = min(frames - fixed - material.tail, sum(glue.longest for glue in rests))
    lengths = share_out(rests, total)
    bell = row.last_bell
    if bell is None:
        return lengths
    before = sum(isinstance(thing, Glue) for thing in row.things[:bell])
    sounding = sum(thing.frames for thing in row.things[:bell] if isinstance(thing, CueNode))
    latest = frames - _ring(row.things[bell]) - material.head - sounding
    """The most that the rests before the last bell may take."""
    if sum(lengths[:before]) <= latest:
        return lengths
    return _earlier(rests, total, before, latest)


def _earlier(rests: Sequence[Glue], total: int, before: int, latest: int) -> list[int]:
    """The lengths at the largest total under ``total`` of which the first ``before`` rests take at most ``latest``."""
    behind = rests[before:]
    enough = latest + sum(glue.shortest for glue in behind)
    too_much = min(total, latest + sum(glue.longest for glue in behind) + 1)
    while too_much - enough > 1:
        middle = (too_much + enough) // 2
        if sum(share_out(rests, middle)[:before]) > latest:
            too_much = middle
        else:
            enough = middle
    return share_out(rests, enough)


def place(row: Row, lengths: Sequence[int], material: Material, frames: int) -> Timeline:
    """Lay a row out in a session of ``frames``, of which its rests take ``lengths``.

    The segments of the script tile the session: the first has the head, the last has the tail.
    """
    starts = [material.head]
    remaining = iter(lengths)
    for thing in row.things:
        starts.append(starts[-1] + (thing.frames if isinstance(thing, CueNode) else next(remaining)))
    speech: list[SpeechPlacement] = []
    bells: list[BellPlacement] = []
    rests: list[RestPlacement] = []
    for thing, start, end in zip(row.things, starts, starts[1:], strict=False):
        match thing:
            case Glue():
                rests.append(RestPlacement(start_frame=start, frames=end - start, rest=thing.rest))
            case CueNode():
                speech += _speech(thing, start)
                bells += _bell(thing, start, frames)
    starts[0], starts[-1] = 0, frames
    return Timeline(
        rate_hz=material.rate_hz,
        frames=frames,
        speech=tuple(speech),
        bells=tuple(bells),
        rests=tuple(rests),
        segments=tuple(_span(stretch, starts) for stretch in row.stretches),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inside:
    """Where the writer is."""

    depth: int = 0
    round: int = 0
    optional: bool = False


@dataclass(slots=True, kw_only=True)
class _Writer:
    """Writes a tree out as a row, with the counts given."""

    counts: Mapping[int, int]
    things: list[Thing] = field(default_factory=list)
    stretches: list[RowSpan] = field(default_factory=list)

    def write(self, nodes: Sequence[Node], inside: _Inside) -> None:
        """Append ``nodes``."""
        for node in nodes:
            match node:
                case SegmentNode():
                    self._part(node, inside)
                case RepeatNode():
                    self._loop(node, inside)
                case _:
                    self.things.append(node)

    def _part(self, part: SegmentNode, inside: _Inside) -> None:
        if not self.counts[part.number]:
            return
        optional = inside.optional or part.segment.optional is not None
        first = len(self.things)
        self.write(part.nodes, _Inside(depth=inside.depth + 1, round=inside.round, optional=optional))
        stretch = RowSpan(
            part=part,
            depth=inside.depth,
            round=inside.round,
            optional=optional,
            first=first,
            end=len(self.things),
        )
        self.stretches.append(stretch)

    def _loop(self, loop: RepeatNode, inside: _Inside) -> None:
        for i in range(self.counts[loop.number]):
            optional = inside.optional or i >= loop.rounds.count.min
            self.write(loop.nodes, _Inside(depth=inside.depth, round=i, optional=optional))


def _kept(things: Sequence[Thing]) -> list[bool]:
    """Which things count: all cues, and the rests that survive at their join."""
    kept = [isinstance(thing, CueNode) for thing in things]
    join: list[tuple[int, Glue]] = []

    def settle(*, inside: bool) -> None:
        for i in surviving([rest for _, rest in join], inside=inside):
            kept[join[i][0]] = True
        join.clear()

    cue_seen = False
    for i, thing in enumerate(things):
        if isinstance(thing, Glue):
            join.append((i, thing))
        elif join:
            settle(inside=cue_seen)
        cue_seen = cue_seen or isinstance(thing, CueNode)
    settle(inside=False)
    return kept


def _moved(stretch: RowSpan, before: Sequence[int]) -> RowSpan:
    """The stretch, counted in the things that are left."""
    return RowSpan(
        part=stretch.part,
        depth=stretch.depth,
        round=stretch.round,
        optional=stretch.optional,
        first=before[stretch.first],
        end=before[stretch.end],
    )


def _rings(thing: Thing) -> bool:
    return isinstance(thing, CueNode) and thing.bell is not None


def _ring(thing: Thing) -> int:
    return thing.ring if isinstance(thing, CueNode) else 0


def _speech(sound: CueNode, start: int) -> list[SpeechPlacement]:
    if sound.speech is None:
        return []
    placement = SpeechPlacement(
        start_frame=start, frames=sound.speech_frames, utterance=sound.speech.utterance, place=sound.speech.place
    )
    return [placement]


def _bell(sound: CueNode, start: int, end: int) -> list[BellPlacement]:
    if sound.bell is None:
        return []
    ring = min(sound.ring, end - start)
    return [BellPlacement(start_frame=start, frames=ring, name=sound.bell.name, place=sound.bell.place)]


def _span(stretch: RowSpan, starts: Sequence[int]) -> SegmentSpan:
    start = starts[stretch.first]
    return SegmentSpan(
        start_frame=start,
        frames=starts[stretch.end] - start,
        title=stretch.part.segment.title,
        kind=stretch.part.segment.kind,
        depth=stretch.depth,
        round=stretch.round,
        ambience=stretch.part.ambience,
        place=stretch.part.segment.place,
        optional=stretch.optional,
    )
