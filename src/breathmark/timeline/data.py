"""JSON form of a laid-out session."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from breathmark.model import Ambience, BellPlacement, RestPlacement, SegmentSpan, SpeechPlacement, Timeline


_Placed = TypeVar("_Placed", "SpeechPlacement", "BellPlacement")


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


def _within(placements: Sequence[_Placed], start: int, end: int) -> Sequence[_Placed]:
    """Those of ``placements`` that begin from ``start`` up to, not including, ``end``."""
    first = bisect_left(placements, start, key=_start_of)
    return placements[first : bisect_left(placements, end, key=_start_of)]


def _start_of(placed: SpeechPlacement | BellPlacement) -> int:
    return placed.start_frame


def timeline_data(timeline: Timeline) -> dict[str, object]:
    """``timeline`` as data that ``json.dumps`` takes: every placement in frames and in seconds, in the order of time.

    It holds the sentences as the author wrote them; where one used a private variable it says so (``private``), and
    then the whole is as private as that.
    """
    whole = share_of(timeline)
    rate_hz = timeline.rate_hz
    return {
        "rate_hz": rate_hz,
        "frames": timeline.frames,
        "duration_s": _seconds(timeline.frames, rate_hz),
        "speech_s": _seconds(whole.speech_frames, rate_hz),
        "silence_share": round(whole.silence, 4),
        "private": any(spoken.utterance.private for spoken in timeline.speech),
        "segments": [_segment(timeline, span) for span in timeline.segments],
        "speech": [_speech(spoken, rate_hz) for spoken in timeline.speech],
        "rests": [_rest(rest, rate_hz) for rest in timeline.rests],
        "bells": [_bell(bell, rate_hz) for bell in timeline.bells],
    }


def _seconds(frames: int, rate_hz: int) -> float:
    """Seconds to the microsecond: finer than a frame, and short to read."""
    return round(frames / rate_hz, 6)


def _placed(start_frame: int, frames: int, rate_hz: int) -> dict[str, object]:
    return {
        "start_frame": start_frame,
        "frames": frames,
        "start_s": _seconds(start_frame, rate_hz),
        "duration_s": _seconds(frames, rate_hz),
    }


def _segment(timeline: Timeline, span: SegmentSpan) -> dict[str, object]:
    share = share_of(timeline, span)
    return {
        **_placed(span.start_frame, span.frames, timeline.rate_hz),
        "title": span.title,
        "kind": span.kind,
        "depth": span.depth,
        "round": span.round,
        "optional": span.optional,
        "speech_s": _seconds(share.speech_frames, timeline.rate_hz),
        "bells": share.bells,
        "ambience": _ambience(span.ambience),
        "place": str(span.place),
    }


def _ambience(ambience: Ambience) -> dict[str, object]:
    return {
        "sound": ambience.sound,
        "below_voice_lu": ambience.below_voice_lu,
        "swell_lu": ambience.swell_lu,
    }


def _speech(spoken: SpeechPlacement, rate_hz: int) -> dict[str, object]:
    utterance = spoken.utterance
    return {
        **_placed(spoken.start_frame, spoken.frames, rate_hz),
        "text": utterance.caption,
        "voice": utterance.voice,
        "speed": utterance.speed,
        "language": utterance.language,
        "private": utterance.private,
        "place": str(spoken.place),
    }


def _rest(placed: RestPlacement, rate_hz: int) -> dict[str, object]:
    rest = placed.rest
    return {
        **_placed(placed.start_frame, placed.frames, rate_hz),
        "level": rest.level,
        "order": rest.order,
        "min_s": rest.range.min_s,
        "ideal_s": rest.range.ideal_s,
        "max_s": rest.range.max_s,
        "place": str(rest.place),
    }


def _bell(bell: BellPlacement, rate_hz: int) -> dict[str, object]:
    return {**_placed(bell.start_frame, bell.frames, rate_hz), "name": bell.name, "place": str(bell.place)}
