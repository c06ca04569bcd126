"""The narrator kokoro, beside the contract. What needs its model is skipped where that was not fetched."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from breathmark.base.errors import VoiceError
from breathmark.model import Sounds
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.level import trim
from breathmark.speech.pace import PASSAGE, SPEED_MAX, SPEED_MIN, count_words
from breathmark.speech.registry import list_voices, load_narrator, resolve_voice
from breathmark.speech.voices import kokoro as kokoro_files
from breathmark.speech.voices.hibari import HibariNarrator
from breathmark.speech.voices.kokoro import KOKORO_VOICES, KokoroNarrator

if TYPE_CHECKING:
    from pathlib import Path


pytest.importorskip("kokoro_onnx")

CODE = """
import hashlib, sys
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.voices.kokoro import KokoroNarrator
narrator = KokoroNarrator({})
for text in sys.argv[1:]:
    clip = narrator.speak(SpeechRequest(text=text, voice="kokoro:af_heart", speed=1.0, language="en"))
    print(hashlib.sha256(clip.audio.raw_data).hexdigest())
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the model is looked for; nothing is there yet."""
    monkeypatch.setenv("BREATHMARK_VOICES", str(tmp_path / "voices"))
    return tmp_path / "voices" / "kokoro"


@pytest.fixture
def narrator(kokoro_model: Path) -> KokoroNarrator:
    """With the real model; each narrator loads it when it first speaks."""
    assert kokoro_model.is_dir()
    return KokoroNarrator({})


def request(text: str, voice: str = "kokoro:af_heart", speed: float = 1.0) -> SpeechRequest:
    """A request to this narrator."""
    return SpeechRequest(text=text, voice=voice, speed=speed, language="en")


def put(folder: Path, model: bytes, vectors: bytes) -> None:
    """Files that are not a model."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / kokoro_files.MODEL).write_bytes(model)
    (folder / kokoro_files.VECTORS).write_bytes(vectors)


@pytest.mark.usefixtures("folder")
def test_without_the_model_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 4, with the command; the list says the same, and another narrator is taken where none is named."""
    with pytest.raises(VoiceError, match="not installed") as caught:
        load_narrator("kokoro")
    assert caught.value.hint == "breathmark voices install kokoro"
    assert caught.value.exit_code == 4
    assert {one.narrator: one.missing for one in list_voices()}["kokoro"] == "breathmark voices install kokoro"
    monkeypatch.setattr(HibariNarrator, "missing", lambda: "not here")
    assert resolve_voice("", language="en") == "piper:joe"


def test_half_an_installation_is_none(folder: Path) -> None:
    """A model without its vectors can't speak."""
    put(folder, b"model", b"vectors")
    assert KokoroNarrator.missing() == ""
    (folder / kokoro_files.VECTORS).unlink()
    assert KokoroNarrator.missing() == "breathmark voices install kokoro"


