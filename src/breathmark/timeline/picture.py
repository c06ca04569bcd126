"""The plan of a session as a picture: a staff of time, in SVG.

The session runs along lines of equal length, like music. It is self-contained, without script, font or file beside it;
it follows the reader's light or dark setting, and is as wide as there is room for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from breathmark.base.times import clock
from breathmark.timeline.data import share_of
from breathmark.timeline.table import columns_of, pacing_line, shortened

if TYPE_CHECKING:
    from breathmark.model import BellPlacement, Kind, Level, RestPlacement, SegmentSpan, SpeechPlacement, Timeline


class _Colour(NamedTuple):
    """One colour, twice."""

    day: str
    night: str


_KINDS: Mapping[Kind, _Colour] = {
    "opening": _Colour("#f7e8c6", "#5d5138"),
    "teach": _Colour("#cfdcf2", "#3a4d70"),
    "anchor": _Colour("#bfe0dc", "#2b5a57"),
    "practice": _Colour("#c9e1c4", "#3c5b3b"),
    "resource": _Colour("#f3d3c0", "#6b4735"),
    "evoke": _Colour("#eecbd6", "#68394b"),
    "silence": _Colour("#dedcf0", "#46436b"),
    "ground": _Colour("#e0d1bd", "#594a38"),
    "close": _Colour("#efd08f", "#7a5c1e"),
    "tail": _Colour("#e1e2e3", "#43474c"),
}
"""A pale ground for dark letters by day, the same hue dimmed for pale letters by night."""
_PARTS: Mapping[str, tuple[str, _Colour]] = {
    ".paper": ("fill", _Colour("#fbfaf6", "#191c20")),
    ".between": ("fill", _Colour("#eae8df", "#2b3036")),
    ".lane": ("fill", _Colour("#f1f0ea", "#22262b")),
    ".speech": ("fill", _Colour("#3f6f78", "#8cc3c7")),
    ".rest": ("stroke", _Colour("#b9b7ab", "#555b61")),
    ".silent": ("fill", _Colour("#bcb8e0", "#5d5995")),
    ".bell": ("fill", _Colour("#b8842b", "#e3b75c")),
    ".ring": ("fill", _Colour("#d9a441", "#d9a441")),
    ".tick": ("stroke", _Colour("#b9b7ab", "#555b61")),
    ".optional": ("stroke", _Colour("#8f9a8d", "#9aa698")),
    ".title,.label,.small": ("fill", _Colour("#2a3338", "#eceff0")),
    ".quiet,.time": ("fill", _Colour("#5d666a", "#aab2b6")),
}
_SHAPES = (
    "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',Helvetica,Arial,sans-serif;font-size:12px}"
    ".title{font-size:21px;font-weight:600}.label{font-weight:500}.small{font-size:11px}"
    ".time{font-size:11px;font-variant-numeric:tabular-nums}"
    ".rest{stroke-width:1.4;fill:none}.tick{stroke-width:1;fill:none}.ring{opacity:.3}"
    ".optional{stroke-width:1.2;stroke-dasharray:4 3}"
)


def stylesheet() -> str:
    """The style of a picture; it turns with the reader's ``prefers-color-scheme``."""
    return f"{_SHAPES}{_rules(0)}@media(prefers-color-scheme:dark){{{_rules(1)}}}"


def _rules(side: int) -> str:
    kinds = "".join(f".{kind}{{fill:{tone[side]}}}" for kind, tone in _KINDS.items())
    return kinds + "".join(f"{name}{{{what}:{tone[side]}}}" for name, (what, tone) in _PARTS.items())


_WIDTH = 900
_MARGIN = 32
_PLOT = _WIDTH - 2 * _MARGIN
_TOP = 104
_BAND, _INNER, _LANE, _AXIS = 24, 18, 34, 34
"""Heights: a segment's band, the band of one inside another, the lane of sound, the axis and the gap under it."""
_LINES_S = {15: 5, 30: 6, 60: 6, 120: 6, 180: 6, 300: 5, 600: 5, 900: 5, 1800: 6, 3600: 6, 7200: 6, 14400: 6}
"""How many seconds a line may hold, and into how many parts its axis is then divided."""
_MOST_LINES = 6
_COLUMN, _SMALL_COLUMN = 6.9, 6.2
"""How wide a column of text is at 12 and at 11 px, on the safe side for the usual fonts."""


