"""How given sounds and an engine's own come together in a sentence."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from breathmark.model import Clip, Sounds, Utterance
from breathmark.speech.contract import SpeechRequest, Voice
from breathmark.speech.narrate import narrate
from breathmark.speech.phonemes import as_shown, phonemes, sayable, words_of
from breathmark.speech.voices.tone import ToneNarrator

if TYPE_CHECKING:
    from breathmark.speech.clips.store import ClipCache


def request(text: str, *words: tuple[str, str]) -> SpeechRequest:
    """A sentence with the sounds of some of its words."""
    sounds = tuple(Sounds(start=text.index(word), end=text.index(word) + len(word), ipa=ipa) for word, ipa in words)
    return SpeechRequest(text=text, voice="x:y", speed=1.0, language="en", sounds=sounds)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Bring metta to mind.", "BRING mˈɛtə TO MIND."),
        ("Metta, metta, and rest.", "METTA, mˈɛtə, AND REST."),
        ("Bring metta — gently.", "BRING mˈɛtə, GENTLY."),
        ("Call it “metta”.", "CALL IT mˈɛtə."),
        ("metta", "mˈɛtə"),
        ("metta?", "mˈɛtə?"),
        ("Loving-metta (kindness) now", "LOVING mˈɛtə KINDNESS NOW"),
    ],
)
def test_signs_and_spaces_stay_where_they_are(text: str, said: str) -> None:
    """An engine that drops the signs around what it reads changes no rest and joins no words."""

    def read(letters: str) -> str:
        return re.sub(r"[^\w,;:.!?]+", " ", letters.upper())

    assert phonemes(request(text, ("metta", "mˈɛtə")), read) == said


def test_without_sounds_of_its_own_a_sentence_is_read() -> None:
    """All of it, by the engine."""
    assert phonemes(request("Be still."), str.lower) == "be still."


@pytest.mark.parametrize(("ipa", "shares"), [("ʃɹˈiː lˈæŋkə", ["ʃɹˈiː", "lˈæŋkə"]), ("ʃɹiːlˈæŋkə", ["ʃɹiːlˈæŋkə", ""])])
def test_the_words_of_a_phrase_share_its_sounds(ipa: str, shares: list[str]) -> None:
    """One each where they can be matched; else the first word has all of them."""
    given = request("In (Sri Lanka), and metta.", ("Sri Lanka", ipa), ("metta", "mˈɛtə"))
    words = list(words_of(given))
    assert [word.text for word in words] == ["In", "(Sri", "Lanka),", "and", "metta."]
    assert [each.ipa for word in words for each in word.sounds] == [*shares, "mˈɛtə"]
    assert [word.text[each.start : each.end] for word in words for each in word.sounds] == ["Sri", "Lanka", "metta"]


def test_a_person_is_shown_sounds_between_slashes() -> None:
    """In the place of the letters."""
    given = request("Bring met-tah and dharma.", ("met-tah", "ˈmɛtə"), ("dharma", "ˈdɑɹmə"))
    assert as_shown(given) == "Bring /ˈmɛtə/ and /ˈdɑɹmə/."


def test_other_sounds_make_another_clip(cache: ClipCache) -> None:
    """They are a part of its name."""
    one, other = request("Bring metta.", ("metta", "ˈmɛtə")), request("Bring metta.", ("metta", "ˈmɛttɑ"))
    assert len({cache.key(each, "1") for each in (one, other, request("Bring metta."))}) == 3


class Exact(ToneNarrator):
    """Knows three sounds."""

    def voices(self) -> tuple[Voice, ...]:
        """One."""
        return (Voice(name="exact:one", language="en", description="A voice"),)

    def unsaid(self, voice: str, ipa: str) -> str:
        """All but three."""
        assert voice == "exact:one"
        return "".join(sign for sign in ipa if sign not in "mɛtə")

    def speak(self, request: SpeechRequest) -> Clip:
        """As it is."""
        return super().speak(request)


def test_a_sound_that_a_voice_lacks_is_spoken_from_its_letters() -> None:
    """And reported, by word and sign; the others are said as given."""
    sounds = (Sounds(start=0, end=5, ipa="mɛtə"), Sounds(start=6, end=9, ipa="ʘɛt"))
    kept, remarks = sayable(Exact({}), "exact:one", sounds)
    assert kept == sounds[:1]
    assert remarks == ("exact:one has no sound for “ʘ” in /ʘɛt/: it is spoken from its letters",)


def test_a_voice_that_takes_letters_makes_one_clip(cache: ClipCache) -> None:
    """Whatever the IPA says, because it is not given it: nothing is spoken anew for it."""
    texts = [
        Utterance(text="Metta.", caption="Metta.", voice="tone", speed=1.0, language="en", sounds=sounds)
        for sounds in ((), (Sounds(start=0, end=5, ipa="ˈmɛtə"),))
    ]
    clips = narrate(texts, voice="tone", cache=cache)
    assert len({clip.path for clip in clips.values()}) == 1
    assert not any(clip.remarks for clip in clips.values())
