"""How easy it is to follow by ear: grade, sentences, one act at a time, plain words."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding
from breathmark.checker.rules.acts import acts
from breathmark.checker.sentences import spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.base.errors import Severity
    from breathmark.checker.reading import Reading, Sentence
    from breathmark.checker.words import Words

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")  # noqa: RUF001 (both apostrophes)
_VOWELS = re.compile("[aeiouyäöü]+")
_POSSESSIVE = re.compile(r"['’](?:s|d|ll|ve|re|m|t)?$")  # noqa: RUF001
_SILENT = (
    re.compile(r"[^aeiouy](?<![^aeiouy]l)e$"),
    re.compile(r"[^aeiouysxzcg](?<!ch)(?<!sh)(?<![^aeiouylr]l)es$"),
    re.compile(r"[^aeiouytd](?<![^aeiouylr]l)ed$"),
    re.compile(r"[^aeiouy]e(?:ly|ful|fully|fulness|less|ment|ness|where|thing|times?|one|body|self|day)$"),
)
"""An e that is written and not spoken."""
_TWO = re.compile(
    r"i(?:a(?!ge)|o(?!us|n)|u)|[aeo]ing|uing|ying|[^q]ua(?!r)|eo(?!u|pl)|[^aeiou]ier|[^aeiou]iest|iet|ism$|uou|eate"
    r"|[^s]yon|rious$"
)
"""Vowels beside each other that belong to two syllables."""
_ONE = re.compile(r"[ct]ia|[cst]io(?=[^nu])|guar|qua")
_EXCEPTIONS = {
    "aches": 1, "area": 3, "areas": 3, "boredom": 2, "business": 2, "different": 2, "european": 4, "evening": 2,
    "evenings": 2, "every": 2, "everyday": 3, "everyone": 3, "everything": 3, "everywhere": 3, "familiar": 3,
    "history": 2, "idea": 3, "ideas": 3, "language": 2, "lion": 2, "lions": 2, "listener": 2, "listeners": 2,
    "listening": 2, "loosening": 2, "rely": 2, "rhythm": 2, "rhythms": 2, "safety": 2, "several": 2, "softening": 2,
    "tired": 2, "tongue": 1, "toward": 1, "towards": 1,
}  # fmt: skip


@lru_cache(maxsize=20_000)
def syllables(word: str) -> int:
    """At least one."""
    base = _POSSESSIVE.sub("", word.lower())
    if base in _EXCEPTIONS:
        return _EXCEPTIONS[base]
    count = len(_VOWELS.findall(base)) - sum(bool(silent.search(base)) for silent in _SILENT)
    return max(count + len(_TWO.findall(base)) - len(_ONE.findall(base)), 1)


def words_in(text: str) -> tuple[str, ...]:
    """The words of a text, without figures and marks."""
    return tuple(_WORD.findall(text))


_MOST_GRADE, _FAR_TOO_HARD = 6.0, 8.0
_ENOUGH_WORDS = 100
"""A grade, a mean and a share over fewer words say nothing."""
_MOST_MEAN, _MOST_IN_ONE = 12.0, 22
_MOST_HARD = 0.04
_LONG_WORD = 4
"""Syllables from which a word counts as hard."""
_SHOWN = 5


def grade(sentences: int, words: int, syllables_: int) -> float:
    """The Flesch-Kincaid grade (Kincaid et al. 1975)."""
    return 0.39 * words / sentences + 11.8 * syllables_ / words - 15.59


def reading_grade(reading: Reading) -> Iterator[Finding]:
    """REA-01."""
    texts = [sentence.text for sentence in spoken(reading)]
    words = [word for text in texts for word in words_in(text)]
    if len(words) < _ENOUGH_WORDS:
        return
    found = grade(len(texts), len(words), sum(map(syllables, words)))
    if found > _MOST_GRADE:
        severity: Severity = "error" if found > _FAR_TOO_HARD else "warning"
        yield Finding(
            place=reading.place,
            severity=severity,
            message=f"its Flesch-Kincaid grade is {found:.1f}, and {_MOST_GRADE:g} is the maximum",
        )


def sentence_length(reading: Reading) -> Iterator[Finding]:
    """REA-02."""
    sentences = spoken(reading)
    words = sum(sentence.words for sentence in sentences)
    if words >= _ENOUGH_WORDS and words / len(sentences) > _MOST_MEAN:
        mean = words / len(sentences)
        yield Finding(place=reading.place, message=f"a sentence has {mean:.1f} words on average, and 12 is the maximum")
    for sentence in sentences:
        if sentence.words > _MOST_IN_ONE and not sentence.private:
            message = f"this sentence has {sentence.words} words, and {_MOST_IN_ONE} is the maximum"
            yield Finding(place=sentence.place, message=message)


def one_thing(reading: Reading) -> Iterator[Finding]:
    """REA-03."""
    for sentence in spoken(reading):
        asked = acts(reading.words, sentence.text)
        if len(asked) > 1:
            named = ", ".join(f"“{verb}”" for verb in asked)
            yield Finding(place=sentence.place, message=f"one sentence asks for {len(asked)} things at once: {named}")


def hard_words(reading: Reading) -> Iterator[Finding]:
    """REA-04."""
    words = [word for sentence in spoken(reading) for word in _plain(sentence)]
    if len(words) < _ENOUGH_WORDS:
        return
    hard = Counter(word for word in words if _is_hard(reading.words, word))
    share = hard.total() / len(words)
    if share > _MOST_HARD:
        most = ", ".join(f"“{word}”" for word, _ in hard.most_common(_SHOWN))
        yield Finding(place=reading.place, message=f"{share:.0%} of its words are hard, and 4% is the maximum: {most}")


def _plain(sentence: Sentence) -> tuple[str, ...]:
    """Its words in lower case; none of a private sentence, which is never quoted."""
    return () if sentence.private else tuple(word.lower() for word in words_in(sentence.text))


def _is_hard(words: Words, word: str) -> bool:
    if words.find("hard_word", word):
        return True
    return syllables(word) >= _LONG_WORD and not words.find("easy_long_word", word)
