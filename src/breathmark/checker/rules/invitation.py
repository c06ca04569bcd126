"""Invitation: enough words of choice and not too many, few bare imperatives, and room for feeling nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding
from breathmark.checker.rules.acts import bare, invited
from breathmark.checker.sentences import MINUTE_WORDS, is_clip, says_little, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading, Sentence
    from breathmark.checker.words import Words


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
