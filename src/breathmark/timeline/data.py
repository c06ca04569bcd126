"""JSON form of a laid-out session."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar

from pydantic import Field

from breathmark.model import Ambience  # noqa: TC001 - whoever reads the data needs it

if TYPE_CHECKING:
    from breathmark.model import BellPlacement, Place, RestPlacement, SegmentSpan, SpeechPlacement, Timeline


_Cue = TypeVar("_Cue", "SpeechPlacement", "BellPlacement")
_Placed = TypeVar("_Placed", bound="PlacedData")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What sounds in a stretch of a session."""

    frames: int
    speech_frames: int
    bells: int
    """How many are struck in it."""

    @property
    def rest_frames(self) -> int:
        """All that is not speech: rests, the silent part of guided breaths, head and tail."""
        return self.frames - self.speech_frames

    @property
    def silence(self) -> float:
        """The share of the stretch without speech, from 0 to 1."""
        return self.rest_frames / self.frames if self.frames else 0.0


def share_of(timeline: Timeline, span: SegmentSpan | None = None) -> Share:
    """What sounds in ``span``, or in the whole session."""
    start, end = (span.start_frame, span.start_frame + span.frames) if span else (0, timeline.frames)
    return Share(
        frames=end - start,
        speech_frames=sum(spoken.frames for spoken in _within(timeline.speech, start, end)),
        bells=len(_within(timeline.bells, start, end)),
    )


def _within(placements: Sequence[_Cue], start: int, end: int) -> Sequence[_Cue]:
    """Those of ``placements`` that begin from ``start`` up to, not including, ``end``."""
    first = bisect_left(placements, start, key=_start_of)
    return placements[first : bisect_left(placements, end, key=_start_of)]


def _start_of(placed: SpeechPlacement | BellPlacement) -> int:
    return placed.start_frame


Count: TypeAlias = Annotated[int, Field(ge=0)]


@dataclass(frozen=True, kw_only=True)
class PlacedData:
    """Something in a session, with its place in it."""

    start_frame: Count
    frames: Count
    start_s: float
    duration_s: float

    @property
    def end_frame(self) -> int:
        """The first frame that no longer belongs to it."""
        return self.start_frame + self.frames


@dataclass(frozen=True, kw_only=True)
class SegmentData(PlacedData):
    """A segment, or one inside another."""

    title: str
    kind: str
    depth: int
    round: int
    optional: bool
    speech_s: float
    bells: int
    """How many are struck in it."""
    ambience: Ambience
    place: str


@dataclass(frozen=True, kw_only=True)
class SpeechData(PlacedData):
    """A sentence, as the author wrote it."""

    text: str
    voice: str
    speed: float
    language: str
    private: bool
    place: str
    level_db: float = 0.0
    pitch_semitones: float = 0.0
    take: int = 1
    de_esser: bool = True


@dataclass(frozen=True, kw_only=True)
class RestData(PlacedData):
    """A rest."""

    level: str
    """``explicit`` where the author wrote it."""
    order: int
    min_s: float
    ideal_s: float
    max_s: float
    place: str


@dataclass(frozen=True, kw_only=True)
class BellData(PlacedData):
    """A strike."""

    name: str
    place: str


@dataclass(frozen=True, kw_only=True)
class TimelineData:
    """A laid-out session: every placement in frames and in seconds, in the order of time."""

    rate_hz: Annotated[int, Field(gt=0)]
    frames: Annotated[int, Field(gt=0)]
    duration_s: float
    speech_s: float
    silence_share: float
    private: bool
    """True where a sentence used a private variable; the whole is then as private as that."""
    segments: tuple[SegmentData, ...]
    speech: tuple[SpeechData, ...]
    rests: tuple[RestData, ...]
    bells: tuple[BellData, ...]


def timeline_data(timeline: Timeline, place: Callable[[Place], str] = str) -> TimelineData:
    """``timeline`` as data; ``place`` says how places in scripts are written."""
    whole = share_of(timeline)
    rate_hz = timeline.rate_hz
    return TimelineData(
        rate_hz=rate_hz,
        frames=timeline.frames,
        duration_s=_seconds(timeline.frames, rate_hz),
        speech_s=_seconds(whole.speech_frames, rate_hz),
        silence_share=round(whole.silence, 4),
        private=any(spoken.utterance.private for spoken in timeline.speech),
        segments=tuple(_segment(timeline, span, place(span.place)) for span in timeline.segments),
        speech=tuple(_speech(spoken, rate_hz, place(spoken.place)) for spoken in timeline.speech),
        rests=tuple(_rest(rest, rate_hz, place(rest.rest.place)) for rest in timeline.rests),
        bells=tuple(_of(BellData, bell, rate_hz, place=place(bell.place)) for bell in timeline.bells),
    )


def _seconds(frames: int, rate_hz: int) -> float:
    """Seconds to the microsecond: finer than a frame, and short to read."""
    return round(frames / rate_hz, 6)


def _of(
    kind: type[_Placed],
    placed: SpeechPlacement | BellPlacement | RestPlacement | SegmentSpan,
    rate_hz: int,
    *more: object,
    **own: object,
) -> _Placed:
    """``kind`` of what ``own`` says, and else of the fields of the same names that ``placed`` and ``more`` have."""
    own |= {"start_s": _seconds(placed.start_frame, rate_hz), "duration_s": _seconds(placed.frames, rate_hz)}
    for each in fields(kind):
        for source in (placed, *more):
            if each.name not in own and hasattr(source, each.name):
                own[each.name] = getattr(source, each.name)
    return kind(**own)  # type: ignore[arg-type] # by name


def _segment(timeline: Timeline, span: SegmentSpan, place: str) -> SegmentData:
    share = share_of(timeline, span)
    speech_s = _seconds(share.speech_frames, timeline.rate_hz)
    return _of(SegmentData, span, timeline.rate_hz, speech_s=speech_s, bells=share.bells, place=place)


def _speech(spoken: SpeechPlacement, rate_hz: int, place: str) -> SpeechData:
    return _of(SpeechData, spoken, rate_hz, spoken.utterance, text=spoken.utterance.caption, place=place)


def _rest(placed: RestPlacement, rate_hz: int, place: str) -> RestData:
    return _of(RestData, placed, rate_hz, placed.rest, placed.rest.range, place=place)
