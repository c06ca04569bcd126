"""Interrupts while a voice speaks: they end the run with 130, and nothing unfinished is kept."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import psutil
import pytest

from breathmark.base.errors import VoiceError
from breathmark.base.files import sweep_scratch
from breathmark.speech.clips.clip_file import unpack
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.registry import load_narrator
from breathmark.speech.voices import pyttsx3
from breathmark.speech.voices.espeak_driver import SynchronousDriver
from tests.profiles import count

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="signals, and eSpeak's callback")

SENTENCES: Final = 20
LONG: Final = " and then slowly, with each breath, another breath" * 6
SCRIPT: Final = """\
title: Long
length: 5m..30m..4h
voice: pyttsx3:en-us
segments:
  - say: |
"""
COURSE: Final = """\
title: Long
summary: Sentences.
lengths: [30m]
blocks: {only: {title: Only, sessions: [{script: long}]}}
publish: [folder]
"""
RUNS: Final = {
    "in-process": (("plan", "long.yaml", "--jobs", "1"), signal.SIGINT),
    "workers": (("plan", "long.yaml", "--jobs", "2"), signal.SIGTERM),
    "build": (("build", ".", "-o", "out", "--jobs", "2"), signal.SIGTERM),
}


def start(folder: Path, cache: Path, *words: str) -> subprocess.Popen[bytes]:
    """A command that speaks long sentences with the system's voice, in a group of its own."""
    lines = "".join(f"      Breath number {number}{LONG}.\n" for number in range(SENTENCES))
    (folder / "long.yaml").write_text(SCRIPT + lines + "  - silence: 1s..15m..3h\n")
    (folder / "course.yaml").write_text(COURSE)
    line = [sys.executable, "-m", "breathmark", *words]
    environment = os.environ | {"BREATHMARK_CACHE": str(cache), "TMPDIR": str(folder / "temporary")}
    (folder / "temporary").mkdir(exist_ok=True)
    pipe = subprocess.PIPE
    return subprocess.Popen(line, cwd=folder, env=environment, stdout=pipe, stderr=pipe, start_new_session=True)


def clips(cache: Path) -> dict[str, float]:
    """How long each clip that is stored is (s)."""
    found = {}
    for path in cache.rglob("*.wav"):
        facts = unpack(path.read_bytes(), path.stem)
        assert facts is not None, path
        found[path.name] = facts.frames / facts.rate_hz
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """The clips of a run that nobody interrupts."""
    folder = tmp_path_factory.mktemp("undisturbed")
    process = start(folder, folder / "cache", "plan", "long.yaml", "--jobs", "1")
    complained = process.communicate(timeout=300)[1]
    assert process.returncode == 0, complained.decode()
    found = clips(folder / "cache")
    assert len(found) == SENTENCES + 1
    return found


def interrupt(folder: Path, expected: dict[str, float], run: str, after: int, delay_s: float) -> tuple[bool, bool]:
    """Interrupt a run some time after a number of clips is stored, and look at what it leaves.

    Returns:
        Whether it left sentences unspoken: where the machine is busy, all may be spoken before the signal comes. And
        whether it cleared its temporary files away itself.
    """
    words, number = RUNS[run]
    cache = folder / "cache"
    process = start(folder, cache, *words)
    while process.poll() is None and len(clips(cache)) < after:
        time.sleep(0.002)
    time.sleep(delay_s)
    helpers = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    os.killpg(process.pid, number)
    said, complained = process.communicate(timeout=60)
    details = f"{run}, after {after} clips and {delay_s} s: {said.decode()} {complained.decode()}"
    stored = clips(cache)
    assert process.returncode == 130, details
    assert b"Traceback" not in complained, details
    assert b"ignored" not in complained, details
    # eSpeak's sound depends a little on what it said before; what it hands over at once is a second.
    assert stored == {name: pytest.approx(expected[name], abs=0.3) for name in stored}, details
    _, alive = psutil.wait_procs(helpers, timeout=60)
    assert alive == [], details
    cleared = not list((folder / "temporary").iterdir())
    if not cleared:  # of a worker that ended in the middle: the next run takes it away
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(folder / "temporary"))
            sweep_scratch.cache_clear()
            sweep_scratch()
    assert list((folder / "temporary").iterdir()) == [], details
    return len(stored) < len(expected), cleared


