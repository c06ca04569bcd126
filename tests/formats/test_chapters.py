"""Where chapters begin and end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breathmark.formats.deliver import crowded
from breathmark.formats.presets import preset_for
from breathmark.timeline.chapters import MIN_CHAPTER_S, chapters, chapters_json, labels

from .material import RATE_HZ, SCRIPT, laid_out, span

if TYPE_CHECKING:
    from breathmark.model import SegmentSpan

TOTAL = 60 * RATE_HZ


def titles_and_seconds(segments: tuple[SegmentSpan, ...]) -> list[tuple[str, float, float]]:
    """The chapters of a minute."""
    marks = chapters(laid_out(TOTAL, segments=segments))
    return [(mark.title, mark.start_frame / RATE_HZ, mark.end_frame / RATE_HZ) for mark in marks]


def test_the_first_starts_at_0_and_the_last_ends_at_the_end() -> None:
    """Head and tail belong to the chapters beside them."""
    assert titles_and_seconds((span(1, 20, "A"), span(20, 55, "B"))) == [("A", 0, 20), ("B", 20, 60)]


def test_untitled_segments_belong_to_the_one_before() -> None:
    """And those before the first titled one to that."""
    segments = (span(1, 8, ""), span(8, 20, "A"), span(20, 30, " "), span(30, 55, "B"))
    assert titles_and_seconds(segments) == [("A", 0, 30), ("B", 30, 60)]


def test_rounds_are_one_chapter() -> None:
    """What lies inside a segment is none, however often it comes."""
    rounds = tuple(span(20 + 10 * turn, 30 + 10 * turn, "Breath", depth=1, turn=turn) for turn in range(3))
    segments = (span(1, 20, "A"), span(20, 50, "Breaths"), *rounds, span(50, 56, "B"))
    assert titles_and_seconds(segments) == [("A", 0, 20), ("Breaths", 20, 50), ("B", 50, 60)]


def test_none_is_shorter_than_five_seconds() -> None:
    """A short one is merged into the one before it."""
    assert titles_and_seconds((span(1, 20, "A"), span(20, 24.9, "Short"), span(24.9, 55, "B"))) == [
        ("A", 0, 24.9),
        ("B", 24.9, 60),
    ]


def test_a_short_first_one_is_merged_into_the_next() -> None:
    """So that the next starts at 0."""
    assert titles_and_seconds((span(1, 4, "Short"), span(4, 55, "B"))) == [("B", 0, 60)]


def test_a_session_without_titles_has_none() -> None:
    """And one with nothing but a short title has that one."""
    assert titles_and_seconds((span(1, 50, ""),)) == []
    marks = chapters(laid_out(3 * RATE_HZ, segments=(span(1, 2, "A"),)))
    assert [(mark.title, mark.start_frame, mark.end_frame) for mark in marks] == [("A", 0, 3 * RATE_HZ)]


@given(st.lists(st.tuples(st.floats(0.1, 30), st.sampled_from(["", "A", "B"])), max_size=12))
def test_they_tile_the_session(parts: list[tuple[float, str]]) -> None:
    """Without a gap, from 0 to the end, and none under five seconds unless it is the only one."""
    start, segments = 1.0, []
    for length, title in parts:
        segments.append(span(start, start + length, title))
        start += length
    total = round((start + 4) * RATE_HZ)
    marks = chapters(laid_out(total, segments=tuple(segments)))
    assert bool(marks) == any(title for _, title in parts)
    if marks:
        assert [mark.start_frame for mark in marks] == [0, *(mark.end_frame for mark in marks[:-1])]
        assert marks[-1].end_frame == total
    if len(marks) > 1:
        assert min(mark.end_frame - mark.start_frame for mark in marks) >= MIN_CHAPTER_S * RATE_HZ


@pytest.mark.parametrize("most", [1, 7, 255])
def test_no_more_than_a_file_has_room_for(most: int) -> None:
    """The longer ones stay, and still they tile the session."""
    segments = tuple(span(10 * n, 10 * n + (10 if n % 2 else 6), f"Part {n}") for n in range(300))
    short = tuple(span(10 * n + 6, 10 * n + 10, "") for n in range(0, 300, 2))
    whole = laid_out(3000 * RATE_HZ, segments=tuple(sorted((*segments, *short), key=lambda each: each.start_frame)))
    marks = chapters(whole, most)
    assert len(marks) == most
    assert [mark.start_frame for mark in marks] == [0, *(mark.end_frame for mark in marks[:-1])]
    assert marks[-1].end_frame == whole.frames
    assert len(chapters(whole)) == len(chapters(whole, 300)) == 300


@pytest.mark.parametrize("count", [256, 300, 1000])
def test_chapters_of_one_length_are_merged_evenly(count: int) -> None:
    """None grows at the cost of the others."""
    segments = tuple(span(12 * n, 12 * n + 12, f"Part {n}") for n in range(count))
    marks = chapters(laid_out(12 * count * RATE_HZ, segments=segments), 255)
    assert len(marks) == 255
    longest = max(mark.end_frame - mark.start_frame for mark in marks)
    assert longest <= 4 * (count // 255 + 1) * 12 * RATE_HZ / 2


@pytest.mark.parametrize(("suffix", "most"), [(".mp3", 255), (".wav", 255), (".opus", 1000), (".flac", 1000)])
def test_too_many_for_a_format_are_a_warning_before_the_render(suffix: str, most: int) -> None:
    """With both numbers, and with a format that has room for them."""
    segments = tuple(span(10 * n, 10 * n + 10, f"Part {n}") for n in range(most + 1))
    session = laid_out(10 * (most + 1) * RATE_HZ, segments=segments)
    (warning,) = crowded(SCRIPT, session, preset_for("podcast", suffix))
    assert (warning.severity, f"{most + 1} chapters" in warning.message, str(most) in warning.message) == (
        "warning",
        True,
        True,
    )
    assert ".m4b" in warning.hint
    assert crowded(SCRIPT, session, preset_for("podcast", ".m4b")) == ()
    fewer = laid_out(10 * most * RATE_HZ, segments=segments[:-1])
    assert crowded(SCRIPT, fewer, preset_for("podcast", suffix)) == ()


def test_they_are_written_for_podcasts_and_for_audacity() -> None:
    """Seconds in both; a label's name holds no tab."""
    marks = chapters(laid_out(TOTAL, segments=(span(1, 20.5, "A\t&"), span(20.5, 55, "茶"))))
    data = json.loads(chapters_json(marks, RATE_HZ))
    assert data["version"] == "1.2.0"
    assert data["chapters"] == [
        {"startTime": 0.0, "endTime": 20.5, "title": "A &"},
        {"startTime": 20.5, "endTime": 60.0, "title": "茶"},
    ]
    assert labels(marks, RATE_HZ) == "0.000000\t20.500000\tA &\n20.500000\t60.000000\t茶\n"
