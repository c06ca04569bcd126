"""A session is played as it will sound in the file, from any moment, and goes on with what was changed."""

from __future__ import annotations

import time
import wave
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest

from breathmark import Options, RequestError, plan, render
from breathmark.api import playing
from breathmark.api.playing import Moved, News, SentenceBegun, Unplayable, play, preview

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from breathmark import Plan

SCRIPT = """\
title: Short
ambience: room-tone
pacing: {sentence: 300ms..500ms..3s, segment: 1s..2s..6s}
segments:
  - title: Welcome
    say: Hello there.
  - title: Rest
    say: You might rest now.
"""
OPTIONS = Options(voice="tone")


@dataclass
class Recorder:
    """An output that keeps what it is given, and calls somebody now and then."""

    heard: bytearray = field(default_factory=bytearray)
    ends: list[str] = field(default_factory=list)
    after: Callable[[int], None] = lambda _frames: None

    def open(self, rate_hz: int, channels: int) -> Recorder:
        """As ``open_output``."""
        assert (rate_hz, channels) == (44_100, 2)
        return self

    def write(self, pcm: bytes) -> None:
        """See ``Output``."""
        self.heard += pcm
        self.after(len(self.heard) // 4)

    def finish(self) -> None:
        """See ``Output``."""
        self.ends.append("finish")

    def close(self) -> None:
        """See ``Output``."""
        self.ends.append("close")


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A short session; its sentences are beeps."""
    (path := tmp_path / "short.yaml").write_text(SCRIPT, encoding="utf-8")
    return path


def test_what_is_played_is_the_finished_file(script: Path, tmp_path: Path) -> None:
    """Sample for sample that of a WAV, where the ambience is made; each sentence is told when it begins."""
    artefact = render(script, tmp_path / "short.wav", OPTIONS)
    recorder, told = Recorder(), list[News]()
    play(script, OPTIONS, tell=told.append, output=recorder.open)
    with wave.open(str(artefact.path)) as file:
        assert bytes(recorder.heard) == file.readframes(1 << 30)
    assert recorder.ends == ["finish", "close"]
    placed = artefact.timeline.speech
    assert told == [SentenceBegun(start_s=each.start_frame / 44_100, text=each.utterance.caption) for each in placed]


@pytest.mark.parametrize(("start", "least_s"), [("rest", 3.0), ("0:04", 4.0)])
def test_it_begins_anywhere(script: Path, start: str, least_s: float) -> None:
    """With a segment or at a time, with what comes then in the whole session."""
    whole, later = Recorder(), Recorder()
    play(script, OPTIONS, output=whole.open)
    play(script, OPTIONS, start=start, output=later.open)
    session = plan(script, OPTIONS).timeline
    begin = 4 * 44_100 if start == "0:04" else session.segments[1].start_frame
    assert begin >= least_s * 44_100
    assert len(later.heard) == 4 * (session.frames - begin)
    ends = [np.frombuffer(bytes(each.heard[-4 * 44_100 :]), "<i2").astype(int) for each in (whole, later)]
    assert np.abs(ends[0] - ends[1]).max() <= 2  # dither


@pytest.mark.parametrize(("start", "said"), [("nowhere", "titled"), ("59:00", "ends before"), ("1:2:3:4", "be read")])
def test_a_place_that_is_not_there_is_reported(script: Path, start: str, said: str) -> None:
    """Nothing is played then."""
    recorder = Recorder()
    with pytest.raises(RequestError, match=said):
        play(script, OPTIONS, start=start, output=recorder.open)
    assert recorder.ends == []


class _EnoughError(Exception):
    pass


def test_it_goes_on_with_what_was_changed(script: Path) -> None:
    """A fault is reported, and waited for until it is mended; then the changed sentence is heard."""
    recorder, told = Recorder(), list[News]()

    def tell(news: News) -> None:
        told.append(news)
        if isinstance(news, Unplayable):
            script.write_text(SCRIPT.replace("rest now", "sleep now"), encoding="utf-8")
        if isinstance(news, SentenceBegun) and "sleep" in news.text:
            raise _EnoughError

    def save(frames: int) -> None:
        if frames >= 44_100 and "title: Short" in script.read_text(encoding="utf-8") and len(told) == 1:
            script.write_text(SCRIPT.replace("title: Short\n", ""), encoding="utf-8")
            recorder.after = lambda _frames: None
            time.sleep(0.4)  # it looks a few times a second

    recorder.after = save
    with pytest.raises(_EnoughError):
        play(script, OPTIONS, watch=True, tell=tell, output=recorder.open)
    kinds = [type(each) for each in told]
    assert kinds == [SentenceBegun, Unplayable, Moved, SentenceBegun]
    moved, last = told[2], told[3]
    assert isinstance(moved, Moved)
    assert isinstance(last, SentenceBegun)
    assert moved.at_s == pytest.approx(last.start_s - 0.5)
    assert recorder.ends == ["close", "close"]


def test_what_is_saved_while_it_is_laid_out_is_seen(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which takes as long as a voice takes."""

    def plan_slowly(path: Path, options: Options) -> Plan:
        session = plan(path, options)
        if script.read_text(encoding="utf-8") == SCRIPT:
            script.write_text(SCRIPT.replace("rest now", "sleep now"), encoding="utf-8")
        return session

    def tell(news: News) -> None:
        if isinstance(news, SentenceBegun) and "sleep" in news.text:
            raise _EnoughError
        assert not isinstance(news, Moved) or news.why == "changed"

    monkeypatch.setattr(playing, "plan", plan_slowly)
    with pytest.raises(_EnoughError):
        play(script, OPTIONS, watch=True, tell=tell, output=Recorder().open)


def test_a_part_at_fault_is_waited_for(script: Path) -> None:
    """It was not read before, so that its mending must be looked for."""
    part = script.with_name("part.yaml")
    told: list[News] = []

    def tell(news: News) -> None:
        told.append(news)
        match news:
            case Moved(why="ended"):
                part.write_text("segments: [{say: }]\n", encoding="utf-8")
                script.write_text(f"{SCRIPT}  - include: part.yaml\n", encoding="utf-8")
            case Unplayable():
                part.write_text("segments: [{say: You might smile.}]\n", encoding="utf-8")
            case SentenceBegun(text="You might smile."):
                raise _EnoughError
            case _:
                pass

    with pytest.raises(_EnoughError):
        play(script, OPTIONS, watch=True, tell=tell, output=Recorder().open)
    assert [type(each) for each in told[-4:]] == [Moved, Unplayable, Moved, SentenceBegun]


@pytest.mark.slow
def test_ambience_that_is_not_made_holds_nothing_up(script: Path, tmp_path: Path) -> None:
    """A preview makes the ambience where it is played; its level is nearly that of the finished file."""
    script.write_text(SCRIPT.replace("room-tone", "soft-rain") + "  - silence: 70s..80s..90s\n", encoding="utf-8")
    options = Options(voice="tone", cache=tmp_path / "cache")
    session = plan(script, options)
    quick = preview(session, options)
    assert len(list((tmp_path / "cache").rglob("*.piece"))) == 1
    next(quick.blocks())
    assert len(list((tmp_path / "cache").rglob("*.piece"))) <= 2
    whole = preview(session, options, quick=False)
    assert quick.report.ambience_lufs == pytest.approx(whole.report.ambience_lufs, abs=1)
    assert len(list((tmp_path / "cache").rglob("*.piece"))) > 3
