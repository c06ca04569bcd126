"""Breath: never the only anchor, never held by beginners, never pushed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding
from breathmark.script.document import BreatheSegment, IncludeSegment, RepeatSegment

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from breathmark.checker.reading import Passage, Reading
    from breathmark.script.document import AnySegment, BreatheShape


LONGEST_ALONE_S = 20.0
SHORTEST_CYCLE_S, LONGEST_CYCLE_S = 8.0, 12.0
LONGEST_HOLD_S = 4.0
_OTHERS = ("sense_body", "sense_sound", "sense_sight", "sense_object")
_WORTH_BEING_BREATH = 0.4
"""Of the sentences of a segment, the share that speaks of the breath where it is about the breath."""


def way_out(reading: Reading) -> Iterator[Finding]:
    """SAF-18."""
    longest_s: dict[object, float] = {}
    for session in reading.sessions:
        for stretch in session.stretches:
            longest_s[stretch.place] = max(longest_s.get(stretch.place, 0.0), stretch.length_s)
    passages = reading.segments()
    for index, passage in enumerate(passages):
        if not _is_breath(passage, reading) or longest_s.get(passage.place, 0.0) <= LONGEST_ALONE_S:
            continue
        around = passages[max(index - 1, 0) : index + 2]
        if not any(_offers_another(each, reading) for each in around):
            yield Finding(place=passage.place, message="this stays with the breath, and names nothing else to be with")


def _is_breath(passage: Passage, reading: Reading) -> bool:
    if passage.breath is not None:
        return True
    spoken = [bool(reading.words.find("sense_breath", sentence.text)) for sentence in passage.sentences]
    return len(spoken) > 1 and sum(spoken) / len(spoken) >= _WORTH_BEING_BREATH


def _offers_another(passage: Passage, reading: Reading) -> bool:
    for sentence in passage.sentences:
        text = sentence.text
        if reading.words.find("leave_it", text):
            return True
        if reading.words.find("alternative", text) and any(reading.words.find(name, text) for name in _OTHERS):
            return True
    return False


def holds(reading: Reading) -> Iterator[Finding]:
    """SAF-19."""
    if reading.defaults:
        for block, optional in _breaths(reading.document.segments, optional=False):
            against = _against(block.breathe, reading, optional)
            yield from (Finding(place=block.place, message=message) for message in against)
    if reading.level == "beginner":
        for sentence in reading.sentences():
            if not sentence.breath and reading.words.find("hold_breath", sentence.text):
                yield Finding(place=sentence.place, message="a beginner is asked to hold the breath")


def _against(breath: BreatheShape, reading: Reading, optional: bool) -> Iterator[str]:  # noqa: FBT001
    cycle_s = breath.in_s + breath.hold_s + breath.out_s + breath.rest_s
    held_s = max(breath.hold_s, breath.rest_s if breath.rest_s > LONGEST_HOLD_S else 0.0)
    if breath.hold_s and reading.level == "beginner":
        yield f"a beginner is asked to hold the breath for {breath.hold_s:g} s"
    elif held_s > LONGEST_HOLD_S:
        yield f"the breath is held for {held_s:g} s, and {LONGEST_HOLD_S:g} s is the maximum"
    elif breath.hold_s and not optional:
        yield "breaths with a hold are not optional"
    if not SHORTEST_CYCLE_S <= cycle_s <= LONGEST_CYCLE_S:
        yield f"a breath of {cycle_s:g} s is outside of 8 to 12 s"
    elif breath.out_s < breath.in_s:
        yield f"the breath out ({breath.out_s:g} s) is shorter than the breath in ({breath.in_s:g} s)"


def _breaths(blocks: Iterable[AnySegment], *, optional: bool) -> Iterator[tuple[BreatheSegment, bool]]:
    for block in blocks:
        chosen = optional or block.optional is not None or block.when is not None
        match block:
            case BreatheSegment():
                yield block, chosen
            case RepeatSegment():
                yield from _breaths(block.segments, optional=chosen)
            case IncludeSegment():
                yield from _breaths(block.part.segments, optional=chosen)
            case _:
                continue
