from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from breathmark.base.errors import VoiceError
from breathmark.speech import registry
from breathmark.speech.contract import Narrator, same_language
from breathmark.speech.registry import find_voice, list_voices, load_narrator, resolve_voice

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["hibari", "piper", "pyttsx3", "tone"])
def test_the_built_ins_come_through_the_entry_points(name: str) -> None:
    """The group lists them, and what it gives keeps the contract."""
    assert isinstance(load_narrator(name), Narrator)


def test_the_best_comes_first() -> None:
    """Hibari before Piper, Piper before pyttsx3, then the rest."""
    names = [listing.narrator for listing in list_voices()]
    assert names.index("hibari") < names.index("piper") < names.index("pyttsx3") < names.index("tone")


@pytest.mark.parametrize(
    ("name", "language", "voice"),
    [
        ("", "en", "hibari:heart"),
        ("", "en-GB", "hibari:heart"),
        ("", "de", "pyttsx3:de"),
        ("piper", "en", "piper:joe"),
        ("PIPER:Joe", "en", "piper:joe"),
        ("pyttsx3", "en", "pyttsx3:en-us"),
        ("pyttsx3", "en-GB", "pyttsx3:en-gb"),
        ("pyttsx3", "fr", "pyttsx3:fr-fr"),
        ("pyttsx3:", "de-AT", "pyttsx3:de"),
        ("pyttsx3", "zh", "pyttsx3:cmn"),
        ("pyttsx3", "no", "pyttsx3:nb"),
        ("tone", "de", "tone:tone"),
        ("tone:tone", "fi", "tone:tone"),
    ],
)
def test_a_name_means_a_voice(name: str, language: str, voice: str) -> None:
    """Empty is the best that speaks the language; a narrator alone is its default; names know no case."""
    assert resolve_voice(name, language=language) == voice


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("pipr:joe", "did you mean `piper:joe`"),
        ("joe", "did you mean `piper:joe`"),
        ("piper:jo", "did you mean `piper:joe`"),
        ("pyttsx", "did you mean `pyttsx3`"),
        ("pyttsx3:enus", "did you mean `pyttsx3:en-us`"),
        ("zzzzzzzz", "there are hibari, kokoro, piper, pyttsx3, openai, recorded, tone"),
        ("piper:qqqq", "there are piper:joe"),
        ("piper:qqqq", "Another may be had by `breathmark voices install piper:qqqq`"),
        ("hibari:ema", "did you mean `hibari:emma`"),
        ("hibari:qqqq", "there are hibari:heart, hibari:"),
    ],
)
def test_an_unknown_voice_is_answered_with_the_nearest(name: str, hint: str) -> None:
    """Exit code 4, with the near miss, or what there is; and where all are listed."""
    with pytest.raises(VoiceError) as caught:
        resolve_voice(name, language="en")
    assert caught.value.exit_code == 4
    assert hint in caught.value.hint
    assert "breathmark voices list" in caught.value.hint


def test_a_voice_that_can_be_fetched_is_answered_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hibari's package names its other voices."""
    monkeypatch.setenv("BREATHMARK_VOICES", str(tmp_path))
    with pytest.raises(VoiceError, match="the voice hibari:emma is not installed") as caught:
        resolve_voice("hibari:Emma", language="en-GB")
    assert caught.value.hint == "breathmark voices install hibari:emma"


@pytest.mark.parametrize(
    ("name", "language"), [("pyttsx3:de", "en"), ("piper:joe", "de"), ("piper", "de"), ("", "tlh")]
)
def test_a_voice_of_another_language_is_refused(name: str, language: str) -> None:
    """A German voice does not read English, and a language that nobody speaks has no voice."""
    with pytest.raises(VoiceError, match=language):
        resolve_voice(name, language=language)


def test_a_voice_is_found_whatever_its_language() -> None:
    """To try a voice, no script is needed."""
    assert find_voice("pyttsx3:de").language == "de"
    assert find_voice("piper").name == "piper:joe"


@pytest.mark.usefixtures("plugins")
def test_one_broken_plug_in_hides_nobody() -> None:
    """What can't be loaded, and what is not installed, is listed with the reason; the others have their voices."""
    listings = {listing.narrator: listing for listing in list_voices()}
    assert listings["broken"].missing.startswith("broken: ModuleNotFoundError")
    assert listings["absent"].missing == "pip install absent-engine"
    assert [voice.name for voice in listings["unruly"].voices] == ["unruly:one"]
    assert listings["piper"].voices


@pytest.mark.usefixtures("plugins")
def test_what_cannot_be_used_says_how_to_get_it() -> None:
    """A missing narrator names the pip command, a broken one its package."""
    with pytest.raises(VoiceError, match="pip install absent-engine"):
        resolve_voice("absent", language="en")
    with pytest.raises(VoiceError, match="package unruly"):
        resolve_voice("broken", language="en")


@pytest.mark.usefixtures("plugins")
def test_nobody_takes_the_name_of_a_built_in() -> None:
    """A package that registers ``piper`` does not get to speak for it."""
    assert registry._entries()["piper"].value.startswith("breathmark.")


def test_without_the_better_ones_the_system_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The best voice is one that is installed; the pip command is reported to whoever asks for one that is not."""
    from breathmark.speech.voices import hibari, piper  # noqa: PLC0415 - patched

    monkeypatch.setattr(hibari, "find_spec", lambda _: None)
    assert resolve_voice("", language="en") == "piper:joe"
    monkeypatch.setattr(piper, "find_spec", lambda _: None)
    assert resolve_voice("", language="en") == "pyttsx3:en-us"
    for voice, extra in (("hibari:heart", "hibari"), ("piper:joe", "piper")):
        with pytest.raises(VoiceError, match=rf"pip install 'breathmark\[{extra}\]'"):
            resolve_voice(voice, language="en")


def test_an_unknown_setting_is_refused() -> None:
    """A slip in breathmark.yaml is named with what there is."""
    with pytest.raises(VoiceError, match="it has: folder"):
        load_narrator("piper", {"piper": {"foldr": "x"}})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("en", "en-GB", True), ("en_US", "EN", True), ("zh-TW", "cmn", True), ("en", "de", False), ("fi", "fil", False)],
)
def test_a_language_is_its_primary_tag(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a case's outcome
    """Regions and spelling don't part a language; like-looking codes don't join two."""
    assert same_language(one, other) is same
