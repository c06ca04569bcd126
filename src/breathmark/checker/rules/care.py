"""Care: no reliving, a line for what kindness may stir up, no trance, no driving, no audio in the place of help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding
from breathmark.checker.sentences import around, is_clip, quoted, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading
    from breathmark.model import Place


_BREATH_WORK = 3
"""So many sentences that lead the breath are a session with the breath."""


def backdraft(reading: Reading) -> Iterator[Finding]:
    """SAF-10."""
    stirring = sorted({*reading.document.project.settings.stirring} & {*reading.script.concepts})
    words, sentences = reading.words, tuple(each for each in spoken(reading) if each.required)
    if not stirring or not sentences or is_clip(reading):
        return
    for index, sentence in enumerate(sentences):
        text = sentence.text
        comes = words.find("backdraft_feeling", text) and words.find("backdraft_maybe", text)
        if comes and words.find("backdraft_way", around(sentences, index, after=2)):
            return
    yield Finding(
        place=reading.place_of("concepts"),
        message=f"a session on {', '.join(stirring)} never says what to do when an old feeling comes up",
    )


def driving(reading: Reading) -> Iterator[Finding]:
    """SAF-13."""
    words, sentences = reading.words, spoken(reading)
    if any(words.find("driving", sentence.text) for sentence in sentences if sentence.required):
        return
    for place, what in _not_at_the_wheel(reading):
        yield Finding(place=place, message=f"this {what}, and does not warn against listening while driving")
        return


def _not_at_the_wheel(reading: Reading) -> Iterator[tuple[Place, str]]:
    words, sentences = reading.words, spoken(reading)
    if words.find("sleepy", reading.script.title):
        yield reading.place, "is a session for sleep"
    for sentence in sentences:
        if words.find("sleepy", sentence.text):
            yield sentence.place, "leads toward sleep"
    for passage in reading.segments():
        if passage.breath is not None:
            yield passage.place, "leads the breath"
    led = [sentence for sentence in sentences if words.find("breath_work", sentence.text)]
    if len(led) >= _BREATH_WORK:
        yield led[0].place, "leads the breath"


def no_help(reading: Reading) -> Iterator[Finding]:
    """SAF-14."""
    words = reading.words
    for sentence in spoken(reading):
        number = words.find("spoken_number", sentence.text)
        if number:
            yield Finding(
                place=sentence.place,
                message=f"{quoted(sentence, number)} speaks a number to call",
                hint="point to the notes instead: numbers differ by country, and change",
            )
            continue
        instead = words.find("instead_of_care", sentence.text)
        if instead:
            yield Finding(
                place=sentence.place, message=f"{quoted(sentence, instead)} offers the session in place of care"
            )


def deep_breaths(reading: Reading) -> Iterator[Finding]:
    """SAF-20."""
    words, eased = reading.words, 0
    for sentence in spoken(reading):
        found = words.find("deep_breath", sentence.text)
        if not found:
            continue
        soft = bool(words.find("easy_breath", sentence.text))
        eased += soft
        if not soft:
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} pushes the breath")
        elif eased > 1:
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)}: once is enough")
