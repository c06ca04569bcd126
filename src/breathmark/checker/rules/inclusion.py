"""Whom a session means: no assumed parents, supporters of any kind, bodies, senses and faiths of all sorts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding
from breathmark.checker.rules.acts import bare
from breathmark.checker.sentences import around, quoted, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading
    from breathmark.checker.words import Words


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
