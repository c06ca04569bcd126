# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from breathmark.base.errors import VoiceError
from breathmark.model import Sounds
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.level import trim
from breathmark.speech.pace import PASSAGE
from breathmark.speech.phonemes import cut
from breathmark.speech.voices import piper
from breathmark.speech.voices.piper import _MOST_SOUNDS, PiperNarrator
from breathmark.speech.voices.piper_files import wheel_model
from tests.profiles import quick_only

if TYPE_CHECKING:
    from pathlib import Path

    from piper import SynthesisConfig

pytest.importorskip("piper")

RACED = (
    "You might let your eyes rest, or keep them open.",
    "Whatever you choose is fine.",
    "It is in the nature of the mind to wander, and it is in yours to come back to it.",
)
CODE = """
import hashlib, sys
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.voices.piper import PiperNarrator
narrator = PiperNarrator({})
for text in sys.argv[1:]:
    clip = narrator.speak(SpeechRequest(text=text, voice="piper:joe", speed=1.0, language="en"))
    print(hashlib.sha256(clip.audio.raw_data).hexdigest())
"""


@pytest.fixture(scope="module")
def narrator() -> PiperNarrator:
    """The wheel's voice, loaded once."""
    return PiperNarrator({})


def request(text: str, voice: str = "piper:joe", speed: float = 1.0) -> SpeechRequest:
    """A request to this narrator."""
    return SpeechRequest(text=text, voice=voice, speed=speed, language="en")


def folder_with(path: Path, *stems: str) -> Path:
    """A folder with the wheel's model under other names."""
    model = wheel_model()["piper:joe"]
    path.mkdir()
    for stem in stems:
        (path / f"{stem}.onnx").symlink_to(model.onnx)
        shutil.copy(model.config, path / f"{stem}.onnx.json")
    return path


@pytest.mark.slow
def test_other_processes_speak_the_same_bytes(narrator: PiperNarrator) -> None:
    """Noise at zero and one thread: neither the process nor what was said before changes a sample."""
    texts = ["Be still.", "Let it go."]
    here = [hashlib.sha256(narrator.speak(request(text)).audio.raw_data).hexdigest() for text in texts]
    run = [sys.executable, "-c", CODE, *reversed(texts)]
    there = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()
    assert here == there[::-1]


