"""One contract for every narrator: what the rest of Breathmark relies on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from breathmark.base.errors import VoiceError
from breathmark.speech.contract import Archive, Narrator, Phonetic, Remote, SpeechRequest
from breathmark.speech.level import TrimmedClip, trim
from breathmark.speech.narrate import narrate
from breathmark.speech.pace import LEVEL_PASSAGE, PASSAGE, count_words
from breathmark.speech.registry import load_narrator
from breathmark.speech.speaking import Speaker
from breathmark.takes.recorded import take_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from breathmark.model import Utterance
    from breathmark.speech.clips.store import ClipCache

    from .conftest import TalkingServer

KOKORO = "kokoro:af_heart"
HIBARI = "hibari:heart"
NATURAL = pytest.param(KOKORO, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])
"""Takes two thirds of a core's second for a second of speech, and is skipped where its model is not."""
MUCH_BY_NATURAL = pytest.param(KOKORO, marks=[pytest.mark.nightly, pytest.mark.timeout(1800)])
"""Where a test has it say much, or what `test_kokoro` has it say as well."""
SPOKEN = ("tone:tone", "pyttsx3:en-us", "piper:joe", "openai:alto", HIBARI, MUCH_BY_NATURAL)
"""Those that make what they say, rather than having it."""
VOICES = (*SPOKEN[:-1], NATURAL, "recorded:takes")
PIPER_IN_CI = (*SPOKEN[:2], pytest.param("piper:joe", marks=pytest.mark.slow), *SPOKEN[3:])
"""Where it would say much: of the neural voices, Hibari does in quick runs."""
DETERMINISTIC = (SPOKEN[0], *PIPER_IN_CI[2:3], HIBARI, "recorded:takes", NATURAL)
REMOTE, ARCHIVES, PHONETIC = ("openai:alto",), ("recorded:takes",), ("piper:joe", HIBARI, KOKORO)
WITH_WORD_TIMES = ("tone:tone", "pyttsx3:en-us", "piper:joe", HIBARI, KOKORO)
SETTINGS: dict[str, dict[str, str]] = {}
_loaded: dict[str, Narrator] = {}


@pytest.fixture(scope="module", autouse=True)
def _server(speaking_server: TalkingServer) -> None:
    """What `openai` speaks through: a server on loopback that has the system's voice."""
    SETTINGS["openai"] = speaking_server.settings


@pytest.fixture(scope="module", autouse=True)
def takes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder where the narrator ``recorded`` finds what it is asked for."""
    folder = tmp_path_factory.mktemp("takes")
    SETTINGS["recorded"] = {"folder": str(folder)}
    yield folder
    SETTINGS.clear()
    _loaded.clear()


@pytest.fixture(autouse=True)
def _model(request: pytest.FixtureRequest) -> None:
    """Kokoro's, for its own tests alone."""
    if hasattr(request.node, "callspec") and request.node.callspec.params.get("voice") == KOKORO:
        request.getfixturevalue("kokoro_model")


def record(text: str) -> None:
    """Have a take of a text made by eSpeak, if there is a word in it."""
    if count_words(text):
        request = SpeechRequest(text=text, voice="pyttsx3:en-us", speed=1.0, language="en")
        path = Path(SETTINGS["recorded"]["folder"], f"{take_name(1, text)}.wav")
        if not path.exists():
            narrator("pyttsx3:en-us").speak(request).audio.export(path, format="wav").close()
            _loaded.pop("recorded", None)  # it looks into its folder once


@pytest.fixture(params=VOICES)
def voice(request: pytest.FixtureRequest) -> str:
    """Each narrator's voice."""
    return str(request.param)


def narrator(voice: str) -> Narrator:
    """Its narrator, loaded once."""
    name = voice.partition(":")[0]
    if name not in _loaded:
        _loaded[name] = load_narrator(name, SETTINGS)
    return _loaded[name]


def say(voice: str, text: str, speed: float = 1.0) -> TrimmedClip:
    """A trimmed clip."""
    if voice == "recorded:takes":
        record(text)
    request = SpeechRequest(text=text, voice=voice, speed=speed, language="en")
    return trim(narrator(voice).speak(request))


def test_it_is_of_one_kind(voice: str) -> None:
    """A narrator; a remote one, an archive or one that takes IPA only where it says so."""
    one = narrator(voice)
    assert isinstance(one, Narrator)
    assert isinstance(one, Remote) == (voice in REMOTE)
    assert isinstance(one, Archive) == (voice in ARCHIVES)
    assert isinstance(one, Phonetic) == (voice in PHONETIC)
    assert one.missing() == ""
    assert (one.real_time_factor > 0) == (voice not in REMOTE)  # a server takes none of this machine's time


