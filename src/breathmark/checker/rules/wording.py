"""Wording rules: no orders, no feelings imposed, no absolute safety, nothing to get right, no pictures demanded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding
from breathmark.checker.sentences import around, quoted, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading


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
