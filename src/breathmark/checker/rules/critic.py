"""The inner critic: never spoken by default, never as "you are", and answered by lines that can be believed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from breathmark.checker.phrases import phrase, quoted, spoken
from breathmark.checker.rule import Finding, Rule
from breathmark.checker.words import straight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading, Sentence


_CRITIC = "critic"
"""A variable with this in its name holds the critic's words."""


def _never_you_are(reading: Reading) -> Iterator[Finding]:
    for sentence in spoken(reading):
        if _accuses(reading, sentence):
            yield Finding(place=sentence.place, message="the critic's words follow “you are”")
    for value in _critic_values(reading):
        said = [sentence for sentence in spoken(reading) if value.lower() in sentence.text.lower()]
        yield from (Finding(place=each.place, message="the critic's words are said a second time") for each in said[1:])


def _accuses(reading: Reading, sentence: Sentence) -> bool:
    return any(
        pattern.search(straight(sentence.text))
        for pattern in (
            *(_behind(reading, re.escape(value)) for value in _critic_values(reading)),
            *(_behind(reading, each) for each in reading.words.lists["critic_word"]),
        )
    )


def _behind(reading: Reading, words: str) -> re.Pattern[str]:
    you_are = "|".join(reading.words.lists["you_are"])
    return re.compile(rf"\b(?:{you_are})\s+(?:{words})\b", re.IGNORECASE)


def _critic_values(reading: Reading) -> tuple[str, ...]:
    return tuple(value for name, value in reading.values.items() if _CRITIC in name.lower() and value.strip())


def _silent_by_default(reading: Reading) -> Iterator[Finding]:
    if not reading.defaults:
        return
    for sentence in spoken(reading):
        found = phrase(reading.script.language, "critic_line", sentence.text)
        if found and not _accuses(reading, sentence):
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} speaks the critic's words")


def _believable(reading: Reading) -> Iterator[Finding]:
    language = reading.script.language
    for sentence in spoken(reading):
        found = phrase(language, "praise", sentence.text)
        if found and not sentence.private and not phrase(language, "believable", sentence.text):
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} is hard to believe on a bad day")


RULES = (
    Rule(
        id="CRI-01",
        severity="error",
        title="The critic never speaks in “you are”, and never twice",
        why="Said by a calm voice into an open mind, it is one more blow.",
        fix="frame it from a distance, “a voice says it isn't enough”, and go on to what it worries about",
        source="Kross et al. 2014 (10.1037/a0035173) on distance; Wakelin et al. 2021 (10.1002/cpp.2586)",
        needs=("critic_word", "you_are"),
        check=_never_you_are,
    ),
    Rule(
        id="CRI-02",
        severity="error",
        title="With nothing set, the critic's words are not spoken at all",
        why="Whoever did not choose to hear them should not have to.",
        fix="speak of the tone of the voice, not of its words; or put them behind a variable that is blank",
        source="our own design",
        needs=("critic_line", "critic_word", "you_are"),
        check=_silent_by_default,
    ),
    Rule(
        id="CRI-03",
        severity="warning",
        title="Kind lines can be believed: may, learning, part of me, even so",
        why="Lofty self-praise made people with low self-esteem feel worse.",
        fix="begin with “May I”, “I am learning”, “part of me”",
        source="Wood, Perunovic & Lee 2009, Psychological Science 20:860",
        needs=("praise", "believable"),
        check=_believable,
    ),
)
