"""Synthesis of one sentence into the cache, in a worker process or in the run itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pydub import AudioSegment

from breathmark.base.errors import VoiceError
from breathmark.base.interrupts import check
from breathmark.model import Clip
from breathmark.speech.alignment import aligned
from breathmark.speech.clips.store import ClipCache, ClipKey
from breathmark.speech.contract import Archive, GaveUpError, Narrator, Remote, SpeechRequest, is_our_bug
from breathmark.speech.level import TrimmedClip, trim
from breathmark.speech.pace import LEVEL_PASSAGE, is_spoken, speech_s
from breathmark.speech.registry import Settings, load_narrator

_SPEAKERS: Final[dict[str, Speaker]] = {}
"""A worker process's loaded narrators, by the cache and the settings that they work with."""
_STAYING: ContextVar[dict[str, Narrator] | None] = ContextVar("_STAYING", default=None)
_ATTEMPTS: Final = 2
_SLOWEST_REFERENCE, _FASTEST_REFERENCE = 0.7, 1.5
"""Speeds of a reference for word times: what is slower than that is slow by its rests."""
_FASTEST_CHARACTERS_A_SECOND: Final = 70.0
"""At speed 1.0; people are at about 12, so that a clip under a sixth of that was cut off."""
_SLOWEST_S_A_CHARACTER: Final = 1.5
"""At speed 1.0; engines that spell out letters of a foreign script come near it."""
_ALLOWANCE_S: Final = 5.0
"""For a single symbol with a long name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How a clip gets word times that its narrator does not give."""

    reference: SpeechRequest
    """The same sentence for a voice that gives them."""
    untimed: ClipKey
    """Where the clip lies without them, so that another reference asks no server to speak it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One sentence to speak, and where it goes."""

    request: SpeechRequest
    key: ClipKey
    timing: Timing | None = None
    """Where the narrator gives no word times: how they are found."""

    @property
    def label(self) -> str:
        """The sentence as an error names it; nothing is disclosed of a private one."""
        if self.key.private:
            return "a sentence with a private value"
        if self.request.text == LEVEL_PASSAGE:
            return "the sentences by which its loudness is measured"
        text = " ".join(self.request.text.split())
        return f"“{text}”" if len(text) <= 80 else f"“{text[:79]}…”"


def speak(cache: Path, settings: Settings, *tasks: Task) -> int:
    """Speak sentences into the cache, except those that are there by now, and return how many that were.

    This is what worker processes do; narrators stay loaded from one call to the next.

    Raises:
        VoiceError: a sentence could not be spoken.
    """
    name = f"{cache} {sorted((narrator, sorted(given.items())) for narrator, given in settings.items())}"
    store = ClipCache(cache)
    speaker = _SPEAKERS.setdefault(name, Speaker(store, settings))
    todo = [task for task in tasks if store.load(task.key) is None]
    for task in todo:
        speaker.perform(task)
    return len(todo)


@contextmanager
def narrators_stay(loaded: dict[str, Narrator]) -> Iterator[None]:
    """Inside, a narrator that is in ``loaded`` is used again, and one that is loaded is put there.

    So who plans again and again waits once for a model. Recordings are read anew, since there may be new ones.
    """
    token = _STAYING.set(loaded)
    try:
        yield
    finally:
        _STAYING.reset(token)


def _loaded(name: str, settings: Settings) -> Narrator:
    staying, key = _STAYING.get(), f"{name} {sorted(settings.get(name, {}).items())}"
    if staying is not None and key in staying:
        return staying[key]
    narrator = load_narrator(name, settings)
    if staying is not None and not isinstance(narrator, Archive):
        staying[key] = narrator
    return narrator


