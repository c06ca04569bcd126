"""The listener's freedom: to stop, to keep the eyes open, to sit as they like, not to touch, to skip a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding
from breathmark.checker.sentences import MINUTE_WORDS, around, is_clip, quoted, says_little, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading, Sentence


_POSTURES = 2
"""So many are named in an opening that offers a choice."""


def opt_out(reading: Reading) -> Iterator[Finding]:
    """SAF-01."""
    sentences = spoken(reading)
    if says_little(reading):
        return
    for sentence in _first_minute(sentences):
        if sentence.required and reading.words.find("opt_out", sentence.text):
            return
    yield Finding(
        place=sentences[0].place, message="nothing in the first minute of speech says that one may stop or skip"
    )


def _first_minute(sentences: tuple[Sentence, ...]) -> Iterator[Sentence]:
    said = 0
    for sentence in sentences:
        if said > MINUTE_WORDS:
            return
        yield sentence
        said += sentence.words


def postures(reading: Reading) -> Iterator[Finding]:
    """SAF-16."""
    words, sentences = reading.words, spoken(reading)
    if is_clip(reading):
        return
    opening = [sentence for sentence in sentences if sentence.kind == "opening" and sentence.required]
    heard = opening or list(_first_minute(sentences))
    if any(words.find("posture_any", sentence.text) for sentence in heard):
        return
    named = [(sentence, found) for sentence in heard for found in _named_postures(reading, sentence)]
    if len({index for _, index in named}) < _POSTURES:
        place = named[0][0].place if named else heard[0].place
        how_many = "only one posture" if named else "no posture"
        yield Finding(place=place, message=f"the opening names {how_many}")


def _named_postures(reading: Reading, sentence: Sentence) -> Iterator[int]:
    """Which postures it names: each phrase of the list is another one."""
    yield from reading.words.which("posture", sentence.text)


def body_areas(reading: Reading) -> Iterator[Finding]:
    """SAF-22."""
    words, sentences = reading.words, spoken(reading)
    for index, sentence in enumerate(sentences):
        never = words.find("body_area_never", sentence.text)
        if never:
            yield Finding(
                place=sentence.place,
                message=f"{quoted(sentence, never)} is better not named at all",
                hint="name a place that is easy for most people: hands, feet, shoulders, back",
            )
            continue
        found = words.find("body_area", sentence.text)
        if not found or words.find("touch", sentence.text):
            continue
        if not words.find("or_skip", around(sentences, index, before=1, after=1)):
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} is not an easy place for everybody")
