"""The length solver's rules, each on a script small enough to follow by hand."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Literal

import pytest

from breathmark.base.errors import LengthError, RequestError, ScriptError
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
from breathmark.solver import Material, arrange, excerpt, feasible, lengths_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.model import Item, Kind, RestLevel, Timeline


@dataclass(frozen=True, kw_only=True)
class Session:
    """What the solver is given."""

    script: Script
    material: Material


def utterance(text: str) -> Utterance:
    """A sentence in the session's own voice."""
    return Utterance(text=text, caption=text, voice="", speed=1.0, language="en")


@dataclass(frozen=True)
class Hand:
    """Writes scripts in few words; every item gets a line of its own. Sentence ``n`` takes n seconds, at 1000 Hz."""

    lines: Iterator[int]

    def place(self) -> Place:
        """The next line."""
        return Place(path="hand.yaml", line=next(self.lines), column=1)

    def say(self, seconds: float) -> Say:
        """A sentence."""
        return Say(utterance=utterance(f"{seconds:g}"), place=self.place())

    def rest(
        self, low: float, ideal: float, high: float, level: RestLevel = "explicit", order: Literal[0, 1] = 0
    ) -> Rest:
        """A rest."""
        return Rest(range=Range(min_s=low, ideal_s=ideal, max_s=high), order=order, level=level, place=self.place())

    def bell(self, name: str = "bowl") -> Bell:
        """A strike; the bowl rings for 15 s, the chime for 3 s."""
        return Bell(name=name, place=self.place())

    def phase(self, seconds: float, cue: Say | Bell | None = None) -> Phase:
        """A phase of a guided breath."""
        return Phase(duration_s=seconds, cue=cue, place=self.place())

    def rounds(self, low: int, ideal: int, high: int, *items: Item) -> Rounds:
        """A repeat's body."""
        return Rounds(count=Count(min=low, ideal=ideal, max=high), items=items, place=self.place())

    def segment(
        self, title: str, *items: Item, kind: Kind = "practice", optional: EntryCondition | None = None
    ) -> Segment:
        """A segment."""
        return Segment(title=title, kind=kind, items=items, place=self.place(), optional=optional)

    def session(self, *segments: Segment, length: tuple[float, float, float] | None = None) -> Session:
        """A script with its material."""
        bounds = Range(min_s=length[0], ideal_s=length[1], max_s=length[2]) if length else None
        script = Script(
            path="hand.yaml",
            title="Hand",
            language="en",
            segments=segments,
            ambience=Ambience(sound="none", below_voice_lu=20.0, swell_lu=4.0),
            length=bounds,
        )
        clips = {utterance(f"{seconds / 2:g}"): seconds * 500 for seconds in range(1, 200)}
        bells = {"bowl": 15_000, "chime": 3_000}
        return Session(script=script, material=Material(clip_frames=clips, bell_frames=bells, rate_hz=1000))


@pytest.fixture
def hand() -> Hand:
    """Writes scripts in few words."""
    return Hand(count(1))


def rests_s(timeline: Timeline) -> list[float]:
    """The rests, in seconds."""
    return [placed.frames / timeline.rate_hz for placed in timeline.rests]


def titles(timeline: Timeline) -> list[str]:
    """The segments that sound, in order."""
    return [span.title for span in timeline.segments]


def lengths_of(session: Session) -> list[str]:
    """The feasible lengths as they are printed."""
    return [str(interval) for interval in feasible(session.script, session.material)]


def test_explicit_rests_add_up_and_replace_implied_ones(hand: Hand) -> None:
    """At one join two written rests both count, and neither a sentence's nor a segment's rest beside them does."""
    one = hand.segment(
        "One", hand.say(2), hand.rest(9, 9, 9, "sentence"), hand.rest(3, 3, 3), hand.rest(7, 7, 7, "segment")
    )
    two = hand.segment("Two", hand.rest(5, 5, 5), hand.say(2), hand.rest(7, 7, 7, "segment"))
    session = hand.session(one, two)
    assert rests_s(arrange(session.script, session.material)) == [3, 5]


