from __future__ import annotations

import math
import sys
import tempfile
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import pyttsx3 as library

from breathmark.audio.pcm import pydub_samples
from breathmark.base.errors import VoiceError
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.level import trim
from breathmark.speech.pace import TRIAL
from breathmark.speech.voices import espeak_driver, pyttsx3
from breathmark.speech.voices.pyttsx3 import Pyttsx3Narrator, espeak_pace

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.model import Clip

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="eSpeak NG is the engine of Linux")


def request(text: str, voice: str = "pyttsx3:en-us", speed: float = 1.0) -> SpeechRequest:
    """A request to this narrator."""
    return SpeechRequest(text=text, voice=voice, speed=speed, language="en")


@pytest.fixture
def narrator() -> Pyttsx3Narrator:
    """Through the real engine."""
    return Pyttsx3Narrator({})


@pytest.fixture
def engine(tmp_path: Path) -> Any:  # noqa: ANN401 - pyttsx3 has no types
    """The bare pyttsx3 engine on our driver."""
    del tmp_path
    return library.init(espeak_driver.install())


def test_words_and_times_are_right_beyond_ascii(narrator: Pyttsx3Narrator) -> None:
    """Positions count characters, not bytes: every word is found whole, in any script."""
    text = "Grüße, Ana-María — naïve 🙂 café, Ωmega ok."
    words = narrator.speak(request(text)).words
    assert [word.word for word in words] == ["Grüße,", "Ana-María", "naïve", "🙂", "café,", "Ωmega", "ok."]
    assert words[0].start_s == 0


def test_word_times_are_where_the_word_sounds(narrator: Pyttsx3Narrator) -> None:
    """After a long word comes a pause for the comma: the sound falls silent before the next word's time, not after."""
    clip = narrator.speak(request("Breathe, slowly."))
    samples = np.frombuffer(clip.audio.raw_data, "<i2").astype(float)
    start = round(clip.words[1].start_s * clip.audio.frame_rate)
    before, after = samples[start - 1500 : start - 300], samples[start + 600 : start + 4000]
    assert np.sqrt(np.mean(after**2)) > 5 * np.sqrt(np.mean(before**2))


