"""The narrator hibari, beside the contract."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
import urllib.request
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from breathmark.audio.pcm import to_16_bit
from breathmark.base.errors import VoiceError
from breathmark.model import Sounds
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.pace import PASSAGE
from breathmark.speech.registry import display_name, load_narrator, resolve_voice
from breathmark.speech.voices import hibari, hibari_index
from breathmark.speech.voices.hibari import _MOST_SOUNDS, _PACE, _SOUNDS, HibariNarrator, _in_misaki

if TYPE_CHECKING:
    from collections.abc import Sequence

heart = pytest.importorskip("hibari")

VOICE = "hibari:heart"
CODE = """
import hashlib, sys
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.voices.hibari import HibariNarrator
narrator = HibariNarrator({})
for text in sys.argv[1:]:
    clip = narrator.speak(SpeechRequest(text=text, voice="hibari:heart", speed=1.0, language="en"))
    print(hashlib.sha256(clip.audio.raw_data).hexdigest())
"""


@pytest.fixture(scope="module")
def narrator() -> HibariNarrator:
    """One for all: nothing that was said before changes what it says."""
    return HibariNarrator({})


def request(text: str, speed: float = 1.0) -> SpeechRequest:
    """A request to this narrator."""
    return SpeechRequest(text=text, voice=VOICE, speed=speed, language="en")


def with_sounds(text: str, word: str, ipa: str) -> SpeechRequest:
    """A request in which the sounds of a word are given."""
    start = text.index(word)
    return replace(request(text), sounds=(Sounds(start=start, end=start + len(word), ipa=ipa),))


def test_it_is_the_best_in_english() -> None:
    """A script without a voice gets it, in whatever English; any other language gets another narrator."""
    assert resolve_voice("", language="en") == VOICE
    assert resolve_voice("", language="en-GB") == VOICE
    assert resolve_voice("", language="de") == "pyttsx3:de"
    assert display_name(VOICE) == "Heart (American English)"


@pytest.mark.parametrize("release", ["", "0.2.0", "0.3.0", "1.0"])
def test_another_release_is_not_used(release: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither an older one nor the next, whose graph may differ; the message says how to get the right one."""

    def version(name: str) -> str:
        if not release:
            raise PackageNotFoundError(name)
        return release

    monkeypatch.setattr(hibari, "version", version)
    with pytest.raises(VoiceError, match="hibari is not installed") as caught:
        load_narrator("hibari")
    assert caught.value.hint == "pip install 'breathmark[hibari]'"
    assert resolve_voice("", language="en") == "piper:joe"


def test_it_says_what_the_library_says(narrator: HibariNarrator) -> None:
    """The same samples as its own call gives for that seed and speed: asking for lengths changes none."""
    samples = heart.Hibari()(PASSAGE[1], speed=1 / _PACE.scale(0.9), seed=0)
    assert narrator.speak(request(PASSAGE[1], 0.9)).audio.raw_data == to_16_bit(samples).tobytes()


def test_other_processes_speak_the_same_bytes(narrator: HibariNarrator) -> None:
    """Neither the process nor what was said before changes a sample."""
    texts = ["Be still.", "Let it go, and rest."]
    here = [hashlib.sha256(narrator.speak(request(text)).audio.raw_data).hexdigest() for text in texts]
    run = [sys.executable, "-c", CODE, *reversed(texts)]
    there = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    assert here == there[::-1]


def test_another_take_is_another_one_each_time_the_same(narrator: HibariNarrator) -> None:
    """Only the noise differs: its length and its words' times stay."""
    first = narrator.speak(request("Be still."))
    second = narrator.speak(replace(request("Be still."), take=2))
    assert second.audio.raw_data != first.audio.raw_data
    assert (second.words, len(second.audio)) == (first.words, len(first.audio))
    assert narrator.speak(replace(request("Be still."), take=2)).audio.raw_data == second.audio.raw_data


