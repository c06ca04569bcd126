"""Phonemes of a sentence for a neural model, where the lexicon gives those of some of its words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from breathmark.speech.contract import Narrator, Phonetic, SpeechRequest

if TYPE_CHECKING:
    from breathmark.model import Sounds


_SIGNS: Final = ",;:.!?"
"""Signs that models were trained to speak as a rest or as intonation."""
_DASHES: Final = re.compile(r"\s*[—–]\s*")  # noqa: RUF001 - the en dash


def phonemes(request: SpeechRequest, read: Callable[[str], str]) -> str:
    """All sounds of a sentence: the given ones where there are some, else those that ``read`` makes of the letters.

    Engines drop signs and spaces at the borders of what they read, so these are put back by the text.
    """
    parts, at = [], 0
    for each in request.sounds:
        parts += [_read(request.text[at : each.start], read), each.ipa]
        at = each.end
    parts.append(_read(request.text[at:], read))
    return re.sub(rf"\s+(?=[{_SIGNS}])", "", " ".join(" ".join(parts).split()))


def _read(text: str, read: Callable[[str], str]) -> str:
    plain = _DASHES.sub(", ", text)
    words = re.search(r"\w", plain)
    start = plain[: words.start()] if words else plain
    signs = "".join(sign for sign in start if sign in _SIGNS)
    return f"{signs} {read(plain[words.start() :])}" if words else signs


def cut(sounds: Sequence[str], most: int) -> Iterator[Sequence[str]]:
    """Phonemes in parts of at most ``most``, cut behind a comma or between words where that is possible."""
    while len(sounds) > most:
        spaces = [at for at in range(most // 2, most) if sounds[at] == " "]
        rests = [at for at in spaces if sounds[at - 1] in ",;:.!?"]
        end = (rests or spaces or [most - 1])[-1] + 1
        yield sounds[:end]
        sounds = sounds[end:]
    if sounds:
        yield sounds


def words_of(request: SpeechRequest) -> Iterator[SpeechRequest]:
    """Each word of a sentence as white space parts them, with the sounds that are given for it."""
    for word in re.finditer(r"\S+", request.text):
        first, length = word.start(), len(word[0])
        inside = (each for each in request.sounds if each.start < word.end() and each.end > first)
        own = (
            replace(
                each,
                start=max(each.start - first, 0),
                end=min(each.end - first, length),
                ipa=_share(each, request.text, first),
            )
            for each in inside
        )
        yield replace(request, text=word[0], sounds=tuple(own))


def _share(each: Sounds, text: str, first: int) -> str:
    """The sounds of a phrase that belong to the word at ``first``; the first has all where words can't be matched."""
    words, shares = text[each.start : each.end].split(), each.ipa.split()
    if len(shares) != len(words):
        shares = [each.ipa] + [""] * (len(words) - 1)
    return shares[len(text[each.start : first].split())]


def sayable(narrator: Narrator, voice: str, sounds: tuple[Sounds, ...]) -> tuple[tuple[Sounds, ...], tuple[str, ...]]:
    """The ``sounds`` that a voice can say, and a remark on each that it can't, which is spoken from its letters."""
    if not isinstance(narrator, Phonetic):
        return (), ()
    unsaid = {each: narrator.unsaid(voice, each.ipa) for each in sounds}
    remarks = (
        f"{voice} has no sound for “{signs}” in /{each.ipa}/: it is spoken from its letters"
        for each, signs in unsaid.items()
        if signs
    )
    return tuple(each for each, signs in unsaid.items() if not signs), tuple(dict.fromkeys(remarks))


def as_shown(request: SpeechRequest) -> str:
    """The sentence as a person is shown it: given sounds between slashes."""
    text = request.text
    for each in reversed(request.sounds):
        text = f"{text[: each.start]}/{each.ipa}/{text[each.end :]}"
    return text
