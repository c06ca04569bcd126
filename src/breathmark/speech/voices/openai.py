"""The narrator ``openai``: any server, hosted or local, that speaks ``POST /v1/audio/speech`` as OpenAI's does."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from pydub import AudioSegment

from breathmark.base.errors import VoiceError
from breathmark.model import Clip
from breathmark.speech.contract import Ability, SpeechRequest, Voice, check_words, unknown_voice
from breathmark.speech.level import trim
from breathmark.speech.naming import called
from breathmark.speech.pace import PASSAGE, WORDS_A_MINUTE, count_words, is_spoken
from breathmark.speech.voices.server_settings import read_settings

if TYPE_CHECKING:
    from breathmark.speech.voices.speech_server import SpeechServer

_CLAUSE_END: Final = re.compile(
    "[,;:.!?\u2026\u2013\u2014][\"'\u201d\u2019)]*(?=\\s)|[\u3001\u3002\uff01\uff0c\uff1a\uff1b\uff1f]"
)
"""Signs that a clause ends with, in quotes or not; those of East Asian scripts have no space after them."""
_SHORTEST_SHARE: Final = 0.4
"""Of the limit: a clause that ends earlier would leave a piece too short to be said naturally."""


def pieces(text: str, limit: int) -> tuple[str, ...]:
    """``text`` in pieces of at most ``limit`` characters: between clauses, else between words, else anywhere.

    What has nothing to say in it is left out.
    """
    remainder = " ".join(text.split())
    found: list[str] = []
    while len(remainder) > limit:
        cut = _cut(remainder[: limit + 1], limit)
        found.append(remainder[:cut].strip())
        remainder = remainder[cut:].strip()
    return tuple(piece for piece in (*found, remainder) if any(map(is_spoken, piece)))


def _cut(head: str, limit: int) -> int:
    """Where to cut a text that begins with ``head``, which is one character longer than fits."""
    clauses = [match.end() for match in _CLAUSE_END.finditer(head) if match.end() <= limit]
    if clauses and clauses[-1] >= limit * _SHORTEST_SHARE:
        return clauses[-1]
    space = head.rfind(" ", 1)
    return space if space > 0 else limit


log = logging.getLogger(__name__)

_TRIAL: Final = PASSAGE[7]
"""The sentence by which a voice's pace is measured; the same as for Piper."""
_SLOW: Final = 0.5
_SPEED_MIN, _SPEED_MAX = 0.25, 4.0
"""The range that OpenAI's server accepts."""
_HEEDS_SPEED: Final = 1.2
"""How much longer half the speed has to take, at least, to be called heeded; twice would be ideal."""
_BETWEEN_PIECES_MS: Final = 120
"""Besides the 40 ms at both ends of each: the rest of a comma."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pace:
    """How long a voice takes for the trial sentence: ``fixed_s + scaled_s / speed``."""

    fixed_s: float
    scaled_s: float

    def server_speed(self, speed: float) -> float:
        """The server's own speed for ``speed`` of the common scale."""
        wanted_s = 60 * count_words(_TRIAL) / (WORDS_A_MINUTE * speed)
        own = self.scaled_s / max(wanted_s - self.fixed_s, self.scaled_s / _SPEED_MAX)
        return round(min(max(own, _SPEED_MIN), _SPEED_MAX), 3)


