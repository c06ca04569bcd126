"""The respellings that every English project begins from, by the phonemes that eSpeak NG makes of them."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from breathmark.languages.words import respellings
from breathmark.model import Sounds, utterances
from breathmark.script.expand import expand
from breathmark.script.lexicon import Pronunciation, layered
from breathmark.script.parse import parse

if TYPE_CHECKING:
    from pathlib import Path

SPOKEN = {
    "ahimsa": "ʌhɪmsə",
    "anapanasati": "ɑnəpɑnəsɑti",
    "anatta": "ʌnʌtə",
    "anicca": "ʌnɪtʃə",
    "bhante": "bɑnteɪ",
    "bodhi": "boʊdi",
    "bodhicitta": "boʊditʃɪtə",
    "bodhisattva": "boʊdisɑtvə",
    "bodhisattvas": "boʊdisɑtvəz",
    "brach": "bɹɑk",
    "chakra": "tʃɑkɹə",
    "chakras": "tʃɑkɹəz",
    "chodron": "tʃoʊdɹən",
    "chödrön": "tʃoʊdɹən",
    "csikszentmihalyi": "tʃɪksɛntmihaɪ",
    "dhamma": "dɑmə",
    "dzogchen": "zoʊɡtʃɛn",
    "interoception": "ɪntɚɹoʊsɛpʃən",
    "interoceptive": "ɪntɚɹoʊsɛptɪv",
    "kundalini": "kundəlini",
    "mahayana": "mɑhəjɑnə",
    "maitri": "maɪtɹi",
    "metta": "mɛttɑ",
    "mudita": "muditə",
    "mudra": "mudɹə",
    "mudras": "mudɹəz",
    "namaste": "nɑməsteɪ",
    "polyvagal": "pɑlɪveɪɡəl",
    "pranayama": "pɹɑnəjɑmə",
    "qi": "tʃi",
    "qigong": "tʃiɡɔŋ",
    "samatha": "sʌmʌtʌ",
    "sangha": "sɑŋɡə",
    "sati": "sɑti",
    "satipatthana": "sɑtipɑtɑnə",
    "shamatha": "ʃɑmətʌ",
    "siegel": "siɡəl",
    "sutta": "sʊtə",
    "suttas": "sʊtəz",
    "theravada": "tɛɹəvɑdə",
    "thich nhat hanh": "tɪk nɑt hɑn",
    "thích nhất hạnh": "tɪk nɑt hɑn",
    "tonglen": "tɑŋlɛn",
    "ujjayi": "udʒɑji",
    "upekkha": "upɛkə",
    "vagal": "veɪɡəl",
    "vagus": "veɪɡəs",
    "vajrayana": "vɑdʒɹəjɑnə",
    "vipassana": "vʌpɑsʌnə",
    "zazen": "zɑzɛn",
}
"""What is to be heard: broad IPA, without stress and length."""
WELL_SPOKEN = ("Kristin Neff", "Bowlby", "karuna", "dharma", "Kabat-Zinn", "koan")
"""What eSpeak NG says well by itself, and so must not be respelt."""
_NARROW = str.maketrans({"ˈ": "", "ˌ": "", "ː": "", "ɾ": "t", "ɐ": "ə"})
_ASK = """
import ctypes, json, sys
import espeakng_loader
espeak = ctypes.CDLL(espeakng_loader.get_library_path())
assert espeak.espeak_Initialize(2, 0, espeakng_loader.get_data_path().encode(), 0) > 0
assert espeak.espeak_SetVoiceByName(b"en-us") == 0
espeak.espeak_TextToPhonemes.restype = ctypes.c_char_p
def phonemes(text):
    rest, said = ctypes.c_char_p(text.encode()), []
    while rest.value:
        said.append(espeak.espeak_TextToPhonemes(ctypes.byref(rest), 1, 2).decode())
    return " ".join(said)
print(json.dumps([phonemes(text) for text in json.load(sys.stdin)]))
"""
"""In a process of its own, because a process has one eSpeak, in one mode."""


@pytest.fixture(scope="module")
def phonemes() -> dict[str, str]:
    """What eSpeak NG makes of each word and respelling."""
    if not sys.platform.startswith("linux"):
        pytest.skip("eSpeak NG comes along on Linux only")
    texts = [*respellings("en"), *respellings("en").values()]
    asked = [sys.executable, "-c", _ASK]
    done = subprocess.run(asked, input=json.dumps(texts), capture_output=True, text=True, check=True)
    said = [text.translate(_NARROW) for text in json.loads(done.stdout)]
    return dict(zip(texts, said, strict=True))


def test_every_word_is_spoken_as_it_should_be(phonemes: dict[str, str]) -> None:
    """Its respelling makes the phonemes that are wanted."""
    assert {word: phonemes[respelling] for word, respelling in respellings("en").items()} == SPOKEN


def test_every_word_needs_its_respelling(phonemes: dict[str, str]) -> None:
    """By itself eSpeak NG says it in another way; what it says well is left alone."""
    assert [word for word in respellings("en") if phonemes[word] == SPOKEN[word]] == []
    assert [word for word in WELL_SPOKEN if word.lower() in respellings("en")] == []


def test_a_script_without_a_lexicon_is_spoken_well(tmp_path: Path) -> None:
    """The narrator gets the respelling, whole words of any case; captions keep what was written."""
    script = tmp_path / "kindness.yaml"
    script.write_text("title: Kindness\nsegments:\n  - say: |\n      Metta, and Tara Brach's words. Mettas.\n")
    first, second = utterances(expand(parse(script)))
    assert first.text == "met-tah, and Tara brahk's words."
    assert first.caption == "Metta, and Tara Brach's words."
    assert second.text == "Mettas."


def test_sounds_stand_beside_the_letters_of_an_earlier_lexicon(tmp_path: Path) -> None:
    """Narrators get both, by the place in the text; captions keep what was written."""
    script = tmp_path / "kindness.yaml"
    script.write_text(
        "title: Kindness\nlexicon: {metta: {ipa: /ˈmɛ.tə/}, lama: {ipa: ˈlɑːmə, say: lahma}, om: {ipa: oʊm}}\n"
        "segments:\n  - say: |\n      Om, Vipassana, Lama, and metta, metta's.\n",
        encoding="utf-8",
    )
    (said,) = utterances(expand(parse(script)))
    assert said.text == "Om, vuh-pahssunna, lahma, and met-tah, met-tah's."
    assert said.caption == "Om, Vipassana, Lama, and metta, metta's."
    assert [(said.text[each.start : each.end], each.ipa) for each in said.sounds] == [
        ("Om", "oʊm"),
        ("lahma", "ˈlɑːmə"),
        ("met-tah", "ˈmɛtə"),
    ]
    assert isinstance(said.sounds[0], Sounds)


def test_a_later_lexicon_stands_over_an_earlier_one() -> None:
    """Letters over sounds take the sounds away; sounds over letters keep the letters for voices without."""
    letters, sounds = {"om": Pronunciation(say="ohm")}, {"om": Pronunciation(ipa="oʊm")}
    assert layered(sounds, letters) == letters
    assert layered(letters, sounds) == {"om": Pronunciation(say="ohm", ipa="oʊm")}
