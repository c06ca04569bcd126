"""What has to be spoken for a session: which voice says each sentence, and the clips that this takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from breathmark.base.errors import VoiceError
from breathmark.base.wording import counted
from breathmark.speech.alignment import ALIGNMENT
from breathmark.speech.clips.places import notes_in
from breathmark.speech.contract import (
    RECORD_HINT,
    Archive,
    Evening,
    Narrator,
    Remote,
    SpeechRequest,
    granted,
    is_our_bug,
    sentence_id,
)
from breathmark.speech.pace import LEVEL_PASSAGE, SPEED_MAX, SPEED_MIN
from breathmark.speech.phonemes import sayable
from breathmark.speech.registry import Settings, load_narrator, resolve_voice
from breathmark.speech.speaking import Task, Timing

if TYPE_CHECKING:
    from breathmark.model import Utterance
    from breathmark.speech.clips.store import ClipCache


_REFERENCES: Final = ("hibari", "piper", "pyttsx3")
"""The narrators whose word times others are found by, the most natural first; Kokoro would take as long as a server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The tasks of one utterance: its own clip, and its voice's level at its speed."""

    clip: Task
    level: Task | None
    """None where its clips come at the common level."""
    stand_in: str = ""
    remarks: tuple[str, ...] = ()
    even_pace: bool = False
    """Whether its narrator speaks a sentence again that it raced through."""


class Orders:
    """The assignment of utterances to voices and cache keys."""

    def __init__(self, cache: ClipCache, settings: Settings, *, voice: str, stand_in: str) -> None:
        self._cache = cache
        self._settings = settings
        self._voice = voice
        self._stand_in = stand_in
        self._names: dict[tuple[str, str], str] = {}
        self._narrators: dict[str, Narrator] = {}
        self._fingerprints: dict[str, str] = {}
        self._references: dict[str, str] = {}

    def of(self, utterances: Iterable[Utterance]) -> dict[Utterance, Order]:
        """Each different utterance with its tasks, in the order of the text.

        Raises:
            VoiceError: no voice can speak it; all sentences that were never recorded are reported at once.
        """
        with notes_in(self._cache.root):
            return self._all(utterances)

    def _all(self, utterances: Iterable[Utterance]) -> dict[Utterance, Order]:
        orders: dict[Utterance, Order] = {}
        lacking: list[Utterance] = []
        for utterance in dict.fromkeys(utterances):
            _check_speed(utterance)
            order = self._order(utterance)
            if order is None:
                lacking.append(utterance)
            else:
                orders[utterance] = order
        if lacking:
            raise never_recorded(lacking)
        return orders

    def _order(self, utterance: Utterance) -> Order | None:
        """None where the sentence needs a recording that does not exist."""
        voice = self._name(utterance.voice or self._voice, utterance.language)
        narrator = self._narrator(voice)
        if isinstance(narrator, Archive):
            return self._recorded(utterance, voice, narrator)
        return self._made(utterance, voice)

    def _recorded(self, utterance: Utterance, voice: str, archive: Archive) -> Order | None:
        request, remarks = granted(archive, replace(request_of(utterance, voice), text=utterance.caption))
        if not archive.lacking((request,)):
            task = self._task(request, archive.fingerprint_of(request), utterance, archive)
            return Order(clip=task, level=None, remarks=(*archive.remarks(request), *remarks))
        if not self._stand_in:
            return None
        other = self._name(self._stand_in, utterance.language)
        if isinstance(self._narrator(other), Archive):
            raise VoiceError(f"{other} can't stand in for itself", "name a voice that speaks, such as hibari:heart")
        return replace(self._made(utterance, other), stand_in=other)

    def _made(self, utterance: Utterance, voice: str) -> Order:
        narrator = self._narrator(voice)
        if voice not in self._fingerprints:
            self._fingerprints[voice] = _fingerprint(voice, narrator)
        sounds, remarks = sayable(narrator, voice, utterance.sounds)
        asked = replace(request_of(utterance, voice), sounds=sounds)
        fingerprint, (request, lacks) = self._fingerprints[voice], granted(narrator, asked)
        passage = replace(request, text=LEVEL_PASSAGE, language="en", sounds=(), take=1, pitch_semitones=0.0)
        return Order(
            clip=self._task(request, fingerprint, utterance, narrator),
            level=Task(request=passage, key=self._cache.key(passage, fingerprint)),
            remarks=(*remarks, *lacks),
            even_pace=isinstance(narrator, Evening) and narrator.evens_pace(voice),
        )

    def _task(self, request: SpeechRequest, fingerprint: str, utterance: Utterance, narrator: Narrator) -> Task:
        """A recording and what a server speaks get word times by a voice that gives them, where one is installed."""
        key = self._cache.key(request, fingerprint, private=utterance.private)
        voice = self._reference(request.language) if isinstance(narrator, Archive | Remote) else ""
        if not voice:
            return Task(request=request, key=key)
        if voice not in self._fingerprints:
            self._fingerprints[voice] = _fingerprint(voice, self._narrator(voice))
        timed_by = f"{fingerprint} words={ALIGNMENT} by {self._fingerprints[voice]}"
        sounds = sayable(self._narrator(voice), voice, utterance.sounds)[0] if request.text == utterance.text else ()
        reference = replace(request, voice=voice, sounds=sounds, take=1, pitch_semitones=0.0)
        timed_key = self._cache.key(request, timed_by, private=utterance.private)
        return Task(request=request, key=timed_key, timing=Timing(reference=reference, untimed=key))

    def _reference(self, language: str) -> str:
        """The voice by whose word times those of a recording are found; empty where none speaks ``language``."""
        if language not in self._references:
            self._references[language] = ""
            for name in _REFERENCES:
                with suppress(VoiceError):
                    self._references[language] = resolve_voice(name, language=language, settings=self._settings)
                    break
        return self._references[language]

    def _name(self, asked: str, language: str) -> str:
        if (asked, language) not in self._names:
            self._names[asked, language] = resolve_voice(asked, language=language, settings=self._settings)
        return self._names[asked, language]

    def _narrator(self, voice: str) -> Narrator:
        name = narrator_name(voice)
        if name not in self._narrators:
            self._narrators[name] = load_narrator(name, self._settings)
        return self._narrators[name]


