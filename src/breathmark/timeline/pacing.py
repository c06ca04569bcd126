"""Pacing of a session: share of silence, words a minute, longest gap.

The model and its bounds are the design of the shipped course's research, set beside measured practice: printed
self-compassion scripts of 10 to 14 minutes have 59 to 65 % of silence, a live trauma-sensitive class 47 %, and silence
grows with length, mostly by lengthening chosen silences.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from math import log2
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from breathmark.model import Kind, Level, Place
    from breathmark.timeline.gaps import Gap, LaidOut, Stretch


SILENCE_TOLERANCE = 0.12
PACE_WPM = (90.0, 125.0)
"""Words a minute over speech and the implied rests between its sentences."""
FEWEST_WORDS = 25
"""Of fewer words a pace says little."""
_USUAL_REST_S = 1.5
"""Between two sentences, in a session that has no such rest."""

_MORE_SILENCE: Mapping[Level, float] = {"beginner": 0.0, "intermediate": 0.07, "advanced": 0.15}
_MINUTES = (5, 10, 15, 20, 30)
_LIMITS_S: Mapping[Level, tuple[int, ...]] = {
    "beginner": (15, 20, 30, 30, 45),
    "intermediate": (25, 45, 60, 75, 90),
    "advanced": (40, 75, 120, 150, 180),
}
"""The longest gap without a cue that nobody has announced, at each of the minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentPace:
    """How fast the words of one segment come."""

    title: str
    kind: Kind
    place: Place
    start_s: float
    """When the segment begins."""
    words: int
    speech_s: float
    implied_s: float
    """The rests between its sentences, each as far as it is the rest between two sentences that nobody wrote: a longer
    one that somebody wrote is a pause, not a slower pace."""

    @property
    def wpm(self) -> float:
        """Words a minute."""
        return self.words * 60 / (self.speech_s + self.implied_s)

    @property
    def tells(self) -> bool:
        """Whether there are enough words for a pace."""
        return self.words >= FEWEST_WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Pacing:
    """The pacing of a session."""

    length_s: float
    silence: float
    """The share of it without speech, from 0 to 1."""
    silence_model: float
    """The share that suits this length and level."""
    longest_gap_s: float
    """The longest time without a cue, outside an unguided tail."""
    longest_gap_in: str
    """The title of the segment with it."""
    gap_limit_s: float
    """What suits this length and level, where nobody has announced it."""
    paces: tuple[SegmentPace, ...]
    """Of each segment with words, in order; rounds apart."""

    @property
    def wpm(self) -> float:
        """Words a minute of all segments together; 0 where nothing is said."""
        return words_a_minute(self.paces)


def words_a_minute(paces: Iterable[SegmentPace]) -> float:
    """The pace of several segments together; 0 where nothing is said."""
    counted = tuple(paces)
    spent_s = sum(pace.speech_s + pace.implied_s for pace in counted)
    return sum(pace.words for pace in counted) * 60 / spent_s if spent_s else 0.0


def silence_model(length_s: float, level: Level) -> float:
    """The share of silence that suits a session: 38 % at 5 minutes, 10 % more with each doubling."""
    return 0.38 + 0.10 * log2(max(length_s, 60.0) / 300) + _MORE_SILENCE[level]


def gap_limit_s(length_s: float, level: Level) -> float:
    """The longest gap without a cue that nobody has announced; between the lengths of the table, in proportion."""
    limits, at = _LIMITS_S[level], length_s / 60
    if at <= _MINUTES[0] or at >= _MINUTES[-1]:
        return limits[0] if at <= _MINUTES[0] else limits[-1]
    i = bisect_right(_MINUTES, at) - 1
    share = (at - _MINUTES[i]) / (_MINUTES[i + 1] - _MINUTES[i])
    return limits[i] + share * (limits[i + 1] - limits[i])


def pacing(session: LaidOut, level: Level) -> Pacing:
    """The pacing of ``session``, beside what suits its length and ``level``."""
    timeline = session.timeline
    speech_s = sum(spoken.frames for spoken in timeline.speech) / timeline.rate_hz
    longest = max(_guided(session), key=lambda gap: gap.length_s, default=None)
    return Pacing(
        length_s=session.length_s,
        silence=1 - speech_s / session.length_s if session.length_s else 1.0,
        silence_model=silence_model(session.length_s, level),
        longest_gap_s=longest.length_s if longest else 0.0,
        longest_gap_in=longest.stretch.title if longest else "",
        gap_limit_s=gap_limit_s(session.length_s, level),
        paces=paces(session),
    )


def _guided(session: LaidOut) -> Iterator[Gap]:
    return (gap for gap in session.gaps if gap.stretch.kind != "tail" and gap.ends_with != "end")


def paces(session: LaidOut) -> tuple[SegmentPace, ...]:
    """How fast the words of each segment come, in order; rounds apart."""
    rests = [rest.frames for rest in session.timeline.rests if rest.rest.level == "sentence"]
    rate_hz = session.timeline.rate_hz
    usual = round(median(rests)) if rests else round(_USUAL_REST_S * rate_hz)
    measured = (_pace(stretch, usual, rate_hz) for stretch in session.stretches)
    return tuple(pace for pace in measured if pace is not None)


def _pace(stretch: Stretch, usual: int, rate_hz: int) -> SegmentPace | None:
    """None where nothing is said, or where a guided breath sets the time."""
    speech = stretch.speech
    if not speech or len({spoken.place for spoken in speech}) < len(speech) / 2:
        return None
    gaps = (two.start_frame - one.start_frame - one.frames for one, two in pairwise(speech))
    implied = sum(min(gap, usual) for gap in gaps)
    return SegmentPace(
        title=stretch.title,
        kind=stretch.kind,
        place=stretch.place,
        start_s=stretch.start_s,
        words=sum(len(spoken.utterance.caption.split()) for spoken in speech),
        speech_s=sum(spoken.frames for spoken in speech) / rate_hz,
        implied_s=implied / rate_hz,
    )
