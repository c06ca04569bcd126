"""Text outside square brackets that is not speech: headings, labels, time stamps, directions, tags."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.checker.words import Words


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
def notes(words: Words, text: str) -> tuple[UnspokenText, ...]:
    """Everything in a sentence that is not speech, at most once for each rule."""
    found: dict[str, UnspokenText] = {}
    for note in _notes(words, text):
        found.setdefault(note.rule, note)
    return tuple(found.values())


def is_note(words: Words, text: str) -> bool:
    """Whether the whole sentence is a note, so that rules about speech pass it by."""
    return any(note.whole for note in notes(words, text))


def _notes(words: Words, text: str) -> Iterator[UnspokenText]:
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
    yield from _directions(words, _STAMP.sub(" ", text))


def _directions(words: Words, text: str) -> Iterator[UnspokenText]:
    label = None if _LIST_OR_HEADING.match(text) else words.at_start("stage_label", text.lstrip(_EDGES))
    if label:  # ``Narrator:`` has speech behind it, ``Music:`` has not
        yield UnspokenText("STG-02", label[0].strip(), whole=not words.find("stage_speaker", label[0]))
    for match in _ASIDE.finditer(text):
        inner = next(group for group in match.groups() if group is not None)
        if words.find("stage_word", inner):
            yield _note("STG-04", match, text)
    bare = text.strip(_EDGES)
    if words.is_whole("stage_sentence", bare):
        yield UnspokenText("STG-04", bare, whole=True)
    if words.is_whole("production", bare):
        yield UnspokenText("STG-06", bare, whole=True)


def _note(rule: str, match: re.Match[str], text: str) -> UnspokenText:
    rest = text[: match.start()] + text[match.end() :]
    return UnspokenText(rule, match[0].strip(), whole=not any(letter.isalnum() for letter in rest))
