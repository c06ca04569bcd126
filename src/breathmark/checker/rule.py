"""Rules, their findings, and the sentences that they are about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from breathmark.base.errors import Severity
    from breathmark.checker.reading import Reading, Sentence
    from breathmark.languages.phrases import Words
    from breathmark.model import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One place where a script breaks a rule."""

    place: Place
    message: str
    """What is wrong, in one clause without a full stop. It never repeats a private value."""
    hint: str = ""
    """How to fix this very place; empty takes the rule's own ``fix``."""
    severity: Severity | None = None
    """Another severity than the rule's, where how far it is missed decides."""
    at_s: float | None = None
    """The length of the session that shows it; None where every length does. The engine gathers these by place."""


Check: TypeAlias = "Callable[[Reading], Iterable[Finding]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A requirement on scripts; all but ``check`` is printed, in reports and in ``docs/rules.md``."""

    id: str
    """Such as ``SAF-01``."""
    severity: Severity
    title: str
    """The requirement, in a few words."""
    why: str
    """Why it matters, in one sentence."""
    fix: str
    """How to fix it; the hint of its findings."""
    source: str
    """Where in research, guidance or our own design it comes from."""
    needs: tuple[str, ...] = ()
    """Lists of phrases (names in ``languages/LANGUAGE/rules``) without which a language can't be checked; the rule is
    then skipped, and the report says so."""
    check: Check | None = None
    """None for a rule about the scripts of a course together, which ``findings.check_course`` asks."""


MINUTE_WORDS = 110
"""A calm voice says about as many words in a minute of speech."""
_FEW_WORDS = 60
"""About half a minute of speech."""
CLIP_S = 120.0
"""A script that is never longer is a short practice for the middle of a day, and needs no frame."""


def spoken(reading: Reading) -> tuple[Sentence, ...]:
    """The author's sentences: no cues of guided breaths, and nothing that is a note for the reader."""
    return tuple(
        sentence
        for sentence in reading.sentences()
        if not sentence.breath and not _is_note(reading.words, sentence.text)
    )


def says_little(reading: Reading) -> bool:
    """Half a minute of speech has no room for what belongs to a session."""
    return sum(sentence.words for sentence in spoken(reading)) < _FEW_WORDS


def is_clip(reading: Reading) -> bool:
    """Whether it says little, or its author lets it last two minutes at most: something for the middle of a day."""
    length = reading.script.length
    return says_little(reading) or (length is not None and length.max_s <= CLIP_S)


def around(sentences: tuple[Sentence, ...], index: int, *, before: int = 0, after: int = 0) -> str:
    """The text of a sentence and of those beside it."""
    return " ".join(each.text for each in sentences[max(index - before, 0) : index + after + 1])


def quoted(sentence: Sentence, found: str) -> str:
    """How a message names what was found; a sentence that holds a private value is never quoted."""
    return "this sentence" if sentence.private else f"“{found}”"


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


def _is_note(words: Words, text: str) -> bool:
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