def test_its_voices_are_its_own(voice: str) -> None:
    """Names begin with the narrator's, no two are the same, and each has a description."""
    voices = narrator(voice).voices()
    assert voice in {one.name for one in voices}
    assert all(one.name.startswith(f"{voice.partition(':')[0]}:") and one.description for one in voices)
    assert len({one.name for one in voices}) == len(voices)


@pytest.mark.parametrize("voice", PIPER_IN_CI)
def test_speed_one_is_a_hundred_and_forty_words_a_minute(voice: str) -> None:
    """Inside the trimmed sentences of the reference passage, to 8 percent."""
    seconds = sum(say(voice, sentence).duration_s for sentence in PASSAGE)
    assert sum(map(count_words, PASSAGE)) * 60 / seconds == pytest.approx(140, rel=0.08)


@pytest.mark.parametrize("voice", PIPER_IN_CI)
@pytest.mark.parametrize("speed", [0.6, 0.8, 1.3, 1.8])
def test_speed_changes_the_length_as_promised(voice: str, speed: float) -> None:
    """Twice the speed is half the length, to 15 percent."""
    usual = say(voice, PASSAGE[7]).duration_s
    assert say(voice, PASSAGE[7], speed).duration_s == pytest.approx(usual / speed, rel=0.15)


@pytest.mark.parametrize("voice", DETERMINISTIC)
def test_the_same_request_gives_the_same_samples(voice: str) -> None:
    """Also when something else was said in between."""
    first = say(voice, PASSAGE[6])
    say(voice, "Something else.")
    assert say(voice, PASSAGE[6]) == first


def test_the_same_request_takes_as_long(voice: str) -> None:
    """Where the samples differ, the length is the same to 10 ms."""
    assert say(voice, PASSAGE[6]).duration_s == pytest.approx(say(voice, PASSAGE[6]).duration_s, abs=0.011)


@pytest.mark.parametrize("text", ["", "   ", "…", " — ! ", "\n"])
def test_nothing_to_say_is_an_error(voice: str, text: str) -> None:
    """No narrator gives a clip for a sentence without a letter or digit."""
    with pytest.raises(VoiceError):
        say(voice, text)


@pytest.mark.parametrize(
    "text",
    [
        "Count 1, 2, 3, 1,000 and 7:30.",
        "Smile 🙂 now.",
        "Ana-María O'Neil.",
        "Grüße, naïve café.",
        "Любовь.",
        "A < b & [c] {d}",
    ],
)
def test_what_people_write_is_spoken(voice: str, text: str) -> None:
    """Digits, emoji, accents, other scripts and signs give a sound that passes for the sentence."""
    spoken = say(voice, text)
    assert 0.3 < spoken.duration_s < 20
    assert spoken.lufs > -45


@pytest.mark.slow
@pytest.mark.parametrize("voice", PIPER_IN_CI)
def test_a_sentence_of_two_thousand_characters_is_spoken_whole(voice: str, cache: ClipCache) -> None:
    """Its length is that of its words, to a quarter, at the highest speed; the checks let it pass."""
    text = " ".join(f"{word}" for word in (" ".join(PASSAGE) * 5).replace(".", ",").split())[:1996] + " end."
    assert 1990 < len(text) <= 2001
    request = SpeechRequest(text=text, voice=voice, speed=2.0, language="en")
    spoken = Speaker(cache, SETTINGS).speak(request)
    assert spoken.duration_s == pytest.approx(count_words(text) * 60 / 280, rel=0.25)


