"""How fast the shipped course is spoken, and how much of it is quiet, measured on the clips of two voices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import pytest

from breathmark import Options, Plan, plan
from breathmark.script.parse import parse

from .corpus import TRACKS, words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from breathmark import Timeline
    from breathmark.model import SegmentSpan

LENGTHS_S: Final = tuple(minutes * 60 for minutes in (5, 10, 15, 20, 30))
SLOWEST, FASTEST = 90, 125
"""Words a minute."""
PACE_FROM_WORDS: Final = 25
MORE_SILENCE: Final = {"beginner": 0.0, "intermediate": 0.07, "advanced": 0.15}
SILENCE_TOLERANCE: Final = 0.12

CASES = [
    pytest.param(path, voice, id=f"{path.stem} {voice}", marks=pytest.mark.slow)
    for path in TRACKS
    for voice in ("piper:joe", "pyttsx3")
]
SESSIONS = [case for case in CASES if str(case.id)[:2].isdigit()]


@pytest.mark.parametrize(("path", "voice"), CASES)
def test_every_segment_has_an_unhurried_pace(path: Path, voice: str) -> None:
    """90 to 125 words a minute in each segment of 25 words or more, at every length."""
    sentence_rest_s = parse(path).pacing["sentence"].ideal_s
    paces = {
        (round(session.timeline.duration_s), title): pace
        for session in _plans(path, voice)
        for title, pace in _paces(session.timeline, sentence_rest_s)
    }
    assert paces, "no segment is measured"
    assert not {where: pace for where, pace in paces.items() if not SLOWEST <= pace <= FASTEST}


@pytest.mark.parametrize(("path", "voice"), SESSIONS)
def test_the_silence_of_a_session_grows_as_the_course_wants_it(path: Path, voice: str) -> None:
    """At 5 minutes 0.38 of the whole, 0.10 more with each doubling, and more for listeners with practice; ±0.12."""
    for session in _plans(path, voice):
        timeline = session.timeline
        model = 0.38 + 0.10 * math.log2(timeline.duration_s / 300) + MORE_SILENCE[session.script.level]
        speech = sum(placed.frames for placed in timeline.speech)
        assert 1 - speech / timeline.frames == pytest.approx(model, abs=SILENCE_TOLERANCE), timeline.duration_s


def _plans(path: Path, voice: str) -> Iterator[Plan]:
    """A script at each of the five lengths that it can have, or else at its ideal."""
    own = parse(path).length
    lengths_s = [length_s for length_s in LENGTHS_S if own is None or own.min_s <= length_s <= own.max_s]
    for length_s in lengths_s:
        yield plan(path, Options(length=length_s, voice=voice))
    if not lengths_s:
        yield plan(path, Options(voice=voice))


def _paces(timeline: Timeline, sentence_rest_s: float) -> Iterator[tuple[str, int]]:
    """Each segment that says enough, with its words a minute: of its sentences, each with the rest that is due to it.

    A longer rest than one between two sentences is time to practise, and no slower speech.
    """
    for span in _innermost(timeline.segments):
        end = span.start_frame + span.frames
        placed = [each for each in timeline.speech if span.start_frame <= each.start_frame < end]
        said = [each for each in placed if not each.utterance.text.startswith(("Breathe in", "Breathe out"))]
        count = sum(len(words(each.utterance.text)) for each in said)
        if count >= PACE_FROM_WORDS:
            spoken_s = sum(each.frames for each in said) / timeline.rate_hz
            yield span.title or str(span.place), round(60 * count / (spoken_s + len(said) * sentence_rest_s))


def _innermost(spans: tuple[SegmentSpan, ...]) -> list[SegmentSpan]:
    """The segments that hold no others: a parent stands before its children."""
    return [
        span
        for span, following in zip(spans, (*spans[1:], None), strict=True)
        if following is None or following.depth <= span.depth
    ]
