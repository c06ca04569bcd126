"""The frame of a session: an opening, an anchor that can be chosen, a way back, an end that is an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.checker.phrases import CLIP_S
from breathmark.checker.rule import Finding, Rule
from breathmark.model import Bell, Rest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Passage, Reading
    from breathmark.model import Kind


_FRAME: tuple[Kind, ...] = ("opening", "ground", "close")
_SENSES = ("sense_touch", "sense_sound", "sense_sight", "sense_movement", "sense_eyes")
"""Ways back into the room."""
_ANCHORS = ("sense_body", "sense_breath", "sense_sound", "sense_sight", "sense_object")
_OUTSIDE = ("sense_sound", "sense_sight", "sense_object")
_AFTER_GROUND = frozenset({"ground", "close", "tail"})


def _framed(reading: Reading) -> Iterator[Finding]:
    if _is_clip(reading):
        return
    passages = reading.segments()
    there = {passage.kind for passage in passages if passage.required and passage.sentences}
    missing = [f"`{kind}`" for kind in _FRAME if kind not in there]
    if missing:
        optional = next((each for each in passages if f"`{each.kind}`" in missing and each.sentences), None)
        yield Finding(
            place=optional.place if optional else reading.place,
            message=f"not every session has a segment of the kind {' and one of the kind '.join(missing)}",
        )


def _oriented(reading: Reading) -> Iterator[Finding]:
    ground = [passage for passage in reading.segments() if passage.kind == "ground" and passage.sentences]
    if not ground:
        return
    always = [passage for passage in ground if passage.required] or ground
    text = " ".join(passage.text for passage in always)
    found = [name for name in _SENSES if reading.words.find(name, text)]
    if len(found) < 2:
        through = f"only through {found[0].removeprefix('sense_')}" if found else "through none of the senses"
        yield Finding(place=always[-1].place, message=f"the grounding leads back {through}")


def _ends_grounded(reading: Reading) -> Iterator[Finding]:
    passages = reading.segments()
    grounds = [index for index, passage in enumerate(passages) if passage.kind == "ground"]
    if not grounds:
        return
    for passage in passages[grounds[-1] + 1 :]:
        if passage.kind not in _AFTER_GROUND and (passage.sentences or passage.kind == "silence"):
            yield Finding(place=passage.place, message=f"{_named(passage)} comes after the grounding")
    for passage in passages[: grounds[-1]]:
        if passage.kind == "close" and passage.sentences:
            yield Finding(place=passage.place, message=f"{_named(passage)} closes before the grounding")


def _anchor_choice(reading: Reading) -> Iterator[Finding]:
    anchors = [passage for passage in reading.segments() if passage.kind == "anchor" and passage.sentences]
    if not anchors:
        return
    text = " ".join(passage.text for passage in anchors)
    found = {name for name in _ANCHORS if reading.words.find(name, text)}
    if len(found) < 2 or not found.intersection(_OUTSIDE):
        what = "one sense only" if len(found) < 2 else "nothing outside the body"
        yield Finding(place=anchors[0].place, message=f"the anchor offers {what}")


def _tail(reading: Reading) -> Iterator[Finding]:
    passages = reading.segments()
    tails = [index for index, passage in enumerate(passages) if passage.kind == "tail"]
    if not tails:
        return
    first, last = passages[tails[0]], passages[tails[-1]]
    text = " ".join(passage.text for passage in passages if passage.kind == "tail")
    missing = [
        what
        for what, there in (
            ("say that a quiet comes", bool(reading.words.find("announces_quiet", text))),
            ("say that one can stop at any time", bool(reading.words.find("stop_whenever", text))),
            ("end with a bell", _strikes_last(last)),
        )
        if not there
    ]
    if missing:
        yield Finding(place=first.place, message=f"the unguided tail doesn't {', nor '.join(missing)}")


def _strikes_last(passage: Passage) -> bool:
    cues = (item for item in reversed(passage.segment.items) if not isinstance(item, Rest))
    return isinstance(next(cues, None), Bell)


def _rises_slowly(reading: Reading) -> Iterator[Finding]:
    sentences = reading.sentences()
    lying = next((each for each in sentences if reading.words.find("lying_down", each.text)), None)
    if lying is None:
        return
    ending = " ".join(each.text for each in sentences if each.kind in _AFTER_GROUND)
    if ending and not reading.words.find("move_slowly", ending):
        yield Finding(place=lying.place, message="listeners may lie, and the ending doesn't say to move slowly")


def _is_clip(reading: Reading) -> bool:
    length = reading.script.length
    longest = length.max_s if length else max((each.max_s for each in reading.feasible), default=0.0)
    return bool(longest) and longest <= CLIP_S


def _named(passage: Passage) -> str:
    return f"“{passage.title}”, a segment of the kind `{passage.kind}`," if passage.title else f"a `{passage.kind}`"


RULES = (
    Rule(
        id="SAF-11",
        severity="error",
        title="The grounding leads back through at least two of touch, sound, sight, movement and the eyes",
        why="One sense alone may be the one that a listener can't use, or that doesn't reach them.",
        fix="add a cue for another sense: something to touch, to hear, to see or to move",
        source="Treleaven (hands, seat, hearing, sight as anchors); our own threshold",
        needs=_SENSES,
        check=_oriented,
    ),
    Rule(
        id="SAF-12",
        severity="error",
        title="Ground, close, bell: no new task comes after the grounding",
        why="A new task opens what the grounding has just settled.",
        fix="move it before the grounding; only `close` and an unguided `tail` come behind it",
        source="Britton's First, Do No Harm training (management of endings); our own design",
        check=_ends_grounded,
    ),
    Rule(
        id="SAF-17",
        severity="error",
        title="The anchor offers at least two senses, one of them outside the body",
        why="For some listeners the body, or the breath, is the least safe place to rest.",
        fix="name a second one, such as a sound in the room or something to look at",
        source="Treleaven (the breath is not neutral for everybody; choice of anchors)",
        needs=_ANCHORS,
        check=_anchor_choice,
    ),
    Rule(
        id="SAF-25",
        severity="error",
        title="An unguided tail is announced, can be stopped at any time, and ends with a bell",
        why="Silence without an end in sight makes listeners wait, or fear that something broke.",
        fix="say before it that a quiet comes, that one may stop whenever one likes, and put a bell at its end",
        source="Britton (informed consent); what listeners of meditation apps ask for; our own design",
        needs=("announces_quiet", "stop_whenever"),
        check=_tail,
    ),
    Rule(
        id="SAF-27",
        severity="warning",
        title="Where listeners may lie down, the ending tells them to move slowly",
        why="Blood pressure lags behind a body that gets up quickly, and dizzy people fall.",
        fix="add a cue such as “move slowly” to the grounding or the close",
        source="our own design, from general first-aid knowledge",
        needs=("lying_down", "move_slowly"),
        check=_rises_slowly,
    ),
    Rule(
        id="DUR-02",
        severity="error",
        title="Opening, grounding and close are in every session, at every length",
        why="The choice at the beginning and the way back make the middle safe, in short sessions most of all.",
        fix="mark such a segment with `kind:`, and don't make it `optional`",
        source="our own design, after trauma-sensitive teaching",
        check=_framed,
    ),
)
