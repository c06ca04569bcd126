"""What a session promises: no cure, benefits with may and can, figures with their source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding
from breathmark.checker.sentences import quoted, spoken
from breathmark.languages.phrases import straight
from breathmark.script.document import said_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading
    from breathmark.checker.words import Words


_CLAUSE = r"[,;:]|\b{because}\b"
_REFERENCE = re.compile(r"\[\s*note\s*:[^\]]*(?:\b(?:19|20)\d\d\b|\b10\.\d{4,}/|https?://)[^\]]*\]", re.IGNORECASE)
"""A note that names a year, a DOI or an address."""


def claims(reading: Reading) -> Iterator[Finding]:
    """CLM-01."""
    words = reading.words
    for key, text in (("title", reading.script.title), ("summary", reading.script.summary)):
        found = words.find("claim", text)
        if found:
            yield Finding(place=reading.place_of(key), message=f"“{found}” in the {key} promises a cure")
    for sentence in spoken(reading):
        found = words.find("claim", sentence.text)
        if found:
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} promises a cure")


def benefits(reading: Reading) -> Iterator[Finding]:
    """CLM-02."""
    words = reading.words
    for sentence in spoken(reading):
        found = words.find("benefit", sentence.text)
        if found and not words.find("benefit_soft", _clause(words, sentence.text, found)):
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} states a benefit as certain")


def _clause(words: Words, text: str, found: str) -> str:
    """What leads up to ``found`` inside its own clause, and ``found``: a “may” elsewhere softens nothing."""
    before, _, _ = straight(text).partition(straight(found))
    return words.pattern(_CLAUSE).split(before)[-1] + found


def sources(reading: Reading) -> Iterator[Finding]:
    """CLM-03."""
    referenced = {
        (place.path, place.line)
        for text in said_texts(reading.document.segments)
        for place in (text.place(match.start()) for match in _REFERENCE.finditer(text.raw))
    }
    for sentence in spoken(reading):
        found = reading.words.find("research", sentence.text)
        beside = {(sentence.place.path, sentence.place.line + step) for step in (-1, 0, 1)}
        if found and not beside & referenced:
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} has no source beside it")
