"""The narrator ``pyttsx3``: the voices of the system, by pyttsx3. On Linux they are those of eSpeak NG."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from breathmark.base.errors import VoiceError
from breathmark.base.files import scratch
from breathmark.base.interrupts import held_back
from breathmark.languages.words import english_name
from breathmark.model import Clip, WordTime
from breathmark.speech.contract import (
    Ability,
    GaveUpError,
    SpeechRequest,
    Voice,
    check_settings,
    check_words,
    unknown_voice,
)
from breathmark.speech.sound_files import decode_speech
from breathmark.speech.voices import espeak_driver

if TYPE_CHECKING:
    from pydub import AudioSegment


_ON_LINUX = sys.platform.startswith("linux")
_RATE_AT_1 = 109.0
"""eSpeak NG 1.52's ``rate`` at which en-us says the reference passage at 140 words a minute; it is linear above 80:
128.7, 141.4, 154.2 and 205.4 words a minute at 100, 110, 120 and 160."""
_PITCH_A_SEMITONE = 7.0
"""Of eSpeak's pitch. On the reference passage, by en-us, en-gb and de, the median of the fundamental then falls by 1.0
to 1.2 semitones where 1 is asked for, by 2.0 to 2.2 for 2, by 2.8 to 3.1 for 3, and by 3.4 to 4.0 for 4."""
_RATE_MIN = 80
"""eSpeak knows no slower one: 108.5 words a minute. Below that, a gap after each word makes up the rest."""
_GAPS = (0, 5, 10, 15, 20)
_WORDS_A_MINUTE_AT_GAP = (108.5, 82.6, 69.1, 59.4, 52.1)
"""The same passage at the rate of 80 with a word gap of 0, 5, 10, 15 and 20."""
_RATE_ELSEWHERE = 140.0
"""SAPI and macOS count ``rate`` in words a minute by themselves (not measured here)."""
_WHOLE_WITHIN_S = 60.0
"""How long a stock driver may go on writing after ``runAndWait`` has returned."""
_SPEAKING = threading.Lock()


class Pyttsx3Narrator:
    """Speaks through one pyttsx3 engine. Available everywhere; its quality is low."""

    real_time_factor: ClassVar[float] = 0.003

    def __init__(self, settings: Mapping[str, str]) -> None:
        check_settings("pyttsx3", settings, ())
        self._engine: Any = None
        self._ids: dict[str, str] = {}

    @classmethod
    def missing(cls) -> str:
        """The command that installs pyttsx3; empty where it is installed."""
        return "" if find_spec("pyttsx3") else "pip install pyttsx3"

    def voices(self) -> tuple[Voice, ...]:
        """The system's voices; on Linux one for each language or accent of eSpeak NG."""
        found = self._loaded().getProperty("voices")
        tags = [_tag(voice) for voice in found]
        listed: dict[str, Voice] = {}
        for voice, tag in zip(found, tags, strict=True):
            name = f"pyttsx3:{_short_name(voice, tag)}"
            if name not in listed:
                self._ids[name] = voice.id
                words = _in_words(voice, tag)
                listed[name] = Voice(name=name, language=tag, description=words, display=words)
        return tuple(sorted(listed.values(), key=_main_accent_first)) if _ON_LINUX else tuple(listed.values())

    def fingerprint(self, voice: str) -> str:
        """pyttsx3, the speech engine and the mapping of speed."""
        engine = _version("espeakng-loader") or "system" if _ON_LINUX else sys.platform
        return f"{voice} pyttsx3={version('pyttsx3')} engine={engine} pace=1"

    def abilities(self, voice: str) -> frozenset[Ability]:  # noqa: ARG002 - all voices are alike
        """The pitch of eSpeak; other systems' drivers of pyttsx3 have none."""
        return frozenset({"pitch"} if _ON_LINUX else ())

    def speak(self, request: SpeechRequest) -> Clip:
        """Speak by ``save_to_file``; word times where the driver is our own.

        Raises:
            VoiceError: the engine reported a fault, or left no whole file.
            KeyboardInterrupt: a signal came meanwhile.
        """
        check_words(request)
        with _SPEAKING, _scratch() as folder:
            path = folder / ("speech.aiff" if sys.platform == "darwin" else "speech.wav")
            marks = self._save(request, path)
            audio = _read_whole(path)
        return Clip(audio=audio, words=_word_times(request.text, marks, audio.duration_seconds))

    def _save(self, request: SpeechRequest, path: Path) -> list[tuple[int, float]]:
        """Have the engine write ``path``; gives the words' places (characters) and times (s)."""
        engine = self._loaded()
        faults: list[BaseException] = []
        marks: list[tuple[int, float | None]] = []
        tokens = [
            engine.connect("error", lambda exception, **_: faults.append(exception)),
            engine.connect("started-word", lambda location, time_s=None, **_: marks.append((location, time_s))),
        ]
        try:
            for name, value in self._properties(request):
                engine.setProperty(name, value)
            # Engines call back from C, where an interrupt would be lost. Stock ones can't be stopped, and may hang.
            with held_back(first_only=not _ON_LINUX):
                engine.save_to_file(request.text.replace("\0", " "), str(path))
                engine.runAndWait()
        except Exception as exc:  # noqa: BLE001 - a system's engine may raise anything
            self._engine = None
            faults.append(exc)
        except BaseException:
            self._engine = None  # its loop may not have ended
            raise
        finally:
            for token in tokens:
                engine.disconnect(token)
        if faults and isinstance(faults[0], KeyboardInterrupt):
            raise faults[0]
        if faults:
            full = isinstance(faults[0], OSError)
            hint = "make room in the folder for temporary files (TMPDIR)" if full else "try another voice"
            raise VoiceError(f"the system's speech engine failed: {faults[0]}", hint) from faults[0]
        return [(location, time_s) for location, time_s in marks if time_s is not None]

    def _properties(self, request: SpeechRequest) -> Iterator[tuple[str, str | float]]:
        """Voice, pace and volume, in the order in which drivers take them."""
        yield "voice", self._id(request.voice)
        yield "volume", 1.0
        if not _ON_LINUX:
            yield "rate", round(_RATE_ELSEWHERE * request.speed)
            return
        rate, gap = espeak_pace(request.speed)
        yield "rate", rate
        yield "word_gap", gap
        yield "pitch", espeak_pitch(request.pitch_semitones)

    def _id(self, voice: str) -> str:
        if voice not in self._ids:
            self.voices()
        if voice not in self._ids:
            raise unknown_voice(voice)
        return self._ids[voice]

    def _loaded(self) -> Any:  # noqa: ANN401 - pyttsx3 has no types
        """The engine, made once.

        Raises:
            VoiceError: the system has no speech engine.
        """
        if self._engine is None:
            try:
                import pyttsx3  # noqa: PLC0415 - loads the system's speech engine

                self._engine = pyttsx3.init(espeak_driver.install() if _ON_LINUX else None)
            except Exception as exc:
                hint = "pip install espeakng-loader" if _ON_LINUX else "install a voice in the system's settings"
                raise VoiceError(f"the system's speech engine can't be loaded: {exc}", hint) from exc
        return self._engine


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder for the engine's file. Raises VoiceError where none can be made."""
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(scratch())
        except OSError as exc:
            message = f"no folder for temporary files can be made: {exc.strerror or exc}"
            raise GaveUpError(message, "make room, or name another place by the environment variable TMPDIR") from exc
        yield folder