def timeline_svg(timeline: Timeline, script_title: str, *, estimated: bool = False, level: Level = "beginner") -> str:
    """Draw ``timeline``: its segments as bands, and under them speech, rests and bells, on a time axis.

    Under the title are its figures, and its pacing beside what suits its length and ``level``. Sentences can be read
    by pointing at them, except private ones. Where their lengths are ``estimated``, it says so.
    """
    sheet = _Sheet(timeline=timeline)
    rows = list(sheet.rows())
    foot = rows[-1].bottom + 8
    legend, legend_height = _legend(timeline, foot)
    height = foot + legend_height + 22
    title, summary = _text(script_title), _text(_summary(timeline, estimated=estimated))
    pacing = _text(pacing_line(timeline, level, estimated=estimated))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="100%"',
        ' role="img" aria-labelledby="plan-title plan-summary">',
        f'<title id="plan-title">{title}: the plan of a session of {clock(timeline.frames, timeline.rate_hz)}</title>',
        f'<desc id="plan-summary">{summary}. {pacing}. {_text(_order(timeline))}</desc>',
        f"<style>{stylesheet()}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{height}" rx="14"/>',
        f'<text class="title" x="{_MARGIN}" y="42">{_text(shortened(script_title, 74))}</text>',
        f'<text class="quiet" x="{_MARGIN}" y="64">{summary}</text>',
        f'<text class="quiet" x="{_MARGIN}" y="82">{pacing}</text>',
        *(part for row in rows for part in _draw_row(row)),
        *legend,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _StaffLine:
    """One line of the staff."""

    timeline: Timeline
    start: int
    """In frames."""
    frames: int
    """What a whole line holds; the last one may hold less."""
    top: int
    inner: bool
    """True where a segment inside another one sounds."""

    @property
    def end(self) -> int:
        """The first frame that is not on this line any more."""
        return min(self.start + self.frames, self.timeline.frames)

    @property
    def lane(self) -> int:
        """Where the lane of sound begins."""
        return self.top + _BAND + 4 + (_INNER + 3 if self.inner else 0)

    @property
    def bottom(self) -> int:
        """Where the next line may begin."""
        return self.lane + _LANE + _AXIS

    def x(self, frame: int) -> float:
        """Where a moment lies; those before or after this line lie at its ends."""
        inside = min(max(frame, self.start), self.end) - self.start
        return round(_MARGIN + inside * _PLOT / self.frames, 2)

    def shows(self, start: int, frames: int) -> bool:
        """Whether any of it is on this line."""
        return start < self.end and start + max(frames, 1) > self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """The staff."""

    timeline: Timeline

    @property
    def line_s(self) -> int:
        """How long a line is: the shortest that needs few lines."""
        return next((s for s in _LINES_S if s * _MOST_LINES >= self.timeline.duration_s), max(_LINES_S))

    def rows(self) -> Iterator[_StaffLine]:
        """The lines, from the top."""
        frames = self.line_s * self.timeline.rate_hz
        top = _TOP
        for start in range(0, max(self.timeline.frames, 1), frames):
            inner = any(
                span.depth and span.start_frame < start + frames and span.start_frame + span.frames > start
                for span in self.timeline.segments
            )
            row = _StaffLine(timeline=self.timeline, start=start, frames=frames, top=top, inner=inner)
            yield row
            top = row.bottom


def _draw_row(row: _StaffLine) -> Iterator[str]:
    timeline = row.timeline
    middle = row.lane + _LANE / 2
    width = row.x(row.end) - _MARGIN
    yield f'<rect class="lane" x="{_MARGIN}" y="{row.lane}" width="{width:.2f}" height="{_LANE}" rx="4"/>'
    for rest in timeline.rests:
        if row.shows(rest.start_frame, rest.frames):
            yield _rest(row, rest, middle)
    for bell in timeline.bells:
        if row.shows(bell.start_frame, bell.frames):
            yield from _bell(row, bell, middle)
    for spoken in timeline.speech:
        if row.shows(spoken.start_frame, spoken.frames):
            yield _speech(row, spoken, middle)
    for span in timeline.segments:
        if span.depth <= 1 and span.frames and row.shows(span.start_frame, span.frames):
            yield from _band(row, span)
    yield from _axis(row)


