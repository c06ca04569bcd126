"""Wording: invitations and choice, plain and short sentences, words that mean everybody, no pictures demanded."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from breathmark.checker.rule import MINUTE_WORDS, Finding, around, is_clip, quoted, says_little, spoken
from breathmark.languages.phrases import Words, straight

if TYPE_CHECKING:
    from breathmark.base.errors import Severity
    from breathmark.checker.reading import Reading, Sentence


_LEAST_A_MINUTE, _MOST_A_MINUTE = 1.0, 4.0
_MOST_BARE = 0.4
_FEWEST_INSTRUCTIONS = 8
"""A share of fewer sentences says nothing."""
_IN_A_ROW = 3


def choices(reading: Reading) -> Iterator[Finding]:
    """LAN-02."""
    sentences = spoken(reading)
    if says_little(reading):
        return
    minutes = sum(sentence.words for sentence in sentences) / MINUTE_WORDS
    choices = sum(bool(reading.words.find("choice", sentence.text)) for sentence in sentences)
    hedges = sum(sum(1 for _ in reading.words.all("hedge", sentence.text)) for sentence in sentences) / minutes
    if choices / minutes < _LEAST_A_MINUTE:
        share = f"{choices} of {len(sentences)} sentences leave" if choices else "no sentence leaves"
        yield Finding(place=reading.place, message=f"{share} a choice, and one in each minute of speech is the minimum")
    elif hedges > _MOST_A_MINUTE:
        yield Finding(
            place=reading.place,
            message=f"it says perhaps or might {hedges:.1f} times a minute, and {_MOST_A_MINUTE:g} is the maximum",
            hint="say some of it plainly: too many of them make a listener unsure",
        )


def bare_imperatives(reading: Reading) -> Iterator[Finding]:
    """LAN-03."""
    words, sentences = reading.words, spoken(reading)
    orders = [sentence for sentence in sentences if bare(words, sentence.text)]
    asked = len(orders) + sum(invited(words, sentence.text) for sentence in sentences)
    if asked >= _FEWEST_INSTRUCTIONS and len(orders) / asked > _MOST_BARE:
        yield Finding(
            place=reading.place,
            message=f"{len(orders)} of {asked} instructions are bare imperatives, and {_MOST_BARE:.0%} is the maximum",
        )
        return
    yield from (
        Finding(place=run[0].place, message=f"{len(run)} bare imperatives in a row begin here")
        for run in _runs(words, sentences)
    )


def _runs(words: Words, sentences: tuple[Sentence, ...]) -> Iterator[tuple[Sentence, ...]]:
    run: list[Sentence] = []
    for sentence in (*sentences, None):
        if sentence is not None and bare(words, sentence.text):
            run.append(sentence)
            continue
        if len(run) >= _IN_A_ROW:
            yield tuple(run)
        run = []


def numbness(reading: Reading) -> Iterator[Finding]:
    """LAN-07."""
    sentences = spoken(reading)
    if is_clip(reading):
        return
    if not any(reading.words.find("numbness", each.text) for each in sentences if each.required):
        practice = next((sentence for sentence in sentences if sentence.kind == "practice"), None)
        yield Finding(
            place=practice.place if practice else reading.place,
            message="no line says that feeling little or nothing is fine",
        )


_SUPPORTERS = {
    "supporter_person": "a person",
    "supporter_animal": "an animal",
    "supporter_imagined": "somebody imagined",
    "supporter_place": "a place or a light",
}


def supporters(reading: Reading) -> Iterator[Finding]:
    """INC-02."""
    words = reading.words
    asked = [sentence for sentence in spoken(reading) if words.find("supporter", sentence.text)]
    if not asked or not reading.defaults:
        return  # whoever sets a variable has chosen
    missing = min((_missing_kinds(words, passage.text) for passage in reading.segments()), key=len)
    if missing:
        yield Finding(
            place=asked[0].place, message=f"no sentence says that a supporter can also be {' or '.join(missing)}"
        )


def _missing_kinds(words: Words, text: str) -> tuple[str, ...]:
    return tuple(kind for name, kind in _SUPPORTERS.items() if not words.find(name, text))


def patterns_change(reading: Reading) -> Iterator[Finding]:
    """INC-03."""
    words = reading.words
    taught = [sentence for sentence in spoken(reading) if sentence.kind == "teach"]
    about = [sentence for sentence in taught if words.find("attachment", sentence.text)]
    if not about:
        return
    text = " ".join(sentence.text for sentence in taught)
    missing = [
        what
        for name, what in (("can_change", "that it can change"), ("no_fault", "that it is nobody's fault"))
        if not words.find(name, text)
    ]
    if missing:
        message = f"this teaches attachment, and does not say {' and '.join(missing)}"
        yield Finding(place=about[0].place, message=message)


def bodies_and_senses(reading: Reading) -> Iterator[Finding]:
    """INC-06."""
    words, sentences = reading.words, spoken(reading)
    for index, sentence in enumerate(sentences):
        found = words.find("one_body", sentence.text)
        if bare(words, sentence.text):
            found = found or words.find("one_sense", sentence.text)
        if found and not words.find("other_body", around(sentences, index, after=1)):
            yield Finding(
                place=sentence.place, message=f"{quoted(sentence, found)} has nothing for another body or other senses"
            )


def pictures(reading: Reading) -> Iterator[Finding]:
    """LAN-08."""
    words, sentences = reading.words, spoken(reading)
    for index, sentence in enumerate(sentences):
        found = words.find("picture", sentence.text)
        if not found and sentence.kind != "ground":
            opening = words.find("picture_opening", sentence.text)
            found = opening if sentence.text.lower().startswith(opening.lower()) else ""
        if found and not words.find("not_only_picture", around(sentences, index, before=1, after=1)):
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} asks for a picture")


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


_CLAUSE = r"[,;:]|\s[-–—]+\s|(?<=\w)\s+(?={clause_start}\s)"  # noqa: RUF001
_LEADING = re.compile(r"^[\s\"'“”(,]+")


@lru_cache(maxsize=20_000)
def bare(words: Words, text: str) -> bool:
    """Whether the sentence begins with an imperative, and holds no word of choice."""
    return bool(_verb(words, text)) and not words.find("choice", text)


@lru_cache(maxsize=20_000)
def invited(words: Words, text: str) -> bool:
    """Whether the sentence asks for something and leaves a choice."""
    asks = bool(_verb(words, text)) or bool(words.find("invitation", text))
    return asks and bool(words.find("choice", text))


def acts(words: Words, text: str) -> tuple[str, ...]:
    """The imperatives of a sentence that are to be done one with the other; alternatives (``or``) are none."""
    if words.find("alternatives", text):
        return ()
    verbs = [_verb(words, clause) for clause in words.pattern(_CLAUSE).split(straight(text))]
    return tuple(verb for verb in verbs if verb) if verbs[0] else ()


def _verb(words: Words, clause: str) -> str:
    """The imperative that a clause begins with; empty where it begins otherwise."""
    text = _LEADING.sub("", straight(clause))
    while not words.at_start("no_imperative", text):
        before = words.at_start("before_imperative", text)
        if not before:
            found = words.at_start("imperative", text)
            return found[0].lower() if found else ""
        text = _LEADING.sub("", text[before.end() :])
    return ""