def test_of_implied_rests_the_highest_level_applies(hand: Hand) -> None:
    """Bell over segment over paragraph over sentence, whatever their lengths; of one level the largest."""
    levels: tuple[tuple[RestLevel, float], ...] = (("sentence", 9), ("paragraph", 8), ("segment", 7), ("bell", 6))
    for end in range(1, 5):
        rests = [hand.rest(length, length, length, level) for level, length in levels[:end]]
        session = hand.session(hand.segment("", hand.say(2), *rests, hand.say(2)))
        assert rests_s(arrange(session.script, session.material)) == [levels[end - 1][1]]
    twice = [hand.rest(length, length, length, "segment") for length in (2, 4, 3)]
    session = hand.session(hand.segment("", hand.say(2), *twice, hand.say(2)))
    assert rests_s(arrange(session.script, session.material)) == [4]


def test_at_the_ends_only_written_rests_stay(hand: Hand) -> None:
    """A rest that the author wrote before the first or after the last cue stays; an implied one does not."""
    first = hand.segment("", hand.rest(2, 2, 2, "paragraph"), hand.rest(4, 4, 4), hand.say(3))
    last = hand.segment(
        "", hand.rest(1, 1, 1, "segment"), hand.say(3), hand.rest(5, 5, 5), hand.rest(2, 2, 2, "segment")
    )
    session = hand.session(first, last)
    timeline = arrange(session.script, session.material)
    assert rests_s(timeline) == [4, 1, 5]
    assert timeline.duration_s == 1 + 4 + 3 + 1 + 3 + 5 + 4


def test_a_session_without_a_cue_is_its_silence(hand: Hand) -> None:
    """Written silence alone is a session, and nothing at all is head and tail."""
    session = hand.session(hand.segment("Sit", hand.rest(20, 60, 300, order=1), kind="silence"))
    assert arrange(session.script, session.material, 120).rests[0].frames == 115_000
    empty = hand.session()
    assert arrange(empty.script, empty.material).duration_s == 5
    assert lengths_of(empty) == ["0:05"]


def test_the_last_bell_rings_out_beside_its_rest(hand: Hand) -> None:
    """The end waits for whichever takes longer: the ring, or the written rest and the fade behind it."""
    for rest, expected in ((hand.rest(6, 6, 6), 15), (hand.rest(20, 20, 20), 24), (hand.rest(6, 6, 6, "bell"), 15)):
        session = hand.session(hand.segment("", hand.say(2), hand.rest(1, 1, 1), hand.bell(), rest))
        timeline = arrange(session.script, session.material)
        assert timeline.duration_s == 1 + 2 + 1 + expected
        assert timeline.bells[0].frames == 15_000


def test_a_last_bell_rings_under_the_speech_after_it(hand: Hand) -> None:
    """Speech after the last bell uses up its ring; rests give way so that it rings out inside the length asked for."""
    bell = (hand.bell(), hand.rest(1, 5, 9, "bell"))
    session = hand.session(hand.segment("", hand.say(2), hand.rest(1, 5, 9), *bell, hand.say(2)))
    shortest = arrange(session.script, session.material, 19)
    assert rests_s(shortest) == pytest.approx([1, 1], abs=0.001)
    assert shortest.bells[0].start_frame + 15_000 == shortest.frames
    middle = arrange(session.script, session.material, 23)
    assert rests_s(middle) == pytest.approx([5, 5], abs=0.001)
    assert lengths_of(session) == ["0:19 to 0:27"]


def test_earlier_bells_end_with_the_session(hand: Hand) -> None:
    """Only the last bell is waited for; one before it is cut where the session ends."""
    session = hand.session(hand.segment("", hand.bell(), hand.rest(2, 2, 2), hand.bell("chime"), hand.say(1)))
    timeline = arrange(session.script, session.material)
    assert timeline.duration_s == 1 + 2 + 1 + 4
    assert [bell.frames for bell in timeline.bells] == [7_000, 3_000]


def test_a_phase_lasts_exactly_what_it_says(hand: Hand) -> None:
    """Guided breaths keep their time at every length, with the cue at the start of its phase."""
    breath = hand.rounds(2, 2, 2, hand.phase(4, hand.say(1)), hand.phase(6, hand.say(1.5)))
    session = hand.session(hand.segment("", breath, hand.rest(0, 2, 9), hand.say(1)))
    for target in (26, 28, 35):
        starts = [spoken.start_frame / 1000 for spoken in arrange(session.script, session.material, target).speech]
        assert starts[:4] == [1, 5, 11, 15]


