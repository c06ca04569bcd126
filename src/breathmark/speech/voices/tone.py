"""The narrator ``tone``: a deterministic fake. It hums each sentence for as long as a person would speak it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
from pydub import AudioSegment

from breathmark.audio.pcm import to_16_bit
from breathmark.model import Clip, WordTime
from breathmark.speech.contract import Ability, SpeechRequest, Voice, check_settings, check_words
from breathmark.speech.pace import count_words, speech_s

if TYPE_CHECKING:
    from numpy.typing import NDArray


_RATE_HZ: Final = 22_050
_MARGIN_S: Final = 0.1
"""Silence at both ends, as engines leave it, so that trimming has something to do."""
_PITCH_HZ: Final = 180.0
_PEAK: Final = 0.2
_DIP: Final = 0.8
"""How much of a word sounds; the rest falls silent, as between spoken words."""


class ToneNarrator:
    """Hums each word on a soft tone with an attack and a decay; equal requests give equal bytes everywhere."""

    real_time_factor: ClassVar[float] = 0.001

    def __init__(self, settings: Mapping[str, str]) -> None:
        check_settings("tone", settings, ())

    @classmethod
    def missing(cls) -> str:
        """Always empty."""
        return ""

    def voices(self) -> tuple[Voice, ...]:
        """One voice, which speaks any language."""
        described = "A hum instead of words: quick, for trying things"
        return (Voice(name="tone:tone", language="", description=described, display="Hum"),)

    def fingerprint(self, voice: str) -> str:
        """The version of the sound itself."""
        return f"{voice} 1"

    def abilities(self, voice: str) -> frozenset[Ability]:  # noqa: ARG002 - there is one
        """Its hum has any pitch. A further take would be the same."""
        return frozenset({"pitch"})

    def speak(self, request: SpeechRequest) -> Clip:
        """Hum ``request.text``, each word as long as its letters ask for, all together at the common pace.

        Raises:
            VoiceError: there is no word in it.
        """
        check_words(request)
        words = _word_times(request)
        samples = np.zeros(round((words[-1].end_s + _MARGIN_S) * _RATE_HZ), np.float64)
        for word in words:
            start = round(word.start_s * _RATE_HZ)
            hum = _hum(round(word.end_s * _RATE_HZ) - start, _PITCH_HZ * 2 ** (request.pitch_semitones / 12))
            samples[start : start + len(hum)] = hum
        data = to_16_bit(samples).tobytes()
        return Clip(audio=AudioSegment(data, sample_width=2, frame_rate=_RATE_HZ, channels=1), words=words)


def _word_times(request: SpeechRequest) -> tuple[WordTime, ...]:
    tokens = [token for token in request.text.split() if count_words(token)]
    letters = [len(token) + 2 for token in tokens]
    edges = np.cumsum([0, *letters]) / sum(letters) * speech_s(request.text, request.speed) + _MARGIN_S
    return tuple(
        WordTime(word=token, start_s=float(start), end_s=float(end))
        for token, start, end in zip(tokens, edges, edges[1:], strict=False)
    )


def _hum(frames: int, pitch_hz: float) -> NDArray[np.float64]:
    """One word: a tone with two overtones under a raised cosine, and a little silence."""
    time_s = np.arange(frames) / _RATE_HZ
    tone = sum(np.sin(2 * np.pi * pitch_hz * order * time_s) / order**2 for order in (1, 2, 3))
    sounding = max(1, round(frames * _DIP))
    envelope = np.zeros(frames)
    envelope[:sounding] = np.sin(np.pi * (np.arange(sounding) + 0.5) / sounding) ** 0.5
    return np.asarray(_PEAK * tone * envelope, np.float64)
