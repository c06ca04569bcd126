"""The listener's freedom: to stop, to keep the eyes open, to sit as they like, not to touch, to skip a place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.checker.phrases import MINUTE_WORDS, around, is_clip, phrase, quoted, says_little, spoken
from breathmark.checker.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading, Sentence


_POSTURES = 2
"""So many are named in an opening that offers a choice."""


def _opt_out(reading: Reading) -> Iterator[Finding]:
    sentences = spoken(reading)
    if says_little(reading):
        return
    for sentence in _first_minute(sentences):
        if sentence.required and phrase(reading.script.language, "opt_out", sentence.text):
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


def _eyes(reading: Reading) -> Iterator[Finding]:
    language, sentences = reading.script.language, spoken(reading)
    for index, sentence in enumerate(sentences):
        found = phrase(language, "shut_eyes", sentence.text)
        if found and not phrase(language, "open_eyes", around(sentences, index, after=1)):
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} leaves no choice for the eyes")


def _postures(reading: Reading) -> Iterator[Finding]:
    language, sentences = reading.script.language, spoken(reading)
    if is_clip(reading):
        return
    opening = [sentence for sentence in sentences if sentence.kind == "opening" and sentence.required]
    heard = opening or list(_first_minute(sentences))
    if any(phrase(language, "posture_any", sentence.text) for sentence in heard):
        return
    named = [(sentence, found) for sentence in heard for found in _named_postures(reading, sentence)]
    if len({index for _, index in named}) < _POSTURES:
        place = named[0][0].place if named else heard[0].place
        how_many = "only one posture" if named else "no posture"
        yield Finding(place=place, message=f"the opening names {how_many}")


def _named_postures(reading: Reading, sentence: Sentence) -> Iterator[int]:
    """Which postures it names: each phrase of the list is another one."""
    yield from reading.words.which("posture", sentence.text)


def _touch(reading: Reading) -> Iterator[Finding]:
    language, sentences = reading.script.language, spoken(reading)
    for index, sentence in enumerate(sentences):
        found = phrase(language, "touch", sentence.text)
        if found and not phrase(language, "no_touch", around(sentences, index, before=1, after=2)):
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} has no way without touch")


def _body_areas(reading: Reading) -> Iterator[Finding]:
    language, sentences = reading.script.language, spoken(reading)
    for index, sentence in enumerate(sentences):
        never = phrase(language, "body_area_never", sentence.text)
        if never:
            yield Finding(
                place=sentence.place,
                message=f"{quoted(sentence, never)} is better not named at all",
                hint="name a place that is easy for most people: hands, feet, shoulders, back",
            )
            continue
        found = phrase(language, "body_area", sentence.text)
        if not found or phrase(language, "touch", sentence.text):
            continue
        if not phrase(language, "or_skip", around(sentences, index, before=1, after=1)):
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} is not an easy place for everybody")


RULES = (
    Rule(
        id="SAF-01",
        severity="error",
        title="Within the first minute of speech, the listener hears that stopping and skipping are fine",
        why="Half of the meditators asked had met an unwanted effect; people who know the way out can stay or go.",
        fix="say it in the opening, such as “You can skip any part, open your eyes, or stop.”",
        source="Goldberg et al. 2021 (10.1080/10503307.2021.1933646); First, Do No Harm (Brown University)",
        needs=("opt_out",),
        check=_opt_out,
    ),
    Rule(
        id="SAF-15",
        severity="error",
        title="Shut eyes are one choice: open or lowered eyes are named in the same or the next sentence",
        why="With shut eyes some listeners feel unsafe, and images grow stronger.",
        fix="add the other choice, such as “or keep them open, with one spot to rest on”",
        source="trauma-sensitive yoga; Treleaven (sight as an anchor)",
        needs=("shut_eyes", "open_eyes"),
        check=_eyes,
    ),
    Rule(
        id="SAF-16",
        severity="warning",
        title="The opening offers two postures or more",
        why="Not everyone can sit upright, and lying down is not at ease for everyone.",
        fix="name some, such as “sitting, lying, standing: your body can choose”",
        source="trauma-sensitive yoga (invitation and choice)",
        needs=("posture", "posture_any"),
        check=_postures,
    ),
    Rule(
        id="SAF-21",
        severity="error",
        title="A hand on the chest, belly or face has a way without touch",
        why="Touch can wake bad memories, and not everybody can reach.",
        fix="offer one, such as “or hold a warm cup”, “or only imagine the warmth”",
        source="trauma-sensitive yoga (touch is asked for, never taken for granted)",
        needs=("touch", "no_touch"),
        check=_touch,
    ),
    Rule(
        id="SAF-22",
        severity="warning",
        title="Belly, chest, throat, jaw and hips can be skipped; the pelvis is not named",
        why="These places hold shame, illness or memories for many listeners.",
        fix="add “or skip this place” or another place to be with",
        source="Treleaven (anchors that are stable: hands, seat, hearing, sight)",
        needs=("body_area", "or_skip"),
        check=_body_areas,
    ),
)
