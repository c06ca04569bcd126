"""Whom a session means: no assumed parents, supporters of any kind, bodies, senses and faiths of all sorts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.checker.phrases import around, each_with, phrase, quoted, spoken
from breathmark.checker.rule import Finding, Rule
from breathmark.checker.rules.acts import bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading


_SUPPORTERS = {
    "supporter_person": "a person",
    "supporter_animal": "an animal",
    "supporter_imagined": "somebody imagined",
    "supporter_place": "a place or a light",
}


def _parents(reading: Reading) -> Iterator[Finding]:
    for sentence in spoken(reading):
        found = phrase(reading.script.language, "parents", sentence.text)
        if found and sentence.kind != "teach" and not sentence.private:
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} takes good parents for granted")


def _supporters(reading: Reading) -> Iterator[Finding]:
    language = reading.script.language
    asked = [sentence for sentence in spoken(reading) if phrase(language, "supporter", sentence.text)]
    if not asked or not reading.defaults:
        return  # whoever sets a variable has chosen
    missing = min((_missing_kinds(language, passage.text) for passage in reading.segments()), key=len)
    if missing:
        yield Finding(place=asked[0].place, message=f"nobody hears that a supporter can also be {' or '.join(missing)}")


def _missing_kinds(language: str, text: str) -> tuple[str, ...]:
    return tuple(kind for name, kind in _SUPPORTERS.items() if not phrase(language, name, text))


def _patterns_change(reading: Reading) -> Iterator[Finding]:
    language = reading.script.language
    taught = [sentence for sentence in spoken(reading) if sentence.kind == "teach"]
    about = [sentence for sentence in taught if phrase(language, "attachment", sentence.text)]
    if not about:
        return
    text = " ".join(sentence.text for sentence in taught)
    missing = [
        what
        for name, what in (("can_change", "that it can change"), ("no_fault", "that it is nobody's fault"))
        if not phrase(language, name, text)
    ]
    if missing:
        message = f"this teaches attachment, and does not say {' and '.join(missing)}"
        yield Finding(place=about[0].place, message=message)


def _gender(reading: Reading) -> Iterator[Finding]:
    for sentence in spoken(reading):
        found = phrase(reading.script.language, "gendered", sentence.text)
        if found and sentence.kind != "teach" and not sentence.private:
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} gives somebody unknown a gender")


def _bodies_and_senses(reading: Reading) -> Iterator[Finding]:
    language, sentences = reading.script.language, spoken(reading)
    for index, sentence in enumerate(sentences):
        found = phrase(language, "one_body", sentence.text)
        if bare(language, sentence.text):
            found = found or phrase(language, "one_sense", sentence.text)
        if found and not phrase(language, "other_body", around(sentences, index, after=1)):
            yield Finding(
                place=sentence.place, message=f"{quoted(sentence, found)} has nothing for another body or other senses"
            )


def _faith(reading: Reading) -> Iterator[Finding]:
    for sentence in spoken(reading):
        found = phrase(reading.script.language, "faith", sentence.text)
        if found and not sentence.private:
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} brings in a faith")


RULES = (
    Rule(
        id="INC-01",
        severity="error",
        title="No parents, no childhood home and no family as the source of safety",
        why="For many listeners they were the source of fear.",
        fix="take “someone, or an animal, or a place that is easy to be with”",
        source="Parra et al. 2017 (10.1080/20008198.2017.1400879): parent imagery was led by clinicians",
        needs=("parents",),
        check=_parents,
    ),
    Rule(
        id="INC-02",
        severity="error",
        title="A supporter can be a person, an animal, somebody imagined, a place or a light",
        why="A listener without a kind person in their life would be left alone with the exercise.",
        fix="name all four kinds in one segment",
        source="10.1177/10888683211054592 (security priming); Rockliff et al. 2008: imagery can be hard",
        needs=("supporter", *_SUPPORTERS),
        check=_supporters,
    ),
    Rule(
        id="INC-03",
        severity="error",
        title="Whatever teaches attachment says that patterns can change and are nobody's fault",
        why="Without it, a lesson on insecurity sounds like a verdict.",
        fix="add both: “These patterns made sense once. They are nobody's fault, and they can change.”",
        source="Rowe et al. 2020 (10.3390/ijerph17030968): felt security grows with practice",
        needs=("attachment", "can_change", "no_fault"),
        check=_patterns_change,
    ),
    Rule(
        id="INC-04",
        severity="warning",
        title="A pattern is not a person: no attachment style as a name for people",
        why="A label is taken for a trait that cannot change.",
        fix="say what someone does: “when closeness feels risky, some people step back”",
        source="our own design",
        needs=("named_style",),
        check=each_with("named_style", "{} makes a pattern into an identity"),
    ),
    Rule(
        id="INC-05",
        severity="warning",
        title="Unknown people are they, a partner is a partner",
        why="He and she shut out some listeners and the people whom they love.",
        fix="write they, someone, a partner, a friend",
        source="our own design",
        needs=("gendered",),
        check=_gender,
    ),
    Rule(
        id="INC-06",
        severity="warning",
        title="Feet on the floor, looking and listening have an alternative beside them",
        why="Not everybody has feet that feel the floor, or sees, or hears.",
        fix="add one: “or whatever holds you”, “or feel what is under your hands”",
        source="W3C accessibility guidance (no single sense); our own design",
        needs=("one_body", "one_sense", "other_body"),
        check=_bodies_and_senses,
    ),
    Rule(
        id="INC-07",
        severity="warning",
        title="Neutral toward faiths: no God, soul, blessing, angel",
        why="A faith that is not one's own shuts the door; one's own can be set by a variable.",
        fix="use plain words: heart, wish, thanks; or let the listener choose the word",
        source="our own design",
        needs=("faith",),
        check=_faith,
    ),
)
