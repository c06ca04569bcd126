"""Cue extraction: from a filled-in text to the cues and rests of a segment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from breathmark.model import Bell, Item, Place, Range, Rest, Say, Sounds, Utterance
from breathmark.script.lexicon import Pronunciation
from breathmark.script.text.markers import Pause, Strike, Turn
from breathmark.script.text.sentences import Paragraph, Piece, SpokenText, cut

if TYPE_CHECKING:
    from breathmark.script.terms import VoiceSetting
    from breathmark.script.text.sentinels import Sentinels


@dataclass(frozen=True, slots=True, kw_only=True)
class Respelt:
    """A sentence as it is handed to a narrator."""

    text: str
    sounds: tuple[Sounds, ...] = ()
    """Stretches of ``text`` that markers or the lexicon give in IPA."""


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

    def utterance(self, caption: str, *, private: bool, sounds: tuple[Sounds, ...] = ()) -> Utterance:
        """A sentence, as it is handed to a narrator; ``sounds`` are those that its markers give."""
        said = respelt(caption, self.lexicon, sounds)
        return Utterance(
            text=said.text,
            sounds=said.sounds,
            caption=caption,
            voice=self.voice.name,
            speed=self.voice.speed,
            level_db=self.voice.level_db,
            take=self.voice.take,
            de_esser=self.voice.de_esser,
            language=self.language,
            private=private or self.private,
        )


def respelt(text: str, lexicon: Mapping[str, Pronunciation], given: tuple[Sounds, ...] = ()) -> Respelt:
    """``text`` with every word of the lexicon as it is spoken: whole words, in any case.

    Words whose sounds are ``given``, by their place in ``text``, are left as they are.
    """
    parts: list[str] = []
    sounds: list[Sounds] = []
    at = length = 0
    for word in sorted([*_looked_up(text, lexicon, given), *given], key=lambda word: word.start):
        spoken = Pronunciation(ipa=word.ipa) if word in given else lexicon[text[word.start : word.end].lower()]
        said = spoken.say or text[word.start : word.end]
        start = length + word.start - at
        length = start + len(said)
        if word.ipa:
            sounds.append(Sounds(start=start, end=length, ipa=word.ipa))
        parts += [text[at : word.start], said]
        at = word.end
    return Respelt(text="".join([*parts, text[at:]]), sounds=tuple(sounds))


def _looked_up(text: str, lexicon: Mapping[str, Pronunciation], given: tuple[Sounds, ...]) -> Iterator[Sounds]:
    """The words of ``text`` that the lexicon has; without sounds where it gives none."""
    if not lexicon:
        return
    for match in _words(tuple(lexicon)).finditer(text):
        first, last = match.span()
        spoken = lexicon.get(match[0].lower())
        if spoken and not any(each.start < last and each.end > first for each in given):
            yield Sounds(start=first, end=last, ipa="" if _goes_on(text, last) else spoken.ipa)


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
        yield Say(utterance=speech.utterance(piece.text, private=piece.private, sounds=piece.sounds), place=piece.place)
    elif not isinstance(piece, Paragraph) and isinstance(piece.marker, Strike):
        yield Bell(name=piece.marker.name, place=piece.place)
        yield Rest(range=pacing["bell"], order=0, level="bell", place=piece.place)
