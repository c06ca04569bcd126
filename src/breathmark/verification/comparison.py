"""Word-level comparison of a text and of what was heard, by how words sound: a recogniser chooses its own spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from breathmark.languages.words import contractions
from breathmark.script.limits import UNSPACED
from breathmark.speech.voices.espeak_library import word_sounds

_LETTER: Final = rf"[^\W\d_{UNSPACED}]"
_WORD: Final = re.compile(rf"[{UNSPACED}]|\d+(?:[.,:]\d+)*{_LETTER}*|{_LETTER}+(?:'{_LETTER}+)*")
"""A letter of an unspaced script; a number in figures, with its ending; a word, with its apostrophes."""


def word_count(text: str) -> int:
    """How many words there are to be heard."""
    return len(_words(text))


def words_apart(text: str, heard: str, language: str) -> int:
    """How many words of ``text`` are missing, added or other in ``heard``.

    Case, punctuation, spelling, contractions, numbers in figures, homophones, and how words are joined don't count.
    """
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415 - comes with the extra listen

    said, written = _words(text), _words(heard)
    opcodes = Levenshtein.opcodes(_sounds(said, language), _sounds(written, language))
    apart = 0
    for same, stretch in groupby(opcodes, key=lambda each: each.tag == "equal"):
        edits = list(stretch)
        ours = said[edits[0].src_start : edits[-1].src_end]
        theirs = written[edits[0].dest_start : edits[-1].dest_end]
        if not same and not _sound_alike(ours, theirs, language):
            apart += Levenshtein.distance(_sounds(ours, language), _sounds(theirs, language))
    return apart


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(unicodedata.normalize("NFC", text).casefold().replace("\u2019", "'")))


def _sounds(words: Iterable[str], language: str) -> tuple[str, ...]:
    """The sounds of each word; the word itself where they are not known."""
    return tuple(word_sounds(word, language) or word for word in words)


def _sound_alike(ours: tuple[str, ...], theirs: tuple[str, ...], language: str) -> bool:
    """Whether both sound the same when they are joined ("nowhere", "no where"), or with contractions written out."""
    alternatives = [
        {"".join(_sounds(words, language)), "".join(_sounds(_written_out(words, language), language))}
        for words in (ours, theirs)
    ]
    return not alternatives[0].isdisjoint(alternatives[1])


def _written_out(words: tuple[str, ...], language: str) -> Iterator[str]:
    """Longer endings are looked at first, so that "can't" is not "ca not"."""
    endings = contractions(language)
    for word in words:
        ending = next((each for each in sorted(endings, key=len, reverse=True) if word.endswith(each)), "")
        yield from (f"{word.removesuffix(ending)} {endings[ending]}" if ending else word).split()
