"""Pacing of a laid-out session: its stretches, the gaps between what is heard, and how they keep to the model.

The model and its bounds are the design of the shipped course's research, set beside measured practice: printed
self-compassion scripts of 10 to 14 minutes have 59 to 65 % of silence, a live trauma-sensitive class 47 %, and silence
grows with length, mostly by lengthening chosen silences.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import log2
from statistics import median
from typing import TYPE_CHECKING, Literal

from breathmark.base.errors import LengthError
from breathmark.solver import Interval, Material, arrange, feasible

if TYPE_CHECKING:
    from breathmark.model import BellPlacement, Kind, Level, Place, RestPlacement, Script, SpeechPlacement, Timeline


LENGTHS_S = (300.0, 600.0, 900.0, 1200.0, 1800.0)
"""The lengths that rules are asked about, where a script promises them."""
_SAME_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One sounding of an innermost segment, in seconds."""

    title: str
    kind: Kind
    """See ``Passage.kind``."""
    place: Place
    optional: bool
    start_s: float
    end_s: float
    speech: tuple[SpeechPlacement, ...]
    rests: tuple[RestPlacement, ...]

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time without a cue: no word is said and nothing is struck in it."""

    start_s: float
    """Where the last word ends, or the last bell is struck."""
    end_s: float
    place: Place
    """Where the longest rest in it is written, or the cue before it."""
    stretch: Stretch
    """The one in which its longest rest begins."""
    ends_with: Literal["voice", "bell", "end"]
    rest_s: float
    """What the rests in it take: all of it, but for the ring and the fade behind the last cue."""

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.end_s - self.start_s


@dataclass(frozen=True, kw_only=True)
class LaidOut:
    """A reading, laid out."""

    timeline: Timeline

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.timeline.duration_s

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """The innermost segments in the order of time, once for each round."""
        return tuple(_stretches(self.timeline))

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """Every time between two cues, and that behind the last one, in order; the head is none."""
        return tuple(_gaps(self.timeline, self.stretches))

    def of(self, *kinds: Kind) -> tuple[Stretch, ...]:
        """The stretches of these kinds."""
        return tuple(stretch for stretch in self.stretches if stretch.kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A promised length that can't be reached."""

    length_s: float
    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Layouts:
    """A script at every length that rules ask about."""

    sessions: tuple[LaidOut, ...]
    refused: tuple[Refused, ...]
    feasible: tuple[Interval, ...]


def lay_out(script: Script, material: Material) -> Layouts:
    """A script at 5, 10, 15, 20 and 30 minutes as far as it promises them; at its shortest, ideal and longest.

    Raises ScriptError as ``arrange`` does.
    """
    possible = feasible(script, material)
    sessions: list[LaidOut] = []
    refused: list[Refused] = []
    for length_s in _lengths(script, possible):
        try:
            sessions.append(LaidOut(timeline=arrange(script, material, length_s)))
        except LengthError as error:
            refused.append(Refused(length_s=length_s, message=error.message, hint=error.hint))
    if script.length is None and possible:
        natural = LaidOut(timeline=arrange(script, material))
        if all(abs(natural.length_s - each.length_s) > _SAME_S for each in sessions):
            sessions.append(natural)
    sessions.sort(key=lambda session: session.length_s)
    return Layouts(sessions=tuple(sessions), refused=tuple(refused), feasible=possible)


def _lengths(script: Script, possible: tuple[Interval, ...]) -> list[float]:
    """Different by more than a moment, the shortest first."""
    if script.length is not None:
        own = script.length
        wanted = [own.min_s, own.ideal_s, own.max_s, *(s for s in LENGTHS_S if own.min_s <= s <= own.max_s)]
    else:
        wanted = [s for s in LENGTHS_S if any(each.min_s <= s <= each.max_s for each in possible)]
    shortest = _shortest_s(possible[0]) if possible else None
    kept: list[float] = []
    for length_s in sorted(wanted) if shortest is None else (shortest, *sorted(wanted)):
        if all(abs(length_s - other) > _SAME_S for other in kept):
            kept.append(length_s)
    return kept


def _shortest_s(first: Interval) -> float:
    """The shortest length in whole seconds, so that a report that shows it names one that can be rendered."""
    whole_s = float(math.ceil(first.min_s))
    return whole_s if whole_s <= first.max_s else first.min_s


def _stretches(timeline: Timeline) -> Iterator[Stretch]:
    rate_hz = timeline.rate_hz
    around: list[tuple[Kind, str]] = []
    for index, span in enumerate(timeline.segments):
        del around[span.depth :]
        outer_kind, outer_title = around[-1] if around else ("practice", "")
        kind, title = inner_kind(span.kind, outer_kind), span.title or outer_title
        around.append((kind, title))
        if index + 1 < len(timeline.segments) and timeline.segments[index + 1].depth > span.depth:
            continue
        start, end = span.start_frame, span.start_frame + span.frames
        yield Stretch(
            title=title,
            kind=kind,
            place=span.place,
            optional=span.optional,
            start_s=start / rate_hz,
            end_s=end / rate_hz,
            speech=tuple(each for each in timeline.speech if start <= each.start_frame < end),
            rests=tuple(each for each in timeline.rests if start <= each.start_frame < end),
        )


def _gaps(timeline: Timeline, stretches: tuple[Stretch, ...]) -> Iterator[Gap]:
    cues: list[SpeechPlacement | BellPlacement] = sorted(
        (*timeline.speech, *timeline.bells), key=lambda cue: cue.start_frame
    )
    for index, cue in enumerate(cues):
        following = cues[index + 1] if index + 1 < len(cues) else None
        start = cue.start_frame + (cue.frames if _is_speech(cue) else 0)
        end = following.start_frame if following else timeline.frames
        if end <= start:
            continue
        inside = [rest for rest in timeline.rests if start <= rest.start_frame < end]
        longest = max(inside, key=lambda rest: rest.frames, default=None)
        at = longest.start_frame if longest else start
        yield Gap(
            start_s=start / timeline.rate_hz,
            end_s=end / timeline.rate_hz,
            place=longest.rest.place if longest else cue.place,
            stretch=_stretch_at(stretches, at / timeline.rate_hz),
            ends_with="end" if following is None else "voice" if _is_speech(following) else "bell",
            rest_s=sum(rest.frames for rest in inside) / timeline.rate_hz,
        )


def _is_speech(cue: SpeechPlacement | BellPlacement) -> bool:
    return hasattr(cue, "utterance")


def _stretch_at(stretches: tuple[Stretch, ...], at_s: float) -> Stretch:
    return next((each for each in stretches if each.start_s <= at_s < each.end_s), stretches[-1])


def inner_kind(own: Kind, around: Kind) -> Kind:
    """The kind of a segment inside another: the default ones give way to what is around them."""
    return around if own in ("practice", "silence") and around != "practice" else own


SILENCE_TOLERANCE = 0.14
PACE_WPM = (90.0, 130.0)
"""Words a minute over speech and the implied rests between its sentences.

As the model of silence, it is for sentences that count as long as they are heard: the quiet ends of one, which
recordings count as speech, take 83 ms with eSpeak and 117 ms with Hibari, 2 % of the speech and 1 % of a session."""
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
    """The share of silence that suits a session: 40 % at 5 minutes, 10 % more with each doubling."""
    return 0.40 + 0.10 * log2(max(length_s, 60.0) / 300) + _MORE_SILENCE[level]


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