def test_it_is_the_best_but_hibari(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script without a voice gets it in the script's own English, and any other language another narrator."""
    put(folder, b"model", b"vectors")
    assert resolve_voice("", language="en") == "hibari:heart"
    monkeypatch.setattr(HibariNarrator, "missing", lambda: "not here")
    assert resolve_voice("", language="en") == "kokoro:af_heart"
    assert resolve_voice("kokoro", language="en-GB") == "kokoro:bf_emma"
    assert resolve_voice("", language="de") == "pyttsx3:de"


def test_all_english_voices_are_listed() -> None:
    """28, each with a description of its own."""
    assert len(KOKORO_VOICES) == 28
    assert len({voice.description for voice in KOKORO_VOICES}) == 28
    for voice in KOKORO_VOICES:
        assert voice.language == {"a": "en-US", "b": "en-GB"}[voice.name[7]]
        assert ("woman" in voice.description) == (voice.name[8] == "f")
        assert "\n" not in voice.description


def test_every_speed_has_a_scale_that_falls_with_it() -> None:
    """From the slowest to the fastest, for each voice, within what the model was measured at or a little beyond."""
    for voice in KOKORO_VOICES:
        scales = [voice.pace.scale(speed) for speed in (SPEED_MIN, 0.8, 1.0, 1.5, SPEED_MAX)]
        assert scales == sorted(scales, reverse=True)
        assert len(set(scales)) == len(scales)
        assert scales[-1] >= 0.4
        assert scales[0] < 3.8


def test_the_fingerprint_follows_both_files_and_the_voice(folder: Path) -> None:
    """Another model, other vectors or another voice make another fingerprint."""
    seen = []
    for model, vectors in ((b"one", b"one"), (b"two", b"one"), (b"two", b"two")):
        put(folder, model, vectors)
        seen.append(KokoroNarrator({}).fingerprint("kokoro:af_heart"))
    seen.append(KokoroNarrator({}).fingerprint("kokoro:bm_george"))
    assert len(set(seen)) == 4


def test_the_fingerprint_needs_no_engine(folder: Path) -> None:
    """A run whose clips are all stored never loads the neural runtime."""
    put(folder, b"model", b"vectors")
    code = (
        "import sys\nfrom breathmark.speech.registry import load_narrator\n"
        "load_narrator('kokoro').fingerprint('kokoro:af_heart')\nprint({'onnxruntime', 'phonemizer'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("voice", ["kokoro:af_heart", "kokoro:nobody"])
def test_a_damaged_model_or_no_voice_is_a_voice_error(folder: Path, voice: str) -> None:
    """Reported with what to do, not with a traceback of the runtime."""
    put(folder, b"\x08\x07 half a file", b"half")
    with pytest.raises(VoiceError) as caught:
        KokoroNarrator({}).speak(request("Hello.", voice))
    assert "breathmark voices" in caught.value.hint


@pytest.mark.parametrize("text", ["", "   ", "…", " — ! "])
def test_nothing_to_say_is_an_error(folder: Path, text: str) -> None:
    """Before the model is loaded."""
    put(folder, b"", b"")
    with pytest.raises(VoiceError, match="nothing to say"):
        KokoroNarrator({}).speak(request(text))


@pytest.mark.slow
def test_other_processes_speak_the_same_bytes(narrator: KokoroNarrator) -> None:
    """Neither the process nor what was said before changes a sample."""
    texts = ["Be still.", "Let it go, and rest."]
    here = [hashlib.sha256(narrator.speak(request(text)).audio.raw_data).hexdigest() for text in texts]
    run = [sys.executable, "-c", CODE, *reversed(texts)]
    there = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    assert here == there[::-1]
    assert [hashlib.sha256(narrator.speak(request(text)).audio.raw_data).hexdigest() for text in texts] == here


@pytest.mark.slow
def test_given_sounds_are_spoken(narrator: KokoroNarrator) -> None:
    """Those of the engine's own guess make the same samples, with the rest behind them; others make others."""

    def samples(text: str, word: str = "", ipa: str = "") -> bytes:
        start = text.index(word)
        sounds = (Sounds(start=start, end=start + len(word), ipa=ipa),) if word else ()
        return bytes(narrator.speak(replace(request(text), sounds=sounds)).audio.raw_data)

    own = samples("Bring metta, and rest.")
    assert samples("Bring metta, and rest.", "metta", "mˈɛɾə") == own
    given = samples("Bring metta, and rest.", "metta", "maɪtɹˈiː")
    assert given == samples("Bring Xyzzy, and rest.", "Xyzzy", "maɪtɹˈiː")
    assert given != own


def test_sounds_that_the_model_lacks_are_named() -> None:
    """Without its runtime, and whether or not the model is there."""
    assert KokoroNarrator({}).unsaid("kokoro:af_heart", "ˈmɛtə") == ""
    assert KokoroNarrator({}).unsaid("kokoro:af_heart", "ɓɛtɝ") == "ɓɝ"


@pytest.mark.slow
@pytest.mark.parametrize(
    "voice",
    [
        "kokoro:af_nicole",
        *(pytest.param(f"kokoro:{name}", marks=pytest.mark.nightly) for name in ("am_onyx", "bf_emma", "bm_fable")),
    ],
)
def test_other_voices_keep_the_same_pace(narrator: KokoroNarrator, voice: str) -> None:
    """Whisperers and quick talkers, too, to 15 percent in two sentences that they were not measured on."""
    seconds = sum(trim(narrator.speak(request(sentence, voice))).duration_s for sentence in PASSAGE[3:5])
    assert sum(map(count_words, PASSAGE[3:5])) * 60 / seconds == pytest.approx(140, rel=0.15)


@pytest.mark.slow
@pytest.mark.parametrize(
    "speed", [0.5, *(pytest.param(each, marks=pytest.mark.nightly) for each in (0.6, 0.8, 1.3, 1.8)), 2.0]
)
def test_speed_changes_the_length_as_promised(narrator: KokoroNarrator, speed: float) -> None:
    """Twice the speed is half the length, to 15 percent."""
    usual = trim(narrator.speak(request(PASSAGE[7]))).duration_s
    assert trim(narrator.speak(request(PASSAGE[7], speed=speed))).duration_s == pytest.approx(usual / speed, rel=0.15)


@pytest.mark.slow
@pytest.mark.usefixtures("narrator")
def test_it_lives_beside_the_other_engines() -> None:
    """eSpeak, Piper and Kokoro each have their own copy of the library that reads letters, whatever comes first."""
    for order in (("kokoro:af_heart", "pyttsx3:en-us", "piper:joe"), ("piper:joe", "pyttsx3:en-us", "kokoro:af_heart")):
        code = (
            "import sys\nfrom breathmark.speech.contract import SpeechRequest\n"
            "from breathmark.speech.registry import load_narrator\n"
            "for _ in range(2):\n  for v in sys.argv[1:]:\n"
            "    c = load_narrator(v.split(':')[0]).speak("
            "SpeechRequest(text='Be still.', voice=v, speed=1.0, language='en'))\n"
            "    print(len(c.audio))"
        )
        done = subprocess.run([sys.executable, "-c", code, *order], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert all(400 < int(length_ms) < 3000 for length_ms in done.stdout.split())