@pytest.mark.slow
def test_words_have_times_wherever_the_model_gives_them(
    narrator: PiperNarrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking it changes no sample; without ``onnx`` it can't be asked, and the clip is another one for the cache."""
    asked = request("Be still, now.")
    timed, known = narrator.speak(asked), narrator.fingerprint("piper:joe")
    assert [word.word for word in timed.words] == ["Be", "still,", "now."]
    monkeypatch.setattr(piper, "_gives_times", lambda: False)
    without = PiperNarrator({})
    clip = without.speak(asked)
    assert clip.words == ()
    assert clip.audio.raw_data == timed.audio.raw_data
    assert without.fingerprint("piper:joe") != known


@pytest.mark.slow
def test_a_sentence_that_is_spoken_in_parts_has_times_throughout(narrator: PiperNarrator) -> None:
    """Each word of it, in order, up to its end."""
    text = " ".join(["One breath after another, as calmly as the tide that comes and goes,"] * 12) + " and rest."
    clip = narrator.speak(request(text))
    assert [word.word for word in clip.words] == text.split()
    assert clip.words[-1].end_s == pytest.approx(clip.audio.frame_count() / clip.audio.frame_rate)
    assert max(word.end_s - word.start_s for word in clip.words) < 2


@pytest.mark.slow
def test_a_phrase_with_sounds_of_its_own_has_times(narrator: PiperNarrator) -> None:
    """Each of its words, and those behind it keep theirs."""
    text = "We went from Sri Lanka to the sea."
    given = replace(request(text), sounds=(Sounds(start=13, end=22, ipa="ʃɹˈiː lˈæŋkə"),))
    plain, phrase = narrator.speak(request(text)).words, narrator.speak(given).words
    assert [word.word for word in phrase] == text.split()
    assert all(abs(a.start_s - b.start_s) < 0.15 for a, b in zip(plain, phrase, strict=True))


def test_a_config_of_another_model_gives_no_times(narrator: PiperNarrator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lengths that don't add up to the sound are not believed."""
    narrator.speak(request("Hello."))
    monkeypatch.setattr(narrator._loaded["piper:joe"]._voice.config, "hop_length", 512)
    assert narrator.speak(request("Be still, now.")).words == ()


def test_three_points_are_a_rest(narrator: PiperNarrator) -> None:
    """As a comma is; by themselves they would join the words beside them into one."""
    comma = narrator.speak(request("Breathe in, and out.")).audio.raw_data
    assert narrator.speak(request("Breathe in… and out.")).audio.raw_data == comma
    assert narrator.speak(request("Breathe in ... and out.")).audio.raw_data == comma
    assert len(narrator.speak(request("Breathe in…")).words) == 2


@pytest.mark.parametrize(
    "fault",
    quick_only(
        [{"audio": {"sample_rate": 0}}, {"phoneme_id_map": [1]}],
        [
            {"audio": None},
            {"audio": {"sample_rate": 0}},
            {"audio": {"sample_rate": "x"}},
            {"audio": {}},
            {"language": 3},
            {"espeak": "en"},
            {"phoneme_id_map": [1]},
        ],
    ),
)
def test_what_is_not_a_config_is_reported(fault: dict[str, object], tmp_path: Path) -> None:
    """With the file's name, when it is asked for; the other voices are still there."""
    folder = folder_with(tmp_path / "voices", "en_US-odd-medium")
    config = folder / "en_US-odd-medium.onnx.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | fault))
    odd = PiperNarrator({"folder": str(folder)})
    assert [voice.name for voice in odd.voices()] == ["piper:joe"]
    with pytest.raises(VoiceError, match="en_US-odd-medium"):
        odd.speak(request("Hello.", "piper:odd"))


def test_a_config_may_name_its_language_in_one_word(tmp_path: Path) -> None:
    """As people write it by hand."""
    folder = folder_with(tmp_path / "voices", "own")
    config = folder / "own.onnx.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"language": "en"}))
    assert [voice.language for voice in PiperNarrator({"folder": str(folder)}).voices()] == ["en-US", "en"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs on this system")
@pytest.mark.timeout(60)
@pytest.mark.parametrize("ending", [".onnx", ".onnx.json"])
def test_a_fifo_is_not_waited_for(ending: str, tmp_path: Path) -> None:
    """In place of either file of a voice: an error in words."""
    folder = folder_with(tmp_path / "voices", "en_US-odd-medium")
    file = folder / f"en_US-odd-medium{ending}"
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(VoiceError, match="can't be read"):
        PiperNarrator({"folder": str(folder)}).fingerprint("piper:odd")


def test_a_piper_that_is_too_old_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would fail at each sentence; the hint is the command that brings it up to date."""
    for release in ("1.4.1", "1.7.0"):
        monkeypatch.setattr(piper, "version", lambda _, release=release: release)
        assert "pip install" in PiperNarrator.missing()
    monkeypatch.setattr(piper, "version", lambda _: "2.0.0rc1")
    assert PiperNarrator.missing() == ""


@pytest.mark.slow
def test_sentences_keep_their_own_loudness(narrator: PiperNarrator) -> None:
    """Piper's own way would bring each sentence to full scale; here their peaks differ and none is at full scale."""
    peaks = [np.abs(np.frombuffer(narrator.speak(request(text)).audio.raw_data, "<i2")).max() for text in PASSAGE[6:8]]
    assert peaks[0] != peaks[1]
    assert max(peaks) < 30_000


@pytest.mark.slow
def test_the_model_is_never_given_more_than_it_has_memory_for(
    narrator: PiperNarrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sentence of many phonemes is spoken in parts, none of which is lost; it would take gigabytes at once."""
    narrator.speak(request("Hello."))
    voice = narrator._loaded["piper:joe"]._voice
    given: list[int] = []
    whole = voice.phoneme_ids_to_audio

    def listen(ids: list[int], options: SynthesisConfig, **rest: bool) -> object:
        given.append(len(ids))
        return whole(ids, options, **rest)

    monkeypatch.setattr(voice, "phoneme_ids_to_audio", listen)
    once = narrator.speak(request("静")).audio.duration_seconds
    assert narrator.speak(request("静" * 60)).audio.duration_seconds > 30 * once
    assert max(given) < 2.1 * _MOST_SOUNDS
    assert len(given) > 2
    phrase = [*("a" * 300), ",", " ", *("b" * 50), " ", *("c" * 100)]
    assert [len(part) for part in cut(phrase, _MOST_SOUNDS)] == [302, 151]
    sounds = [*("a" * 1000), " ", *("b" * 250), " ", *("c" * 300)]
    parts = [list(part) for part in cut(sounds, _MOST_SOUNDS)]
    assert [sound for part in parts for sound in part] == sounds
    assert parts[-1] == [*("c" * 300)]


def test_brackets_are_no_phonemes(narrator: PiperNarrator) -> None:
    """Piper takes text in two brackets for raw phonemes; a sentence is only ever text."""
    plain = trim(narrator.speak(request("Soften now."))).duration_s
    assert trim(narrator.speak(request("[[Soften]] now."))).duration_s == pytest.approx(plain, rel=0.35)


def with_sounds(text: str, word: str, ipa: str) -> SpeechRequest:
    """A request that says how a word of it sounds."""
    start = text.index(word)
    return replace(request(text), sounds=(Sounds(start=start, end=start + len(word), ipa=ipa),))


@pytest.mark.slow
def test_given_sounds_are_spoken(narrator: PiperNarrator) -> None:
    """Those of the engine's own guess make the same samples; others make others, and the letters don't matter then."""

    def samples(asked: SpeechRequest) -> bytes:
        return bytes(narrator.speak(asked).audio.raw_data)

    own = samples(request("Bring metta to mind, and rest."))
    assert samples(with_sounds("Bring metta to mind, and rest.", "metta", "mˈɛɾə")) == own
    given = samples(with_sounds("Bring metta to mind, and rest.", "metta", "maɪtɹˈiː"))
    assert given == samples(with_sounds("Bring Xyzzy to mind, and rest.", "Xyzzy", "maɪtɹˈiː"))
    assert given != own


def test_a_rest_behind_given_sounds_is_kept(narrator: PiperNarrator) -> None:
    """A comma right behind the word lengthens the sentence, as it does behind letters."""
    given = [trim(narrator.speak(with_sounds(f"Metta{sign} and rest.", "Metta", "mˈɛɾə"))) for sign in ("", ",")]
    read = [trim(narrator.speak(request(f"Metta{sign} and rest."))) for sign in ("", ",")]
    assert given == read
    assert given[1].duration_s > given[0].duration_s + 0.1


def test_sounds_that_a_model_lacks_are_named(narrator: PiperNarrator, tmp_path: Path) -> None:
    """By the list in its config; a model of letters has none."""
    assert narrator.unsaid("piper:joe", "ˈmɛtə̃ç") == ""
    assert narrator.unsaid("piper:joe", "mⁿɝt") == "ⁿɝ"
    folder = folder_with(tmp_path / "voices", "en_US-letters-low")
    config = folder / "en_US-letters-low.onnx.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "phoneme_type": "text"}))
    assert PiperNarrator({"folder": str(folder)}).unsaid("piper:letters", "tə") == "tə"


def test_voices_of_a_folder_stand_beside_the_wheels(tmp_path: Path) -> None:
    """Each pair of files is a voice by its short name; where two share one, the later goes by its whole name."""
    folder = folder_with(tmp_path / "voices", "en_US-lessac-medium", "en_US-lessac-high", "en_US-joe-low", "mine")
    (folder / "no_config-x-low.onnx").write_bytes(b"")
    (folder / "de_DE-bad-low.onnx").write_bytes(b"")
    (folder / "de_DE-bad-low.onnx.json").write_text("[]")
    names = {voice.name: voice.language for voice in PiperNarrator({"folder": str(folder)}).voices()}
    assert names == {
        "piper:joe": "en-US",
        "piper:en_us-joe-low": "en-US",
        "piper:lessac": "en-US",
        "piper:en_us-lessac-medium": "en-US",
        "piper:mine": "en-US",
    }


@pytest.mark.slow
def test_a_sentence_that_joe_races_through_is_spoken_again_slower(narrator: PiperNarrator) -> None:
    """The fastest get slower by up to a sixth, most stay as they are, none gets faster; `off` leaves all as it was."""
    plain = PiperNarrator({"even_pace": "off"})
    assert narrator.evens_pace("piper:joe")
    assert not plain.evens_pace("piper:joe")
    assert narrator.fingerprint("piper:joe") != plain.fingerprint("piper:joe")
    texts = (*PASSAGE, *RACED)
    lengths = [np.array([trim(each.speak(request(text))).duration_s for text in texts]) for each in (plain, narrator)]
    longer = lengths[1] / lengths[0]
    assert longer.min() == 1
    assert 1.03 < longer.max() < 1.2
    assert (longer > 1).sum() < len(texts) / 2


def test_even_pace_is_on_or_off() -> None:
    """Anything else is refused with what can be written."""
    with pytest.raises(VoiceError, match="`even_pace` of the narrator piper is `gently`") as caught:
        PiperNarrator({"even_pace": "gently"})
    assert caught.value.hint == "in breathmark.yaml, write on or off"


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    """The message says which setting to correct."""
    with pytest.raises(VoiceError, match=r"breathmark\.yaml"):
        PiperNarrator({"folder": str(tmp_path / "nowhere")}).voices()


@pytest.mark.slow
def test_a_voice_without_a_measured_pace_is_measured(tmp_path: Path) -> None:
    """Under another name, joe's pace is found from one sentence: the same words take as long, to 8 percent."""
    folder = folder_with(tmp_path / "voices", "en_US-stranger-medium")
    stranger, plain = PiperNarrator({"folder": str(folder)}), PiperNarrator({"even_pace": "off"})
    for speed in (0.7, 1.4):
        known = trim(plain.speak(request(PASSAGE[0], speed=speed))).duration_s
        found = trim(stranger.speak(request(PASSAGE[0], "piper:stranger", speed))).duration_s
        assert found == pytest.approx(known, rel=0.08)


@pytest.mark.parametrize("part", ["onnx", "json"])
def test_a_damaged_model_is_a_voice_error(tmp_path: Path, part: str) -> None:
    """A half-downloaded model is reported with what to do, not with a traceback of the runtime."""
    folder = folder_with(tmp_path / "voices", "en_US-torn-medium")
    damaged = folder / ("en_US-torn-medium.onnx" if part == "onnx" else "en_US-torn-medium.onnx.json")
    damaged.unlink()
    damaged.write_bytes(b"\x08\x07 half a file")
    with pytest.raises(VoiceError, match="again"):
        PiperNarrator({"folder": str(folder)}).speak(request("Hello.", "piper:torn"))


def test_the_fingerprint_follows_the_files_content(tmp_path: Path) -> None:
    """Another model or another config makes another fingerprint; a touched file does not."""
    folder = tmp_path / "voices"
    folder.mkdir()
    model, config = folder / "en_US-any-low.onnx", folder / "en_US-any-low.onnx.json"
    model.write_bytes(b"one")
    config.write_text(json.dumps({"audio": {"sample_rate": 22050}}))
    seen = []
    for step in ("first", "touched", "model", "config"):
        if step == "touched":
            os.utime(model, (1, 1))
        if step == "model":
            model.write_bytes(b"two")
            os.utime(model, (1, 1))
        if step == "config":
            config.write_text(json.dumps({"audio": {"sample_rate": 22050}, "more": 1}))
        seen.append(PiperNarrator({"folder": str(folder)}).fingerprint("piper:any"))
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3


def test_the_fingerprint_needs_no_engine() -> None:
    """A run whose clips are all stored never loads the neural runtime."""
    code = (
        "import sys\nfrom breathmark.speech.registry import load_narrator\n"
        "load_narrator('piper').fingerprint('piper:joe')\nprint('onnxruntime' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
