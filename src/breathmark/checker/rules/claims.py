"""What a session promises: no cure, benefits with may and can, figures with their source."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from breathmark.checker.phrases import phrase, quoted, spoken
from breathmark.checker.rule import Finding, Rule
from breathmark.checker.words import straight
from breathmark.script.document import said_texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading


_CLAUSE = re.compile(r"[,;:]|\b(?:because|since|weil|denn)\b", re.IGNORECASE)
_REFERENCE = re.compile(r"\[\s*note\s*:[^\]]*(?:\b(?:19|20)\d\d\b|\b10\.\d{4,}/|https?://)[^\]]*\]", re.IGNORECASE)
"""A note that names a year, a DOI or an address."""


def _claims(reading: Reading) -> Iterator[Finding]:
    language = reading.script.language
    for key, text in (("title", reading.script.title), ("summary", reading.script.summary)):
        found = phrase(language, "claim", text)
        if found:
            yield Finding(place=reading.place_of(key), message=f"“{found}” in the {key} promises a cure")
    for sentence in spoken(reading):
        found = phrase(language, "claim", sentence.text)
        if found:
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} promises a cure")


def _benefits(reading: Reading) -> Iterator[Finding]:
    language = reading.script.language
    for sentence in spoken(reading):
        found = phrase(language, "benefit", sentence.text)
        if found and not phrase(language, "benefit_soft", _clause(sentence.text, found)):
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} states a benefit as certain")


def _clause(text: str, found: str) -> str:
    """What leads up to ``found`` inside its own clause, and ``found``: a “may” elsewhere softens nothing."""
    before, _, _ = straight(text).partition(straight(found))
    return _CLAUSE.split(before)[-1] + found


def _sources(reading: Reading) -> Iterator[Finding]:
    referenced = {
        (place.path, place.line)
        for text in said_texts(reading.document.segments)
        for place in (text.place(match.start()) for match in _REFERENCE.finditer(text.raw))
    }
    for sentence in spoken(reading):
        found = phrase(reading.script.language, "research", sentence.text)
        beside = {(sentence.place.path, sentence.place.line + step) for step in (-1, 0, 1)}
        if found and not beside & referenced:
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} has no source beside it")


RULES = (
    Rule(
        id="CLM-01",
        severity="error",
        title="No cure, no healing, no fixing, no proof, no rewiring",
        why="A session is not a treatment, and people whom it does not heal blame themselves.",
        fix="say what the practice may do, or leave the sentence out",
        source="Wilson et al. 2019 (10.1007/s12671-018-1037-6): no advantage over active controls in 22 trials",
        needs=("claim",),
        check=_claims,
    ),
    Rule(
        id="CLM-02",
        severity="warning",
        title="Benefits are stated with may, can, or is linked with",
        why="Nearly all that is known of self-compassion and well-being is correlation.",
        fix="write “may”, “can”, “many people find”, “is linked with”",
        source="Zessin et al. 2015 (10.1111/aphw.12051), r = .47: a correlation",
        needs=("benefit", "benefit_soft"),
        check=_benefits,
    ),
    Rule(
        id="CLM-03",
        severity="error",
        title="Every figure and every “research shows” has its source in a note beside it",
        why="A claim that nobody can look up should not be spoken with authority.",
        fix="put `[note: Neff & Germer 2013]` behind the sentence, or leave the claim out",
        source="our own design",
        needs=("research",),
        check=_sources,
    ),
)