def test_a_cue_longer_than_its_phase_is_an_error_with_its_place(hand: Hand) -> None:
    """Every such phase is reported at once, with both figures and what to do."""
    breath = hand.rounds(1, 1, 1, hand.phase(2, hand.say(3)), hand.phase(1, hand.say(1.5)), hand.phase(9, hand.say(9)))
    session = hand.session(hand.segment("", breath))
    with pytest.raises(ScriptError) as refused:
        feasible(session.script, session.material)
    lines = str(refused.value).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(
        "hand.yaml:2:1: error: “3” takes 3.0 s to say, but the phase lasts 2 s (give the phase more time"
    )


def test_order_one_gives_and_takes_first(hand: Hand) -> None:
    """A silence is at its bound before any other rest moves, in both directions."""
    items = (hand.say(1), hand.rest(2, 4, 8), hand.say(1), hand.rest(5, 20, 60, order=1), hand.say(1))
    session = hand.session(hand.segment("", *items))
    for target, expected in ((32, [4, 20]), (50, [4, 38]), (72, [4, 60]), (74, [6, 60]), (17, [4, 5]), (16, [3, 5])):
        assert rests_s(arrange(session.script, session.material, target)) == expected


@pytest.mark.parametrize("kind", ["opening", "teach", "evoke", "ground", "close"])
def test_where_silence_would_be_out_of_place_rests_do_not_grow(hand: Hand, kind: Kind) -> None:
    """In these kinds a rest may shrink, but never passes its ideal; in a practice inside one it may."""
    inner = hand.segment("In", hand.say(1), hand.rest(1, 2, 9), hand.say(1))
    session = hand.session(hand.segment("Out", hand.say(1), hand.rest(1, 3, 9), inner, kind=kind))
    assert rests_s(arrange(session.script, session.material, 20)) == [3, 9]
    assert rests_s(arrange(session.script, session.material, 10)) == [1, 1]
    assert "“Out”" in feasible(session.script, session.material)[0].max_binds


def test_additions_enter_by_from_then_priority_then_place(hand: Hand) -> None:
    """The lower `from` enters first, of equals the lower priority, of equals what stands earlier."""
    entries = {
        "a": EntryCondition(from_s=9.0),
        "b": EntryCondition(priority=2),
        "c": EntryCondition(priority=1),
        "d": EntryCondition(priority=1),
    }
    parts = [
        hand.segment(title, hand.say(2), hand.rest(2, 2, 2, "segment"), optional=entry)
        for title, entry in entries.items()
    ]
    session = hand.session(hand.segment("x", hand.say(2), hand.rest(2, 2, 2, "segment")), *parts)
    found = [titles(arrange(session.script, session.material, target)) for target in (7, 11, 15, 19, 23)]
    assert found == [["x"], ["x", "c"], ["x", "c", "d"], ["x", "b", "c", "d"], ["x", "a", "b", "c", "d"]]


def test_an_optional_segment_never_enters_before_its_from(hand: Hand) -> None:
    """From is kept to the frame, also where the session would rather have the segment earlier."""
    more = hand.segment("More", hand.say(2), optional=EntryCondition(from_s=60))
    session = hand.session(hand.segment("Sit", hand.say(2), hand.rest(5, 10, 200, order=1)), more)
    assert titles(arrange(session.script, session.material, 59.999)) == ["Sit"]
    assert titles(arrange(session.script, session.material, 60)) == ["Sit", "More"]


def test_a_segment_enters_at_the_midpoint_of_the_ideals(hand: Hand) -> None:
    """Without it the ideal is 17 s, with it 29 s: from 23 s on it is in, and rests are shorter again."""
    parts = [
        hand.segment(title, hand.say(2), hand.rest(1, 10, 30), optional=entry)
        for title, entry in (("One", None), ("Two", EntryCondition()))
    ]
    session = hand.session(*parts)
    assert titles(arrange(session.script, session.material, 22.999)) == ["One"]
    assert titles(arrange(session.script, session.material, 23)) == ["One", "Two"]


def test_a_segment_enters_where_the_session_can_not_grow_without_it(hand: Hand) -> None:
    """Without it 7 s is all there is; with it the ideal is 39 s, the midpoint 23, but from 10 s on it is in."""
    more = hand.segment("More", hand.say(2), hand.rest(1, 30, 30), optional=EntryCondition())
    session = hand.session(hand.segment("Talk", hand.say(2)), more)
    assert lengths_of(session) == ["0:07", "0:10 to 0:39"]
    assert titles(arrange(session.script, session.material, 10)) == ["Talk", "More"]


