"""Invitation: enough words of choice and not too many, few bare imperatives, and room for feeling nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.checker.phrases import MINUTE_WORDS, is_clip, phrase, says_little, spoken
from breathmark.checker.rule import Finding, Rule
from breathmark.checker.rules.acts import bare, invited

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading, Sentence


_LEAST_A_MINUTE, _MOST_A_MINUTE = 1.0, 4.0
_MOST_BARE = 0.4
_FEWEST_INSTRUCTIONS = 8
"""A share of fewer sentences says nothing."""
_IN_A_ROW = 3


def _choices(reading: Reading) -> Iterator[Finding]:
    sentences = spoken(reading)
    if says_little(reading):
        return
    minutes = sum(sentence.words for sentence in sentences) / MINUTE_WORDS
    choices = sum(bool(phrase(reading.script.language, "choice", sentence.text)) for sentence in sentences)
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


def _bare_imperatives(reading: Reading) -> Iterator[Finding]:
    language, sentences = reading.script.language, spoken(reading)
    orders = [sentence for sentence in sentences if bare(language, sentence.text)]
    asked = len(orders) + sum(invited(language, sentence.text) for sentence in sentences)
    if asked >= _FEWEST_INSTRUCTIONS and len(orders) / asked > _MOST_BARE:
        yield Finding(
            place=reading.place,
            message=f"{len(orders)} of {asked} instructions are bare imperatives, and {_MOST_BARE:.0%} is the maximum",
        )
        return
    yield from (
        Finding(place=run[0].place, message=f"{len(run)} bare imperatives in a row begin here")
        for run in _runs(language, sentences)
    )


def _runs(language: str, sentences: tuple[Sentence, ...]) -> Iterator[tuple[Sentence, ...]]:
    run: list[Sentence] = []
    for sentence in (*sentences, None):
        if sentence is not None and bare(language, sentence.text):
            run.append(sentence)
            continue
        if len(run) >= _IN_A_ROW:
            yield tuple(run)
        run = []


def _numbness(reading: Reading) -> Iterator[Finding]:
    sentences = spoken(reading)
    if is_clip(reading):
        return
    if not any(phrase(reading.script.language, "numbness", each.text) for each in sentences if each.required):
        practice = next((sentence for sentence in sentences if sentence.kind == "practice"), None)
        yield Finding(
            place=practice.place if practice else reading.place,
            message="no line says that feeling little or nothing is fine",
        )


RULES = (
    Rule(
        id="LAN-02",
        severity="warning",
        title="Words of choice: at least once in a minute of speech, and not in every breath",
        why="Choice gives a listener the reins; too many perhapses take the ground away.",
        fix="turn some instructions into invitations: “you might”, “if you like”, “or”",
        source="trauma-sensitive yoga (invitation); the figures are our own design",
        needs=("choice", "hedge"),
        check=_choices,
    ),
    Rule(
        id="LAN-03",
        severity="warning",
        title="Bare imperatives: at most two in five instructions, never three in a row",
        why="Command upon command sounds like drill.",
        fix="turn one into an invitation (“you might …”), or say what is there instead of what to do",
        source="trauma-sensitive yoga (invitational language); the figures are our own design",
        needs=("imperative", "choice"),
        check=_bare_imperatives,
    ),
    Rule(
        id="LAN-07",
        severity="warning",
        title="A line welcomes feeling nothing, little, or mixed things",
        why="Many feel nothing at first, and take it for a fault of theirs.",
        fix="add to a required part, such as “If you feel nothing much, that is fine too.”",
        source="Kirby et al. 2019 (fears of compassion); our own design",
        needs=("numbness",),
        check=_numbness,
    ),
)
