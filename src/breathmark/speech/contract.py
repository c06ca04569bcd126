"""The contract of narrators: the protocols, what they get and give, and how their exceptions are attributed."""

from __future__ import annotations

import hashlib
import traceback
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Final, Literal, Protocol, TypeAlias, runtime_checkable

from breathmark.base.errors import BreathmarkError, VoiceError
from breathmark.speech.pace import is_spoken

if TYPE_CHECKING:
    from breathmark.model import Clip, Sounds


class GaveUpError(VoiceError):
    """The narrator has exhausted its retries, or retrying can't help: it is not asked for this sentence again."""

    def __init__(self, message: str, hint: str = "", *, discreet: str = "") -> None:
        super().__init__(message, hint)
        self.discreet = discreet or message
        """The message without text from elsewhere, which could repeat the sentence: for private ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A voice that is installed."""

    name: str
    """``NARRATOR:NAME``."""
    language: str
    """A BCP 47 tag; empty where it speaks any language."""
    description: str
    """One line for a person who chooses."""
    display: str = ""
    """Its display name, such as ``Joe (American English)``; empty where it has no such name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRequest:
    """Everything that a narrator gets, and so all that the sound of a clip may depend on, besides its fingerprint."""

    text: str
    """One sentence, without markers."""
    voice: str
    """``NARRATOR:NAME``, one of the narrator's own voices."""
    speed: float
    """1.0 is about 140 words a minute inside a sentence."""
    language: str
    """A BCP 47 tag."""
    sounds: tuple[Sounds, ...] = ()
    """Stretches of ``text`` whose sounds are given; only a ``Phonetic`` narrator is given any."""
    take: int = 1
    """Which take of the sentence; other than 1 only for a ``Versatile`` narrator with that ability."""
    pitch_semitones: float = 0.0
    """How much higher than the voice's own pitch; other than 0 only for a ``Versatile`` narrator with that ability."""


@runtime_checkable
class Narrator(Protocol):
    """A way to speak. It is made from its settings: ``Narrator(settings)``, a mapping of strings.

    Making one is cheap; the engine is loaded when it first speaks. One object is used by one thread at a time.
    """

    real_time_factor: ClassVar[float]
    """About how many seconds of one core a second of speech takes: decides whether more processes pay."""

    @classmethod
    def missing(cls) -> str:
        """Empty where the narrator can be used; else what to do, such as ``pip install 'breathmark[piper]'``."""
        ...

    def voices(self) -> tuple[Voice, ...]:
        """The installed voices. The first one of a language is its default."""
        ...

    def fingerprint(self, voice: str) -> str:
        """All else that the sound depends on: engine, model, parameters. Another fingerprint makes other cache keys."""
        ...

    def speak(self, request: SpeechRequest) -> Clip:
        """Speak one sentence.

        Raises:
            VoiceError: the engine failed. Whatever else it raises is reported as its failure, too.
        """
        ...


@runtime_checkable
class Remote(Narrator, Protocol):
    """A narrator that only waits while another program or machine speaks; several threads may share one object."""

    at_once: int
    """How many sentences may be under way at a time."""

    def check_private(self, voice: str) -> None:
        """Refuse where a private sentence would be sent to somebody who should not know it.

        Raises:
            VoiceError: with what the user can do.
        """
        ...


@runtime_checkable
class Archive(Narrator, Protocol):
    """A narrator that has its sentences recorded instead of making them.

    It is asked for a sentence as the author wrote it, not respelt; its clips come at the common level; each sentence
    has a fingerprint of its own, so that one new recording makes one clip anew.
    """

    def lacking(self, requests: Iterable[SpeechRequest]) -> tuple[SpeechRequest, ...]:
        """Those of ``requests`` that were never recorded."""
        ...

    def fingerprint_of(self, request: SpeechRequest) -> str:
        """The fingerprint of the recording of a sentence that it has."""
        ...

    def remarks(self, request: SpeechRequest) -> tuple[str, ...]:
        """The faults of the recording of a sentence that it has, with figures; empty where there are none."""
        ...


@runtime_checkable
class Phonetic(Narrator, Protocol):
    """A narrator that takes signs of the IPA for a word as well as its letters."""

    def unsaid(self, voice: str, ipa: str) -> str:
        """The signs of ``ipa`` that ``voice`` has no sound for; empty where it can say the word."""
        ...


Ability: TypeAlias = Literal["take", "pitch"]