def _band(row: _StaffLine, span: SegmentSpan) -> Iterator[str]:
    """A segment, with its title where there is room for it."""
    left, right = row.x(span.start_frame), row.x(span.start_frame + span.frames)
    top, height = (row.top, _BAND) if not span.depth else (row.top + _BAND + 3, _INNER)
    width = max(right - left - 1.5, 1)
    look = _tone(row.timeline, span) + (" optional" if span.optional else "")
    title = _text(f"{_label(span)}, {clock(span.start_frame, row.timeline.rate_hz)}")
    yield (
        f'<rect class="{look}" x="{left + 0.75:.2f}" y="{top}" width="{width:.2f}" height="{height}" '
        f'rx="{min(5, width / 2):.1f}"><title>{title}</title></rect>'
    )
    if not span.title:
        return
    size, column = ("label", _COLUMN) if not span.depth else ("small", _SMALL_COLUMN)
    label = _fitting(span, int((width - 11) / column), continued=span.start_frame < row.start)
    if label:
        yield f'<text class="{size}" x="{left + 7:.2f}" y="{top + height / 2 + 4:.1f}">{_text(label)}</text>'


def _tone(timeline: Timeline, span: SegmentSpan) -> str:
    """The colour of a segment's kind; an untitled one without speech, such as a bell, has none."""
    return span.kind if span.title or share_of(timeline, span).speech_frames else "between"


def _fitting(span: SegmentSpan, columns: int, *, continued: bool) -> str:
    """The fullest name of a segment that fits; empty where nothing does that could be read."""
    dots = "… " if continued else ""
    whole = next((name for name in (dots + _label(span), dots + span.title) if columns_of(name) <= columns), "")
    return whole or (shortened(span.title, columns - 1) if columns > 5 else "")


def _label(span: SegmentSpan) -> str:
    name = span.title or span.kind
    return f"{name} · {span.round + 1}" if span.depth and (span.round or span.optional) else name


def _speech(row: _StaffLine, spoken: SpeechPlacement, middle: float) -> str:
    left, right = row.x(spoken.start_frame), row.x(spoken.start_frame + spoken.frames)
    width = max(right - left, 0.8)
    said = "" if spoken.utterance.private else f": {spoken.utterance.caption}"
    title = _text(f"{clock(spoken.start_frame, row.timeline.rate_hz)}{said}")
    return (
        f'<rect class="speech" x="{left:.2f}" y="{middle - 9:.1f}" width="{width:.2f}" height="18" '
        f'rx="{min(3, width / 2):.1f}"><title>{title}</title></rect>'
    )


def _rest(row: _StaffLine, placed: RestPlacement, middle: float) -> str:
    """A hairline; the silences that give first are a soft bar."""
    left, right = row.x(placed.start_frame), row.x(placed.start_frame + placed.frames)
    if placed.rest.order == 0:
        return f'<path class="rest" d="M{left:.2f} {middle:.1f}H{right:.2f}"/>'
    width = max(right - left - 4, 0)
    seconds = f"{placed.frames / row.timeline.rate_hz:.0f} s"
    return (
        f'<rect class="silent" x="{left + 2:.2f}" y="{middle - 4:.1f}" width="{width:.2f}" height="8" rx="4">'
        f"<title>silence, {seconds}</title></rect>"
    )


def _bell(row: _StaffLine, bell: BellPlacement, middle: float) -> Iterator[str]:
    """A dot at the strike, and the ring as a wedge that dies away, also on the next line."""
    end = bell.start_frame + max(bell.frames, 1)
    left, right = row.x(bell.start_frame), row.x(end)
    high = [
        13 * (end - min(max(frame, row.start), row.end)) / (end - bell.start_frame) for frame in (bell.start_frame, end)
    ]
    yield (
        f'<path class="ring" d="M{left:.2f} {middle - high[0]:.2f}L{right:.2f} {middle - high[1]:.2f}'
        f'V{middle + high[1]:.2f}L{left:.2f} {middle + high[0]:.2f}Z"/>'
    )
    if row.start <= bell.start_frame:
        name = _text(f"{bell.name}, {clock(bell.start_frame, row.timeline.rate_hz)}")
        yield f'<circle class="bell" cx="{left:.2f}" cy="{middle:.1f}" r="5"><title>{name}</title></circle>'


