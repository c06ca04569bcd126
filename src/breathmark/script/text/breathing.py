"""Guided breaths: phases of exact length, each with a cue at its start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from breathmark.languages.words import BreathCues, breath_cues, breath_languages, counted
from breathmark.model import Bell, Phase, Place, Say

if TYPE_CHECKING:
    from breathmark.script.segments import BreatheShape
    from breathmark.script.terms import Cue
    from breathmark.script.text.cues import Speech


MAX_COUNTED_S = 20
"""Nobody counts further within one phase of a breath."""
_NOTHING_SAID = BreathCues.model_validate(dict.fromkeys(("in", "hold", "out", "rest", "count_in", "count_out"), ""))
TONES = ("breath-in", "breath-out")
"""The bells that ``cue: tone`` strikes for breathing in and out."""


class BreatheFault(ValueError):  # noqa: N818 (a fault of the script; the error that users see is a ScriptError)
    """A guided breath that can't be spoken."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class _BreathPart:
    duration_s: float
    spoken: str
    first_count: str
    tone: str


def phases(breath: BreatheShape, place: Place, speech: Speech) -> tuple[Phase, ...]:
    """One breath. Raises ``BreatheFault``."""
    return tuple(phase for part in _parts(breath, speech) for phase in _phases(part, breath.cue, place, speech))


def _parts(breath: BreatheShape, speech: Speech) -> Iterator[_BreathPart]:
    cues = breath_cues(speech.language)
    if cues is None:
        if breath.cue in {"voice", "count"}:
            known = ", ".join(breath_languages())
            raise BreatheFault(
                f"there are no words for guided breaths in the language `{speech.language}`, only in {known}",
                "write `cue: tone` or `cue: none`",
            )
        cues = _NOTHING_SAID
    parts = (
        _BreathPart(duration_s=breath.in_s, spoken=cues.in_, first_count=cues.count_in, tone=TONES[0]),
        _BreathPart(duration_s=breath.hold_s, spoken=cues.hold, first_count=cues.hold.rstrip("."), tone=""),
        _BreathPart(duration_s=breath.out_s, spoken=cues.out, first_count=cues.count_out, tone=TONES[1]),
        _BreathPart(duration_s=breath.rest_s, spoken=cues.rest, first_count=cues.rest.rstrip("."), tone=""),
    )
    yield from (part for part in parts if part.duration_s > 0)


def _phases(part: _BreathPart, cue: Cue, place: Place, speech: Speech) -> Iterator[Phase]:
    match cue:
        case "voice":
            yield Phase(duration_s=part.duration_s, cue=_say(part.spoken, place, speech), place=place)
        case "tone":
            tone = Bell(name=part.tone, place=place) if part.tone else None
            yield Phase(duration_s=part.duration_s, cue=tone, place=place)
        case "none":
            yield Phase(duration_s=part.duration_s, cue=None, place=place)
        case "count":
            yield from _counted(part, place, speech)


def _counted(part: _BreathPart, place: Place, speech: Speech) -> Iterator[Phase]:
    """One word a second; the last one has what is left of the phase, from one to two seconds."""
    if part.duration_s >= MAX_COUNTED_S + 1:
        raise BreatheFault(f"a phase can be counted up to {MAX_COUNTED_S} s", "write `cue: voice` or `cue: tone`")
    count = max(int(part.duration_s), 1)
    starts = [*(float(second) for second in range(count)), part.duration_s]
    for number, (start, end) in enumerate(pairwise(starts), start=1):
        word = part.first_count if number == 1 else counted(speech.language, number)
        yield Phase(duration_s=end - start, cue=_say(word, place, speech), place=place)


def _say(words: str, place: Place, speech: Speech) -> Say:
    return Say(utterance=speech.utterance(words, private=False), place=place)