def test_the_fingerprint_needs_no_engine() -> None:
    """A run whose clips are all stored loads neither the runtime nor the dictionary."""
    code = (
        "import sys\nfrom breathmark.speech.registry import load_narrator\n"
        "load_narrator('hibari').fingerprint('hibari:heart')\nprint({'onnxruntime', 'hibari'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_fingerprint_follows_the_release_and_the_transform(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another release brings another model; without scipy the waves differ in their last bits."""
    narrator = HibariNarrator({})
    own = narrator.fingerprint(VOICE)
    monkeypatch.setattr(hibari, "find_spec", lambda _: None)
    slow = narrator.fingerprint(VOICE)
    monkeypatch.setattr(hibari, "version", lambda _: "0.2.9")
    assert len({own, slow, narrator.fingerprint(VOICE)}) == 3


def test_nothing_is_downloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package without its model is an error that says how to get it, not a download."""
    from hibari import voices  # noqa: PLC0415 - an extra

    monkeypatch.setitem(voices.VOICES, "heart", {**voices.VOICES["heart"], "bundled": False, "file": "none.onnx"})
    monkeypatch.setattr(urllib.request, "urlopen", lambda *_, **__: pytest.fail("the network was asked"))
    with pytest.raises(VoiceError, match="can't be loaded") as caught:
        HibariNarrator({}).speak(request("Be still."))
    assert "pip install 'breathmark[hibari]'" in caught.value.hint


def test_a_damaged_model_is_a_voice_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Not a traceback of the runtime."""
    from hibari import voices  # noqa: PLC0415 - an extra

    (tmp_path / "half.onnx").write_bytes(b"\x08\x07 half a file")
    monkeypatch.setattr(voices, "voice_path", lambda *_, **__: str(tmp_path / "half.onnx"))
    with pytest.raises(VoiceError, match="can't be loaded"):
        HibariNarrator({}).speak(request("Be still."))


@pytest.mark.parametrize(("british", "file"), [(False, "us"), (True, "gb")])
def test_its_alphabets_are_those_of_its_dictionaries(file: str, *, british: bool) -> None:
    """Every sign that a word of the dictionary has is a sound, and every sound is in some word."""
    used: set[str] = set()
    for kind in ("gold", "silver"):
        words = gzip.decompress(Path(heart.tts.ASSETS, f"lexicon_{file}_{kind}.json.gz").read_bytes())
        for reading in json.loads(words).values():
            used.update(*(each or "" for each in (reading.values() if isinstance(reading, dict) else [reading])))
    flapped = {"ɾ": "T", "ʔ": "t"}  # as the package writes them for the American models
    assert {flapped.get(sign, sign) for sign in used} == _SOUNDS[british] - {" "}


@pytest.mark.parametrize(
    ("ipa", "own"),
    [
        ("ˈmɛtə", "ˈmɛtə"),
        ("həˈləʊ", "həˈlO"),
        ("ˈlɑːmə", "ˈlɑmə"),
        ("deɪ taɪm naʊ bɔɪ", "dA tIm nW bY"),
        ("tʃɜːtʃ dʒɝ", "ʧɜɹʧ ʤɜɹ"),
        ("ˈwɔːtɚ", "ˈwɔtəɹ"),
        ("moːr", "mɔɹ"),
        ("ˈbʌtn̩", "ˈbʌtᵊn"),
        ("sat", "sɑt"),
    ],
)
def test_the_ipa_is_brought_into_its_alphabet(ipa: str, own: str) -> None:
    """Diphthongs are one sign, r-coloured vowels two, and American English has no long ones."""
    assert _in_misaki(ipa) == own
    assert HibariNarrator({}).unsaid(VOICE, ipa) == ""


@pytest.mark.parametrize(
    ("ipa", "own"),
    [
        ("həˈləʊ", "həˈlQ"),
        ("ˈlɑːmə", "ˈlɑːmə"),
        ("tʃɜːtʃ", "ʧɜːʧ"),
        ("ˈwɒtɚ", "ˈwɒtə"),
        ("moː", "mɔː"),
        ("sæt bet", "sat bɛt"),
    ],
)
def test_the_ipa_is_brought_into_the_british_alphabet(ipa: str, own: str) -> None:
    """Long vowels keep their sign, and words like *hat* have an open one."""
    assert _in_misaki(ipa, british=True) == own
    assert set(own) <= _SOUNDS[True]


def test_sounds_that_the_model_lacks_are_named() -> None:
    """As the author wrote them."""
    assert HibariNarrator({}).unsaid(VOICE, "ɓɛtɝ") == "ɓ"
    assert HibariNarrator({}).unsaid(VOICE, "lɔx ʒy ɑ̃") == "xy\u0303"


def test_given_sounds_are_spoken(narrator: HibariNarrator) -> None:
    """Those of the engine's own guess make the same samples, with the rest behind them; others make others."""

    def samples(asked: SpeechRequest) -> bytes:
        return bytes(narrator.speak(asked).audio.raw_data)

    own = samples(request("Bring metta, and rest."))
    assert samples(with_sounds("Bring metta, and rest.", "metta", "mˈɛɾə")) == own
    given = samples(with_sounds("Bring metta, and rest.", "metta", "maɪtɹˈiː"))
    assert given == samples(with_sounds("Bring Xyzzy, and rest.", "Xyzzy", "maɪtɹˈi"))
    assert given != own


def test_words_have_times_where_sounds_are_given(narrator: HibariNarrator) -> None:
    """Each word of the text once, with signs of their own between them, in rising order."""
    asked = with_sounds("Stone, “river” — metta… 1,000 (table), and ॐ.", "metta", "maɪtɹˈiː")
    words = narrator.speak(asked).words
    assert [word.word for word in words] == ["Stone,", "“river”", "metta…", "1,000", "(table),", "and", "ॐ."]
    assert all(one.start_s < two.start_s == one.end_s for one, two in pairwise(words))


@pytest.fixture
def emma(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An installed voice: the model of *heart* under the name of another one."""
    monkeypatch.setenv("BREATHMARK_VOICES", str(tmp_path))
    listed = hibari_index.listed_voices()
    own = listed["heart"]
    other = listed["emma"].model_copy(update={"size": own.size, "sha256": own.sha256})
    for module in (hibari, hibari_index):
        monkeypatch.setattr(module, "listed_voices", lambda: {**listed, "emma": other})
    other.path.parent.mkdir()
    other.path.write_bytes(Path(heart.tts.ASSETS, own.file).read_bytes())
    return other.path


def test_an_installed_voice_speaks(emma: Path, narrator: HibariNarrator) -> None:
    """By its own dictionary, at a pace that is measured when it is loaded; a script in British English gets it."""
    assert emma.is_file()
    assert resolve_voice("", language="en-GB") == "hibari:emma"
    text = "Let the path go on to the garden."
    clip = HibariNarrator({}).speak(replace(request(text), voice="hibari:emma"))
    assert [word.word for word in clip.words] == text.split()
    own = narrator.speak(request(text)).audio
    assert clip.audio.raw_data != own.raw_data
    assert clip.audio.duration_seconds == pytest.approx(own.duration_seconds, rel=0.15)


def test_an_installed_voice_that_was_damaged_is_not_used(emma: Path) -> None:
    """Each process holds it to the package's digest, and says how to get it anew."""
    emma.write_bytes(emma.read_bytes()[:-1] + b"?")
    with pytest.raises(VoiceError, match="is damaged") as caught:
        HibariNarrator({}).speak(replace(request("Be still."), voice="hibari:emma"))
    assert caught.value.hint.endswith("breathmark voices install hibari:emma")


def test_a_voice_that_is_not_installed_is_not_known() -> None:
    """Nothing is fetched because a script names it."""
    narrator = HibariNarrator({})
    assert [voice.name for voice in narrator.voices()] == [VOICE]
    with pytest.raises(VoiceError, match="there is no voice `hibari:emma`"):
        narrator.speak(replace(request("Be still."), voice="hibari:emma"))


def test_text_is_only_ever_text(narrator: HibariNarrator) -> None:
    """What the engine takes for a word with its sounds is read as letters."""
    narrator.speak(request("Be still."))
    engine = narrator._engines[VOICE]
    assert "nˈW" in engine._read("Soften [now](/mˈɛtə/).")


@pytest.mark.parametrize("text", ["ॐ", "नमः", "静"])
def test_letters_without_a_reading_are_named(narrator: HibariNarrator, text: str) -> None:
    """A word of another alphabet is not left out without a word about it."""
    alone = narrator.speak(request("Soften."))
    assert narrator.speak(request(f"Soften {text}.")).audio.duration_seconds > alone.audio.duration_seconds + 0.2


def test_a_face_alone_is_an_error(narrator: HibariNarrator) -> None:
    """It has nothing to say for an emoji."""
    with pytest.raises(VoiceError, match="nothing to speak in it"):
        narrator.speak(request("🙂"))


def test_a_long_sentence_comes_in_parts(narrator: HibariNarrator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model never has more sounds at once than it has memory for, and the times go on across the parts."""
    narrator.speak(request("Be still."))
    engine = narrator._engines[VOICE]
    given: list[int] = []
    whole = engine._run

    def listen(signs: Sequence[str], speed: float, noise: np.random.Generator) -> object:
        given.append(len(signs))
        return whole(signs, speed, noise)

    monkeypatch.setattr(engine, "_run", listen)
    text = " ".join(["softly", "now"] * 80)
    clip = narrator.speak(request(text))
    assert len(given) > 1
    assert max(given) <= _MOST_SOUNDS
    assert [word.word for word in clip.words] == text.split()
    starts = [word.start_s for word in clip.words]
    assert float(np.diff(starts).min()) > 0
    assert float(np.diff(starts).max()) < 2  # the rest between two parts


@pytest.mark.slow
def test_nothing_goes_to_the_users_folders(tmp_path: Path) -> None:
    """The runtime under it keeps no identity of the device: nothing is written beside what was asked for."""
    home = tmp_path / "home"
    home.mkdir()
    folders = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "TMPDIR": str(home)}
    run = [sys.executable, "-c", CODE, "Be still."]
    subprocess.run(run, capture_output=True, check=True, env={"PATH": "", "PYTHONDONTWRITEBYTECODE": "1", **folders})
    assert [path for path in home.rglob("*") if path.is_file()] == []