def _axis(row: _StaffLine) -> Iterator[str]:
    parts = _LINES_S[row.frames // row.timeline.rate_hz]
    y = row.lane + _LANE
    for i in range(parts + 1):
        frame = row.start + i * row.frames // parts
        if frame > row.end:
            return
        anchor = "start" if i == 0 else "end" if i == parts else "middle"
        x, time = row.x(frame), clock(frame, row.timeline.rate_hz)
        yield f'<path class="tick" d="M{x:.2f} {y + 1}v4"/>'
        yield f'<text class="time" x="{x:.2f}" y="{y + 16}" text-anchor="{anchor}">{time}</text>'


def _legend(timeline: Timeline, top: int) -> tuple[Sequence[str], int]:
    """What the colours and shapes mean, of those that occur; and how high that is."""
    kinds = dict.fromkeys(_tone(timeline, span) for span in timeline.segments)
    kinds.pop("between", None)
    entries = [(f'<rect class="{kind}" y="-9" width="14" height="11" rx="3"/>', kind) for kind in kinds]
    if any(span.optional for span in timeline.segments):
        mark = '<rect class="practice optional" y="-9" width="14" height="11" rx="3"/>'
        entries.append((mark, "only in longer sessions"))
    if timeline.speech:
        entries.append(('<rect class="speech" y="-10" width="14" height="13" rx="3"/>', "speech"))
    if any(placed.rest.order == 0 for placed in timeline.rests):
        entries.append(('<path class="rest" d="M0 -3.5H14"/>', "rest"))
    if any(placed.rest.order == 1 for placed in timeline.rests):
        entries.append(('<rect class="silent" y="-8" width="14" height="8" rx="4"/>', "silence, grows first"))
    if timeline.bells:
        ring = '<path class="ring" d="M4 -14L16 -3.5L4 7Z"/><circle class="bell" cx="4" cy="-3.5" r="4"/>'
        entries.append((ring, "bell"))
    return _in_lines(entries, top)


def _in_lines(entries: Sequence[tuple[str, str]], top: int) -> tuple[Sequence[str], int]:
    drawn: list[str] = []
    x, y = float(_MARGIN), top + 14
    for mark, words in entries:
        width = 14 + 7 + columns_of(words) * 6.2 + 18
        if x + width > _WIDTH - _MARGIN + 18:
            x, y = float(_MARGIN), y + 22
        drawn.append(
            f'<g transform="translate({x:.1f} {y})">{mark}<text class="quiet" x="21">{_text(words)}</text></g>'
        )
        x += width
    return drawn, y - top + 6


def _summary(timeline: Timeline, *, estimated: bool) -> str:
    whole, about = share_of(timeline), "≈ " if estimated else ""
    segments = sum(span.depth == 0 and bool(span.title) for span in timeline.segments)
    facts = [
        f"{about}{clock(timeline.frames, timeline.rate_hz)}",
        f"{about}{clock(whole.speech_frames, timeline.rate_hz)} speech",
    ]
    for number, one, many in ((segments, "segment", "segments"), (whole.bells, "bell", "bells")):
        if number:
            facts.append(f"{number} {one if number == 1 else many}")
    if estimated:
        facts.append("≈ all times are estimates from the words")
    return " · ".join(facts)


def _order(timeline: Timeline) -> str:
    """The segments in words, for those who can't see the picture."""
    outer = [span for span in timeline.segments if span.depth == 0 and span.title]
    named = [f"{span.title} at {clock(span.start_frame, timeline.rate_hz)}" for span in outer]
    return f"In order: {', '.join(named)}." if named else "It has no titled segments."


_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (section 2.2, Char) has no place for."""


def _text(text: str) -> str:
    """``text``, escaped for XML."""
    return escape(_NOT_XML.sub("\ufffd", text))
