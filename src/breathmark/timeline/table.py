"""The plan of a session as a table for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from breathmark.base.times import clock
from breathmark.timeline.data import Share, share_of
from breathmark.timeline.pacing import LaidOut, paces, pacing, words_a_minute

if TYPE_CHECKING:
    from breathmark.model import Level, SegmentSpan, Timeline, Utterance


_LEAST_TITLE_COLUMNS, _MOST_TITLE_COLUMNS = 12, 48
"""Shorter titles mean nothing; on a terminal that leaves less, the lines are longer than it is wide."""
_GAP = "  "
_HEADINGS = ("start", "segment", "length", "speech s", "rest s", "pace", "bells")


def timeline_table(timeline: Timeline, *, estimated: bool = False, columns: int = 80) -> str:
    """One line for each segment, those inside another one indented, and the whole session at the foot.

    Titles are cut so that the lines fit a terminal of so many ``columns``.

    ``rest`` is all that is not speech, so that the lines of the script's own segments add up to the last one.
    ``pace`` is words a minute, with the usual rests between sentences, where there are enough words to measure it.
    Where the lengths of sentences are ``estimated``, every time is marked "≈".
    ``voice`` is there where sentences are not all spoken alike: how a segment's first and last one are.
    """
    delivered = [_delivery(timeline, span) for span in timeline.segments] if _varies(timeline) else []
    headings = (*_HEADINGS, "voice") if delivered else _HEADINGS
    about = "≈ " if estimated else ""
    paced = paces(LaidOut(timeline=timeline))
    shown = {(pace.place, pace.start_s): f"{about}{pace.wpm:.0f}" for pace in paced if pace.tells}
    shares = [share_of(timeline, span) for span in timeline.segments]
    starts = [f"{about}{clock(span.start_frame, timeline.rate_hz)}" for span in timeline.segments]
    figures = [
        _figures(share, timeline, about, shown.get((span.place, span.start_frame / timeline.rate_hz), ""))
        for span, share in zip(timeline.segments, shares, strict=True)
    ]
    figures = [(*cells, said) for cells, said in zip(figures, delivered, strict=True)] if delivered else figures
    total = _figures(share_of(timeline), timeline, about, pace=f"{about}{words_a_minute(paced):.0f}")
    total = (*total, "") if delivered else total
    taken = [max(map(columns_of, cells)) + len(_GAP) for cells in zip(headings[2:], *figures, total, strict=True)]
    left = columns - max(map(columns_of, (headings[0], *starts))) - len(_GAP) - sum(taken)
    names = [_name(span, share, left) for span, share in zip(timeline.segments, shares, strict=True)]
    rows = [(start, name, *cells) for start, name, cells in zip(starts, names, figures, strict=True)]
    return _ruled(headings, rows, ("", "whole session", *total))


def _varies(timeline: Timeline) -> bool:
    """Whether some sentences are spoken in another way than others."""
    return len({_manner(spoken.utterance) for spoken in timeline.speech}) > 1


def _manner(utterance: Utterance) -> tuple[float, float, float, int]:
    return utterance.speed, utterance.level_db, utterance.pitch_semitones, utterance.take


def _delivery(timeline: Timeline, span: SegmentSpan) -> str:
    """How the sentences of a segment are spoken, such as ``speed 1→0.9 -3 dB``."""
    end = span.start_frame + span.frames
    inside = [spoken.utterance for spoken in timeline.speech if span.start_frame <= spoken.start_frame < end]
    if not inside:
        return ""
    first, last = inside[0], inside[-1]
    parts = (
        f"speed {_fall(first.speed, last.speed)}",
        f"{_fall(first.level_db, last.level_db)} dB" if first.level_db or last.level_db else "",
        f"{_fall(first.pitch_semitones, last.pitch_semitones)} st" if last.pitch_semitones else "",
        f"take {first.take}" if first.take != 1 else "",
    )
    return " ".join(filter(None, parts))


def _fall(first: float, last: float) -> str:
    return f"{first:g}" if first == last else f"{first:g}→{last:g}"


def _ruled(headings: tuple[str, ...], rows: Sequence[tuple[str, ...]], total: tuple[str, ...]) -> str:
    """The rows between the headings and the total, with a rule to either side."""
    widths = [max(map(columns_of, cells)) for cells in zip(headings, *rows, total, strict=True)]
    rule = _GAP.join("─" * width for width in widths)
    return "\n".join(
        (_aligned(headings, widths), rule, *(_aligned(row, widths) for row in rows), rule, _aligned(total, widths))
    )


def pacing_line(timeline: Timeline, level: Level, *, estimated: bool = False) -> str:
    """Silence, longest gap and pace of a session, beside what suits its length and ``level``."""
    about, paced = "≈ " if estimated else "", pacing(LaidOut(timeline=timeline), level)
    where = f" in “{paced.longest_gap_in}”" if paced.longest_gap_in else ""
    facts = [
        f"{about}{paced.silence:.0%} silence (model {paced.silence_model:.0%})",
        f"longest gap {about}{paced.longest_gap_s:.0f} s{where} (unannounced {paced.gap_limit_s:.0f} s)",
    ]
    if paced.wpm:
        facts.append(f"{about}{paced.wpm:.0f} words a minute")
    return " · ".join(facts)


def columns_of(text: str) -> int:
    """How many columns a terminal takes for ``text``: East Asian wide characters take two, combining ones none.

    Source: Unicode Standard Annex 11, East Asian Width.
    """
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    unseen = sum(unicodedata.category(char) in {"Mn", "Me", "Cf"} for char in text)
    return len(text) + wide - unseen


def shortened(text: str, columns: int) -> str:
    """``text``, cut with an ellipsis where it takes more than ``columns``; empty where not even that fits."""
    if columns_of(text) <= columns:
        return text
    while text and columns_of(text) > columns - 1:
        text = text[:-1]
    return f"{text.rstrip()}…" if text else ""


def _figures(share: Share, timeline: Timeline, about: str, pace: str) -> tuple[str, ...]:
    rate_hz = timeline.rate_hz
    bells = str(share.bells) if share.bells else ""
    speech, rest = share.speech_frames / rate_hz, share.rest_frames / rate_hz
    return (f"{about}{clock(share.frames, rate_hz)}", f"{about}{speech:.1f}", f"{about}{rest:.1f}", pace, bells)


def _name(span: SegmentSpan, share: Share, columns: int) -> str:
    """Its title in at most so many columns, as far as that means anything; one without a title by what it is."""
    title = span.title or ("(bell)" if share.bells and not share.speech_frames else f"({span.kind})")
    round_ = f" · {span.round + 1}" if span.depth and (span.round or span.optional) else ""
    indent = "  " * span.depth
    left = min(max(columns, _LEAST_TITLE_COLUMNS), _MOST_TITLE_COLUMNS) - len(indent) - len(round_)
    return f"{indent}{shortened(title, left)}{round_}"


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    """Figures to the right, the segment's name to the left."""
    cells = []
    for i, (cell, width) in enumerate(zip(row, widths, strict=True)):
        padding = " " * (width - columns_of(cell))
        cells.append(cell + padding if i == 1 else padding + cell)
    return _GAP.join(cells).rstrip()
