"""Outline: the script in frames, as cues, glue, and the parts that a length can leave out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from breathmark.base.errors import Problem, ScriptError
from breathmark.base.times import whole_frames
from breathmark.model import (
    Ambience,
    Bell,
    EntryCondition,
    Item,
    Kind,
    Phase,
    Rest,
    RestLevel,
    Rounds,
    Say,
    Script,
    Segment,
    Utterance,
)

HEAD_S = 1.0
"""The head, before the first cue: the ambience fades in alone."""
TAIL_S = 4.0
"""The minimal tail, after the last cue and its rests: the fade-out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The lengths of everything that sounds, measured."""

    clip_frames: Mapping[Utterance, int]
    """How long each sentence is, in frames; every utterance of the script is in it."""
    bell_frames: Mapping[str, int]
    """How long each bell rings, in frames, by name."""
    rate_hz: int
    """Frames a second."""

    def frames(self, seconds: float) -> int:
        """``seconds`` in whole frames."""
        return whole_frames(seconds, self.rate_hz)

    @property
    def head(self) -> int:
        """The head, in frames."""
        return self.frames(HEAD_S)

    @property
    def tail(self) -> int:
        """The shortest tail, in frames."""
        return self.frames(TAIL_S)


HELD_KINDS: frozenset[Kind] = frozenset({"opening", "teach", "evoke", "ground", "close"})
"""Here a long silence would be out of place: rests never grow past their ideal."""
EXPLICIT = 5
"""The rank of rests that the author wrote; implied ones have 1 to 4, no rest at all has 0."""
_SCRIPT = "the script"
_RANKS: Mapping[RestLevel, int] = {"sentence": 1, "paragraph": 2, "segment": 3, "bell": 4, "explicit": EXPLICIT}


@dataclass(frozen=True, slots=True, kw_only=True)
class CueNode:
    """A cue: it takes exactly ``frames``, whatever the length of the session."""

    frames: int
    speech: Say | None = None
    speech_frames: int = 0
    bell: Bell | None = None
    ring: int = 0
    """How long the bell rings, also under what follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glue:
    """A rest, in frames: ``shortest <= ideal <= longest``."""

    rest: Rest
    rank: int
    shortest: int
    ideal: int
    longest: int
    held: bool
    """True where its kind of segment keeps it from growing past its ideal."""
    order: Literal[0, 1]

    @property
    def weight(self) -> tuple[int, int, int, int]:
        """What decides between implied rests: the level, then the size."""
        return (self.rank, self.ideal, self.longest, self.shortest)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentNode:
    """A segment."""

    number: int
    """Its place in the script; the key of its count (0 or 1) where it is optional."""
    segment: Segment
    ambience: Ambience
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatNode:
    """The body of a repeat, or one guided breath."""

    number: int
    """Its place in the script; the key of its count."""
    rounds: Rounds
    nodes: tuple[Node, ...]