def never_recorded(utterances: Sequence[Utterance]) -> VoiceError:
    """The error for a teacher who has not recorded these sentences; of private ones only their number is reported."""
    lines = [f"  {sentence_id(each.caption)}  {each.caption}" for each in utterances if not each.private]
    hidden = len(utterances) - len(lines)
    lines += [f"  and {hidden} with a private value"] if hidden else []
    verb = "was" if len(utterances) == 1 else "were"
    return VoiceError(
        f"{counted(len(utterances), 'sentence')} {verb} never recorded:\n" + "\n".join(lines), RECORD_HINT
    )


def request_of(utterance: Utterance, voice: str) -> SpeechRequest:
    """What is asked of the narrator of ``voice``."""
    return SpeechRequest(
        text=utterance.text,
        voice=voice,
        speed=float(utterance.speed),
        language=utterance.language,
        take=utterance.take,
        pitch_semitones=utterance.pitch_semitones,
    )


def _fingerprint(voice: str, narrator: Narrator) -> str:
    try:
        return narrator.fingerprint(voice)
    except VoiceError:
        raise
    except Exception as exc:  # a plug-in may raise anything
        if is_our_bug(exc):
            raise
        name = narrator_name(voice)
        raise VoiceError(f"the narrator {name} failed: {exc}", "choose another voice with --voice") from exc


def _check_speed(utterance: Utterance) -> None:
    if not SPEED_MIN <= utterance.speed <= SPEED_MAX:
        hint = f"choose between {SPEED_MIN} and {SPEED_MAX}; rests, not slow words, make a session calm"
        raise VoiceError(f"no voice speaks at the speed {utterance.speed:g}", hint)


def narrator_name(voice: str) -> str:
    """The narrator of a resolved voice: ``piper`` of ``piper:joe``."""
    return voice.partition(":")[0]
