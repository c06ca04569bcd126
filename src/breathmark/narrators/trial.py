"""Hearing a voice before choosing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydub import AudioSegment

from breathmark.narrators.base import SpeechRequest
from breathmark.narrators.cache import ClipCache
from breathmark.narrators.registry import find_voice, resolve_voice
from breathmark.narrators.speaking import Speaker

if TYPE_CHECKING:
    from breathmark.narrators.registry import Settings

__all__ = ["try_voice"]

_SENTENCES: Final = {
    "de": "Atme sanft ein, und lass den Atem wieder gehen.",
    "en": "Breathe in gently, and let the breath go again.",
    "es": "Inspira con suavidad, y deja que el aire se vaya.",
    "fr": "Inspirez doucement, puis laissez partir le souffle.",
    "it": "Inspira dolcemente, e lascia andare il respiro.",
    "nl": "Adem zacht in, en laat de adem weer gaan.",
    "pt": "Inspire com calma, e deixe o ar sair de novo.",
}


def try_voice(
    name: str,
    *,
    text: str = "",
    speed: float = 1.0,
    settings: Settings = {},  # noqa: B006 - never changed
) -> AudioSegment:
    """A sentence by the voice ``name``; without a text, one in the voice's language where we have one.

    Without a name it is the voice that speaks an English script where none is named.

    Raises:
        VoiceError: there is no such voice, or it failed.
    """
    voice = find_voice(name or resolve_voice("", language="en", settings=settings), settings)
    said = text or _SENTENCES.get(voice.language[:2].lower(), _SENTENCES["en"])
    request = SpeechRequest(text=said, voice=voice.name, speed=speed, language=voice.language or "en")
    spoken = Speaker(ClipCache(), settings).speak(request)
    return AudioSegment(spoken.pcm, sample_width=2, frame_rate=spoken.rate_hz, channels=1)