class OpenaiNarrator:
    """Speaks through the server of its settings: ``base``, ``model``, ``voices``, and more in ``ServerSettings``."""

    real_time_factor: ClassVar[float] = 0.0

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = read_settings(settings)
        self.at_once = self._settings.at_once
        self._names = {f"openai:{voice.name}": voice.name for voice in self._settings.voices}
        self._paces: dict[str, _Pace] = {}
        self._connected: SpeechServer | None = None
        self._connecting, self._measuring = threading.Lock(), threading.Lock()

    @classmethod
    def missing(cls) -> str:
        """Always empty: the server is a matter of the settings."""
        return ""

    def voices(self) -> tuple[Voice, ...]:
        """The voices that the settings name, in their order."""
        description = f"{self._settings.model} at {self._settings.base.place}"
        return tuple(
            Voice(
                name=f"openai:{voice.name}",
                language=voice.language,
                description=description,
                display=called(voice.name, voice.language),
            )
            for voice in self._settings.voices
        )

    def fingerprint(self, voice: str) -> str:
        """All settings that change the sound. Changes of the model on the server can't be detected."""
        own = self._settings
        facts = (voice, own.base.url, own.model, own.instructions, own.limit, own.pace)
        return f"openai 1 {hashlib.sha256(json.dumps(facts).encode()).hexdigest()}"

    def abilities(self, voice: str) -> frozenset[Ability]:  # noqa: ARG002 - all voices are alike
        """A server is asked again, and says a sentence anew as far as its model varies."""
        return frozenset({"take"})

    def check_private(self, voice: str) -> None:
        """Let private sentences leave this machine only where the settings say so.

        Raises:
            VoiceError: they don't.
        """
        address = self._settings.base
        if not address.on_this_machine and not self._settings.private:
            hint = (
                "choose a voice that speaks on this machine; or, if whoever the values are about agrees, write"
                " `private: yes` under `narrators: {openai: …}` in breathmark.yaml"
            )
            raise VoiceError(f"{voice} would send sentences with private values to {address.place}", hint)

    def speak(self, request: SpeechRequest) -> Clip:
        """Speak one sentence, in pieces where it is longer than the server's limit.

        Raises:
            VoiceError: there is nothing to say, no such voice, or the server failed.
        """
        check_words(request)
        if request.voice not in self._names:
            raise unknown_voice(request.voice)
        voice = self._names[request.voice]
        speed = self._pace(voice).server_speed(request.speed)
        said = [self._server.say(piece, voice=voice, speed=speed) for piece in _pieces(request, self._settings.limit)]
        return Clip(audio=said[0] if len(said) == 1 else _joined(said))

    @property
    def _server(self) -> SpeechServer:
        with self._connecting:
            if self._connected is None:
                from breathmark.speech.voices.speech_server import SpeechServer  # noqa: PLC0415 - heavy

                self._connected = SpeechServer(self._settings)
            return self._connected

    def _pace(self, voice: str) -> _Pace:
        """The voice's pace, measured before it first speaks, unless the settings give it."""
        if self._settings.pace:
            return _Pace(fixed_s=0.0, scaled_s=60 * count_words(_TRIAL) / self._settings.pace)
        with self._measuring:
            if voice not in self._paces:
                self._paces[voice] = self._measure(voice)
            return self._paces[voice]

    def _measure(self, voice: str) -> _Pace:
        usual_s, slow_s = (self._trial_s(voice, speed) for speed in (1.0, _SLOW))
        if slow_s < usual_s * _HEEDS_SPEED:
            log.warning("%s ignores `speed`: openai:%s speaks at a pace of its own", self._settings.model, voice)
            return _Pace(fixed_s=0.0, scaled_s=usual_s)
        scaled_s = (slow_s - usual_s) / (1 / _SLOW - 1)
        return _Pace(fixed_s=usual_s - scaled_s, scaled_s=scaled_s)

    def _trial_s(self, voice: str, speed: float) -> float:
        """How long the trial sentence takes.

        Raises:
            VoiceError: the answer is silent.
        """
        spoken = trim(Clip(audio=self._server.say(_TRIAL, voice=voice, speed=speed)))
        if not spoken.frames:
            raise VoiceError(f"{self._settings.base.place} gave only silence for a trial sentence", "try another voice")
        return spoken.duration_s


def _pieces(request: SpeechRequest, limit: int) -> tuple[str, ...]:
    return pieces(request.text.replace("\0", " "), limit)


def _joined(said: list[AudioSegment]) -> AudioSegment:
    """Pieces one after the other, each without the server's own silence around it.

    Raises:
        VoiceError: one is silent, so that a part of the sentence would be lost.
    """
    takes = [trim(Clip(audio=audio)) for audio in said]
    if not all(each.frames for each in takes):
        raise VoiceError("a part of it came back silent", "set `limit` lower, or make it two sentences")
    parts = [AudioSegment(each.pcm, sample_width=2, frame_rate=each.rate_hz, channels=1) for each in takes]
    rest = AudioSegment.silent(_BETWEEN_PIECES_MS, frame_rate=parts[0].frame_rate)
    whole = parts[0]
    for part in parts[1:]:
        whole += rest + part
    return whole
