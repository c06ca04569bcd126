"""Cue extraction: from a filled-in text to the cues and rests of a segment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from breathmark.model import Bell, Rest, Say, Sounds, Utterance
from breathmark.script.lexicon import Pronunciation
from breathmark.script.text.markers import Pause, Strike, Turn
from breathmark.script.text.sentences import Paragraph, SpokenText, cut

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from breathmark.model import Item, Place, Range
    from breathmark.script.terms import VoiceSetting
    from breathmark.script.text.sentences import Piece
    from breathmark.script.text.sentinels import Sentinels


@dataclass(frozen=True, slots=True, kw_only=True)
class Respelt:
    """A sentence as it is handed to a narrator."""

    text: str
    sounds: tuple[Sounds, ...] = ()
    """Stretches of ``text`` that the lexicon has in IPA."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """How the sentences of a segment are spoken."""

    voice: VoiceSetting
    """An empty name means the session's voice."""
    language: str
    lexicon: Mapping[str, Pronunciation]
    """By the word in lower case."""
    private: bool = False
    """True where the whole segment depends on a secret."""

    def utterance(self, caption: str, *, private: bool) -> Utterance:
        """A sentence, as it is handed to a narrator."""
        said = respelt(caption, self.lexicon)
        return Utterance(
            text=said.text,
            sounds=said.sounds,
            caption=caption,
            voice=self.voice.name,
            speed=self.voice.speed,
            level_db=self.voice.level_db,
            take=self.voice.take,
            language=self.language,
            private=private or self.private,
        )


def respelt(text: str, lexicon: Mapping[str, Pronunciation]) -> Respelt:
    """``text`` with every word of the lexicon as it is spoken: whole words, in any case."""
    if not lexicon:
        return Respelt(text=text)
    parts: list[str] = []
    sounds: list[Sounds] = []
    at = length = 0
    for match in _words(tuple(lexicon)).finditer(text):
        spoken = lexicon.get(match[0].lower(), Pronunciation())
        said = spoken.say or match[0]
        start = length + match.start() - at
        length = start + len(said)
        if spoken.ipa and not _goes_on(text, match.end()):
            sounds.append(Sounds(start=start, end=length, ipa=spoken.ipa))
        parts += [text[at : match.start()], said]
        at = match.end()
    return Respelt(text="".join([*parts, text[at:]]), sounds=tuple(sounds))


def _goes_on(text: str, at: int) -> bool:
    """Whether an ending follows behind an apostrophe, as in “metta's”, which is read together with its word."""
    return text[at : at + 1] in {"'", "’"} and text[at + 1 : at + 2].isalpha()  # noqa: RUF001 - as people type it


@lru_cache(maxsize=16)
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def cues(
    text: str,
    sentinels: Sentinels,
    *,
    pacing: Mapping[str, Range],
    speech: Speech,
    cast: Mapping[str, Speech],
    bells: bool,
) -> Iterator[Item]:
    """What a text says: sentences, bells and rests in order, with the implied rests between the cues.

    ``speech`` is how the segment is spoken; a paragraph that turns to one of the ``cast`` is spoken as that one does.
    """
    speaker = speech
    follows_cue = False
    level: Literal["sentence", "paragraph"] = "sentence"
    for piece in cut(text, sentinels, language=speech.language):
        if isinstance(piece, Paragraph):
            level, speaker = "paragraph", speech
        elif not isinstance(piece, SpokenText) and isinstance(piece.marker, Pause):
            yield _explicit(piece.marker, piece.place, pacing)
        elif not isinstance(piece, SpokenText) and isinstance(piece.marker, Turn):
            speaker = cast.get(piece.marker.speaker, speech)
        elif isinstance(piece, SpokenText) or bells:
            if follows_cue:
                yield Rest(range=pacing[level], order=0, level=level, place=piece.place)
            yield from _cue(piece, pacing, speaker)
            follows_cue, level = True, "sentence"


def _explicit(pause: Pause, place: Place, pacing: Mapping[str, Range]) -> Rest:
    span = pacing[pause.name] if pause.range is None else pause.range
    return Rest(range=span, order=pause.order, level="explicit", place=place)


def _cue(piece: Piece, pacing: Mapping[str, Range], speech: Speech) -> Iterator[Item]:
    if isinstance(piece, SpokenText):
        yield Say(utterance=speech.utterance(piece.text, private=piece.private), place=piece.place)
    elif not isinstance(piece, Paragraph) and isinstance(piece.marker, Strike):
        yield Bell(name=piece.marker.name, place=piece.place)
        yield Rest(range=pacing["bell"], order=0, level="bell", place=piece.place)