class Speaker:
    """Holds the loaded narrators of one process; threads may share it where they may share each narrator."""

    def __init__(self, cache: ClipCache, settings: Settings) -> None:
        self._cache = cache
        self._settings = settings
        self._narrators: dict[str, Narrator] = {}
        self._loading, self._referring = threading.Lock(), threading.Lock()

    def perform(self, task: Task) -> None:
        """Speak, trim, measure and store one sentence.

        Raises:
            VoiceError: the narrator failed twice or gave up, with the sentence and what to do; or the cache can't be
                written. A bug of our own code is not one, and keeps its traceback.
            KeyboardInterrupt: meanwhile the program was interrupted; nothing is stored.
        """
        spoken = self._timed(task, task.timing) if task.timing else self._spoken(task)
        check()  # an engine that calls back may have swallowed an interrupt, and a part of the sentence with it
        self._cache.store(task.key, spoken)

    def speak(self, request: SpeechRequest) -> TrimmedClip:
        """One sentence, trimmed and measured, past the cache.

        Raises:
            VoiceError: the narrator failed, or what it gave can't be this sentence.
        """
        clip: object = self._narrator(_narrator_name(request)).speak(request)
        if not (isinstance(clip, Clip) and isinstance(clip.audio, AudioSegment) and clip.audio.frame_rate > 0):
            raise VoiceError("it returned something that is not a clip", "try another voice with --voice")
        spoken = trim(clip)
        _check(spoken, request)
        return spoken

    def _timed(self, task: Task, timing: Timing) -> TrimmedClip:
        """The sentence with word times by its reference; without any where that can't speak it, or they don't match."""
        spoken = self._cache.load_clip(timing.untimed)
        if spoken is None:
            spoken = self._spoken(task)
            check()
            if isinstance(self._narrator(_narrator_name(task.request)), Remote):
                self._cache.store(timing.untimed, spoken)
        if spoken.words:
            return spoken
        speed = speech_s(task.request.text, 1.0) / spoken.duration_s
        request = replace(timing.reference, speed=round(min(max(speed, _SLOWEST_REFERENCE), _FASTEST_REFERENCE), 2))
        try:
            with self._referring:
                reference = self.speak(request)
        except Exception as exc:  # engines raise anything, and a clip without word times is one all the same
            check()
            if is_our_bug(exc):
                raise
            return spoken
        return replace(spoken, words=aligned(spoken, reference))

    def _narrator(self, name: str) -> Narrator:
        with self._loading:
            if name not in self._narrators:
                self._narrators[name] = _loaded(name, self._settings)
            return self._narrators[name]

    def _spoken(self, task: Task) -> TrimmedClip:
        faults: list[Exception] = []
        for _ in range(_ATTEMPTS):
            try:
                return self.speak(task.request)
            except GaveUpError as exc:
                faults.append(exc)
                break
            except Exception as exc:  # engines and plug-ins raise anything
                check()
                if is_our_bug(exc) and task.key.private:
                    raise _discreet(exc) from None
                if is_our_bug(exc):
                    raise
                faults.append(exc)
        last = faults[-1]
        if isinstance(last, VoiceError):
            reason = last.discreet if task.key.private and isinstance(last, GaveUpError) else last.message
            raise VoiceError(f"{task.request.voice} could not speak {task.label}: {reason}", last.hint) from last
        # The text of a foreign exception may hold the sentence.
        reason = type(last).__name__ if task.key.private else f"{type(last).__name__}: {last}"
        hint = "try another voice with --voice, or change the sentence"
        raise VoiceError(f"{task.request.voice} could not speak {task.label}: {reason}", hint) from last


def _narrator_name(request: SpeechRequest) -> str:
    return request.voice.partition(":")[0]


def _discreet(bug: Exception) -> Exception:
    """The bug without its text, which may hold the sentence."""
    return RuntimeError(f"{type(bug).__name__}, with a private value").with_traceback(bug.__traceback__)


def _check(spoken: TrimmedClip, request: SpeechRequest) -> None:
    """Reject a clip that can't be the sentence: silence, one that is cut off, or one that is far too long."""
    characters = sum(map(is_spoken, request.text))
    usual_s = speech_s(request.text, request.speed)
    # Engines pass over many signs, so that a row of them proves nothing; no more does a word of hundreds of letters.
    fastest_s = sum(map(str.isalnum, request.text)) / _FASTEST_CHARACTERS_A_SECOND / request.speed
    shortest_s = min(fastest_s, usual_s / 2)
    longest_s = (_ALLOWANCE_S + characters * _SLOWEST_S_A_CHARACTER) / request.speed
    hint = "try another voice with --voice, or change the sentence"
    if not spoken.frames:
        raise VoiceError("it returned only silence", hint)
    if not shortest_s <= spoken.duration_s <= longest_s:
        raise VoiceError(f"it returned {spoken.duration_s:.1f} s of sound where about {usual_s:.1f} s are usual", hint)