def test_rounds_above_the_ideal_come_after_everything_else(hand: Hand) -> None:
    """First all rounds up to the author's ideal and all optional segments, only then more rounds."""
    body = hand.segment("Round", hand.say(2), hand.rest(2, 2, 2, "segment"))
    session = hand.session(
        hand.segment("All", hand.rounds(1, 2, 3, body)),
        hand.segment("More", hand.say(2), optional=EntryCondition(from_s=10.0, priority=9)),
    )
    found = [titles(arrange(session.script, session.material, target)) for target in (7, 11, 15, 19)]
    assert found == [
        ["All", "Round"],
        ["All", "Round", "Round"],
        ["All", "Round", "Round", "More"],
        ["All", "Round", "Round", "Round", "More"],
    ]
    spans = arrange(session.script, session.material, 19).segments
    assert [(span.depth, span.round, span.optional) for span in spans] == [
        (0, 0, False), (1, 0, False), (1, 1, True), (1, 2, True), (0, 0, True)
    ]  # fmt: skip


def test_an_optional_segment_inside_a_repeat_is_in_all_rounds_or_none(hand: Hand) -> None:
    """It enters every round at once."""
    inner = hand.segment("Aside", hand.say(1), optional=EntryCondition(from_s=20))
    session = hand.session(hand.segment("", hand.rounds(3, 3, 3, hand.segment("Round", hand.say(2), inner))))
    found = feasible(session.script, session.material)
    assert [str(interval) for interval in found] == ["0:11"]
    grown = replace(session.script, segments=(hand.segment("Sit", hand.rest(0, 9, 99)), *session.script.segments))
    assert titles(arrange(grown, session.material, 21.5)).count("Aside") == 3
    assert titles(arrange(grown, session.material, 21.4)).count("Aside") == 0


def test_a_hole_is_named_with_what_makes_it(hand: Hand) -> None:
    """Between two intervals the error says what binds on either side and proposes the nearer end."""
    more = hand.segment("Second round", hand.say(30), hand.rest(5, 5, 5, "segment"), optional=EntryCondition())
    session = hand.session(more, hand.segment("Welcome", hand.say(20), hand.rest(2, 3, 4), hand.say(3)))
    assert lengths_of(session) == ["0:30 to 0:32", "1:05 to 1:07"]
    with pytest.raises(LengthError) as refused:
        arrange(session.script, session.material, 50)
    assert refused.value.message == (
        "0:50 can't be reached. Possible lengths: 0:30 to 0:32, or 1:05 to 1:07. "
        "Above 0:32: without “Second round” every rest is at its longest. "
        "Below 1:05: with “Second round” it takes 1:05 at the least."
    )
    assert refused.value.hint == "The nearest length is --length 1:05"
    with pytest.raises(LengthError, match=r"^1:04\.996 can't be reached\. Possible lengths:"):
        arrange(session.script, session.material, 64.996)


def test_too_short_a_length_is_refused_with_what_takes_the_time(hand: Hand) -> None:
    """The message says how long the speech alone is, and in which segments the rests are."""
    session = hand.session(hand.segment("Welcome", hand.say(90), hand.rest(2, 3, 4), hand.say(3)))
    with pytest.raises(
        LengthError, match=r"Below 1:40: speech alone takes 1:33 and every rest.*“Welcome” 0:02"
    ) as refused:
        arrange(session.script, session.material, 60)
    assert refused.value.hint == "The nearest length is --length 1:40"


def test_the_author_has_the_last_word_on_lengths(hand: Hand) -> None:
    """What could be laid out, but lies outside `length:`, is refused; without a target the author's ideal is taken."""
    silence = hand.segment("Sit", hand.say(1), hand.rest(0, 60, 900, order=1), hand.say(1))
    session = hand.session(silence, length=(300, 420, 600))
    assert arrange(session.script, session.material).duration_s == 420
    assert lengths_of(session) == ["5:00 to 10:00"]
    with pytest.raises(LengthError, match="Above 10:00: the script's `length:` ends there"):
        arrange(session.script, session.material, 601)


def test_a_length_that_no_sentence_fits_is_explained(hand: Hand) -> None:
    """Where nothing inside `length:` can be reached, the error says what the script really takes."""
    session = hand.session(hand.segment("Talk", hand.say(90)), length=(10, 20, 30))
    with pytest.raises(LengthError, match=r"0:20 can't be reached.*it takes 1:35") as refused:
        arrange(session.script, session.material)
    assert "Widen `length:`" in refused.value.hint
    assert feasible(session.script, session.material) == ()


