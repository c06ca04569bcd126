"""Word times of voices that give none: recordings and servers, by a reference; and Kokoro's, by its graph."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from breathmark.speech.alignment import accumulated, aligned
from breathmark.speech.contract import SpeechRequest, sentence_id
from breathmark.speech.level import trim
from breathmark.speech.narrate import narrate
from breathmark.speech.pace import PASSAGE
from breathmark.speech.registry import load_narrator
from tests.profiles import count

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from breathmark.model import Utterance, WordTime
    from breathmark.speech.clips.store import ClipCache
    from breathmark.speech.level import TrimmedClip

    from .conftest import TalkingServer

pytest.importorskip("hibari")

WORDS = ("Stone", "river", "candle", "meadow", "garden", "table", "darling", "number", "bottle", "lantern", "pillow")
SENTENCE = f"{', '.join(WORDS)}."
MEDIAN_S, MOST_S = 0.040, 0.120
ESPEAK = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="eSpeak's events tell times on Linux alone")


def spoken(text: str, voice: str) -> TrimmedClip:
    """By the engine itself, with its own word times."""
    narrator = load_narrator(voice.partition(":")[0])
    return trim(narrator.speak(SpeechRequest(text=text, voice=voice, speed=0.7, language="en")))


def onsets_s(clip: TrimmedClip, rest_s: float, *, over: float = 1 / 100) -> list[float]:
    """When sound begins after a rest: 5 ms that are ``over`` this part of the loudest."""
    window = round(0.005 * clip.rate_hz)
    samples = np.frombuffer(clip.pcm, "<i2").astype(float)
    energy = np.sqrt(np.mean(samples[: len(samples) // window * window].reshape(-1, window) ** 2, axis=1))
    sounds = np.flatnonzero(energy > energy.max() * over)
    return [float(at) * window / clip.rate_hz for at in sounds[np.diff(sounds, prepend=-1000) * 0.005 > rest_s]]


def errors_s(words: tuple[WordTime, ...], truth_s: list[float]) -> list[float]:
    """Of eleven words."""
    assert [word.word.strip(".,") for word in words] == list(WORDS)
    assert len(truth_s) == len(WORDS)
    return [abs(word.start_s - true_s) for word, true_s in zip(words, truth_s, strict=True)]


@pytest.mark.slow
def test_a_take_gets_the_times_of_isolated_words(
    tmp_path: Path, cache: ClipCache, utterance: Callable[..., Utterance]
) -> None:
    """A recording by Piper, with Hibari as the reference, against the energy of the stored clip."""
    pytest.importorskip("piper")
    request = SpeechRequest(text=SENTENCE, voice="piper:joe", speed=0.7, language="en")
    clip = load_narrator("piper").speak(request)
    clip.audio.export(tmp_path / f"{sentence_id(SENTENCE)}.wav", "wav").close()
    said = utterance(SENTENCE)
    stored = narrate([said], voice="recorded", cache=cache, settings={"recorded": {"folder": str(tmp_path)}})[said]
    sound = spoken_from(stored.path, stored.rate_hz, stored.words)
    quiet_s = stored.before_frames / stored.rate_hz
    found = errors_s(stored.words, [at_s - quiet_s for at_s in onsets_s(sound, 0.16)])
    assert float(np.median(found)) <= MEDIAN_S
    assert max(found) <= MOST_S


def spoken_from(path: Path, rate_hz: int, words: tuple[WordTime, ...]) -> TrimmedClip:
    """A stored clip."""
    import soundfile  # noqa: PLC0415 - a tool of the tests

    from breathmark.speech.level import TrimmedClip  # noqa: PLC0415 - above it is only a type

    samples, _ = soundfile.read(path, dtype="int16")
    return TrimmedClip(pcm=samples.tobytes(), rate_hz=rate_hz, lufs=-23.0, words=words)


@pytest.mark.slow
@ESPEAK
def test_a_take_of_other_words_gets_no_times() -> None:
    """No sentence against the one behind it."""
    tried = count(quick=2, ci=4, nightly=4)
    clips = [spoken(text, "pyttsx3:en-us") for text in PASSAGE[:tried]]
    references = [spoken(text, "hibari:heart") for text in PASSAGE[1 : tried + 1]]
    assert not any(aligned(clip, other) for clip, other in zip(clips, references, strict=True))


def test_a_server_is_not_asked_again_for_the_times_of_another_reference(
    server: TalkingServer, cache: ClipCache, utterance: Callable[..., Utterance], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it spoke is kept without word times, too; nor is it asked again for a clip that had none before."""
    said = utterance("Let your shoulders sink.", voice="openai:alto")

    def ask() -> None:
        narrate([said], voice="", cache=cache, settings={"openai": server.settings | {"pace": "210"}})

    monkeypatch.setattr("breathmark.speech.orders._REFERENCES", ())
    ask()
    asked = len(server.asked)
    monkeypatch.setattr("breathmark.speech.orders._REFERENCES", ("hibari",))
    ask()
    monkeypatch.setattr("breathmark.speech.orders.ALIGNMENT", 99)
    ask()
    assert len(server.asked) == asked


@pytest.mark.slow
def test_a_server_gets_the_times_of_isolated_words(
    natural_server: TalkingServer, cache: ClipCache, utterance: Callable[..., Utterance]
) -> None:
    """Piper behind the web interface."""
    said = utterance(SENTENCE, voice="openai:alto", speed=0.7)
    settings = {"openai": natural_server.settings | {"pace": "210"}}
    stored = narrate([said], voice="", cache=cache, settings=settings)[said]
    quiet_s = stored.before_frames / stored.rate_hz
    heard_s = onsets_s(spoken_from(stored.path, stored.rate_hz, stored.words), 0.16)
    found = errors_s(stored.words, [at_s - quiet_s for at_s in heard_s])
    assert float(np.median(found)) <= MEDIAN_S
    assert max(found) <= MOST_S


@pytest.mark.slow
@pytest.mark.usefixtures("kokoro_model")
def test_kokoro_gives_the_times_of_isolated_words() -> None:
    """By the lengths in its graph, against the energy of its own clip."""
    clip = spoken(SENTENCE, "kokoro:af_heart")
    found = errors_s(clip.words, onsets_s(clip, 0.08, over=1 / 50))
    assert float(np.median(found)) <= MEDIAN_S
    assert max(found) <= MOST_S


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (1, 4), (4, 1), (5, 3), (3, 6)])
def test_a_path_costs_what_its_steps_do(rows: int, columns: int) -> None:
    """The cost to each pair of frames is that of the cheapest of three steps before it."""
    luck = np.random.default_rng(1)
    one, two = (luck.standard_normal((frames, 26)).astype(np.float32) for frames in (rows, columns))
    away = np.sqrt(((one[:, None] - two[None]) ** 2).mean(axis=2))
    found = accumulated(one, two, sideways=0.5)
    costs = np.full((rows + 1, columns + 1), np.inf)
    for row, column in np.ndindex(rows, columns):
        straight = costs[row, column] if row or column else 0.0
        aside = min(costs[row, column + 1], costs[row + 1, column]) + away[row, column] + 0.5
        costs[row + 1, column + 1] = min(straight + 2 * away[row, column], aside)
        assert found[row + column, row + 1] == pytest.approx(costs[row + 1, column + 1], rel=1e-4)