def espeak_pace(speed: float) -> tuple[int, int]:
    """The rate and word gap of eSpeak for ``speed``."""
    rate = round(_RATE_AT_1 * speed)
    if rate >= _RATE_MIN:
        return rate, 0
    # The passage's length is linear in the gap, so that is what the gap is looked up by.
    seconds = [1 / pace for pace in _WORDS_A_MINUTE_AT_GAP]
    return _RATE_MIN, round(float(np.interp(1 / (140 * speed), seconds, _GAPS)))


def espeak_pitch(semitones: float) -> int:
    """The pitch for eSpeak, 0 to 100, where 50 is its usual one."""
    return min(100, max(0, round(50 + semitones * _PITCH_A_SEMITONE)))


def _word_times(text: str, marks: list[tuple[int, float]], end_s: float) -> tuple[WordTime, ...]:
    """The words of ``text`` as white space parts them, each from its first mark to the next word's."""
    starts: dict[int, float] = {}
    for location, time_s in marks:
        start = max(text.rfind(space, 0, location + 1) for space in (" ", "\n", "\t")) + 1
        if start not in starts and time_s >= max(starts.values(), default=0.0):
            starts[start] = time_s
    places = sorted(starts)
    ends = [*(starts[place] for place in places[1:]), end_s]
    words = (text[place:].split(maxsplit=1)[0] for place in places if text[place:].strip())
    return tuple(
        WordTime(word=word, start_s=starts[place], end_s=end)
        for word, place, end in zip(words, places, ends, strict=False)
    )


def _read_whole(path: Path) -> AudioSegment:
    """The file, once it is whole: stock drivers may still be writing it when they say that they are done."""
    deadline = time.monotonic() + (0 if _ON_LINUX else _WHOLE_WITHIN_S)
    while True:
        try:
            return decode_speech(path.read_bytes())
        except (OSError, ValueError) as exc:
            if time.monotonic() >= deadline:
                raise VoiceError(f"the system's speech engine left no sound ({exc})", "try another voice") from exc
            time.sleep(0.05)


def _tag(voice: Any) -> str:  # noqa: ANN401 - pyttsx3 has no types
    """The BCP 47 tag of a voice; empty where its driver has none."""
    languages = [language for language in voice.languages if language]
    return str(languages[0]).replace("_", "-") if languages else ""


def _in_words(voice: Any, tag: str) -> str:  # noqa: ANN401 - pyttsx3 has no types
    """The accent by its usual name; the voice as the system calls it where that has none."""
    usual = english_name(tag if _ON_LINUX else tag.partition("-")[0])
    return usual if usual != english_name(tag.partition("-")[0]) else str(voice.name).strip()


def _short_name(voice: Any, tag: str) -> str:  # noqa: ANN401 - pyttsx3 has no types
    """The name after ``pyttsx3:``. eSpeak's voices go by their language, others by their own name."""
    if not _ON_LINUX:
        return "-".join(voice.name.partition(" - ")[0].lower().split())
    latin_variant = voice.id.rpartition("/")[2].lower()
    return latin_variant if latin_variant.startswith(f"{tag}-".lower()) else tag.lower()


def _main_accent_first(voice: Voice) -> tuple[str, bool, str]:
    """Within a language: the plain tag, or the accent of its largest or name-giving country."""
    primary, _, region = voice.language.lower().partition("-")
    main = {"en": "us"}.get(primary, primary)
    return primary, region not in {"", main}, voice.language


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