@pytest.mark.parametrize("voice", [*WITH_WORD_TIMES[:-1], NATURAL])
def test_word_times_rise_and_lie_inside(voice: str) -> None:
    """Each word once, in order, from start to end, within the trimmed clip."""
    spoken = say(voice, PASSAGE[1])
    assert " ".join(word.word for word in spoken.words) == PASSAGE[1]
    times = [time for word in spoken.words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert 0 <= times[0] < 0.2
    assert times[-1] <= spoken.duration_s
    assert all(word.end_s > word.start_s for word in spoken.words)


@pytest.mark.parametrize("voice", [*PIPER_IN_CI[:-1], *VOICES[-2:]])
def test_word_times_come_out_of_the_cache(voice: str, cache: ClipCache, utterance: Callable[..., Utterance]) -> None:
    """Those that a narrator gives, inside the stored clip; of one that gives none there are none, not guessed ones."""
    asked = utterance("Be still, now.")
    if voice in ARCHIVES:
        record(asked.text)
    for _ in range(2):
        clip = narrate([asked], voice=voice, cache=cache, settings=SETTINGS, jobs=1)[asked]
        words = [word.word for word in clip.words]
        assert words == (["Be", "still,", "now."] if voice in WITH_WORD_TIMES else [])
        assert all(0 <= word.start_s < word.end_s <= clip.frames / clip.rate_hz for word in clip.words)


@pytest.mark.parametrize(
    "voice",
    [*(pytest.param(voice, marks=pytest.mark.slow) for voice in (*SPOKEN[:3], *ARCHIVES)), MUCH_BY_NATURAL],
)
def test_killed_workers_cost_no_sentence(voice: str, cache: ClipCache, utterance: Callable[..., Utterance]) -> None:
    """All processes that speak are killed after the first sentence; the others are spoken all the same, and whole.

    A server is not a process of ours: `test_openai` has it break off.
    """
    quick = narrator(voice).real_time_factor < 0.02  # so many sentences that some are left when the first is done
    texts = [f"Now for breath number {number}." for number in range(100)] if quick else PASSAGE[:6]
    asked = [utterance(text) for text in texts]
    if voice in ARCHIVES:
        for each in asked:
            record(each.text)
    killed: list[int] = []

    def progress(done: int, _: int) -> None:
        if done == 1:
            for process in psutil.Process().children():
                process.kill()
                killed.append(process.pid)

    clips = narrate(asked, voice=voice, cache=cache, settings=SETTINGS, jobs=2, progress=progress)
    assert killed
    for each in asked:
        length_s = clips[each].frames / clips[each].rate_hz
        assert length_s == pytest.approx(say(voice, each.text).duration_s, abs=0.05)  # eSpeak's edges vary by 20 ms


@pytest.mark.parametrize("voice", [*PIPER_IN_CI[:-1], *VOICES[-2:]])
def test_threads_may_share_the_process(voice: str) -> None:
    """Several narrators at once give whole sentences, as long as one alone gives them."""
    alone = say(voice, "Be still, now.").duration_s

    def run(_: int) -> float:
        own = load_narrator(voice.partition(":")[0], SETTINGS)
        request = SpeechRequest(text="Be still, now.", voice=voice, speed=1.0, language="en")
        return trim(own.speak(request)).duration_s

    with ThreadPoolExecutor(3) as threads:
        lengths = list(threads.map(run, range(3)))
    # Each object measures the pace of a server's voice anew, and eSpeak behind it is not the same to the last frame.
    assert lengths == pytest.approx([alone] * 3, abs=0.03 if voice == "openai:alto" else 0.011)


def test_the_fingerprint_is_the_same_each_time(voice: str) -> None:
    """Another object, and so another run, has the same one; another voice has its own."""
    one, two = (load_narrator(voice.partition(":")[0], SETTINGS) for _ in range(2))
    assert one.fingerprint(voice) == two.fingerprint(voice)
    others = [other.name for other in one.voices() if other.name != voice][:3]
    assert all(one.fingerprint(other) != one.fingerprint(voice) for other in others)


def piper_of(folder: Path, content: bytes) -> str:
    """The fingerprint of a voice of Piper's with this model."""
    Path(folder, "en_US-any-low.onnx").write_bytes(content)
    Path(folder, "en_US-any-low.onnx.json").write_text('{"audio": {"sample_rate": 22050}}')
    return load_narrator("piper", {"piper": {"folder": str(folder)}}).fingerprint("piper:any")


def recorded_of(folder: Path, content: bytes) -> str:
    """The fingerprint of a sentence whose take has this content."""
    Path(folder, f"{take_name(1, 'Be still.')}.wav").write_bytes(content)
    archive = load_narrator("recorded", {"recorded": {"folder": str(folder)}})
    assert isinstance(archive, Archive)
    return archive.fingerprint_of(SpeechRequest(text="Be still.", voice="recorded:takes", speed=1, language="en"))


def openai_of(_: Path, content: bytes) -> str:
    """The fingerprint of a server's voice with this model."""
    settings = {**SETTINGS["openai"], "model": content.decode()}
    return load_narrator("openai", {"openai": settings}).fingerprint("openai:alto")


@pytest.mark.parametrize("fingerprint_of", [piper_of, recorded_of, openai_of])
def test_another_model_is_another_fingerprint(fingerprint_of: Callable[[Path, bytes], str], tmp_path: Path) -> None:
    """So that no clip of an older model, or of an older take, is taken for one of the new; the same one is the same."""
    one, same, other = (fingerprint_of(tmp_path, content) for content in (b"one", b"one", b"another"))
    assert one == same != other


@pytest.mark.parametrize("voice", [*PIPER_IN_CI[:-1], *VOICES[-2:]])
def test_the_level_passage_has_a_level(voice: str) -> None:
    """The reference is loud enough for the gate, and long enough to be judged."""
    spoken = say(voice, LEVEL_PASSAGE)
    assert spoken.duration_s > 8
    assert -40 < spoken.lufs < -10


def test_a_voice_that_it_does_not_have_is_an_error(voice: str) -> None:
    """Not a crash of its engine; the fake speaks for anybody."""
    if voice != "tone:tone":
        with pytest.raises(VoiceError):
            say(f"{voice.partition(':')[0]}:nobody", "Hello.")
