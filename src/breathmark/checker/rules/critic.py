"""The inner critic: never spoken by default, never as "you are", and answered by lines that can be believed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding
from breathmark.checker.sentences import quoted, spoken
from breathmark.languages.phrases import straight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading, Sentence


_CRITIC = "critic"
"""A variable with this in its name holds the critic's words."""


def never_you_are(reading: Reading) -> Iterator[Finding]:
    """CRI-01."""
    for sentence in spoken(reading):
        if _accuses(reading, sentence):
            yield Finding(place=sentence.place, message="the critic's words follow “you are”")
    for value in _critic_values(reading):
        said = [sentence for sentence in spoken(reading) if value.lower() in sentence.text.lower()]
        yield from (Finding(place=each.place, message="the critic's words are said a second time") for each in said[1:])


def _accuses(reading: Reading, sentence: Sentence) -> bool:
    own = "".join(f"|{re.escape(value)}" for value in _critic_values(reading))
    return bool(reading.words.pattern(rf"\b{{you_are}}\s+(?:{{critic_word}}{own})\b").search(straight(sentence.text)))


def _critic_values(reading: Reading) -> tuple[str, ...]:
    return tuple(value for name, value in reading.values.items() if _CRITIC in name.lower() and value.strip())


def silent_by_default(reading: Reading) -> Iterator[Finding]:
    """CRI-02."""
    if not reading.defaults:
        return
    for sentence in spoken(reading):
        found = reading.words.find("critic_line", sentence.text)
        if found and not _accuses(reading, sentence):
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} speaks the critic's words")
