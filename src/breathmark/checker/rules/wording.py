"""Wording rules: no orders, no feelings imposed, no absolute safety, nothing to get right, no pictures demanded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.checker.phrases import around, each_with, phrase, quoted, spoken
from breathmark.checker.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading


def _pictures(reading: Reading) -> Iterator[Finding]:
    language, sentences = reading.script.language, spoken(reading)
    for index, sentence in enumerate(sentences):
        found = phrase(language, "picture", sentence.text)
        if not found and sentence.kind != "ground":
            opening = phrase(language, "picture_opening", sentence.text)
            found = opening if sentence.text.lower().startswith(opening.lower()) else ""
        if found and not phrase(language, "not_only_picture", around(sentences, index, before=1, after=1)):
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} asks for a picture")


RULES = (
    Rule(
        id="LAN-01",
        severity="error",
        title="No orders: must, should, have to, need to",
        why="An order puts the listener under somebody else's will, where choice is what heals trust.",
        fix="invite: “you might”, “you could”, “if you like”",
        source="trauma-sensitive yoga (invitational language, no “should”)",
        needs=("order",),
        check=each_with("order", "{} gives an order"),
    ),
    Rule(
        id="LAN-04",
        severity="error",
        title="Nobody is told what they feel",
        why="Anyone who feels something else concludes that they are doing it wrong.",
        fix="leave it open: “you might notice”, “there may be”",
        source="trauma-sensitive yoga (the listener's own experience leads)",
        needs=("told_feeling",),
        check=each_with("told_feeling", "{} tells the listener what they feel"),
    ),
    Rule(
        id="LAN-05",
        severity="warning",
        title="Safe enough, never simply safe",
        why="For a listener who was never safe, the word alone can be a lie.",
        fix="write “safe enough”, “easy enough”",
        source="Treleaven (window of tolerance)",
        needs=("absolute_safety",),
        check=each_with("absolute_safety", "{} promises a safety that nobody can promise"),
    ),
    Rule(
        id="LAN-06",
        severity="warning",
        title="Nothing to get right or wrong, no praise for doing it well",
        why="Praise and blame wake the very critic that the session wants to quiet.",
        fix="thank, or say what is there, without a mark",
        source="Wakelin et al. 2021 (10.1002/cpp.2586) on self-criticism; our own design",
        needs=("right_wrong",),
        check=each_with("right_wrong", "{} gives a mark"),
    ),
    Rule(
        id="LAN-08",
        severity="warning",
        title="Whoever sees no pictures has another way in",
        why="Some people have no mind's eye, and everybody can sense, hear or simply know.",
        fix="add “or sense it, or just know that it is there”",
        source="our own design (aphantasia)",
        needs=("picture", "not_only_picture"),
        check=_pictures,
    ),
)
