"""The sentences that rules are about: what is spoken, what is beside a sentence, and how a message quotes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.checker.rules.unspoken import is_note

if TYPE_CHECKING:
    from breathmark.checker.reading import Reading, Sentence


MINUTE_WORDS = 110
"""A calm voice says about as many words in a minute of speech."""
_FEW_WORDS = 60
"""About half a minute of speech."""
CLIP_S = 120.0
"""A script that is never longer is a short practice for the middle of a day, and needs no frame."""


def spoken(reading: Reading) -> tuple[Sentence, ...]:
    """The author's sentences: no cues of guided breaths, and nothing that is a note for the reader."""
    return tuple(
        sentence
        for sentence in reading.sentences()
        if not sentence.breath and not is_note(reading.words, sentence.text)
    )


def says_little(reading: Reading) -> bool:
    """Half a minute of speech has no room for what belongs to a session."""
    return sum(sentence.words for sentence in spoken(reading)) < _FEW_WORDS


def is_clip(reading: Reading) -> bool:
    """Whether it says little, or its author lets it last two minutes at most: something for the middle of a day."""
    length = reading.script.length
    return says_little(reading) or (length is not None and length.max_s <= CLIP_S)


def around(sentences: tuple[Sentence, ...], index: int, *, before: int = 0, after: int = 0) -> str:
    """The text of a sentence and of those beside it."""
    return " ".join(each.text for each in sentences[max(index - before, 0) : index + after + 1])


def quoted(sentence: Sentence, found: str) -> str:
    """How a message names what was found; a sentence that holds a private value is never quoted."""
    return "this sentence" if sentence.private else f"“{found}”"
