"""Text outside square brackets that is not speech: headings, labels, time stamps, directions, tags."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from breathmark.base.errors import Problem
from breathmark.checker.reading import Reading
from breathmark.checker.rule import Finding, Rule
from breathmark.checker.words import expression, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.rule import Check
    from breathmark.model import Script
    from breathmark.script.document import Document


class UnspokenText(NamedTuple):
    """Something that would be read aloud and is not speech."""

    rule: str
    found: str
    whole: bool
    """Nothing else is in the sentence."""


_TIME = r"\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?"
_UNIT = r"(?:s|sec|secs|seconds?|m|min|mins|minutes?)"
_MARKDOWN = re.compile(r"^(?:[-*+•·–—▪►>]\s+\S|\d{1,2}[.)](?:\s+\S|$))|\*\*|__|~~|`|\]\(")  # noqa: RUF001
_LIST_OR_HEADING = re.compile(r"^(?:#{1,6}\s*\S|={3,}|-{3,}|\*{3,}|```|\|)")
_STAMP = re.compile(
    rf"(?<![\w:])[(\[{{<]?\s*{_TIME}(?:\s*(?:-|–|—|to|bis|-->)\s*{_TIME})?\s*[)\]}}>]?(?![\w:])"  # noqa: RUF001
    rf"|\(\s*(?:about |approx\.? |ca\.? |~)?\d+(?:[.,]\d+)?(?:\s*(?:-|–|—|to|bis)\s*\d+)?\s*{_UNIT}\.?\s*\)",  # noqa: RUF001
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--|-->|&(?:[a-z]{2,8}|#\d{1,6});")
_OTHER_BRACKETS = re.compile(r"〈[^〉]*〉?|｛[^｝]*｝?|（[^）]*）?")  # noqa: RUF001
_ASIDE = re.compile(
    r"\(([^()]*)\)|(?<![\w*])\*([^*]+)\*(?![\w*])|\{([^{}]*)\}|<([^<>]*)>|(?<!\w)-{1,3}\s?(\w[\w ]*\w)\s?-{1,3}(?!\w)"
)
_EDGES = " \t.,;:!?…-–—*_#>()[]{}\"'“”"  # noqa: RUF001


@lru_cache(maxsize=50_000)
def notes(language: str, text: str) -> tuple[UnspokenText, ...]:
    """Everything in a sentence that is not speech, at most once for each rule."""
    found: dict[str, UnspokenText] = {}
    for note in _notes(language, text):
        found.setdefault(note.rule, note)
    return tuple(found.values())


def is_note(language: str, text: str) -> bool:
    """Whether the whole sentence is a note, so that rules about speech pass it by."""
    return any(note.whole for note in notes(language, text))


def _notes(language: str, text: str) -> Iterator[UnspokenText]:
    for match in _OTHER_BRACKETS.finditer(text):
        yield _note("STG-07", match, text)
    for match in _TAG.finditer(text):
        yield _note("STG-05", match, text)
    heading = _LIST_OR_HEADING.search(text)
    if heading:
        yield UnspokenText("STG-01", text, whole=True)
    elif mark := _MARKDOWN.search(text):
        yield UnspokenText("STG-01", mark[0].strip(), whole=False)
    for match in _STAMP.finditer(text):
        yield _note("STG-03", match, text)
    yield from _directions(language, _STAMP.sub(" ", text))


def _directions(language: str, text: str) -> Iterator[UnspokenText]:
    label = "" if _LIST_OR_HEADING.match(text) else _at_start(language, "stage_label", text)
    if label:
        yield UnspokenText("STG-02", label, whole=not _speaks(language, label))
    words = words_of(language)
    for match in _ASIDE.finditer(text):
        inner = next(group for group in match.groups() if group is not None)
        if words.find("stage_word", inner):
            yield _note("STG-04", match, text)
    bare = text.strip(_EDGES)
    if _is_whole(language, "stage_sentence", bare):
        yield UnspokenText("STG-04", bare, whole=True)
    if _is_whole(language, "production", bare):
        yield UnspokenText("STG-06", bare, whole=True)


def _note(rule: str, match: re.Match[str], text: str) -> UnspokenText:
    rest = text[: match.start()] + text[match.end() :]
    return UnspokenText(rule, match[0].strip(), whole=not any(letter.isalnum() for letter in rest))


def _speaks(language: str, label: str) -> bool:
    """``Narrator:`` has speech behind it, ``Music:`` has not."""
    return bool(words_of(language).find("stage_speaker", label))


def _at_start(language: str, name: str, text: str) -> str:
    pattern = _compiled(language, name)
    match = pattern.match(text.lstrip(_EDGES)) if pattern else None
    return match[0].strip() if match else ""


def _is_whole(language: str, name: str, text: str) -> bool:
    pattern = _compiled(language, name)
    return bool(pattern and pattern.fullmatch(text))


@lru_cache(maxsize=100)
def _compiled(language: str, name: str) -> re.Pattern[str] | None:
    phrases = words_of(language).lists.get(name)
    if not phrases:
        return None
    return re.compile(expression(phrases), re.IGNORECASE)


def _check_kind(rule: str, message: str) -> Check:
    def check(reading: Reading) -> Iterator[Finding]:
        for sentence in reading.sentences():
            for note in () if sentence.breath else notes(reading.script.language, sentence.text):
                if note.rule == rule:
                    found = "what is written here" if sentence.private else f"`{_short(note.found)}`"
                    yield Finding(place=sentence.place, message=message.format(found))

    return check


def _short(found: str, most: int = 40) -> str:
    return found if len(found) <= most else f"{found[:most].rstrip()}…"


_WHY = "A voice reads everything that is not in square brackets, and a listener with shut eyes hears the workshop."
_OWN = "what real scripts of meditation teachers and apps hold"

RULES = (
    Rule(
        id="STG-01",
        severity="error",
        title="No headings, list marks or emphasis of Markdown",
        why=_WHY,
        fix="make a heading the `title:` of a segment, and take the marks out",
        source=_OWN,
        check=_check_kind("STG-01", "{} is a mark for the page, and would be read aloud or swallowed"),
    ),
    Rule(
        id="STG-02",
        severity="error",
        title="No labels in front of the text, such as `Narrator:` or `Music:`",
        why=_WHY,
        fix="take the label out; sound is `ambience:`, the name of a part `title:`, a remark `[note: …]`",
        source=_OWN,
        needs=("stage_label",),
        check=_check_kind("STG-02", "{} is a label, and would be read aloud"),
    ),
    Rule(
        id="STG-03",
        severity="error",
        title="No time stamps and no durations beside the text",
        why=_WHY,
        fix="take it out: rests and `length:` say how long things take",
        source=_OWN,
        check=_check_kind("STG-03", "{} is a time for the reader, and would be read aloud"),
    ),
    Rule(
        id="STG-04",
        severity="error",
        title="Pauses and directions are written in square brackets only",
        why="In round brackets, stars or plain words a pause is read aloud instead of kept.",
        fix="write `[pause 10s]`, or `[note: …]` for a direction",
        source=_OWN,
        needs=("stage_word", "stage_sentence"),
        check=_check_kind("STG-04", "{} is a direction, and would be read aloud"),
    ),
    Rule(
        id="STG-05",
        severity="error",
        title="No tags or entities of SSML, HTML and the like",
        why=_WHY,
        fix='take the tag out; the one that is understood is `<break time="5s"/>`',
        source=_OWN,
        check=_check_kind("STG-05", "{} is a tag, and would be read aloud"),
    ),
    Rule(
        id="STG-06",
        severity="error",
        title="No production notes, such as `Music fades`",
        why=_WHY,
        fix="put it in brackets, `[note: …]`; a bell is `- bell:`, music is `ambience:`",
        source=_OWN,
        needs=("production",),
        check=_check_kind("STG-06", "{} is a note for whoever makes the recording, and would be read aloud"),
    ),
    Rule(
        id="STG-07",
        severity="error",
        title="Brackets are the plain square ones",
        why="In brackets of another kind a marker is not a marker.",
        fix="write `[` and `]`",
        source=_OWN,
        check=_check_kind("STG-07", "{} is in brackets other than `[` and `]`, and would be read aloud"),
    ),
)


def stage_warnings(document: Document, script: Script) -> Iterator[Problem]:
    """What these rules find in one rendering, as warnings: whoever renders without a check should hear of them.

    What the script sets aside with ``allow:`` is not among it.
    """
    reading = Reading(document=document, script=script)
    for rule in RULES:
        if rule.check is None or rule.id in document.allow or not reading.words.has(*rule.needs):
            continue
        for finding in rule.check(reading):
            place = finding.place
            yield Problem(
                path=place.path,
                line=place.line,
                column=place.column,
                message=finding.message,
                hint=rule.fix,
                severity="warning",
                rule=rule.id,
            )