@runtime_checkable
class Versatile(Narrator, Protocol):
    """A narrator that can be asked for more than a speed."""

    def abilities(self, voice: str) -> frozenset[Ability]:
        """What ``voice`` can: another ``take`` of a sentence, another ``pitch``."""
        ...


@runtime_checkable
class Evening(Narrator, Protocol):
    """A narrator that speaks a sentence again, more slowly, which its engine raced through."""

    def evens_pace(self, voice: str) -> bool:
        """Whether it does so with ``voice``, as it is set."""
        ...


def granted(narrator: Narrator, request: SpeechRequest) -> tuple[SpeechRequest, tuple[str, ...]]:
    """``request`` without what its voice can't do, and a remark on each of these."""
    able = narrator.abilities(request.voice) if isinstance(narrator, Versatile) else frozenset()
    remarks = []
    if request.take != 1 and "take" not in able:
        remarks.append(f"{request.voice} has only one take of a sentence: take {request.take} is the same")
        request = replace(request, take=1)
    if request.pitch_semitones and "pitch" not in able:
        remarks.append(f"{request.voice} can't change its pitch: it does not fall")
        request = replace(request, pitch_semitones=0.0)
    return request, tuple(remarks)


# Tags by which scripts call a language whose voices go by another code: eSpeak has Mandarin and Bokmål as such.
_MACROLANGUAGES = {"zh": "cmn", "no": "nb"}


def same_language(one: str, other: str) -> bool:
    """Whether two BCP 47 tags name one language, regardless of the region: ``en-GB`` and ``en-us`` do."""
    return _primary(one) == _primary(other)


def _primary(tag: str) -> str:
    code = tag.replace("_", "-").partition("-")[0].lower()
    return _MACROLANGUAGES.get(code, code)


def check_words(request: SpeechRequest) -> None:
    """Raise VoiceError where nothing in a sentence is said."""
    if not any(map(is_spoken, request.text)):
        raise VoiceError("there is nothing to say in an empty sentence", "give it a word")


def unknown_voice(voice: str) -> VoiceError:
    """The error for a voice that a narrator doesn't have."""
    return VoiceError(f"there is no voice `{voice}`", "see `breathmark voices list`")


def check_settings(narrator: str, settings: Mapping[str, str], known: tuple[str, ...]) -> None:
    """Refuse settings that ``narrator`` does not have.

    Raises:
        VoiceError: with the settings that there are.
    """
    for name in settings:
        if name not in known:
            has = f"it has: {', '.join(known)}" if known else "it has none"
            raise VoiceError(f"the narrator {narrator} has no setting `{name}`", f"in breathmark.yaml, {has}")


_ON: Final = {**dict.fromkeys(("yes", "true", "on", "1"), True), **dict.fromkeys(("no", "false", "off", "0"), False)}


def switched_on(narrator: str, name: str, settings: Mapping[str, str]) -> bool:
    """Whether a setting that is a switch is on, as it is where nothing is said.

    Raises:
        VoiceError: it is neither on nor off.
    """
    written = settings.get(name, "on").strip().lower()
    if written not in _ON:
        raise VoiceError(f"`{name}` of the narrator {narrator} is `{written}`", "in breathmark.yaml, write on or off")
    return _ON[written]


RECORD_HINT: Final = (
    "see `breathmark takes list`, record what is missing, or name a voice for it: --stand-in hibari:heart"
)


_DIGITS: Final = 10
"""Forty bits: in a course of ten thousand sentences, two share an id once in twenty thousand courses."""


_SIGNS: Final = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
"""Curly quotes, which an editor may put in by itself."""


def sentence_id(text: str) -> str:
    """The short hash of a sentence, the same with any quotes and spaces."""
    plain = " ".join(unicodedata.normalize("NFC", text).translate(_SIGNS).split())
    return hashlib.sha256(plain.encode()).hexdigest()[:_DIGITS]


_PACKAGE: Final = __name__.partition(".")[0]


def is_our_bug(exc: BaseException) -> bool:
    """Whether only our own code was at work when ``exc`` came up, from where it was caught down to where it was raised.

    The system's refusals, such as a full disk, can come up anywhere.
    """
    if isinstance(exc, BreathmarkError | OSError | MemoryError):
        return False
    modules = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(exc.__traceback__)]
    return all(module.partition(".")[0] == _PACKAGE for module in modules)
