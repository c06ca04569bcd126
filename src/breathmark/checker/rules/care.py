"""Care: no reliving, a line for what kindness may stir up, no trance, no driving, no audio in the place of help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.checker.phrases import around, each_with, is_clip, phrase, quoted, spoken
from breathmark.checker.rule import Finding, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading
    from breathmark.model import Place


_STIRRING = frozenset({"C1", "A1", "S1", "S3", "S5"})
"""Kindness to oneself, trust, looking back, the kind letter, the kinder voice: they can bring up what was missed."""
_BREATH_WORK = 3
"""So many sentences that lead the breath are a session with the breath."""


def _backdraft(reading: Reading) -> Iterator[Finding]:
    stirring = sorted(_STIRRING.intersection(reading.script.concepts))
    language, sentences = reading.script.language, tuple(each for each in spoken(reading) if each.required)
    if not stirring or not sentences or is_clip(reading):
        return
    for index, sentence in enumerate(sentences):
        text = sentence.text
        comes = phrase(language, "backdraft_feeling", text) and phrase(language, "backdraft_maybe", text)
        if comes and phrase(language, "backdraft_way", around(sentences, index, after=2)):
            return
    yield Finding(
        place=reading.place_of("concepts"),
        message=f"a session on {', '.join(stirring)} never says what to do when an old feeling comes up",
    )


def _driving(reading: Reading) -> Iterator[Finding]:
    language, sentences = reading.script.language, spoken(reading)
    if any(phrase(language, "driving", sentence.text) for sentence in sentences if sentence.required):
        return
    for place, what in _not_at_the_wheel(reading):
        yield Finding(place=place, message=f"this {what}, and nobody is told not to listen while driving")
        return


def _not_at_the_wheel(reading: Reading) -> Iterator[tuple[Place, str]]:
    language, sentences = reading.script.language, spoken(reading)
    if phrase(language, "sleepy", reading.script.title):
        yield reading.place, "is a session for sleep"
    for sentence in sentences:
        if phrase(language, "sleepy", sentence.text):
            yield sentence.place, "leads toward sleep"
    for passage in reading.segments():
        if passage.breath is not None:
            yield passage.place, "leads the breath"
    led = [sentence for sentence in sentences if phrase(language, "breath_work", sentence.text)]
    if len(led) >= _BREATH_WORK:
        yield led[0].place, "leads the breath"


def _help(reading: Reading) -> Iterator[Finding]:
    language = reading.script.language
    for sentence in spoken(reading):
        number = phrase(language, "spoken_number", sentence.text)
        if number:
            yield Finding(
                place=sentence.place,
                message=f"{quoted(sentence, number)} speaks a number to call",
                hint="point to the notes instead: numbers differ by country, and change",
            )
            continue
        instead = phrase(language, "instead_of_care", sentence.text)
        if instead:
            yield Finding(
                place=sentence.place, message=f"{quoted(sentence, instead)} sets the session in the place of care"
            )


def _deep_breaths(reading: Reading) -> Iterator[Finding]:
    language, eased = reading.script.language, 0
    for sentence in spoken(reading):
        found = phrase(language, "deep_breath", sentence.text)
        if not found:
            continue
        soft = bool(phrase(language, "easy_breath", sentence.text))
        eased += soft
        if not soft:
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} pushes the breath")
        elif eased > 1:
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)}: once is enough")


RULES = (
    Rule(
        id="SAF-08",
        severity="error",
        title="Nobody is led back into what hurt",
        why="An audio can't see who is overwhelmed; early adversity raises the risk of harm from meditation.",
        fix="choose something small and recent, and say “nothing heavy”",
        source="Goldberg et al. 2021 (10.1080/10503307.2021.1933646); Treleaven (window of tolerance)",
        needs=("reliving",),
        check=each_with("reliving", "{} leads back into what may have hurt"),
    ),
    Rule(
        id="SAF-10",
        severity="error",
        title="What may stir up old feelings says that they can come, and what to do then",
        why="Kindness can stir up what was missed; unnamed, it feels like failing.",
        fix="add to a required part: “If an ache comes up, feel your feet, look around, or leave this for today.”",
        source="Kirby et al. 2019 (fears of compassion); Cai 2024 (10.1007/s12671-024-02324-7)",
        needs=("backdraft_feeling", "backdraft_maybe", "backdraft_way"),
        check=_backdraft,
    ),
    Rule(
        id="SAF-13",
        severity="error",
        title="What makes drowsy or leads the breath says: not while driving",
        why="Attention goes inward, and a road needs it.",
        fix="say “Please do not listen while driving.” in a required part",
        source="our own design",
        needs=("driving", "sleepy", "breath_work"),
        check=_driving,
    ),
    Rule(
        id="SAF-14",
        severity="error",
        title="No number to call is spoken, and nothing takes the place of care",
        why="A number that is wrong where the listener lives, or a promise instead of treatment, can cost dearly.",
        fix="say that this does not replace care, and point to the notes",
        source="First, Do No Harm (Brown University)",
        needs=("spoken_number", "instead_of_care"),
        check=_help,
    ),
    Rule(
        id="SAF-20",
        severity="warning",
        title="No deep breaths are asked for: at most one, with “easy” or “soft”",
        why="Big breaths wash out carbon dioxide, and make some people dizzy or afraid.",
        fix="write “a slow, easy breath”",
        source="Szulczewski 2019 (against over-breathing)",
        needs=("deep_breath", "easy_breath"),
        check=_deep_breaths,
    ),
    Rule(
        id="SAF-26",
        severity="error",
        title="No trance: the listener stays in charge",
        why="Losing control is what frightens people who were once without it.",
        fix="say what the listener may do, and that they can stop",
        source="our own design; trauma-sensitive yoga (choice)",
        needs=("trance",),
        check=each_with("trance", "{} takes the reins out of the listener's hands"),
    ),
)
