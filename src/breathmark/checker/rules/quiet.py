"""Silence: enough of it, none that leaves a listener alone without notice."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from breathmark.checker.rule import Finding, Rule
from breathmark.checker.words import expression, straight, words_of
from breathmark.timeline.pacing import SILENCE_TOLERANCE, gap_limit_s, pacing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading
    from breathmark.checker.words import Words
    from breathmark.timeline.gaps import Gap, LaidOut


SHORTEST_S = 240.0
"""Below that a session is a clip, of which the model says nothing."""
_HAIR_S = 0.5
_LOOKED_BACK = 3
"""How many sentences before a silence can announce it."""
_TOLERANCE = 0.1
"""Of a length that is said: nobody with closed eyes knows a tenth of three minutes."""
_TOLERANCE_ABOUT = 1 / 3
_LEAST_TOLERANCE_S = 3.0


def _longest(reading: Reading) -> Iterator[Finding]:
    for session in reading.sessions:
        limit_s = gap_limit_s(session.length_s, reading.level)
        for gap, said in _long(session, limit_s):
            if not reading.words.find("announces_quiet", said):
                yield Finding(
                    place=gap.place,
                    message=f"up to {gap.length_s:.0f} s without a cue, which nobody has announced; "
                    f"{limit_s:.0f} s is the maximum",
                    at_s=session.length_s,
                )


def _announced(reading: Reading) -> Iterator[Finding]:
    for session in reading.sessions:
        for gap, said in _long(session, gap_limit_s(session.length_s, reading.level)):
            if not reading.words.find("announces_quiet", said):
                continue
            missing = [
                what
                for what, there in (
                    ("how long it is", reading.words.find("how_long", said)),
                    ("that the voice or a bell ends it", reading.words.find("comes_back", said)),
                )
                if not there
            ]
            if missing:
                yield Finding(
                    place=gap.place,
                    message=f"this silence of up to {gap.length_s:.0f} s is announced, but not {' nor '.join(missing)}",
                    at_s=session.length_s,
                )


def _long(session: LaidOut, limit_s: float) -> Iterator[tuple[Gap, str]]:
    """The silences that need an announcement, each with the last words since the one before.

    Where only a bell parts two of them, the words before the first count for both. A tail has a rule of its own, and
    a last bell that rings out is not a silence.
    """
    heard_s, said = 0.0, ""
    for gap in session.gaps:
        length_s = gap.rest_s if gap.ends_with == "end" else gap.length_s
        if length_s > limit_s + _HAIR_S:
            said = _said_between(session, heard_s, gap.start_s) or said
            if gap.stretch.kind != "tail":
                yield gap, said
            heard_s = gap.end_s


def _said_between(session: LaidOut, from_s: float, to_s: float) -> str:
    rate_hz = session.timeline.rate_hz
    spoken = [each for each in session.timeline.speech if from_s - _HAIR_S <= each.start_frame / rate_hz < to_s]
    return " ".join(each.utterance.caption for each in spoken[-_LOOKED_BACK:])


def _silence_share(reading: Reading) -> Iterator[Finding]:
    for session in reading.sessions:
        if session.length_s < SHORTEST_S:
            continue
        found = pacing(session, reading.level)
        off = found.silence - found.silence_model
        if found.paces and abs(off) > SILENCE_TOLERANCE:
            much = "more" if off > 0 else "less"
            message = f"{found.silence:.0%} of the session is silence, {much} than {found.silence_model:.0%} ± 12%"
            hint = (
                "say more in long sessions, with optional segments"
                if off > 0
                else "say less that is not optional, or allow longer rests"
            )
            yield Finding(place=reading.place_of("length"), message=message, hint=hint, at_s=session.length_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Promise:
    """A length of silence that is said."""

    length_s: float
    tolerance_s: float


def _as_said(reading: Reading) -> Iterator[Finding]:
    for session in reading.sessions:
        spoken = session.timeline.speech
        for index, placed in enumerate(spoken):
            near = " ".join(each.utterance.caption for each in spoken[max(index - 1, 0) : index + 2])
            promise = _promise(reading.words, placed.utterance.caption)
            if promise is None or not reading.words.find("announces_quiet", near):
                continue
            quiet_s = _quiet_after(session, index)
            if abs(quiet_s - promise.length_s) > promise.tolerance_s:
                yield Finding(
                    place=placed.place,
                    message=f"{promise.length_s:.0f} s of silence are said, and {quiet_s:.0f} s follow",
                    at_s=session.length_s,
                )


def _quiet_after(session: LaidOut, index: int) -> float:
    """The longest silence of the voice (s) behind a sentence or one of the next two; bells may sound in it."""
    timeline = session.timeline
    spoken = timeline.speech[index : index + _LOOKED_BACK + 1]
    starts = [*(each.start_frame for each in spoken[1:]), timeline.frames][: min(len(spoken), _LOOKED_BACK)]
    ends = (each.start_frame + each.frames for each in spoken)
    return max(start - end for start, end in zip(starts, ends, strict=False)) / timeline.rate_hz


def _promise(words: Words, sentence: str) -> _Promise | None:
    """What a sentence says of a length, in words or figures; None where it says none that could be held to."""
    if next(words.all("said_otherwise", sentence), None):
        return None
    found = _length_pattern(words.language).search(straight(sentence))
    if found is None:
        return None
    number = float(found["number"]) if found["number"].isdigit() else _value(words, found["number"])
    length_s = number * (60.0 if found["minutes"] else 1.0) * (0.5 if found["half"] or found["half_after"] else 1.0)
    share = _TOLERANCE_ABOUT if words.find("said_about", sentence) else _TOLERANCE
    return _Promise(length_s=length_s, tolerance_s=max(share * length_s, _LEAST_TOLERANCE_S))


def _value(words: Words, number: str) -> float:
    """A number word's place in its list, from 1 on."""
    named = words.lists["said_numbers"]
    return 1.0 + next(i for i, name in enumerate(named) if re.fullmatch(name, number, re.IGNORECASE))