def interrupts(folder: Path, expected: dict[str, float], times: int) -> None:
    """Interrupt runs of every kind at random moments."""
    seed = random.randrange(2**32)  # noqa: S311 - moments, not secrets
    print("seed", seed)  # noqa: T201 - shown where the test fails
    moments = random.Random(seed)  # noqa: S311 - as above
    early = cleared = 0
    for time_ in range(times):
        own = folder / str(time_)
        own.mkdir()
        after, delay_s = moments.randrange(1, 5), moments.uniform(0, 0.05)
        left_some, cleared_all = interrupt(own, expected, [*RUNS][time_ % len(RUNS)], after, delay_s)
        early += left_some
        cleared += cleared_all
    assert early >= times // 2
    assert cleared >= times - times // 5


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_interrupted_speech_is_never_kept(tmp_path: Path, undisturbed: dict[str, float]) -> None:
    """In the run's own process and, but for quick runs, in workers."""
    interrupts(tmp_path, undisturbed, count(quick=1, ci=15, nightly=90))


def test_a_signal_in_the_callback_ends_the_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is raised when eSpeak has returned, early and not at the end of the sentence; the engine goes on working."""
    narrator = load_narrator("pyttsx3")
    request = SpeechRequest(text=f"Breathe{LONG}.", voice="pyttsx3:en-us", speed=1.0, language="en")
    whole = narrator.speak(request)
    calls = []

    def hit(_driver: SynchronousDriver, *piece: object) -> None:
        calls.append(piece)
        signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(SynchronousDriver, "_take", hit)
        with pytest.raises(KeyboardInterrupt):
            narrator.speak(request)
    assert len(calls) == 1
    again = narrator.speak(request).audio
    assert again.duration_seconds == pytest.approx(whole.audio.duration_seconds, abs=0.3)


def test_half_a_sentence_is_not_kept_whatever_the_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of ``asyncio.run`` doesn't raise: the driver stops, writes no file, and the narrator raises."""
    narrator = load_narrator("pyttsx3")
    request = SpeechRequest(text=f"Breathe{LONG}.", voice="pyttsx3:en-us", speed=1.0, language="en")
    whole = narrator.speak(request)
    files: list[str] = []
    take, save = SynchronousDriver._take, SynchronousDriver.save_to_file

    def hit(driver: SynchronousDriver, samples: object, number: int, events: object) -> None:
        take(driver, samples, number, events)
        signal.raise_signal(signal.SIGINT)

    def watched(driver: SynchronousDriver, text: str, filename: str) -> None:
        save(driver, text, filename)
        files.extend(path.name for path in Path(filename).parent.iterdir())

    heard: list[object] = []
    before = signal.signal(signal.SIGINT, lambda *_: heard.append("a signal"))
    try:
        with monkeypatch.context() as patch:
            patch.setattr(SynchronousDriver, "_take", hit)
            patch.setattr(SynchronousDriver, "save_to_file", watched)
            with pytest.raises(KeyboardInterrupt):
                narrator.speak(request)
    finally:
        signal.signal(signal.SIGINT, before)
    assert (heard, files) == (["a signal"], [])
    again = narrator.speak(request).audio
    assert again.duration_seconds == pytest.approx(whole.audio.duration_seconds, abs=0.3)


class HangingEngine:
    """An engine of the system that never ends by itself; a person who presses Ctrl-C twice."""

    went_on = False

    def connect(self, topic: str, _callback: object) -> str:
        """A token, as pyttsx3 gives it."""
        return topic

    def disconnect(self, _token: str) -> None:
        """Forget a callback."""

    def setProperty(self, *_named: object) -> None:  # noqa: N802 - pyttsx3's interface
        """Take a property."""

    def save_to_file(self, *_names: str) -> None:
        """Queue a sentence."""

    def runAndWait(self) -> None:  # noqa: N802 - pyttsx3's interface
        """Hang."""
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        self.went_on = True


def test_a_second_ctrl_c_ends_an_engine_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS and Windows, where it is the system that speaks; the engine isn't used again."""
    monkeypatch.setattr(pyttsx3, "_ON_LINUX", False)
    narrator = pyttsx3.Pyttsx3Narrator({})
    engine = HangingEngine()
    monkeypatch.setattr(narrator, "_engine", engine)
    monkeypatch.setattr(narrator, "_ids", {"pyttsx3:alex": "alex"})
    with pytest.raises(KeyboardInterrupt):
        narrator.speak(SpeechRequest(text="Breathe.", voice="pyttsx3:alex", speed=1.0, language="en"))
    assert not engine.went_on
    assert narrator._engine is None


def test_an_exception_in_the_callback_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as where memory runs out: the voice failed, and gives no sentence that lacks a second."""
    narrator = load_narrator("pyttsx3")

    def fail(_driver: SynchronousDriver, *_piece: object) -> None:
        raise MemoryError("no room for a second of sound")

    monkeypatch.setattr(SynchronousDriver, "_take", fail)
    request = SpeechRequest(text="Breathe.", voice="pyttsx3:en-us", speed=1.0, language="en")
    with pytest.raises(VoiceError, match="no room for a second"):
        narrator.speak(request)
