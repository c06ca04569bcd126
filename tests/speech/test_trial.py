# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import pytest

from breathmark.base.errors import RequestError, VoiceError
from breathmark.script.lexicon import Pronunciation
from breathmark.speech.registry import resolve_voice
from breathmark.speech.trial import try_voice, try_word


def test_a_voice_says_a_sentence_of_its_own_language() -> None:
    """Without a text it has one; a text of one's own is what is said."""
    usual = try_voice("pyttsx3:de")
    assert (usual.channels, usual.sample_width) == (1, 2)
    assert 2 < usual.duration_seconds < 8
    assert try_voice("pyttsx3:de", text="Hallo.").duration_seconds < usual.duration_seconds
    assert try_voice("tone", speed=0.5).duration_seconds > try_voice("tone", speed=1.0).duration_seconds


def test_without_a_name_the_best_voice_speaks() -> None:
    """It is the one that a script without a voice would be spoken by."""
    assert try_voice("", text="Hello.") == try_voice(resolve_voice("", language="en"), text="Hello.")


def test_a_narrator_alone_speaks_english() -> None:
    """With the voice that an English script would have, not with the first one of the alphabet."""
    assert try_word("pyttsx3", "sea", lexicon=lambda _: {}).voice == "pyttsx3:en-us"


def test_an_unknown_voice_is_an_error() -> None:
    """With the near miss."""
    with pytest.raises(VoiceError, match="did you mean"):
        try_voice("pyttsx3:dee")


@pytest.mark.parametrize(("text", "speed"), [("a" * 101, 1.0), ("so on " * 400, 1.0), ("Hello.", float("nan"))])
def test_what_no_engine_should_get_is_refused(text: str, speed: float) -> None:
    """A word or a sentence without end, and a speed that is not a number."""
    with pytest.raises(RequestError):
        try_voice("tone", text=text, speed=speed)
    with pytest.raises(RequestError):
        try_word("tone", text, lexicon=lambda _: {}, speed=speed)


def test_a_word_is_heard_as_written_then_as_respelt() -> None:
    """With a rest between; a word that is in no lexicon is heard once; the lexicon is that of the voice's language."""
    lexicon = {"en": {"metta": Pronunciation(say="met-tah", ipa="ˈmɛtə")}}
    tried = try_word("pyttsx3:en-us", "Metta", lexicon=lambda tag: lexicon.get(tag[:2], {}))
    assert (tried.voice, tried.said) == ("pyttsx3:en-us", ("Metta", "met-tah"))
    one, other = (try_voice("pyttsx3:en-us", text=text).duration_seconds for text in tried.said)
    assert tried.audio.duration_seconds == pytest.approx(one + 0.8 + other, abs=0.02)
    for voice, word in (("pyttsx3:de", "metta"), ("pyttsx3:en-us", "sea")):
        assert try_word(voice, word, lexicon=lambda tag: lexicon.get(tag[:2], {})).said == (word,)


@pytest.mark.parametrize(
    ("ipa", "said", "remarks"),
    [("ˈmɛtə", ("metta", "/ˈmɛtə/"), 0), pytest.param("ˈmɛʧ", ("metta", "met-tah"), 1, marks=pytest.mark.slow)],
)
def test_a_word_is_heard_by_its_sounds(ipa: str, said: tuple[str, ...], remarks: int) -> None:
    """Where the voice takes them; where it lacks one, by its letters, and that is reported."""
    pytest.importorskip("piper")
    lexicon = {"metta": Pronunciation(say="met-tah", ipa=ipa)}
    tried = try_word("piper:joe", "metta", lexicon=lambda _: lexicon)
    assert tried.said == said
    assert len(tried.remarks) == remarks