@lru_cache(maxsize=50)
def _length_pattern(language: str) -> re.Pattern[str]:
    """Such as ``half a minute``, ``two whole minutes``, ``30 seconds``."""
    words = words_of(language)
    half, number, minutes, seconds = (
        expression(words.lists[f"said_{name}"]) for name in ("half", "numbers", "minutes", "seconds")
    )
    return re.compile(
        rf"(?<![\w.:])(?:(?P<half>{half})\s+)?(?P<number>{number}|\d{{1,3}})\s+(?:(?P<half_after>{half})\s+|\w+\s+)?"
        rf"(?:(?P<minutes>{minutes})|(?:{seconds}))(?!\w)",
        re.IGNORECASE,
    )


RULES = (
    Rule(
        id="SAF-23",
        severity="error",
        title="No silence is longer than suits level and length, unless it is announced",
        why="A beginner who hears nothing for long drifts into worry, or thinks that the sound has stopped.",
        fix="announce it, such as “I will be quiet for a while now, and my voice will come back”, or shorten it",
        source="pauses measured in trauma-sensitive and self-compassion recordings (median 8 to 12 s); our own table",
        needs=("announces_quiet",),
        check=_longest,
    ),
    Rule(
        id="SAF-24",
        severity="error",
        title="What announces a silence says about how long it is, and that the voice or a bell will end it",
        why="Knowing when and how it ends lets a listener rest in it.",
        fix="say both, such as “about a minute of quiet; my voice will come back”",
        source="Britton (informed consent); our own design",
        needs=("announces_quiet", "how_long", "comes_back"),
        check=_announced,
    ),
    Rule(
        id="DUR-03",
        severity="warning",
        title="The share of silence suits level and length: 38 % at 5 minutes, 10 % more with each doubling, ± 12 %",
        why="Too little leaves no room to practise; too much leaves a beginner alone.",
        fix="change what is optional, or the ranges of the rests",
        source="silence measured in recordings and printed scripts (39 to 80 %), set in a formula of our own",
        check=_silence_share,
    ),
    Rule(
        id="DUR-05",
        severity="error",
        title="A silence that is announced with a number of minutes or seconds lasts that long, at every length",
        why="A listener who was promised three minutes, and waits for six, thinks that the sound has stopped.",
        fix="make the silence exact, such as `silence: 3m!`, or say no number: “for a while”",
        source="Britton (informed consent); our own bounds: a tenth, a third with “about”, 3 s at the least",
        needs=(
            "announces_quiet",
            *(f"said_{name}" for name in ("minutes", "seconds", "numbers", "half", "about", "otherwise")),
        ),
        check=_as_said,
    ),
)