def test_several_files_in_one_loop_are_all_written(engine: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """The stock driver writes only the last of what is queued; ours writes each, whole, before it returns."""
    paths = [tmp_path / f"{number}.wav" for number in range(20)]
    for number, path in enumerate(paths):
        engine.save_to_file(f"This is sentence number {number}.", str(path))
    engine.runAndWait()
    sizes = [path.stat().st_size for path in paths]
    assert min(sizes) > 40_000


def test_volume_and_rate_are_applied(engine: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """Half the volume is 6 dB less; a higher rate is a shorter file."""
    peaks, sizes = [], []
    for volume, rate in ((1.0, 110), (0.5, 110), (1.0, 220)):
        engine.setProperty("voice", "gmw/en-us")
        engine.setProperty("volume", volume)
        engine.setProperty("rate", rate)
        engine.save_to_file("Let it be as it is.", str(tmp_path / "x.wav"))
        engine.runAndWait()
        data = (tmp_path / "x.wav").read_bytes()
        peaks.append(np.abs(np.frombuffer(data[44:], "<i2").astype(int)).max())
        sizes.append(len(data))
    assert 20 * np.log10(peaks[0] / peaks[1]) == pytest.approx(6.02, abs=0.7)
    assert sizes[2] < 0.65 * sizes[0]


def test_a_fault_reaches_the_error_topic(engine: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """A path that can't be written is reported, and the engine goes on."""
    faults: list[Exception] = []
    token = engine.connect("error", lambda exception, **_: faults.append(exception))
    engine.save_to_file("Hello.", str(tmp_path / "missing" / "x.wav"))
    engine.runAndWait()
    engine.disconnect(token)
    assert isinstance(faults[0], FileNotFoundError)
    engine.save_to_file("Hello.", str(tmp_path / "x.wav"))
    engine.runAndWait()
    assert (tmp_path / "x.wav").stat().st_size > 10_000


def test_a_failing_engine_is_a_voice_error(narrator: Pyttsx3Narrator, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the engine reports is reported with exit code 4; afterwards it speaks again."""

    def fail(self: object, text: str, filename: str) -> None:
        del self, text, filename
        raise RuntimeError("the engine coughed")

    with monkeypatch.context() as patch:
        patch.setattr(espeak_driver.SynchronousDriver, "save_to_file", fail)
        with pytest.raises(VoiceError, match="coughed"):
            narrator.speak(request("Hello."))
    assert narrator.speak(request("Hello.")).audio.duration_seconds > 0.3


def test_a_full_disk_is_not_a_failing_engine(narrator: Pyttsx3Narrator, monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine speaks by way of a temporary file; where that can't be written, another voice would not help."""

    def fail(self: object, text: str, filename: str) -> None:
        del self, text, filename
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(espeak_driver.SynchronousDriver, "save_to_file", fail)
    with pytest.raises(VoiceError, match="TMPDIR"):
        narrator.speak(request("Hello."))


def test_a_hundred_sentences_are_all_whole(narrator: Pyttsx3Narrator) -> None:
    """None is cut off, and the length grows with the text."""
    texts = [" ".join(["soften"] * (1 + number % 9)) + "." for number in range(100)]
    lengths: dict[str, list[float]] = {}
    for text in texts:
        lengths.setdefault(text, []).append(trim(narrator.speak(request(text))).duration_s)
    assert all(max(many) - min(many) < 0.05 for many in lengths.values())
    means = [np.mean(many) for _, many in sorted(lengths.items(), key=lambda item: len(item[0]))]
    assert means == sorted(means)


def test_every_language_of_the_engine_has_a_voice(narrator: Pyttsx3Narrator) -> None:
    """More than a hundred, each with its own name, its tag and a line for people; German is German."""
    voices = narrator.voices()
    assert len(voices) > 100
    assert len({voice.name for voice in voices}) == len(voices)
    german = next(voice for voice in voices if voice.name == "pyttsx3:de")
    assert (german.language, german.description) == ("de", "German")
    english, spoken = (narrator.speak(request("Mein Atem.", voice)) for voice in ("pyttsx3:en-us", "pyttsx3:de"))
    assert english.audio.raw_data != spoken.audio.raw_data


def test_it_speaks_beside_the_stock_driver() -> None:
    """Ours is registered under a name of its own; the stock module stays as it is."""
    from pyttsx3.drivers import espeak  # noqa: PLC0415 - loads the C library

    espeak_driver.install()
    assert sys.modules["pyttsx3.drivers.espeak"] is espeak
    assert library.init(espeak_driver.DRIVER).driver_name == "breathmark_espeak"
    assert not issubclass(espeak_driver.SynchronousDriver, espeak.EspeakDriver)


def test_the_pitch_falls_by_what_is_asked(narrator: Pyttsx3Narrator) -> None:
    """Two semitones lower, within half a one, by the strongest period of its voiced parts; the length stays."""
    said = [narrator.speak(replace(request(TRIAL), pitch_semitones=pitch)) for pitch in (0.0, -2.0)]
    plain_hz, lower_hz = (_fundamental_hz(clip) for clip in said)
    assert 12 * math.log2(lower_hz / plain_hz) == pytest.approx(-2.0, abs=0.5)
    assert len(said[1].audio) == pytest.approx(len(said[0].audio), rel=0.01)


def _fundamental_hz(clip: Clip) -> float:
    samples = pydub_samples(clip.audio).ravel()
    rate_hz, found = clip.audio.frame_rate, []
    size, shortest, longest = rate_hz // 20, rate_hz // 300, rate_hz // 60
    for start in range(0, len(samples) - size, size // 2):
        window = samples[start : start + size]
        similar = np.correlate(window, window, "full")[size - 1 :]
        period = shortest + int(np.argmax(similar[shortest:longest]))
        if similar[0] > 1e-3 * size and similar[period] > 0.6 * similar[0]:
            found.append(rate_hz / period)
    return float(np.median(found))


@pytest.mark.parametrize(("speed", "pace"), [(1.0, (109, 0)), (2.0, (218, 0)), (0.5, (80, 10)), (0.75, (82, 0))])
def test_speed_is_mapped_to_rate_and_gap(speed: float, pace: tuple[int, int]) -> None:
    """Above eSpeak's lowest rate the rate alone, below it a gap between the words."""
    assert espeak_pace(speed) == pace


class FakeStockEngine:
    """A system's engine that is still writing when ``runAndWait`` returns."""

    def __init__(self, data: bytes) -> None:
        self.data, self.path, self.values = data, "", {}  # type: ignore[var-annotated]  # filled by setProperty
        self.reads = 0

    def getProperty(self, name: str) -> Any:  # noqa: ANN401, N802 - pyttsx3's interface
        """Two voices."""
        assert name == "voices"
        return [
            SimpleNamespace(id="com.apple.Samantha", name="Samantha", languages=["en_US"]),
            SimpleNamespace(id="HKEY\\Hedda", name="Microsoft Hedda Desktop - German", languages=["de-DE"]),
        ]

    def setProperty(self, name: str, value: Any) -> None:  # noqa: ANN401, N802 - pyttsx3's interface
        """Noted."""
        self.values[name] = value

    def connect(self, topic: str, callback: object) -> str:
        """Nothing is ever notified."""
        del callback
        return topic

    def disconnect(self, token: str) -> None:
        """Nothing was connected."""

    def save_to_file(self, text: str, path: str) -> None:
        """Noted."""
        del text
        self.path = path

    def runAndWait(self) -> None:  # noqa: N802 - pyttsx3's interface
        """The first half only, as upstream's issues 142, 149 and 219 report."""
        with open(self.path, "wb") as file:  # noqa: PTH123 - a path as text
            file.write(self.data[: len(self.data) // 2])

    def finish(self, _: float) -> None:
        """The other half, while somebody waits."""
        with open(self.path, "wb") as file:  # noqa: PTH123 - a path as text
            file.write(self.data)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_a_stock_engine_is_waited_for(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On macOS and Windows the narrator waits until the file is whole, and sets the rate in words a minute."""
    import io  # noqa: PLC0415 - for this fake alone

    import soundfile  # noqa: PLC0415 - for this fake alone

    file = io.BytesIO()
    kind = "AIFF" if platform == "darwin" else "WAV"
    soundfile.write(file, np.full(22_050, 9000, np.int16), 22_050, format=kind, subtype="PCM_16")
    stock = FakeStockEngine(file.getvalue())
    monkeypatch.setattr(pyttsx3, "_ON_LINUX", False)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr("time.sleep", stock.finish)
    narrator = Pyttsx3Narrator({})
    narrator._engine = stock
    assert [voice.name for voice in narrator.voices()] == ["pyttsx3:samantha", "pyttsx3:microsoft-hedda-desktop"]
    clip = narrator.speak(request("Hello.", "pyttsx3:samantha", 0.8))
    assert clip.audio.duration_seconds == pytest.approx(1.0)
    assert stock.values == {"voice": "com.apple.Samantha", "volume": 1.0, "rate": 112}
    assert stock.path.endswith(".aiff" if platform == "darwin" else ".wav")


def test_a_stock_engine_that_writes_nothing_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wait ends, with exit code 4."""
    monkeypatch.setattr(pyttsx3, "_ON_LINUX", False)
    monkeypatch.setattr(pyttsx3, "_WHOLE_WITHIN_S", 0.1)
    narrator = Pyttsx3Narrator({})
    narrator._engine = FakeStockEngine(b"")
    with pytest.raises(VoiceError, match="left no sound"):
        narrator.speak(request("Hello.", "pyttsx3:samantha"))


def test_without_a_place_for_temporary_files_the_message_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And how to name another one."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(VoiceError, match="TMPDIR"):
        Pyttsx3Narrator({}).speak(request("Be still."))
