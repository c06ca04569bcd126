"""The pacing report: silence beside its model, gaps beside their limits, words a minute."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

import breathmark
from breathmark.checker.rules import quiet
from breathmark.model import Place
from breathmark.timeline.pacing import LaidOut, SegmentPace, gap_limit_s, pacing, silence_model

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.checker.reading import Reading

PLACE = Place(path="pause.yaml", line=1, column=1)

SCRIPT = """\
title: A Small Pause
pacing: {sentence: 2s!, segment: 3s!}
segments:
  - bell: {name: chime, rest: 4s!}
  - title: Words
    say: |
      Let your weight settle into whatever is holding you.
      Let your hands lie on something soft. [pause 20s!]
      There is nothing to do in the next few moments but that, and even that can wait. [pause 5s!]
  - breathe: {in: 4s, out: 6s, rounds: 3, cue: voice}
  - title: Resting
    silence: 30s!
  - title: Ending
    say: And here is the end. [pause 7s!]
"""


@pytest.fixture
def session(tmp_path: Path) -> LaidOut:
    """Laid out with the deterministic narrator, its lengths measured."""
    (script := tmp_path / "pause.yaml").write_text(SCRIPT, "utf-8")
    return LaidOut(timeline=breathmark.plan(script, breathmark.Options(voice="tone")).timeline)


@pytest.mark.parametrize(("minutes", "share"), [(5, 0.40), (10, 0.50), (15, 0.56), (20, 0.60), (30, 0.66)])
def test_the_model_is_the_table_of_the_research(minutes: int, share: float) -> None:
    """For beginners; others bear 7 and 15 % more."""
    assert silence_model(minutes * 60, "beginner") == pytest.approx(share, abs=0.005)
    assert silence_model(minutes * 60, "intermediate") == pytest.approx(share + 0.07, abs=0.005)
    assert silence_model(minutes * 60, "advanced") == pytest.approx(share + 0.15, abs=0.005)


def test_limits_of_gaps_lie_between_those_of_the_table() -> None:
    """At its lengths they are its own, between them in proportion, beyond them the outermost."""
    assert [gap_limit_s(minutes * 60, "beginner") for minutes in (1, 5, 7.5, 10, 30, 60)] == [15, 15, 17.5, 20, 45, 45]
    assert [gap_limit_s(minutes * 60, "advanced") for minutes in (5, 30)] == [40, 180]


def test_gaps_are_the_times_without_a_cue(session: LaidOut) -> None:
    """From the end of a word or the strike of a bell to the next word or strike; the longest is named."""
    gaps = [gap for gap in session.gaps if gap.stretch.title == "Words"]
    assert [round(gap.length_s, 1) for gap in gaps] == [2.0, 20.0, 5.0]
    assert gaps[1].place.line == 8
    found = pacing(session, "beginner")
    assert (found.longest_gap_in, round(found.longest_gap_s)) == ("Resting", 35)
    last = session.gaps[-1]
    assert (last.ends_with, round(last.rest_s, 1)) == ("end", 7.0)


def test_pace_counts_a_pause_as_no_more_than_a_rest_between_sentences(session: LaidOut) -> None:
    """Words over their speech and 2 s for each of two joins; a guided breath, whose time is set, has no pace."""
    found = pacing(session, "beginner")
    words = next(pace for pace in found.paces if pace.title == "Words")
    speech_s = sum(spoken.frames for spoken in session.timeline.speech[:3]) / session.timeline.rate_hz
    assert words.words == 33
    assert words.implied_s == pytest.approx(4.0, abs=0.01)
    assert words.wpm == pytest.approx(33 * 60 / (speech_s + 4.0), abs=0.1)
    assert [pace.title for pace in found.paces] == ["Words", "Ending"]
    spoken_s = sum(spoken.frames for spoken in session.timeline.speech) / session.timeline.rate_hz
    assert found.silence == pytest.approx(1 - spoken_s / session.length_s)


@pytest.mark.parametrize(("wpm", "side"), [(89, "slower"), (90, ""), (130, ""), (131, "faster")])
def test_a_pace_is_calm_up_to_its_limits(wpm: int, side: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """DUR-04, at 90 and 130 words a minute, which are still calm."""
    pace = SegmentPace(title="", kind="practice", place=PLACE, start_s=0.0, words=wpm, speech_s=50.0, implied_s=10.0)
    monkeypatch.setattr(quiet, "paces", lambda _: (pace,))
    session = SimpleNamespace(length_s=600.0)
    found = list(quiet.calm(cast("Reading", SimpleNamespace(estimated=False, free_text=False, sessions=[session]))))
    assert [side in finding.message for finding in found] == [True] * bool(side)


@pytest.mark.parametrize(("silence", "much"), [(0.355, "less"), (0.365, ""), (0.635, ""), (0.645, "more")])
def test_silence_may_stray_from_its_model(silence: float, much: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """DUR-03, by 14 % to both sides: at ten minutes, 36 to 64 %."""
    paced = SimpleNamespace(silence=silence, silence_model=silence_model(600.0, "beginner"), paces=(None,))
    monkeypatch.setattr(quiet, "pacing", lambda *_: paced)
    reading = SimpleNamespace(sessions=[SimpleNamespace(length_s=600.0)], level="beginner", place_of=lambda _: PLACE)
    found = list(quiet.silence_share(cast("Reading", reading)))
    assert [much in finding.message for finding in found] == [True] * bool(much)
