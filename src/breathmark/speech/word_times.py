"""Word times, from a neural model that gives the duration of each sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.model import WordTime

if TYPE_CHECKING:
    from numpy.typing import NDArray


LENGTH_FRAMES: Final = 600
"""The unit in which Kokoro's model, and Hibari's, which learnt from it, give the length of a sign: 25 ms at 24 kHz."""
_FIRST_IS_EARLY_FRAMES: Final = 3 * LENGTH_FRAMES
"""By how much the first sound of a sentence comes before the place of its sign: 75 ms, the median of three at speed
0.7; the package kokoro takes off the same (``KPipeline.join_timestamps``).

Other words begin to sound in the space before them: with Hibari 18 to 40 ms behind its start, by the medians of 30
isolated words (10 at speed 1.0) at six speeds from 0.55 to 1.0; at most 25 ms before it and 110 ms behind. So theirs is
25 ms behind.
"""
_BETWEEN: Final = frozenset(" ,;:.!?")
_NO_SOUND: Final = _BETWEEN | frozenset("ˈˌː")
_MARKS: Final = str.maketrans(dict.fromkeys('—…“”()"', ","))
"""Signs of those models' alphabet that are no sounds of a word, as one of ``_BETWEEN``."""


def plain_marks(signs: str) -> str:
    """``signs`` with a comma for each dash, quote or bracket."""
    return signs.translate(_MARKS)


def with_output(model: bytes, tensor: str) -> bytes:
    """An ONNX ``model`` with one more ``tensor`` among its outputs, which changes no sample.

    A message of Protocol Buffers that is written twice is merged, and lists in it are joined
    (https://protobuf.dev/programming-guides/encoding/#last-one-wins): so one more output (``ModelProto.graph`` is field
    7, ``GraphProto.output`` 12, ``ValueInfoProto.name`` 1) is added without the package ``onnx``.
    """
    message = tensor.encode()
    for field in (1, 12, 7):
        message = bytes([field << 3 | 2, len(message)]) + message
    return model + message


def sign_starts(signs: str, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The sample at which each sign begins to sound in Kokoro's model or Hibari's: that of a word's first one is early.

    Args:
        signs: what the model was given.
        lengths: how many samples each takes, between those of the silence before and behind.
    """
    starts: NDArray[np.int64] = np.cumsum(lengths)[:-2].copy()
    starts[0] = max(starts[0] - _FIRST_IS_EARLY_FRAMES, 0)
    for place in range(1, len(starts)):
        if signs[place - 1] == " ":
            starts[place] = min(starts[place - 1] + LENGTH_FRAMES, starts[place])
    return starts


def word_times(
    words: Sequence[str], read: Sequence[str], timed: Sequence[tuple[str, float]], end_s: float
) -> tuple[WordTime, ...]:
    """Each of ``words`` from its first sound to the next word's; without those that were not found.

    An engine reads a sentence otherwise than its words one by one: it joins “of the”, and speaks figures in several
    words. So both readings are brought together sound by sound.

    Args:
        words: as they are written.
        read: the sounds of each word by itself.
        timed: each sound of the sentence, with the time (s) at which it begins.
        end_s: how long the sentence is.
    """
    found: list[tuple[int, float]] = []
    for word, place in _starts(read, [sign for sign, _ in timed]):
        start_s = timed[place][1]
        if (not found or start_s > found[-1][1]) and start_s < end_s:
            found.append((word, start_s))
    ends_s = [*(start_s for _, start_s in found[1:]), end_s]
    return tuple(
        WordTime(word=words[word], start_s=start_s, end_s=word_end_s)
        for (word, start_s), word_end_s in zip(found, ends_s, strict=False)
    )


def _starts(read: Sequence[str], signs: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Word and the place in ``signs`` at which it begins, in order."""
    expected = [(sign, word) for word, sounds in enumerate(read) for sign in sounds if sign not in _NO_SOUND]
    places = [place for place, sign in enumerate(signs) if sign not in _NO_SOUND]
    matcher = SequenceMatcher(None, [sign for sign, _ in expected], [signs[place] for place in places], autojunk=False)
    last_word, last_place = -1, -1
    for kind, first, end, other, other_end in matcher.get_opcodes():
        if kind in {"equal", "replace"}:
            for own in range(first, end):
                # “A” alone is read like the letter: other sounds, and more of them, than in a sentence.
                its = other + (own - first) * (other_end - other) // (end - first)
                word, place = expected[own][1], places[its]
                if word != last_word:
                    begin = _back(signs, place, last_place)
                    linked = kind == "replace" and last_word >= 0 and begin <= last_place + 1
                    yield word, _ahead(signs, begin, places[other_end - 1]) if linked else begin
                last_word, last_place = word, place


def _ahead(signs: Sequence[str], place: int, last: int) -> int:
    """The first sound behind the next rest up to ``last``: what precedes it still belongs to the word before."""
    rests = (at for at in range(place, last) if signs[at] in _BETWEEN)
    rest = next(rests, None)
    return place if rest is None else next(at for at in range(rest, last + 1) if signs[at] not in _BETWEEN)


def _back(signs: Sequence[str], place: int, after: int) -> int:
    """The first sign of the word that sounds at ``place``: a stress, or a sound that was not recognised."""
    while place - 1 > after and signs[place - 1] not in _BETWEEN:
        place -= 1
    return place