Node: TypeAlias = "CueNode | Glue | SegmentNode | RepeatNode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """An optional segment, or one more round of a repeat."""

    number: int
    """The segment or repeat whose count it raises."""
    count: int
    """What it raises the count to."""
    beyond: bool
    """True for rounds above the author's ideal."""
    from_s: float
    priority: int
    title: str
    """Its name in messages."""

    @property
    def rank(self) -> tuple[bool, float, int, int, int]:
        """Additions enter in this order, at every length."""
        return (self.beyond, self.from_s, self.priority, self.number, self.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A script in frames, with everything that can enter it."""

    nodes: tuple[Node, ...]
    counts: Mapping[int, int]
    """The counts before anything has entered, by the number of the segment or repeat."""
    additions: tuple[Addition, ...]
    """In the order in which they enter."""


def read_outline(script: Script, material: Material) -> Outline:
    """Convert a script to frames. Raises ScriptError where a sentence is longer than its phase, with every place."""
    reader = _OutlineReader(material=material)
    nodes = reader.parts(script.segments, _SegmentContext(ambience=script.ambience))
    if reader.problems:
        raise ScriptError(tuple(dict.fromkeys(reader.problems)))
    additions = tuple(sorted(reader.additions, key=lambda addition: addition.rank))
    return Outline(nodes=nodes, counts=reader.counts, additions=additions)


def name_of(segment: Segment) -> str:
    """The name of a segment in messages."""
    return f"“{segment.title}”" if segment.title else f"the segment at {segment.place.path}:{segment.place.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _SegmentContext:
    """What an item has from the segments around it."""

    ambience: Ambience
    kind: Kind = "practice"
    entry: tuple[float, int] = (0.0, 1)
    """``from`` and ``priority`` of the nearest optional segment; nothing inside it enters before it."""
    title: str = _SCRIPT


@dataclass(slots=True, kw_only=True)
class _OutlineReader:
    """Walks the script once and numbers its segments and repeats in the order of the text."""

    material: Material
    counts: dict[int, int] = field(default_factory=dict)
    additions: list[Addition] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _numbers: int = 0

    def parts(self, items: tuple[Item, ...], around: _SegmentContext) -> tuple[Node, ...]:
        return tuple([self._node(item, around) for item in items])

    def _node(self, item: Item, around: _SegmentContext) -> Node:
        match item:
            case Say():
                frames = self.material.clip_frames[item.utterance]
                return CueNode(frames=frames, speech=item, speech_frames=frames)
            case Rest():
                return self._glue(item, around)
            case Bell():
                return CueNode(frames=0, bell=item, ring=self.material.bell_frames[item.name])
            case Phase():
                return self._phase(item)
            case Rounds():
                return self._loop(item, around)
            case Segment():
                return self._part(item, around)

    def _glue(self, rest: Rest, around: _SegmentContext) -> Glue:
        held = around.kind in HELD_KINDS
        ideal = self.material.frames(rest.range.ideal_s)
        return Glue(
            rest=rest,
            rank=_RANKS[rest.level],
            shortest=self.material.frames(rest.range.min_s),
            ideal=ideal,
            longest=ideal if held else self.material.frames(rest.range.max_s),
            held=held,
            order=rest.order,
        )

    def _phase(self, phase: Phase) -> CueNode:
        frames = self.material.frames(phase.duration_s)
        match phase.cue:
            case None:
                return CueNode(frames=frames)
            case Bell() as bell:
                return CueNode(frames=frames, bell=bell, ring=self.material.bell_frames[bell.name])
            case Say() as say:
                spoken = self.material.clip_frames[say.utterance]
                if spoken > frames:
                    self.problems.append(_too_long(phase, say, spoken / self.material.rate_hz))
                return CueNode(frames=frames, speech=say, speech_frames=spoken)

    def _loop(self, rounds: Rounds, around: _SegmentContext) -> RepeatNode:
        number = self._next(rounds.count.min)
        from_s, priority = around.entry
        self.additions += [
            Addition(
                number=number,
                count=count,
                beyond=count > rounds.count.ideal,
                from_s=from_s,
                priority=priority,
                title=f"round {count} of {around.title}",
            )
            for count in range(rounds.count.min + 1, rounds.count.max + 1)
        ]
        return RepeatNode(number=number, rounds=rounds, nodes=self.parts(rounds.items, around))

    def _part(self, segment: Segment, around: _SegmentContext) -> SegmentNode:
        number = self._next(0 if segment.optional else 1)
        entry = _entry(segment.optional, around)
        title = name_of(segment) if segment.title or around.title == _SCRIPT else around.title
        ambience = segment.ambience or around.ambience
        if segment.optional:
            from_s, priority = entry
            addition = Addition(
                number=number, count=1, beyond=False, from_s=from_s, priority=priority, title=name_of(segment)
            )
            self.additions.append(addition)
        inside = _SegmentContext(ambience=ambience, kind=segment.kind, entry=entry, title=title)
        return SegmentNode(number=number, segment=segment, ambience=ambience, nodes=self.parts(segment.items, inside))

    def _next(self, count: int) -> int:
        self._numbers += 1
        self.counts[self._numbers] = count
        return self._numbers


def _entry(optional: EntryCondition | None, around: _SegmentContext) -> tuple[float, int]:
    """``from`` and ``priority``, never before those of the optional segment around."""
    return max(around.entry, (optional.from_s, optional.priority)) if optional else around.entry


def _too_long(phase: Phase, say: Say, spoken_s: float) -> Problem:
    said = "its cue" if say.utterance.private else f"“{say.utterance.caption}”"
    return Problem(
        path=phase.place.path,
        line=phase.place.line,
        column=phase.place.column,
        message=f"{said} takes {spoken_s:.1f} s to say, but the phase lasts {phase.duration_s:g} s",
        hint="give the phase more time, or use `cue: tone`",
    )
