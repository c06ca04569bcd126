"""Guided breaths: phases of exact length, each with a cue at its start."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from breathmark.model import Bell, Phase, Say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.model import Place
    from breathmark.script.document import BreatheShape
    from breathmark.script.terms import Cue
    from breathmark.script.text.cues import Speech


MAX_COUNTED_S = 20
"""Nobody counts further within one phase of a breath."""
TONES = ("breath-in", "breath-out")
"""The bells that ``cue: tone`` strikes for breathing in and out."""


class BreatheFault(ValueError):  # noqa: N818 (a fault of the script; the error that users see is a ScriptError)
    """A guided breath that can't be spoken."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class _BreathWords:
    """What is said at the start of each phase, and what begins its count."""

    breathe_in: str
    hold: str
    breathe_out: str
    rest: str
    in_: str
    out: str


_WORDS = {
    "de": _BreathWords("Einatmen.", "Halten.", "Ausatmen.", "Pause.", "Ein", "Aus"),
    "en": _BreathWords("Breathe in.", "Hold.", "Breathe out.", "Rest.", "In", "Out"),
    "es": _BreathWords("Inhala.", "Sostén.", "Exhala.", "Descansa.", "Inhala", "Exhala"),
    "fr": _BreathWords("Inspirez.", "Retenez.", "Expirez.", "Repos.", "Inspirez", "Expirez"),
    "it": _BreathWords("Inspira.", "Trattieni.", "Espira.", "Riposa.", "Inspira", "Espira"),
    "nl": _BreathWords("Adem in.", "Vasthouden.", "Adem uit.", "Rust.", "In", "Uit"),
    "pt": _BreathWords("Inspire.", "Segure.", "Expire.", "Descanse.", "Inspire", "Expire"),
}
_NUMBERS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)


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
    words = _WORDS.get(speech.language.lower().partition("-")[0])
    if words is None:
        if breath.cue in {"voice", "count"}:
            known = ", ".join(sorted(_WORDS))
            raise BreatheFault(
                f"there are no words for guided breaths in the language `{speech.language}`, only in {known}",
                "write `cue: tone` or `cue: none`",
            )
        words = _WORDS["en"]
    parts = (
        _BreathPart(duration_s=breath.in_s, spoken=words.breathe_in, first_count=words.in_, tone=TONES[0]),
        _BreathPart(duration_s=breath.hold_s, spoken=words.hold, first_count=words.hold.rstrip("."), tone=""),
        _BreathPart(duration_s=breath.out_s, spoken=words.breathe_out, first_count=words.out, tone=TONES[1]),
        _BreathPart(duration_s=breath.rest_s, spoken=words.rest, first_count=words.rest.rstrip("."), tone=""),
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
        word = part.first_count if number == 1 else _number(number, speech.language)
        yield Phase(duration_s=end - start, cue=_say(word, place, speech), place=place)


def _number(number: int, language: str) -> str:
    """As a word in English; in other languages the engine knows how to read the figure."""
    return _NUMBERS[number - 1] if language.lower().partition("-")[0] == "en" else str(number)


def _say(words: str, place: Place, speech: Speech) -> Say:
    return Say(utterance=speech.utterance(words, private=False), place=place)
