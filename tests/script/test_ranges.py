from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breathmark.model import Count, Range
from breathmark.script.ranges import MAX_COUNT, MAX_DURATION_S, parse_count, parse_duration, parse_range


def _range(min_s: float, ideal_s: float, max_s: float) -> Range:
    return Range(min_s=min_s, ideal_s=ideal_s, max_s=max_s)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10m", 600),
        ("7:30", 450),
        ("1:02:03", 3723),
        ("90", 90),
        ("90s", 90),
        ("90 sec", 90),
        ("1 second", 1),
        ("2 minutes", 120),
        ("1h", 3600),
        ("1h 30m", 5400),
        ("1m30s", 90),
        ("1h 5m", 3900),
        ("1m 90s", 150),
        ("500ms", 0.5),
        ("0.5s", 0.5),
        (".5 S", 0.5),
        (" 2 MIN ", 120),
        ("24h", 86400),
    ],
)
def test_every_spelling_of_a_time_is_read(text: str, seconds: float) -> None:
    """Each unit, clock time, compounds, decimals, spaces and any case give the same seconds."""
    assert parse_duration(text) == pytest.approx(seconds, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3s..5s..12s", _range(3, 5, 12)),
        ("3s..5s", _range(3, 4, 5)),
        ("3..5..12s", _range(3, 5, 12)),
        ("1..2m", _range(60, 90, 120)),
        ("30s..2..5m", _range(30, 120, 300)),
        ("1m..90", _range(60, 75, 90)),
        ("5..10", _range(5, 7.5, 10)),
        ("5m..7:30..10m", _range(300, 450, 600)),
        ("3s .. 5s .. 12s", _range(3, 5, 12)),
        ("1.5..3", _range(1.5, 2.25, 3)),
        ("5s", _range(2.5, 5, 15)),
        ("1s", _range(1, 1, 1)),
        ("0.8s", _range(0.8, 0.8, 0.8)),
        ("5s!", _range(5, 5, 5)),
        ("7:30 !", _range(450, 450, 450)),
        ("0s..0s..10m", _range(0, 0, 600)),
        ("20h", _range(36000, 72000, 86400)),
    ],
)
def test_ranges_mean_what_the_reference_says(text: str, expected: Range) -> None:
    """Ideal in the middle, units from the right, half to three times, exact up to a second and with `!`."""
    assert parse_range(text) == expected


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("", "a value is missing"),
        ("3s..", "a value is missing"),
        ("5 sconds", "`sconds` is not a unit"),
        ("3-5s", "two dots"),
        ("3–5s", "two dots"),  # noqa: RUF001 (the dash that word processors make)
        ("3…5s", "two dots"),
        ("3...5s", "two dots"),
        ("3s to 5s", "two dots"),
        ("2,5s", "with a point"),
        ("-3s", "negative"),
        ("5s..3s", "have to grow"),
        ("3s..5s..4s", "have to grow"),
        ("1..2..3..4", "at most three values"),
        ("3s..5s!", "single value"),
        ("25h", "24 hours"),
        ("9" * 79, "24 hours"),
        ("9" * 5000, "write a time"),
        ("1e5", "write a time"),
        ("12 34s", "write a time"),
        ("٣s", "write a time"),
        ("7:75", "write a time"),
        ("nan", "write a time"),
        ("3s 4s", "two lengths"),
        ("30s 1m", "descending units"),
        ("1m 30s 5s..2m", "two lengths"),
    ],
)
def test_what_is_no_range_is_refused_with_advice(text: str, advice: str) -> None:
    """Each way in which authors get it wrong has its own advice, and no figure reads past the bounds."""
    with pytest.raises(ValueError, match=advice):
        parse_range(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3..6..12", Count(min=3, ideal=6, max=12)),
        ("3..8", Count(min=3, ideal=5, max=8)),
        ("3", Count(min=3, ideal=3, max=3)),
        ("3!", Count(min=3, ideal=3, max=3)),
    ],
)
def test_counts_are_whole_and_a_single_one_is_exact(text: str, expected: Count) -> None:
    """A round isn't glue: `repeat: 3` is three rounds at every length."""
    assert parse_count(text) == expected


@pytest.mark.parametrize("text", ["0", "2.5", "5..2", str(MAX_COUNT + 1), "", "3s", "1..2!", "-1", "9" * 70])
def test_what_is_no_count_is_refused(text: str) -> None:
    """Fractions, units, zero and what is out of bounds are faults."""
    with pytest.raises(ValueError, match="`"):
        parse_count(text)


@settings(deadline=None)
@given(st.text(alphabet="0123456789.: !msh-,", max_size=24) | st.text(max_size=100))
def test_any_text_is_a_range_or_a_value_error(text: str) -> None:
    """Whatever stands there, the result is ordered and bounded, or the fault is a ValueError with a short message."""
    try:
        found = parse_range(text)
    except ValueError as exc:
        assert len(str(exc)) < 200  # noqa: PT017 (both outcomes are right; the message is bounded)
    else:
        assert 0 <= found.min_s <= found.ideal_s <= found.max_s <= MAX_DURATION_S


@settings(deadline=None)
@given(st.lists(st.integers(0, 80000), min_size=3, max_size=3).map(sorted), st.sampled_from(["s", "ms", " sec"]))
def test_three_values_come_back_in_order(values: list[int], unit: str) -> None:
    """What is written in order is read as it is, the unit of the last one for all."""
    scale = 0.001 if unit == "ms" else 1.0
    found = parse_range(f"{values[0]}..{values[1]}..{values[2]}{unit}")
    assert [found.min_s, found.ideal_s, found.max_s] == pytest.approx([value * scale for value in values])
