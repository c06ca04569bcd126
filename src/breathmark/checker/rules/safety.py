"""Safety: the freedom to stop and to choose, care, the breath, claims, and the critic's words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from breathmark.checker.rule import MINUTE_WORDS, Finding, around, is_clip, quoted, says_little, spoken
from breathmark.languages.phrases import Words, straight
from breathmark.script.segments import (
    AnySegment,
    BreatheSegment,
    BreatheShape,
    IncludeSegment,
    RepeatSegment,
    said_texts,
)

if TYPE_CHECKING:
    from breathmark.checker.reading import Passage, Reading, Sentence
    from breathmark.model import Place


_POSTURES = 2
"""So many are named in an opening that offers a choice."""


def opt_out(reading: Reading) -> Iterator[Finding]:
    """SAF-01."""
    sentences = spoken(reading)
    if says_little(reading):
        return
    for sentence in _first_minute(sentences):
        if sentence.required and reading.words.find("opt_out", sentence.text):
            return
    yield Finding(
        place=sentences[0].place, message="nothing in the first minute of speech says that one may stop or skip"
    )


def _first_minute(sentences: tuple[Sentence, ...]) -> Iterator[Sentence]:
    said = 0
    for sentence in sentences:
        if said > MINUTE_WORDS:
            return
        yield sentence
        said += sentence.words


def postures(reading: Reading) -> Iterator[Finding]:
    """SAF-16."""
    words, sentences = reading.words, spoken(reading)
    if is_clip(reading):
        return
    opening = [sentence for sentence in sentences if sentence.kind == "opening" and sentence.required]
    heard = opening or list(_first_minute(sentences))
    if any(words.find("posture_any", sentence.text) for sentence in heard):
        return
    named = [(sentence, found) for sentence in heard for found in _named_postures(reading, sentence)]
    if len({index for _, index in named}) < _POSTURES:
        place = named[0][0].place if named else heard[0].place
        how_many = "only one posture" if named else "no posture"
        yield Finding(place=place, message=f"the opening names {how_many}")


def _named_postures(reading: Reading, sentence: Sentence) -> Iterator[int]:
    """Which postures it names: each phrase of the list is another one."""
    yield from reading.words.which("posture", sentence.text)


def body_areas(reading: Reading) -> Iterator[Finding]:
    """SAF-22."""
    words, sentences = reading.words, spoken(reading)
    for index, sentence in enumerate(sentences):
        never = words.find("body_area_never", sentence.text)
        if never:
            yield Finding(
                place=sentence.place,
                message=f"{quoted(sentence, never)} is better not named at all",
                hint="name a place that is easy for most people: hands, feet, shoulders, back",
            )
            continue
        found = words.find("body_area", sentence.text)
        if not found or words.find("touch", sentence.text):
            continue
        if not words.find("or_skip", around(sentences, index, before=1, after=1)):
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} is not an easy place for everybody")


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


_CRITIC = "critic"
"""A variable with this in its name holds the critic's words."""


def never_you_are(reading: Reading) -> Iterator[Finding]:
    """CRI-01."""
    for sentence in spoken(reading):
        if _accuses(reading, sentence):
            yield Finding(place=sentence.place, message="the critic's words follow “you are”")
    for value in _critic_values(reading):
        said = [sentence for sentence in spoken(reading) if value.lower() in sentence.text.lower()]
        yield from (Finding(place=each.place, message="the critic's words are said a second time") for each in said[1:])


def _accuses(reading: Reading, sentence: Sentence) -> bool:
    own = "".join(f"|{re.escape(value)}" for value in _critic_values(reading))
    return bool(reading.words.pattern(rf"\b{{you_are}}\s+(?:{{critic_word}}{own})\b").search(straight(sentence.text)))


def _critic_values(reading: Reading) -> tuple[str, ...]:
    return tuple(value for name, value in reading.values.items() if _CRITIC in name.lower() and value.strip())


def silent_by_default(reading: Reading) -> Iterator[Finding]:
    """CRI-02."""
    if not reading.defaults:
        return
    for sentence in spoken(reading):
        found = reading.words.find("critic_line", sentence.text)
        if found and not _accuses(reading, sentence):
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} speaks the critic's words")


_CLAUSE = r"[,;:]|\b{because}\b"
_REFERENCE = re.compile(r"\[\s*note\s*:[^\]]*(?:\b(?:19|20)\d\d\b|\b10\.\d{4,}/|https?://)[^\]]*\]", re.IGNORECASE)
"""A note that names a year, a DOI or an address."""


def claims(reading: Reading) -> Iterator[Finding]:
    """CLM-01."""
    words = reading.words
    for key, text in (("title", reading.script.title), ("summary", reading.script.summary)):
        found = words.find("claim", text)
        if found:
            yield Finding(place=reading.place_of(key), message=f"“{found}” in the {key} promises a cure")
    for sentence in spoken(reading):
        found = words.find("claim", sentence.text)
        if found:
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} promises a cure")


def benefits(reading: Reading) -> Iterator[Finding]:
    """CLM-02."""
    words = reading.words
    for sentence in spoken(reading):
        found = words.find("benefit", sentence.text)
        if found and not words.find("benefit_soft", _clause(words, sentence.text, found)):
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} states a benefit as certain")


def _clause(words: Words, text: str, found: str) -> str:
    """What leads up to ``found`` inside its own clause, and ``found``: a “may” elsewhere softens nothing."""
    before, _, _ = straight(text).partition(straight(found))
    return words.pattern(_CLAUSE).split(before)[-1] + found


def sources(reading: Reading) -> Iterator[Finding]:
    """CLM-03."""
    referenced = {
        (place.path, place.line)
        for text in said_texts(reading.document.segments)
        for place in (text.place(match.start()) for match in _REFERENCE.finditer(text.raw))
    }
    for sentence in spoken(reading):
        found = reading.words.find("research", sentence.text)
        beside = {(sentence.place.path, sentence.place.line + step) for step in (-1, 0, 1)}
        if found and not beside & referenced:
            yield Finding(place=sentence.place, message=f"{quoted(sentence, found)} has no source beside it")
