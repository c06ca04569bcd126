"""When words sound, from a neural model that tells how long each sound takes."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from breathmark.model import WordTime

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["word_times"]

_BETWEEN: Final = frozenset(" ,;:.!?")
_NO_SOUND: Final = _BETWEEN | frozenset("ˈˌː")


def word_times(
    words: Sequence[str], read: Sequence[str], heard: Sequence[tuple[str, float]], end_s: float
) -> tuple[WordTime, ...]:
    """Each of ``words`` from its first sound to the next word's; without those that were not found.

    An engine reads a sentence otherwise than its words one by one: it joins “of the”, and speaks figures in several
    words. So both readings are brought together sound by sound.

    Args:
        words: as they are written.
        read: the sounds of each word by itself.
        heard: each sound of the sentence, with the time (s) at which it begins.
        end_s: how long the sentence is.
    """
    found = dict(_starts(read, [sign for sign, _ in heard]))
    starts_s: dict[int, float] = {}
    for word, place in found.items():
        if heard[place][1] > max(starts_s.values(), default=-1.0):
            starts_s[word] = heard[place][1]
    ends_s = [*list(starts_s.values())[1:], end_s]
    return tuple(
        WordTime(word=words[word], start_s=start_s, end_s=end)
        for (word, start_s), end in zip(starts_s.items(), ends_s, strict=False)
        if end > start_s
    )


def _starts(read: Sequence[str], signs: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Word and the place in ``signs`` at which it begins, in order."""
    told = [(sign, word) for word, sounds in enumerate(read) for sign in sounds if sign not in _NO_SOUND]
    places = [place for place, sign in enumerate(signs) if sign not in _NO_SOUND]
    matcher = SequenceMatcher(None, [sign for sign, _ in told], [signs[place] for place in places], autojunk=False)
    last_word, last_place = -1, -1
    for kind, first, end, other, other_end in matcher.get_opcodes():
        if kind in {"equal", "replace"}:
            for own in range(first, end):
                # “A” alone is read like the letter: other sounds, and more of them, than in a sentence.
                its = other + (own - first) * (other_end - other) // (end - first)
                word, place = told[own][1], places[its]
                if word != last_word:
                    yield word, _back(signs, place, last_place)
                last_word, last_place = word, place


def _back(signs: Sequence[str], place: int, after: int) -> int:
    """The first sign of the word that sounds at ``place``: a stress, or a sound that was not recognised."""
    while place - 1 > after and signs[place - 1] not in _BETWEEN:
        place -= 1
    return place
