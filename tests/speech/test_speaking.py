from __future__ import annotations

import traceback
from types import FunctionType
from typing import TYPE_CHECKING

import pytest

from breathmark.base.errors import VoiceError
from breathmark.speech import speaking
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.pace import LEVEL_PASSAGE
from breathmark.speech.speaking import Speaker, Task, narrators_stay

if TYPE_CHECKING:
    from breathmark.speech.clips.store import ClipCache
    from breathmark.speech.contract import Narrator

pytestmark = pytest.mark.usefixtures("plugins")


def task(cache: ClipCache, text: str, *, private: bool = False) -> Task:
    """A sentence for the plug-in that does what the text says."""
    request = SpeechRequest(text=text, voice="unruly:one", speed=1.0, language="en")
    return Task(request=request, key=cache.key(request, "1", private=private))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Fail, please.", "ValueError: no such phoneme"),
        ("Refuse it.", "the engine is tired"),
        ("Silence falls.", "only silence"),
        ("Cut off the sentence that is rather long, and then some more.", "0.1 s of sound where about"),
        ("Nothing comes.", "something that is not a clip"),
        ("Run on.", "s of sound where about"),
    ],
)
def test_a_failure_names_the_sentence_and_a_way_out(cache: ClipCache, text: str, message: str) -> None:
    """Whatever a narrator does wrong is a voice error that quotes the sentence; nothing is stored."""
    with pytest.raises(VoiceError, match=message) as caught:
        Speaker(cache, {}).perform(task(cache, text))
    assert f"unruly:one could not speak “{text}”" in caught.value.message
    assert caught.value.hint
    assert cache.load(task(cache, text).key) is None


def test_a_private_sentence_is_not_disclosed(cache: ClipCache) -> None:
    """An error about it quotes nothing, also where the engine's own message does."""
    with pytest.raises(VoiceError) as caught:
        Speaker(cache, {}).perform(task(cache, "Fail, Xanthippe.", private=True))
    assert "Xanthippe" not in str(caught.value)


def test_a_bug_of_ours_is_a_bug(cache: ClipCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in our own code is not attributed to the engine, nor tried again; it quotes nothing private."""
    calls = []

    def mistake(text: str, speed: float) -> float:
        calls.append(text)
        return text.speed * speed  # type: ignore[attr-defined, no-any-return]

    # As if it stood in our own module.
    ours = FunctionType(mistake.__code__, vars(speaking), closure=mistake.__closure__)
    monkeypatch.setattr(speaking, "speech_s", ours)
    with pytest.raises(AttributeError, match="no attribute 'speed'"):
        Speaker(cache, {}).perform(task(cache, "Be still."))
    assert len(calls) == 1
    secret = task(cache, "Be still, Xanthippe.", private=True)
    with pytest.raises(RuntimeError, match="AttributeError, with a private value") as caught:
        Speaker(cache, {}).perform(secret)
    assert "Xanthippe" not in "".join(traceback.format_exception(caught.value))


def test_a_failure_that_passes_is_tried_again(cache: ClipCache) -> None:
    """One failure costs nothing."""
    Speaker(cache, {}).perform(task(cache, "Fail once."))
    assert cache.load(task(cache, "Fail once.").key)


def test_a_word_without_an_end_is_spoken(cache: ClipCache) -> None:
    """Hundreds of letters in a row are hummed as one word; that is short for them, and no clip that was cut off."""
    Speaker(cache, {}).perform(task(cache, f"Hum {'x' * 500} now."))


def test_a_plug_in_may_give_stereo(cache: ClipCache) -> None:
    """What is stored is mono of 16 bit in any case."""
    Speaker(cache, {}).perform(task(cache, "Stereo sound."))
    Speaker(cache, {}).perform(task(cache, "Plainy sound."))
    stereo, plain = (cache.load(task(cache, text).key) for text in ("Stereo sound.", "Plainy sound."))
    assert stereo is not None
    assert plain is not None
    assert stereo.frames == plain.frames


def test_long_sentences_are_quoted_in_part(cache: ClipCache) -> None:
    """An error stays readable."""
    assert "loudness" in task(cache, LEVEL_PASSAGE).label, "no script holds these sentences"
    label = task(cache, "word " * 400).label
    assert len(label) <= 82
    assert label.endswith("…”")


def test_a_narrator_stays_loaded_where_that_is_asked_for(cache: ClipCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second sentence is spoken by the same one; outside it is loaded as ever, and other settings are another."""
    request = SpeechRequest(text="Be well.", voice="tone:tone", speed=1.0, language="en")
    loaded: dict[str, Narrator] = {}
    with narrators_stay(loaded):
        Speaker(cache, {}).speak(request)
        monkeypatch.setattr(speaking, "load_narrator", None)
        Speaker(cache, {}).speak(request)
        with pytest.raises(TypeError):
            Speaker(cache, {"tone": {"other": "setting"}}).speak(request)
    assert len(loaded) == 1
    with pytest.raises(TypeError):
        Speaker(cache, {}).speak(request)
