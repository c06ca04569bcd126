"""The frame of a session: an opening, an anchor that can be chosen, a way back, an end that is an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding
from breathmark.checker.sentences import CLIP_S
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


def framed(reading: Reading) -> Iterator[Finding]:
    """DUR-02."""
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


def oriented(reading: Reading) -> Iterator[Finding]:
    """SAF-11."""
    ground = [passage for passage in reading.segments() if passage.kind == "ground" and passage.sentences]
    if not ground:
        return
    always = [passage for passage in ground if passage.required] or ground
    text = " ".join(passage.text for passage in always)
    found = [name for name in _SENSES if reading.words.find(name, text)]
    if len(found) < 2:
        through = f"only through {found[0].removeprefix('sense_')}" if found else "through none of the senses"
        yield Finding(place=always[-1].place, message=f"the grounding leads back {through}")


def ends_grounded(reading: Reading) -> Iterator[Finding]:
    """SAF-12."""
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


def anchor_choice(reading: Reading) -> Iterator[Finding]:
    """SAF-17."""
    anchors = [passage for passage in reading.segments() if passage.kind == "anchor" and passage.sentences]
    if not anchors:
        return
    text = " ".join(passage.text for passage in anchors)
    found = {name for name in _ANCHORS if reading.words.find(name, text)}
    if len(found) < 2 or not found.intersection(_OUTSIDE):
        what = "one sense only" if len(found) < 2 else "nothing outside the body"
        yield Finding(place=anchors[0].place, message=f"the anchor offers {what}")


def tail(reading: Reading) -> Iterator[Finding]:
    """SAF-25."""
    passages = reading.segments()
    tails = [index for index, passage in enumerate(passages) if passage.kind == "tail"]
    if not tails:
        return
    first, last = passages[tails[0]], passages[tails[-1]]
    text = " ".join(passage.text for passage in passages if passage.kind == "tail")
    missing = [
        what
        for what, there in (
            ("say that silence follows", bool(reading.words.find("announces_quiet", text))),
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


def rises_slowly(reading: Reading) -> Iterator[Finding]:
    """SAF-27."""
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
