"""A session as editors of sound have it: tracks with items, markers and regions, before it is written in any format."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.mix.envelope import POINTS_PER_S, MixCurve
from breathmark.mix.room import tail_frames

if TYPE_CHECKING:
    from breathmark.mix.mixdown import Stems
    from breathmark.mix.stems import Stem
    from breathmark.model import BellPlacement, SegmentSpan, SpeechPlacement, Timeline


_LEAD_S: Final = 0.05
_TRAIL_S: Final = 0.5
"""How far an item reaches beyond its clip on both sides, where there is room: an editor can move its edges."""
_FADE_S: Final = 0.01
"""Of both ends of an item, where nothing sounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditItem:
    """A stretch of a file, at the place in the session that it has in the file."""

    name: str
    start_frame: int
    frames: int
    fade_in_frames: int = 0
    fade_out_frames: int = 0

    @property
    def end_frame(self) -> int:
        """The first frame that no longer belongs to it."""
        return self.start_frame + self.frames


@dataclass(frozen=True, slots=True, kw_only=True)
class EditTrack:
    """One file and the items that are cut from it."""

    name: str
    file: str
    """From the folder that all is written into, with slashes."""
    items: tuple[EditItem, ...]
    envelope: tuple[tuple[float, float], ...] = ()
    """Time (s) and amplitude of each point of the track's volume, with straight lines between."""
    is_alternative: bool = False
    """True where it sounds like other tracks do together, and so only in their place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditMark:
    """A named moment or stretch of the session."""

    name: str
    start_frame: int
    frames: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EditSession:
    """All of it."""

    title: str
    rate_hz: int
    frames: int
    channels: int
    volume: float
    """Of each track, so that their sum has the level of the mix: more than 1 where the files were written softer."""
    tracks: tuple[EditTrack, ...]
    cues: tuple[EditMark, ...]
    """Every sentence and every strike."""
    regions: tuple[EditMark, ...]
    """The titled segments; one may lie in another."""


def edit_track(stem: Stem, name: str, file: str) -> EditTrack:
    """The track of a stem that is written into ``file``."""
    grid, timeline = stem.sources.grid, stem.sources.timeline
    whole = (EditItem(name=name, start_frame=0, frames=grid.frames),)
    match stem.kind:
        case "voice":
            return EditTrack(name=name, file=file, items=_sentences(timeline.speech, stem.sources))
        case "bells":
            return EditTrack(name=name, file=file, items=_strikes(timeline.bells, timeline))
        case "bed":
            points = _points(stem.envelope) if stem.envelope is not None else ()
            return EditTrack(name=name, file=file, items=whole, envelope=points)
        case "ambience":
            return EditTrack(name=name, file=file, items=whole, is_alternative=True)


def cue_marks(timeline: Timeline) -> tuple[EditMark, ...]:
    """A mark at each sentence and each strike, in the order of time."""
    marks = [EditMark(name=one_line(each.utterance.caption), start_frame=each.start_frame) for each in timeline.speech]
    marks += [EditMark(name=each.name, start_frame=each.start_frame) for each in timeline.bells]
    return tuple(sorted(marks, key=lambda mark: mark.start_frame))


def segment_marks(segments: Sequence[SegmentSpan]) -> tuple[EditMark, ...]:
    """A mark over each titled segment; the rounds of a repeat are numbered."""
    marks = []
    for span in segments:
        title = one_line(span.title)
        if title and span.frames:
            round_ = f" · {span.round + 1}" if span.round else ""
            marks.append(EditMark(name=f"{title}{round_}", start_frame=span.start_frame, frames=span.frames))
    return tuple(marks)


def one_line(text: str) -> str:
    """``text`` in one line, without characters that have no shape."""
    return "".join(sign for sign in " ".join(text.split()) if sign.isprintable())


def _sentences(speech: Sequence[SpeechPlacement], sources: Stems) -> tuple[EditItem, ...]:
    """An item for each sentence, a little longer than its clip; the fades lie in what is longer.

    A clip begins before its sentence is heard and ends behind it, in the room later still; items that touch are cut
    without a fade, so that nothing of it is lost.
    """
    rate_hz = sources.grid.format.rate_hz
    lead, trail, fade = (round(length_s * rate_hz) for length_s in (_LEAD_S, _TRAIL_S, _FADE_S))
    clips = [sources.clips[spoken.utterance] for spoken in speech]
    starts = [spoken.start_frame - clip.before_at(rate_hz) for spoken, clip in zip(speech, clips, strict=True)]
    tail = tail_frames(rate_hz) if sources.room else 0
    rooms = [*(start - lead for start in starts[1:]), sources.grid.frames]
    items: list[EditItem] = []
    before = 0
    for spoken, clip, clip_start, room in zip(speech, clips, starts, rooms, strict=True):
        start = max(clip_start - lead, before)
        clip_end = clip_start + clip.whole_at(rate_hz) + tail
        end = min(clip_end + trail, max(room, spoken.start_frame + spoken.frames))
        items.append(
            EditItem(
                name=one_line(spoken.utterance.caption),
                start_frame=start,
                frames=end - start,
                fade_in_frames=min(fade, clip_start - start) if start > before else 0,
                fade_out_frames=min(fade, end - clip_end) if end < room else 0,
            )
        )
        before = end
    return tuple(items)


def _strikes(bells: Sequence[BellPlacement], timeline: Timeline) -> tuple[EditItem, ...]:
    """An item for each strike, up to the next one: the strikes of a file ring together in it."""
    items = []
    for bell, after in pairwise((*bells, None)):
        assert bell is not None  # noqa: S101 - for mypy: only the last one is None
        room = after.start_frame if after else timeline.frames
        end = min(bell.start_frame + bell.frames + round(_TRAIL_S * timeline.rate_hz), room)
        if end > bell.start_frame:
            items.append(EditItem(name=bell.name, start_frame=bell.start_frame, frames=end - bell.start_frame))
    return tuple(items)


def _points(curve: MixCurve) -> tuple[tuple[float, float], ...]:
    """The points at which a curve bends, and its ends."""
    bends = np.ones(len(curve), bool)
    bends[1:-1] = (curve[1:-1] != curve[:-2]) | (curve[1:-1] != curve[2:])
    return tuple((int(at) / POINTS_PER_S, float(curve[at])) for at in np.flatnonzero(bends))
