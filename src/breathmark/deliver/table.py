"""The plan of a session as a table for a terminal."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from breathmark.deliver.timeline import share_of
from breathmark.deliver.times import clock

if TYPE_CHECKING:
    from breathmark.deliver.timeline import Share
    from breathmark.model import SegmentSpan, Timeline

__all__ = ["columns_of", "shortened", "timeline_table"]

_TITLE_COLUMNS = 34
"""The widest title that still leaves the table within 80 columns."""
_HEADINGS = ("start", "segment", "length", "speech s", "rest s", "bells")


def timeline_table(timeline: Timeline, *, estimated: bool = False) -> str:
    """One line for each segment, those inside another one indented, and the whole session at the foot.

    ``rest`` is all that is not speech, so that the lines of the script's own segments add up to the last one.
    Where the lengths of sentences are ``estimated``, every time is marked "≈".
    """
    about = "≈ " if estimated else ""
    rows: list[tuple[str, ...]] = [_HEADINGS]
    for span in timeline.segments:
        share = share_of(timeline, span)
        start = f"{about}{clock(span.start_frame, timeline.rate_hz)}"
        rows.append((start, _name(span, share), *_figures(share, timeline, about)))
    whole = share_of(timeline)
    total = ("", f"whole session, {about}{whole.silence:.0%} silence", *_figures(whole, timeline, about))
    widths = [max(columns_of(row[i]) for row in [*rows, total]) for i in range(len(_HEADINGS))]
    rule = "  ".join("─" * width for width in widths)
    lines = [_aligned(row, widths) for row in rows]
    return "\n".join([lines[0], rule, *lines[1:], rule, _aligned(total, widths)])


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


def _figures(share: Share, timeline: Timeline, about: str) -> tuple[str, ...]:
    rate_hz = timeline.rate_hz
    bells = str(share.bells) if share.bells else ""
    speech, rest = share.speech_frames / rate_hz, share.rest_frames / rate_hz
    return (f"{about}{clock(share.frames, rate_hz)}", f"{about}{speech:.1f}", f"{about}{rest:.1f}", bells)


def _name(span: SegmentSpan, share: Share) -> str:
    """Its title; a segment without one is told by what it is."""
    untitled = "(bell)" if share.bells and not share.speech_frames else f"({span.kind})"
    title = shortened(span.title, _TITLE_COLUMNS - 2 * span.depth) if span.title else untitled
    round_ = f" · {span.round + 1}" if span.depth and (span.round or span.optional) else ""
    return f"{'  ' * span.depth}{title}{round_}"


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    """Figures to the right, the segment's name to the left."""
    cells = []
    for i, (cell, width) in enumerate(zip(row, widths, strict=True)):
        padding = " " * (width - columns_of(cell))
        cells.append(cell + padding if i == 1 else padding + cell)
    return "  ".join(cells).rstrip()
