"""Parsing of times, ranges and counts: ``5s``, ``7:30``, ``3s..5s..12s``, ``5s!``, ``3..6..12``.

Every function raises ``ValueError`` with a message for the author, which says what to write instead.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NoReturn

from breathmark.model import Count, Range

MAX_DURATION_S = 24 * 3600.0
"""Longer than any session; it catches ``100000`` and the like before it costs memory."""
MAX_COUNT = 1000

_MAX_CHARACTERS = 80
"""A longer text is not a range; this keeps the expressions below from reading a page."""
_EXACT_UP_TO_S = 1.0
_LEAST, _MOST = 0.5, 3.0
"""How far a single value can vary, from half to three times: what "about five seconds" can mean."""

_UNIT_S = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600.0),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60.0),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1.0),
    **dict.fromkeys(("ms", "msec", "millisecond", "milliseconds"), 0.001),
}
_NUMBER = r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_AMOUNT = re.compile(rf"({_NUMBER})\s*([a-z]*)", re.ASCII)
_AMOUNTS = re.compile(rf"{_NUMBER}\s*[a-z]*|{_NUMBER}\s*[a-z]+(?:\s*{_NUMBER}\s*[a-z]+)+", re.ASCII)
_CLOCK = re.compile(r"([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9]))?", re.ASCII)
_DOTS = re.compile(r"\s*\.\.\s*")
_OTHER_RANGE = re.compile(r"[0-9a-z]\s*(?:-|–|—|…|\.{3,}|\bto\b)\s*\.?[0-9]", re.ASCII)  # noqa: RUF001 (authors type these dashes)
_COMMA = re.compile(r"[0-9],[0-9]")
_SHOWN = 24


def parse_duration(text: str) -> float:
    """One length of time, in seconds: ``10m``, ``7:30``, ``1h 30m``, ``90`` (seconds), ``500 ms``."""
    return _bounded(_duration(_tidy(text), fallback_unit="s"), text)


def parse_range(text: str) -> Range:
    """``MIN..IDEAL..MAX``, ``MIN..MAX`` with the ideal in the middle, or one value that gives way by itself."""
    tidy = _tidy(text)
    if tidy.endswith("!"):
        exact_s = _exact(tidy, text)
        return Range(min_s=exact_s, ideal_s=exact_s, max_s=exact_s)
    values = tuple(_bounded(value, text) for value in _values_s(_parts(tidy, text), text))
    if len(values) == 1:
        return _about(values[0])
    low, high = values[0], values[-1]
    return Range(min_s=low, ideal_s=values[1] if len(values) == 3 else (low + high) / 2, max_s=high)


def parse_count(text: str) -> Count:
    """``MIN..IDEAL..MAX`` or ``MIN..MAX`` (the ideal is the middle, rounded down), or one number, which is exact."""
    tidy = _tidy(text)
    parts = _parts(tidy.removesuffix("!").rstrip(), text)
    if tidy.endswith("!") and len(parts) > 1:
        _refuse(text, "`!` means exactly, so it goes after a single number, such as `3!`")
    values = [_whole(part, text) for part in parts]
    _check_order(values, text)
    low, high = values[0], values[-1]
    return Count(min=low, ideal=values[1] if len(values) == 3 else (low + high) // 2, max=high)


def _tidy(text: str) -> str:
    if len(text) > _MAX_CHARACTERS:
        _refuse(text, "write a time such as `5s` or `3s..5s..12s`")
    return text.strip().lower()


def _exact(tidy: str, text: str) -> float:
    value = tidy[:-1].rstrip()
    if _DOTS.search(value):
        _refuse(text, "`!` means exactly, so it goes after a single value, such as `5s!`")
    return _bounded(_duration(value, fallback_unit="s"), text)


def _about(value_s: float) -> Range:
    if value_s <= _EXACT_UP_TO_S:
        return Range(min_s=value_s, ideal_s=value_s, max_s=value_s)
    return Range(min_s=value_s * _LEAST, ideal_s=value_s, max_s=min(value_s * _MOST, MAX_DURATION_S))


def _parts(tidy: str, text: str) -> list[str]:
    if _OTHER_RANGE.search(tidy):
        _refuse(text, "write a range with two dots, such as `3s..5s` or `3s..5s..12s`")
    parts = _DOTS.split(tidy)
    if len(parts) > 3:
        _refuse(text, "a range has at most three values: shortest..ideal..longest")
    return parts


def _values_s(parts: list[str], text: str) -> list[float]:
    """The parts in seconds; a part without a unit takes that of its right-hand neighbour, the last one seconds."""
    unit = "s"
    values: list[float] = []
    for part in reversed(parts):
        values.insert(0, _duration(part, fallback_unit=unit, shown=text))
        unit = _first_unit(part) or unit
    _check_order(values, text)
    return values


def _first_unit(part: str) -> str:
    match = _AMOUNT.fullmatch(part) or _AMOUNT.match(part)
    return match[2] if match and not _CLOCK.fullmatch(part) else ""


def _duration(part: str, *, fallback_unit: str, shown: str = "") -> float:
    clock = _CLOCK.fullmatch(part)
    if clock:
        first, second, third = clock.groups()
        return int(first) * 60.0 + int(second) if third is None else int(first) * 3600.0 + int(second) * 60 + int(third)
    if not _AMOUNTS.fullmatch(part):
        _refuse(shown or part, _advice(part))
    amounts = [(float(number), _unit_s(unit or fallback_unit, shown or part)) for number, unit in _AMOUNT.findall(part)]
    if any(after >= before for (_, before), (_, after) in pairwise(amounts)):
        _refuse(shown or part, "these are two lengths; write one, or one in descending units, such as `1m 30s`")
    return sum(number * unit_s for number, unit_s in amounts)


def _advice(part: str) -> str:
    if not part:
        return "a value is missing; write `5s` or `3s..5s..12s`"
    if _COMMA.search(part):
        return "write the decimals with a point, such as `2.5s`"
    if part.startswith("-"):
        return "a time can't be negative"
    return "write a time such as `5s`, `2m`, `7:30` or `3s..5s..12s`"


def _unit_s(unit: str, shown: str) -> float:
    if unit not in _UNIT_S:
        _refuse(shown, f"`{unit[:_SHOWN]}` is not a unit of time; use h, m, s or ms")
    return _UNIT_S[unit]


def _bounded(value_s: float, text: str) -> float:
    if value_s > MAX_DURATION_S:
        _refuse(text, "a time can be 24 hours at most")
    return value_s


def _whole(part: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", part, re.ASCII):
        _refuse(text, "rounds are whole numbers, such as `3` or `3..6..12`")
    if not 1 <= int(part) <= MAX_COUNT:
        _refuse(text, f"there can be 1 to {MAX_COUNT} rounds")
    return int(part)


def _check_order(values: list[float] | list[int], text: str) -> None:
    if values != sorted(values):
        _refuse(text, "the values have to grow: shortest..ideal..longest")


def _refuse(text: str, advice: str) -> NoReturn:
    shown = text.strip()
    shown = f"{shown[:_SHOWN]}…" if len(shown) > _SHOWN else shown
    raise ValueError(f"`{shown}`: {advice}")
