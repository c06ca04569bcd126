"""The length solver's promises, over scripts of every shape."""

from __future__ import annotations

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from breathmark.base.errors import LengthError
from breathmark.model import (
    Ambience,
    Bell,
    Count,
    EntryCondition,
    Phase,
    Place,
    Range,
    Rest,
    Rounds,
    Say,
    Script,
    Segment,
    Utterance,
)
from breathmark.solver import Material, arrange, excerpt, feasible
from breathmark.solver.layout import read_row
from breathmark.solver.outline import CueNode, Glue, RepeatNode, SegmentNode, read_outline
from breathmark.solver.stages import NOTHING, RunExtent, combine, counts_at, power, stage_at, stages
from tests import profiles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import DrawFn

    from breathmark.model import Item, Kind, RestLevel, RestPlacement, SpeechPlacement, Timeline

KINDS: tuple[Kind, ...] = ("opening", "teach", "anchor", "practice", "practice", "silence", "close")
LEVELS: tuple[RestLevel, ...] = ("explicit", "explicit", "segment", "paragraph", "sentence")


@dataclass(frozen=True, kw_only=True)
class Session:
    """What the solver is given."""

    script: Script
    material: Material


def utterance(text: str) -> Utterance:
    """A sentence in the session's own voice."""
    return Utterance(text=text, caption=text, voice="", speed=1.0, language="en")


