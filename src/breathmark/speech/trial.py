"""Trial sentences: hearing a voice before choosing it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pydub import AudioSegment

from breathmark.base.errors import RequestError, VoiceError
from breathmark.languages.words import trial_sentence
from breathmark.script.limits import too_long
from breathmark.script.text.cues import respelt
from breathmark.speech.clips.store import ClipCache
from breathmark.speech.contract import SpeechRequest, Voice
from breathmark.speech.pace import SPEED_MAX, SPEED_MIN
from breathmark.speech.phonemes import as_shown, sayable
from breathmark.speech.registry import Settings, find_voice, load_narrator, resolve_voice
from breathmark.speech.speaking import Speaker

if TYPE_CHECKING:
    from breathmark.script.lexicon import Pronunciation


_BETWEEN_MS: Final = 800
"""The silence between two ways to say a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A word as a voice says it."""

    audio: AudioSegment
    voice: str
    """Whole: ``NARRATOR:NAME``."""
    said: tuple[str, ...]
    """The input of the voice, in the order in which it is spoken; sounds are between slashes."""
    remarks: tuple[str, ...] = ()
    """Sounds of the lexicon that the voice doesn't have."""


def try_word(
    name: str,
    word: str,
    *,
    lexicon: Callable[[str], Mapping[str, Pronunciation]],
    speed: float = 1.0,
    settings: Settings = {},  # noqa: B006 - never changed
) -> Tried:
    """A word by the voice ``name``: as the voice guesses it, then as a script would have it, where that is another way.

    Args:
        name: as for ``try_voice``.
        word: or several, as written in a script.
        lexicon: how words are spoken in a language, by its BCP 47 tag.
        speed: 1.0 is about 140 words a minute.
        settings: each narrator's settings, by its name.

    Raises:
        RequestError: the word is too long, or the speed is not from 0.5 to 2.0.
        VoiceError: there is no such voice, or it failed.
    """
    voice = _voice(name, settings)
    language = voice.language or "en"
    spoken = respelt(word, lexicon(language))
    narrator = load_narrator(voice.name.partition(":")[0], settings)
    sounds, remarks = sayable(narrator, voice.name, spoken.sounds)
    written = SpeechRequest(text=word, voice=voice.name, speed=speed, language=language)
    asked = tuple(dict.fromkeys((written, replace(written, text=spoken.text, sounds=sounds))))
    clips = [_spoken(request, settings) for request in asked]
    audio = clips[0]
    for clip in clips[1:]:
        audio += AudioSegment.silent(_BETWEEN_MS, frame_rate=clip.frame_rate) + clip
    return Tried(audio=audio, voice=voice.name, said=tuple(map(as_shown, asked)), remarks=remarks)


def try_voice(
    name: str,
    *,
    text: str = "",
    speed: float = 1.0,
    settings: Settings = {},  # noqa: B006 - never changed
) -> AudioSegment:
    """A sentence by the voice ``name``; without a text, one in the voice's language where we have one.

    Without a name, or with a narrator's alone, it is the voice that speaks an English script.

    Raises:
        RequestError: the text is too long, or the speed is not from 0.5 to 2.0.
        VoiceError: there is no such voice, or it failed.
    """
    voice = _voice(name, settings)
    said = text or trial_sentence(voice.language)
    request = SpeechRequest(text=said, voice=voice.name, speed=speed, language=voice.language or "en")
    return _spoken(request, settings)


def _spoken(request: SpeechRequest, settings: Settings) -> AudioSegment:
    speed = request.speed
    if not SPEED_MIN <= speed <= SPEED_MAX:  # nan, too
        raise RequestError(f"no voice speaks at the speed {speed:g}", f"choose {SPEED_MIN} to {SPEED_MAX}")
    message, hint = too_long(request.text)
    if message:
        raise RequestError(message, hint)
    spoken = Speaker(ClipCache(), settings).speak(request)
    return AudioSegment(spoken.pcm, sample_width=2, frame_rate=spoken.rate_hz, channels=1)


def _voice(name: str, settings: Settings) -> Voice:
    """A narrator's name alone is its default for English, if it has one: its first voice may speak anything."""
    if ":" in name:
        return find_voice(name, settings)
    try:
        return find_voice(resolve_voice(name, language="en", settings=settings), settings)
    except VoiceError:
        return find_voice(name, settings)