def test_a_length_finer_than_a_second_is_proposed_where_nothing_else_fits(hand: Hand) -> None:
    """A session of fixed length is proposed with as many digits as it needs."""
    session = hand.session(hand.segment("", hand.say(2.5)))
    with pytest.raises(LengthError) as refused:
        arrange(session.script, session.material, 60)
    assert refused.value.hint == "The nearest length is --length 7.5s"


@pytest.mark.parametrize("target", [-1.0, float("nan"), float("inf")])
def test_what_is_no_length_is_refused(hand: Hand, target: float) -> None:
    """Such targets are the caller's fault, and are called so."""
    session = hand.session(hand.segment("", hand.say(2)))
    with pytest.raises(RequestError):
        arrange(session.script, session.material, target)


def test_a_segment_hands_its_ambience_to_those_inside(hand: Hand) -> None:
    """A span carries the ambience of the nearest segment that names one, else the script's."""
    sea = Ambience(sound="slow-sea", below_voice_lu=20.0, swell_lu=4.0)
    inner = hand.segment("In", hand.say(1))
    session = hand.session(replace(hand.segment("Out", inner), ambience=sea), hand.segment("After", hand.say(1)))
    sounds = [span.ambience.sound for span in arrange(session.script, session.material).segments]
    assert sounds == ["slow-sea", "slow-sea", "none"]


def test_a_near_miss_of_a_title_is_proposed(hand: Hand) -> None:
    """A wrong title names the one that was meant, or all there are."""
    session = hand.session(hand.segment("Welcome", hand.say(1)), hand.segment("Resting", hand.say(1)))
    timeline = arrange(session.script, session.material)
    for wrong, hint in (("wellcome", "did you mean “Welcome”?"), ("xyz", "available: “Welcome”, “Resting”")):
        with pytest.raises(RequestError) as refused:
            excerpt(timeline, only=wrong)
        assert refused.value.hint == hint
    with pytest.raises(RequestError, match="either"):
        excerpt(timeline, only="Welcome", start_from="Resting")
    assert excerpt(timeline) is timeline


def test_a_segment_of_longer_sessions_is_told_with_its_length(hand: Hand) -> None:
    """Inside of a repeat and of an optional segment, too; the length is one that has it."""
    inner = hand.segment("Inner", hand.say(3))
    late = replace(hand.segment("Late", hand.say(1), inner), optional=EntryCondition(from_s=90, priority=1))
    session = hand.session(hand.segment("Welcome", hand.say(1), hand.rest(1, 20, 600)), late)
    later = lengths_with(session.script, session.material)
    assert (later["Welcome"] < 30_000, later["Late"], later["Inner"]) == (True, 90_000, 90_000)
    timeline = arrange(session.script, session.material, 60)
    for title in ("late", "Inner"):
        with pytest.raises(RequestError, match="comes into sessions from 1:30 on") as refused:
            excerpt(timeline, only=title, later=later)
        assert refused.value.hint == "ask for --length 1:30 or more"
    longer = arrange(session.script, session.material, 90)
    assert excerpt(longer, only="late", later=later).segments[0].title == "Late"


def test_two_thousand_cues_are_laid_out_within_a_sixth_of_a_second(hand: Hand) -> None:
    """With 300 optional segments and 300 rounds; a sentence of Piper takes about 0.15 s on one core."""
    segments = []
    for i in range(400):
        items = [part for _ in range(5) for part in (hand.say(1 + i % 9), hand.rest(1, 2, 4, "sentence"))]
        inner = hand.segment(f"{i}", *items, hand.rest(2, 5, 9, order=1))
        entry = EntryCondition(from_s=i % 7 * 60.0, priority=i % 3) if i % 4 else None
        whole = inner if i % 4 else hand.segment("", hand.rounds(1, 2, 4, inner))
        segments.append(replace(whole, optional=entry))
    session = hand.session(*segments, hand.segment("", hand.bell(), hand.rest(6, 9, 12, "bell")))
    took = []
    for target in (2 * 3600, 4 * 3600, 5 * 3600):
        start = time.process_time()
        arrange(session.script, session.material, target)
        took.append(time.process_time() - start)
    assert min(took) < 0.15
