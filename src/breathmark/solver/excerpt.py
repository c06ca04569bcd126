"""Excerpts: a part of a session for a preview, with its own head and tail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from breathmark.base.errors import RequestError, near_miss
from breathmark.base.times import minutes, whole_frames
from breathmark.solver.outline import HEAD_S, TAIL_S

if TYPE_CHECKING:
    from breathmark.model import BellPlacement, SegmentSpan, Timeline


def excerpt(
    timeline: Timeline,
    *,
    only: str | None = None,
    start_from: str | None = None,
    later: Mapping[str, int] = MappingProxyType({}),
) -> Timeline:
    """The segment titled ``only``, or everything from the segment titled ``start_from`` on.

    Titles are compared without regard to case; where several segments have it, the first counts. Sentences and
    rests keep their lengths. What was struck before the excerpt is not heard in it, and its own last bell rings out.
    ``later`` are the titles that other lengths have, with the shortest of these in frames, for messages.

    Raises:
        RequestError: no segment has this title, or it takes no time, or both are asked for.
    """
    if only and start_from:
        raise RequestError("an excerpt is either one segment or all from one on", "leave out one of --only and --from")
    title = only or start_from
    if not title:
        return timeline
    span = titled(timeline, title, later)
    start = max(span.start_frame, whole_frames(HEAD_S, timeline.rate_hz))
    window = _Window(start=start, end=span.start_frame + span.frames if only else timeline.frames)
    if window.start >= window.end:
        raise RequestError(f"“{title}” takes no time of its own", "use --from to hear it with what follows")
    return _cut(timeline, window)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """The window of a timeline that is kept, in its frames."""

    start: int
    end: int

    def has(self, start: int, frames: int = 0) -> bool:
        """Whether something lies wholly inside; what has no length is outside if it is at the end."""
        return self.start <= start < self.end and start + frames <= self.end


def titled(timeline: Timeline, title: str, later: Mapping[str, int] = MappingProxyType({})) -> SegmentSpan:
    """The first segment with this title, without regard to case; ``later`` as in ``excerpt``. Raises RequestError."""
    for span in timeline.segments:
        if span.title.casefold() == title.strip().casefold():
            return span
    for known, frames in later.items():
        if known.casefold() == title.strip().casefold():
            length = minutes(-(-frames // timeline.rate_hz))
            raise RequestError(f"“{known}” comes into sessions from {length} on", f"ask for --length {length} or more")
    titles = tuple(dict.fromkeys(span.title for span in timeline.segments if span.title))
    meant = near_miss(title, titles)
    if meant:
        hint = f"did you mean “{meant}”?"
    elif titles:
        hint = "available: " + ", ".join(f"“{known}”" for known in titles)
    else:
        hint = "no segment of this session has a title; give it one with `title:`"
    raise RequestError(f"no segment of this session is titled “{title}”", hint)


def _cut(timeline: Timeline, window: _Window) -> Timeline:
    tail = whole_frames(TAIL_S, timeline.rate_hz)
    shift = whole_frames(HEAD_S, timeline.rate_hz) - window.start
    bells = [bell for bell in timeline.bells if window.has(bell.start_frame)]
    frames = timeline.frames + shift
    if window.end < timeline.frames:
        frames = max(window.end + tail, *[bell.start_frame + bell.frames for bell in bells[-1:]], 0) + shift
    return replace(
        timeline,
        frames=frames,
        speech=tuple(
            replace(spoken, start_frame=spoken.start_frame + shift)
            for spoken in timeline.speech
            if window.has(spoken.start_frame, spoken.frames)
        ),
        bells=tuple(_rung(bell, shift, frames) for bell in bells),
        rests=tuple(
            replace(rest, start_frame=rest.start_frame + shift)
            for rest in timeline.rests
            if window.has(rest.start_frame, rest.frames)
        ),
        segments=tuple(
            _clipped(segment, window, shift, frames)
            for segment in timeline.segments
            if segment.start_frame < window.end and segment.start_frame + segment.frames > window.start
        ),
    )


def _rung(bell: BellPlacement, shift: int, end: int) -> BellPlacement:
    start = bell.start_frame + shift
    return replace(bell, start_frame=start, frames=min(bell.frames, end - start))


def _clipped(segment: SegmentSpan, window: _Window, shift: int, end: int) -> SegmentSpan:
    """The part of a segment inside the window; what touches its ends takes in the head and the tail."""
    first, last = max(segment.start_frame, window.start), min(segment.start_frame + segment.frames, window.end)
    start = 0 if first == window.start else first + shift
    stop = end if last == window.end else last + shift
    return replace(segment, start_frame=start, frames=stop - start)