@dataclass(frozen=True)
class _Maker:
    """Draws one script; every item has a line of its own, so that a place names it."""

    draw: DrawFn
    lines: Iterator[int]

    def place(self) -> Place:
        return Place(path="made.yaml", line=next(self.lines), column=1)

    def of(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def pick(self, *choices: Any) -> Any:  # noqa: ANN401 — whatever the choices are
        return choices[self.of(0, len(choices) - 1)]

    def rest(self) -> Rest:
        low, more, much = (self.pick(0, 0, 500, 1000, 3000, 3001, 10_007) for _ in range(3))
        bounds = Range(min_s=low / 1000, ideal_s=(low + more) / 1000, max_s=(low + more + much) / 1000)
        level = self.pick(*LEVELS)
        order: Literal[0, 1] = self.pick(0, 1) if level == "explicit" else 0
        return Rest(range=bounds, order=order, level=level, place=self.place())

    def say(self) -> Say:
        return Say(utterance=utterance(f"{self.of(0, 9)}"), place=self.place())

    def bell(self) -> Bell:
        return Bell(name=self.pick("bowl", "chime"), place=self.place())

    def phase(self) -> Phase:
        cue = self.pick(None, self.say(), self.bell())
        return Phase(duration_s=self.pick(4.0, 5.5, 6.0), cue=cue, place=self.place())

    def rounds(self, depth: int) -> Rounds:
        low, more, much = self.of(1, 2), self.of(0, 2), self.of(0, 2)
        items: tuple[Item, ...]
        if depth > 2 or self.of(0, 1):
            items = tuple(self.phase() for _ in range(self.of(1, 2)))
        else:
            items = tuple(self.segment(depth + 1) for _ in range(self.of(0, 2)))
        return Rounds(count=Count(min=low, ideal=low + more, max=low + more + much), items=items, place=self.place())

    def items(self, depth: int) -> Iterator[Item]:
        for _ in range(self.of(0, 4)):
            shape = self.of(0, 11)
            if shape < 5:
                yield self.say()
            elif shape < 9:
                yield self.rest()
            elif shape == 9:
                yield self.bell()
                low = self.pick(0, 2, 6)
                bounds = Range(min_s=low, ideal_s=low + 3, max_s=low + 6)
                level = self.pick("bell", "bell", "explicit")
                yield Rest(range=bounds, order=0, level=level, place=self.place())
            elif shape == 10 and depth < 3:
                yield self.segment(depth + 1)
            else:
                yield self.rounds(depth)

    def segment(self, depth: int = 0) -> Segment:
        optional = None
        if self.of(0, 2) == 0:
            optional = EntryCondition(from_s=self.pick(0.0, 0.0, 40.0, 90.5), priority=self.of(1, 2))
        parting = Rest(range=Range(min_s=1.0, ideal_s=2.0, max_s=4.0), order=0, level="segment", place=self.place())
        return Segment(
            title=self.pick("", "Arrive", "Soften", "Rest a while"),
            kind=self.pick(*KINDS),
            items=(*self.items(depth), parting),
            place=self.place(),
            optional=optional,
        )


@st.composite
def sessions(draw: DrawFn) -> Session:
    """Scripts with nested repeats, optional segments, guided breaths, bells, rests without room, or nothing at all."""
    maker = _Maker(draw, count(1))
    rate_hz = maker.pick(7, 1000, 22_050, 44_100)
    clips = {utterance(f"{i}"): 1 + i * 3 * rate_hz // 7 for i in range(10)}
    bells = {"bowl": 11 * rate_hz + 1, "chime": 2 * rate_hz}
    length = None
    if maker.of(0, 2) == 0:
        low = maker.of(0, 60)
        length = Range(min_s=low, ideal_s=low + maker.of(0, 60), max_s=low + 60 + maker.of(0, 600))
    script = Script(
        path="made.yaml",
        title="Made",
        language="en",
        segments=tuple(maker.segment() for _ in range(maker.of(0, 5))),
        ambience=Ambience(sound="none", below_voice_lu=20.0, swell_lu=4.0),
        length=length,
    )
    return Session(script=script, material=Material(clip_frames=clips, bell_frames=bells, rate_hz=rate_hz))


fractions = st.one_of(st.sampled_from([0.0, 0.5, 1.0]), st.floats(0, 1))
many = settings(max_examples=profiles.count(quick=100, ci=300, nightly=300), deadline=None)


def one_of_the_lengths(session: Session, where: float) -> float:
    """A feasible length in seconds; ``where`` picks it, from 0 (the shortest) to 1 (the longest)."""
    possible = feasible(session.script, session.material)
    assume(possible)
    whole = sum(interval.max_frames - interval.min_frames for interval in possible)
    left = round(whole * where)
    for interval in possible:
        if left <= interval.max_frames - interval.min_frames:
            return (interval.min_frames + left) / session.material.rate_hz
        left -= interval.max_frames - interval.min_frames
    raise AssertionError(where)


def laid_out(session: Session, where: float | None) -> Timeline:
    """A session at one of its lengths; None leaves it the natural one, with every rest at its ideal."""
    if where is None:
        return arrange(replace(session.script, length=None), session.material)
    return arrange(session.script, session.material, one_of_the_lengths(session, where))


def glue_of(session: Session) -> dict[Place, Glue]:
    """Every rest in frames, by its place."""
    found: dict[Place, Glue] = {}

    def walk(nodes: tuple[Any, ...]) -> None:
        for node in nodes:
            if isinstance(node, Glue):
                found[node.rest.place] = node
            elif isinstance(node, SegmentNode | RepeatNode):
                walk(node.nodes)

    walk(read_outline(session.script, session.material).nodes)
    return found


def cues_of(session: Session, timeline: Timeline) -> list[CueNode]:
    """The cues of ``timeline``, with the phases of which no placement tells."""
    outline = read_outline(session.script, session.material)
    stage = stage_at(stages(outline, session.material), timeline.frames)
    row = read_row(outline, counts_at(outline, stage))
    return [thing for thing in row.things if isinstance(thing, CueNode)]


@many
@given(session=sessions(), where=fractions)
def test_a_session_has_exactly_the_frames_asked_for(session: Session, where: float) -> None:
    """Every feasible length is met to the frame, and head, cues, rests and tail add up to it."""
    target = one_of_the_lengths(session, where)
    timeline = arrange(session.script, session.material, target)
    assert timeline.frames == round(target * session.material.rate_hz)
    cues = sum(cue.frames for cue in cues_of(session, timeline))
    rests = sum(placed.frames for placed in timeline.rests)
    tail = timeline.frames - session.material.head - cues - rests
    assert tail >= session.material.tail
    rung_out = [bell.start_frame + session.material.bell_frames[bell.name] for bell in timeline.bells[-1:]]
    assert all(end <= timeline.frames for end in rung_out)
    if tail > session.material.tail:
        assert timeline.frames - max(rung_out) <= len(timeline.rests), "only a bell that rings out lengthens the tail"


@many
@given(session=sessions(), where=st.one_of(st.none(), fractions))
def test_placements_follow_each_other(session: Session, where: float | None) -> None:
    """Speech and rests never overlap, everything is in the order of time, and rings end with the session."""
    timeline = laid_out(session, where)
    heard: list[SpeechPlacement | RestPlacement] = [*timeline.speech, *timeline.rests]
    heard.sort(key=lambda placed: (placed.start_frame, placed.frames > 0))
    assert all(one.start_frame + one.frames <= two.start_frame for one, two in pairwise(heard))
    for starts in (
        [placed.start_frame for placed in timeline.speech],
        [placed.start_frame for placed in timeline.rests],
        [placed.start_frame for placed in timeline.bells],
        [span.start_frame for span in timeline.segments],
    ):
        assert starts == sorted(starts)
    for bell in timeline.bells:
        full = session.material.bell_frames[bell.name]
        assert bell.frames == min(full, timeline.frames - bell.start_frame)
    assert all(bell.frames == session.material.bell_frames[bell.name] for bell in timeline.bells[-1:])
    starts = [placed.start_frame for placed in (*heard, *timeline.bells)]
    assert min(starts, default=session.material.head) >= session.material.head


@many
@given(session=sessions(), where=st.one_of(st.none(), fractions))
def test_segments_tile_the_session(session: Session, where: float | None) -> None:
    """The script's own segments follow each other without gap from the first frame to the last; children lie inside."""
    timeline = laid_out(session, where)
    outer = [span for span in timeline.segments if span.depth == 0]
    if not outer:
        return
    assert outer[0].start_frame == 0
    assert outer[-1].start_frame + outer[-1].frames == timeline.frames
    assert all(one.start_frame + one.frames == two.start_frame for one, two in pairwise(outer))
    around: list[tuple[int, int]] = []
    for span in timeline.segments:
        del around[span.depth :]
        assert len(around) == span.depth, "a parent stands before its children"
        end = span.start_frame + span.frames
        assert not around or (around[-1][0] <= span.start_frame and end <= around[-1][1])
        around.append((span.start_frame, end))


@many
@given(session=sessions(), where=st.one_of(st.none(), fractions))
def test_rests_share_what_there_is(session: Session, where: float | None) -> None:
    """Rests keep their bounds; order 1 gives before order 0; inside an order all give the same share."""
    timeline = laid_out(session, where)
    glue = glue_of(session)
    placed = [(glue[rest.rest.place], rest.frames) for rest in timeline.rests]
    assert all(rest.shortest <= frames <= rest.longest for rest, frames in placed)
    moved = sum(frames - rest.ideal for rest, frames in placed)
    for order in (1, 0):
        inside = [(room(rest, moved), abs(frames - rest.ideal)) for rest, frames in placed if rest.order == order]
        given_here, whole = sum(given for _, given in inside), sum(room for room, _ in inside)
        if order == 1 and any(rest.order == 0 and frames != rest.ideal for rest, frames in placed):
            assert given_here == whole
        assert all(abs(given_one * whole - room_one * given_here) < max(whole, 1) for room_one, given_one in inside)


def room(rest: Glue, moved: int) -> int:
    """How far a rest can move the way that all of them do."""
    return rest.longest - rest.ideal if moved > 0 else rest.ideal - rest.shortest


@many
@given(session=sessions(), where=st.one_of(st.none(), fractions))
def test_equal_rests_are_equal(session: Session, where: float | None) -> None:
    """Rests of equal bounds and order, in segments that let them grow alike, differ by one frame at the most."""
    timeline = laid_out(session, where)
    glue = glue_of(session)
    lengths: dict[object, list[int]] = {}
    for placed in timeline.rests:
        rest = glue[placed.rest.place]
        lengths.setdefault((rest.order, rest.shortest, rest.ideal, rest.longest), []).append(placed.frames)
    assert all(max(equal) - min(equal) <= 1 for equal in lengths.values())


@many
@given(session=sessions(), one=fractions, two=fractions)
def test_a_longer_session_loses_nothing(session: Session, one: float, two: float) -> None:
    """Whatever a shorter session says, rings and repeats, a longer one does too, at least as often."""
    shorter, longer = sorted((laid_out(session, one), laid_out(session, two)), key=lambda timeline: timeline.frames)
    for few, more in (
        (shorter.speech, longer.speech),
        (shorter.bells, longer.bells),
    ):
        assert Counter(placed.place for placed in few) <= Counter(placed.place for placed in more)


@many
@given(session=sessions())
def test_feasible_lengths_end_where_arranging_ends(session: Session) -> None:
    """Both ends of each interval can be had; one frame outside can't, and the error's own proposal can."""
    possible = feasible(session.script, session.material)
    assert all(one.max_frames + 1 < two.min_frames for one, two in pairwise(possible))
    rate_hz = session.material.rate_hz
    for interval in possible:
        assert arrange(session.script, session.material, interval.min_frames / rate_hz).frames == interval.min_frames
        assert arrange(session.script, session.material, interval.max_frames / rate_hz).frames == interval.max_frames
        for outside in (interval.min_frames - 1, interval.max_frames + 1):
            with pytest.raises(LengthError) as refused:
                arrange(session.script, session.material, max(outside, 0) / rate_hz)
            arrange(session.script, session.material, proposed_s(refused.value))


def proposed_s(error: LengthError) -> float:
    """The length that an error proposes, in seconds."""
    text = error.hint.removeprefix("The nearest length is --length ")
    minutes, colon, seconds = text.partition(":")
    return int(minutes) * 60 + int(seconds) if colon else float(text.removesuffix("s"))


@many
@given(session=sessions(), target=st.floats(0, 900))
def test_any_length_is_met_or_refused(session: Session, target: float) -> None:
    """Between the feasible lengths there is nothing else: a length is in one of them, or it is refused."""
    frames = round(target * session.material.rate_hz)
    possible = feasible(session.script, session.material)
    if any(interval.min_frames <= frames <= interval.max_frames for interval in possible):
        assert arrange(session.script, session.material, target).frames == frames
    else:
        with pytest.raises(LengthError):
            arrange(session.script, session.material, target)


@many
@given(session=sessions(), where=st.one_of(st.none(), fractions))
def test_the_same_input_gives_the_same_session(session: Session, where: float | None) -> None:
    """A session depends on the values of script and material alone."""
    assert laid_out(session, where) == laid_out(deepcopy(session), where)


@many
@given(session=sessions())
def test_the_tally_is_the_sum(session: Session) -> None:
    """The lengths that are kept up to date stage by stage are those of the session written out."""
    outline = read_outline(session.script, session.material)
    material = session.material
    for stage in stages(outline, material):
        row = read_row(outline, counts_at(outline, stage))
        bell = row.last_bell
        for length, bound in ((stage.shortest, "shortest"), (stage.ideal, "ideal"), (stage.longest, "longest")):
            takes = [thing.frames if isinstance(thing, CueNode) else getattr(thing, bound) for thing in row.things]
            rung = 0
            if bell is not None:
                struck = row.things[bell]
                assert isinstance(struck, CueNode)
                rung = material.head + sum(takes[:bell]) + struck.ring
            assert length == max(material.head + sum(takes) + material.tail, rung)


@many
@given(session=sessions())
def test_additions_enter_in_one_order(session: Session) -> None:
    """Thresholds never fall, rounds above the ideal come last, and what is inside an optional segment after it."""
    outline = read_outline(session.script, session.material)
    steps = list(stages(outline, session.material))
    assert all(one.threshold <= two.threshold for one, two in pairwise(steps))
    beyond = [addition.beyond for addition in outline.additions]
    assert beyond == sorted(beyond)
    entered: set[int] = set()
    around = optional_around(outline.nodes, ())
    for addition in outline.additions:
        entered.add(addition.number)
        assert set(around[addition.number]) <= entered
    for stage in steps[1:]:
        assert stage.addition
        assert stage.threshold >= session.material.frames(stage.addition.from_s)


def optional_around(nodes: tuple[Any, ...], inside: tuple[int, ...]) -> dict[int, tuple[int, ...]]:
    """The optional segments around each Part and Loop."""
    found: dict[int, tuple[int, ...]] = {}
    for node in nodes:
        if isinstance(node, SegmentNode | RepeatNode):
            found[node.number] = inside
            deeper = isinstance(node, SegmentNode) and node.segment.optional is not None
            found |= optional_around(node.nodes, (*inside, node.number) if deeper else inside)
    return found


@many
@given(session=sessions())
def test_without_a_length_every_rest_is_at_its_ideal(session: Session) -> None:
    """A script that names no length, asked for none, has its rests as the author wrote them."""
    timeline = laid_out(session, None)
    glue = glue_of(session)
    assert all(placed.frames == glue[placed.rest.place].ideal for placed in timeline.rests)


triples = st.tuples(*[st.integers(0, 9)] * 3)
joins = st.tuples(st.integers(0, 5), *[st.integers(0, 9)] * 3).filter(lambda join: join[0] or not any(join))
zero = st.just((0, 0, 0))
extents = st.one_of(
    st.builds(RunExtent, joins, st.none(), st.just((0, 0, 0, 0)), st.none(), zero),
    st.builds(RunExtent, joins, triples, joins, st.none(), zero),
    st.builds(RunExtent, joins, triples, joins, st.integers(0, 9), triples),
)


@given(one=extents, two=extents, three=extents)
def test_extents_are_a_monoid(one: RunExtent, two: RunExtent, three: RunExtent) -> None:
    """Extents may be joined in any grouping, and nothing joined to them changes nothing."""
    assert combine(combine(one, two), three) == combine(one, combine(two, three))
    assert combine(NOTHING, one) == one == combine(one, NOTHING)


@given(extent=extents, times=st.integers(0, 9))
def test_a_power_is_a_repetition(extent: RunExtent, times: int) -> None:
    """Repeated squaring gives what joining one by one gives."""
    whole = NOTHING
    for _ in range(times):
        whole = combine(whole, extent)
    assert power(extent, times) == whole


@many
@given(session=sessions(), where=fractions, pick=st.integers(0, 99))
def test_an_excerpt_is_a_piece_of_its_session(session: Session, where: float, pick: int) -> None:
    """It says what its segment says, with the same spacing, between a head and a tail of its own."""
    timeline = laid_out(session, where)
    titled = [span for span in timeline.segments if span.title]
    assume(titled)
    title = titled[pick % len(titled)].title
    span = next(span for span in titled if span.title == title)
    end = span.start_frame + span.frames
    assume(end > session.material.head and span.frames)
    for piece, last in (
        (excerpt(timeline, only=title.upper()), end),
        (excerpt(timeline, start_from=title), timeline.frames),
    ):
        said = [s for s in timeline.speech if span.start_frame <= s.start_frame and s.start_frame + s.frames <= last]
        assert [s.place for s in piece.speech] == [s.place for s in said]
        shifts = {new.start_frame - old.start_frame for new, old in zip(piece.speech, said, strict=True)}
        assert len(shifts) <= 1
        ends = [s.start_frame + s.frames for s in piece.speech] + [r.start_frame + r.frames for r in piece.rests]
        assert all(stop + session.material.tail <= piece.frames for stop in ends)
        assert all(bell.frames == session.material.bell_frames[bell.name] for bell in piece.bells[-1:])
        outer = [part for part in piece.segments if part.depth == 0]
        assert outer[0].start_frame == 0
        assert sum(part.frames for part in outer) == piece.frames
