"""Quiet around the words: silence, a calm pace, lengths that can be had, soft sounds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from breathmark.base.times import minutes
from breathmark.checker.rule import Finding
from breathmark.languages.phrases import expression, straight
from breathmark.model import Bell, cues, segments_in
from breathmark.solver.solve import length_text
from breathmark.timeline.pacing import PACE_WPM, SILENCE_TOLERANCE, gap_limit_s, paces, pacing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.reading import Reading
    from breathmark.languages.phrases import Words
    from breathmark.model import Ambience, Place
    from breathmark.timeline.pacing import Gap, LaidOut


SHORTEST_S = 240.0
"""Below that a session is a clip, of which the model says nothing."""
_HAIR_S = 0.5
_LOOKED_BACK = 3
"""How many sentences before a silence can announce it."""
_TOLERANCE = 0.1
"""Of a length that is said: nobody with closed eyes knows a tenth of three minutes."""
_TOLERANCE_ABOUT = 1 / 3
_LEAST_TOLERANCE_S = 3.0
_LEAST_SILENCE_S = 15.0
"""The shortest gap that SAF-23 asks an announcement for."""


def longest(reading: Reading) -> Iterator[Finding]:
    """SAF-23."""
    for session in reading.sessions:
        limit_s = gap_limit_s(session.length_s, reading.level)
        for gap, said in _long(session, limit_s):
            if not reading.words.find("announces_quiet", said):
                yield Finding(
                    place=gap.place,
                    message=f"up to {gap.length_s:.0f} s without a cue, which is not announced; "
                    f"{limit_s:.0f} s is the maximum",
                    at_s=session.length_s,
                )


def announced(reading: Reading) -> Iterator[Finding]:
    """SAF-24."""
    for session in reading.sessions:
        for gap, said in _long(session, gap_limit_s(session.length_s, reading.level)):
            if not reading.words.find("announces_quiet", said):
                continue
            missing = [
                what
                for what, there in (
                    ("how long it is", reading.words.find("how_long", said) or _promise(reading.words, said)),
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


def silence_share(reading: Reading) -> Iterator[Finding]:
    """DUR-03."""
    for session in reading.sessions:
        if session.length_s < SHORTEST_S:
            continue
        found = pacing(session, reading.level)
        off = found.silence - found.silence_model
        if found.paces and abs(off) > SILENCE_TOLERANCE:
            much = "more" if off > 0 else "less"
            asked = f"{found.silence_model:.0%} ± {SILENCE_TOLERANCE:.0%}"
            message = f"{found.silence:.0%} of the session is silence, {much} than {asked}"
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


def as_said(reading: Reading) -> Iterator[Finding]:
    """DUR-05."""
    for session in reading.sessions:
        spoken = session.timeline.speech
        promises = [_promise(reading.words, placed.utterance.caption) for placed in spoken]
        for index, (placed, promise) in enumerate(zip(spoken, promises, strict=True)):
            near = " ".join(each.utterance.caption for each in spoken[max(index - 1, 0) : index + 2])
            if promise is None or not reading.words.find("announces_quiet", near):
                continue
            following = next((n for n, each in enumerate(promises[index + 1 :], 1) if each), _LOOKED_BACK)
            quiet_s = _quiet_after(session, index, min(following, _LOOKED_BACK))
            if quiet_s < min(_LEAST_SILENCE_S, promise.length_s / 2):
                continue  # nothing that a listener would take for the silence: the sentence speaks of another one
            if abs(quiet_s - promise.length_s) > promise.tolerance_s:
                yield Finding(
                    place=placed.place,
                    message=f"{promise.length_s:.0f} s of silence are announced, and {quiet_s:.0f} s follow",
                    at_s=session.length_s,
                )


def _quiet_after(session: LaidOut, index: int, sentences: int) -> float:
    """The longest silence of the voice (s) behind one of ``sentences`` from ``index`` on; bells may sound in it."""
    timeline = session.timeline
    spoken = timeline.speech[index : index + sentences + 1]
    starts = [*(each.start_frame for each in spoken[1:]), timeline.frames][: min(len(spoken), sentences)]
    ends = (each.start_frame + each.frames for each in spoken)
    return max(start - end for start, end in zip(starts, ends, strict=False)) / timeline.rate_hz


def _promise(words: Words, sentence: str) -> _Promise | None:
    """The length that a sentence says, in words or figures; None where it says none that could be held to.

    Parts add up: ``one minute and thirty seconds``.
    """
    if next(words.all("said_otherwise", sentence), None):
        return None
    length_s = sum(_part_s(words, found) for found in _length_pattern(words).finditer(straight(sentence)))
    if not length_s:
        return None
    share = _TOLERANCE_ABOUT if words.find("said_about", sentence) else _TOLERANCE
    return _Promise(length_s=length_s, tolerance_s=max(share * length_s, _LEAST_TOLERANCE_S))


def _part_s(words: Words, found: re.Match[str]) -> float:
    """Seconds of one number and its unit."""
    said = [found[name].casefold() for name in ("number", "tens", "ones") if found[name]]
    number = float(sum(int(each) if each.isdigit() else words.numbers[each] for each in said))
    number = (
        0.5 * number
        if found["half"] or found["half_inside"]
        else number + (0.5 if found["and_half"] or found["half_behind"] else 0.0)
    )
    return number * (3600.0 if found["hours"] else 60.0 if found["minutes"] else 1.0)


@lru_cache(maxsize=50)
def _length_pattern(words: Words) -> re.Pattern[str]:
    """Such as ``half a minute``, ``two whole minutes``, ``twenty-five minutes``, ``one and a half hours``."""
    numbers = words.numbers
    tens = expression(tuple(word for word, number in numbers.items() if number >= 20))
    ones = expression(tuple(word for word, number in numbers.items() if number < 10))
    and_half = "(?P<and_half>{said_and_a_half})"
    return words.pattern(
        r"(?<![\w.:])(?:(?P<half>{said_half})\s+)?"
        rf"(?:(?P<tens>{tens})[\s-]+(?P<ones>{ones})|(?P<number>{expression(tuple(numbers))}|\d{{1,3}}))"
        rf"(?:\s+{and_half})?(?:\s+(?P<half_inside>{{said_half}}))?[\s-]+(?:{{said_between}}\s+)?"
        r"(?:(?P<hours>{said_hours})|(?P<minutes>{said_minutes})|(?:{said_seconds}))(?!\w)"
        rf"(?:\s+{and_half.replace('and_half>', 'half_behind>')})?"
    )


def fits(reading: Reading) -> Iterator[Finding]:
    """DUR-01."""
    written = reading.document.value_node("length")
    place = written.place if written else reading.place
    if reading.refused:
        lengths = [minutes(round(each.length_s)) for each in reading.refused]
        first = reading.refused[0]
        _, _, why = first.message.partition(" can't be reached. ")
        listed = " and ".join([*filter(None, [", ".join(lengths[:-1])]), lengths[-1]])
        yield Finding(
            place=place, message=f"{listed} can't be reached. {why}".rstrip(". "), hint=first.hint.rstrip(".")
        )
        return
    for one, two in zip(reading.feasible, reading.feasible[1:], strict=False):
        gap = f"{length_text(one.max_frames, one, up=False)} and {length_text(two.min_frames, two, up=True)}"
        yield Finding(
            place=place,
            message=f"no length between {gap} can be reached: {two.min_binds}",
            hint="widen the rests, or let optional segments come in sooner",
            severity="warning",
        )


def calm(reading: Reading) -> Iterator[Finding]:
    """DUR-04."""
    if reading.estimated or reading.free_text:
        return  # guessed lengths say nothing of the voice, and what listeners write is theirs
    slowest, fastest = PACE_WPM
    for session in reading.sessions:
        for pace in paces(session):
            if pace.tells and not slowest <= round(pace.wpm) <= fastest:
                side = "faster" if round(pace.wpm) > fastest else "slower"
                yield Finding(
                    place=pace.place,
                    message=f"{pace.wpm:.0f} words a minute here, {side} than the {slowest:.0f} to {fastest:.0f} "
                    "that are calm and alive",
                    at_s=session.length_s,
                )


LEAST_BELOW_VOICE_LU = 20.0
_STARTLING = re.compile(
    r"thunder|storm|siren|alarm|heart[-_ ]?beat|voices?|crowd|traffic|baby|crying|scream|dog|gun|phone",
    re.IGNORECASE,
)
"""In the name of a sound, which is all that a script says of it."""


def soft(reading: Reading) -> Iterator[Finding]:
    """MIX-01."""
    for ambience, place in _ambiences(reading):
        if ambience.sound != "none" and ambience.below_voice_lu < LEAST_BELOW_VOICE_LU:
            yield Finding(
                place=place,
                message=f"`{ambience.sound}` lies {ambience.below_voice_lu:g} LU under the voice, and 20 LU is clear",
            )


def no_surprise(reading: Reading) -> Iterator[Finding]:
    """MIX-02."""
    named = [
        *((ambience.sound, place) for ambience, place in _ambiences(reading)),
        *((cue.name, cue.place) for cue in cues(reading.script.segments) if isinstance(cue, Bell)),
    ]
    for sound, place in named:
        startling = _STARTLING.search(sound.rpartition("/")[2])
        if startling:
            yield Finding(place=place, message=f"`{sound}` sounds as if it could startle ({startling[0].lower()})")


def _ambiences(reading: Reading) -> Iterator[tuple[Ambience, Place]]:
    yield reading.script.ambience, reading.place_of("ambience")
    for segment in segments_in(reading.script.segments):
        if segment.ambience is not None:
            yield segment.ambience, segment.place
