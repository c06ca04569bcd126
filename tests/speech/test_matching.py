from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breathmark.takes.matching import MatchStep, expected_s, match
from breathmark.takes.segments import SpeechSegment

LENGTHS = (1.0, 4.0, 2.0, 6.0, 1.5, 3.0, 5.0, 0.8, 2.5, 4.5)


def row(lengths: list[float], rest_s: float = 2.0, pace: float = 1.2) -> list[SpeechSegment]:
    """Speech segments with rests between them."""
    segments, at = [], 1.0
    for length in lengths:
        segments.append(SpeechSegment(start_s=at, end_s=at + length * pace))
        at = segments[-1].end_s + rest_s
    return segments


def unlike(_before: int, _first: int, _last: int) -> float:
    """Nothing sounds like anything."""
    return -5.0


def kinds(steps: tuple[MatchStep, ...], kind: str) -> list[int]:
    """The sentences of one kind of step."""
    return [step.sentence for step in steps if step.kind == kind]


@pytest.mark.parametrize("left_out", range(len(LENGTHS)))
def test_lengths_alone_tell_which_was_skipped(left_out: int) -> None:
    """Where neighbours differ in length, at whatever pace."""
    steps = match(row([each for at, each in enumerate(LENGTHS) if at != left_out]), LENGTHS, unlike)
    assert kinds(steps, "skipped") == [left_out]
    assert kinds(steps, "read") == [at for at in range(len(LENGTHS)) if at != left_out]


def test_of_equal_lengths_nobody_can_tell() -> None:
    """One of ten was left out: whichever is named, the steps are far from sure."""
    steps = match(row([2.0] * 9), [2.0] * 10, unlike)
    assert len(kinds(steps, "skipped")) == 1
    assert min(step.posterior for step in steps if step.kind == "read") < 0.6


def test_what_sounds_the_same_was_read_again() -> None:
    """The second reading is reported as such."""
    lengths = [*LENGTHS[:4], LENGTHS[3], *LENGTHS[4:]]
    steps = match(row(lengths), LENGTHS, lambda _before, first, _last: 5.0 if first == 4 else -5.0)
    assert kinds(steps, "again") == [3]
    assert kinds(steps, "read") == list(range(len(LENGTHS)))


def test_a_false_start_is_left_out() -> None:
    """Half of a sentence, as long as the one before it, and then the whole: it is neither of them."""
    lengths = [*LENGTHS[:3], 2.0, *LENGTHS[3:]]
    without = match(row(lengths), LENGTHS, unlike)
    assert kinds(without, "extra") == []
    steps = match(row(lengths), LENGTHS, unlike, begins=lambda first, _last: 5.0 if first == 3 else -6.0)
    assert [(step.first, step.last) for step in steps if step.kind == "extra"] == [(3, 4)]
    assert kinds(steps, "again") == []
    assert kinds(steps, "read") == list(range(len(LENGTHS)))
    assert min(step.posterior for step in steps if step.kind == "read") > 0.9


def test_pauses_inside_a_sentence_do_not_part_it() -> None:
    """They are shorter than those between sentences."""
    segments = row(list(LENGTHS))
    split = [
        part
        for whole in segments
        for part in (
            SpeechSegment(start_s=whole.start_s, end_s=whole.start_s + whole.duration_s * 0.4),
            SpeechSegment(start_s=whole.start_s + whole.duration_s * 0.4 + 0.15, end_s=whole.end_s),
        )
    ]
    steps = match(split, LENGTHS, unlike)
    assert [(step.first, step.last) for step in steps] == [(at, at + 2) for at in range(0, 20, 2)]


def test_nothing_is_found_in_silence() -> None:
    """All are skipped; and without a sheet, nothing is anything."""
    assert kinds(match([], [1.0, 2.0], unlike), "skipped") == [0, 1]
    assert match(row([1.0]), [], unlike) == ()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0.1, 8.0), min_size=1, max_size=14),
    st.lists(st.floats(0.1, 8.0), min_size=1, max_size=10),
    st.floats(0.12, 5.0),
)
def test_every_segment_and_every_sentence_has_its_step(heard: list[float], sheet: list[float], rest_s: float) -> None:
    """Once, in order, whatever the recording is; and its posterior is a probability."""
    steps = match(row(heard, rest_s), sheet, unlike)
    taken = [step for step in steps if step.kind != "skipped"]
    assert [step.first for step in taken] == [0, *(step.last for step in taken)][:-1]
    assert taken[-1].last == len(heard)
    assert sorted(kinds(steps, "read") + kinds(steps, "skipped")) == list(range(len(sheet)))
    assert all(one.sentence <= two.sentence for one, two in pairwise(taken) if "extra" not in (one.kind, two.kind))
    assert all(0 <= step.posterior <= 1 for step in steps)


def test_longer_texts_take_longer() -> None:
    """Commas and digits count."""
    assert expected_s("One.") < expected_s("One, two.") < expected_s("One, two, 1000.")
