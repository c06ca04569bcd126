"""Pause markers: what stands in brackets in a text field, in all the spellings that authors bring along.

The words of a marker are read without regard to case and spacing. What is no marker, and does not look like one
that went wrong, is a note for the reader. Nothing in brackets is ever spoken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from breathmark.errors import near_miss
from breathmark.script.document import DEFAULT_BELL
from breathmark.script.faults import short
from breathmark.script.ranges import parse_range

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from breathmark.model import Range

__all__ = [
    "INTERRUPTED",
    "Found",
    "Marker",
    "MarkerFault",
    "Note",
    "Pause",
    "Strike",
    "Turn",
    "find_markers",
    "read_break",
    "read_marker",
]

INTERRUPTED = "this bracket isn't closed before the next template tag"
_PLAIN_PAUSE = "medium"
"""The named rest of a bare ``[pause]``, unless the pacing names one ``pause``."""
_LONG_PAUSE = "long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A rest of the author's own: either a named one of the pacing, or a range."""

    name: str = ""
    """The pacing's name for it; empty where ``range`` stands."""
    range: Range | None = None
    order: Literal[0, 1] = 0
    """1 for ``[long]`` and ``[silence …]``: these stretch and shrink before the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """A bell in the middle of a text."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Words for the reader, never spoken."""

    understood: bool
    """False where it was not marked as a note (``[note: …]``), but is no marker either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """From here to the end of the paragraph somebody else speaks."""

    speaker: str
    """A name of the cast; empty for the segment's own voice."""


Marker: TypeAlias = Pause | Strike | Note | Turn


class MarkerFault(ValueError):  # noqa: N818 (a fault of the script; the error that users see is a ScriptError)
    """A marker that went wrong."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something in template data that is not spoken as it stands."""

    start: int
    """Its first character."""
    end: int
    """The one behind its last character."""
    meaning: Marker | MarkerFault | str
    """A string is spoken in its place (``\\[`` stands for a bracket)."""


_TIME_WORDS = "hour hours minute minutes min mins second seconds sec secs ms millisecond milliseconds moment moments"
_PAUSE_WORDS = "pause pauses paused pausing silence silent rest rests wait hold break long short medium"
_BREATH_WORDS = "breath breaths breathe breathes breathing inhale exhale"
_BELL_WORDS = "bell bells gong chime chimes bowl ring"
_MARKER_WORDS = frozenset(f"{_TIME_WORDS} {_PAUSE_WORDS} {_BREATH_WORDS} {_BELL_WORDS}".split())
_MISSPELT = ("pause", "silence", "breath", "breathe", "bell", "second", "seconds", "minute", "minutes", "note", "long")
_NEAR = 0.8
"""``puase`` is as near to ``pause`` as this, ``ball`` is farther from ``bell``."""

_WORD = re.compile(r"[^\W\d_]+")
_DIGIT = re.compile(r"\d")
_GAP = r"[\s:=\-–—]*"  # noqa: RUF001 (authors type these dashes)
_NOTE = re.compile(r"note\s*:.*", re.DOTALL)
_BELL = re.compile(rf"bell(?:{_GAP}(?P<name>[^\W\d_][\w '\-]*))?")
_VOICE = re.compile(rf"voice(?:{_GAP}(?P<name>[a-z][a-z_\-]*))?", re.ASCII)
_PAUSE = re.compile(rf"(?P<head>pause|silence)\b{_GAP}(?:for\b\s*)?(?P<rest>.*)", re.DOTALL)
_PAUSE_BEHIND = re.compile(rf"(?P<rest>.+?){_GAP}(?P<head>pause|silence)", re.DOTALL)
_WITH_UNIT = re.compile(r"[.\d][^a-z]*[a-z].*", re.DOTALL)
_HYPHEN_UNIT = re.compile(r"(?<=\d)-(?=[a-z])")
_TIME_ATTRIBUTE = re.compile(r"""\s+time\s*=\s*(?P<quote>["'])(?P<time>[^"'<>]*)(?P=quote)\s*""", re.IGNORECASE)
_LONGEST = 120
"""No marker but a note is longer; it keeps the expressions above from reading a page again and again."""


def read_marker(content: str, rests: Collection[str]) -> Marker:
    """What ``[content]`` means; ``rests`` are the names that the pacing knows. Raises ``MarkerFault``."""
    words = " ".join(content.casefold().split())
    if _NOTE.fullmatch(words):
        return Note(understood=True)
    return _read_words(words.rstrip(".").rstrip(), rests) or _note_or_fault(content, words, rests)


def _read_words(words: str, rests: Collection[str]) -> Marker | None:
    if len(words) > _LONGEST:
        return None
    if bell := _BELL.fullmatch(words):
        return _strike(bell["name"])
    if voice := _VOICE.fullmatch(words):
        return Turn(speaker=voice["name"] or "")
    return _read_pause(words, rests)


def _read_pause(words: str, rests: Collection[str]) -> Pause | None:
    if words in rests:
        return _named(words)
    pause = _PAUSE.fullmatch(words) or _PAUSE_BEHIND.fullmatch(words)
    if pause:
        return _pause(pause["head"], _HYPHEN_UNIT.sub(" ", pause["rest"]), rests)
    if _WITH_UNIT.fullmatch(words) and set(_WORD.findall(words)) <= _duration_words():
        return Pause(range=_range(words))
    return None


def _strike(name: str | None) -> Strike:
    return Strike(name="-".join(name.replace("-", " ").split()) if name else DEFAULT_BELL)


@cache
def _duration_words() -> frozenset[str]:
    return frozenset([*_TIME_WORDS.split(), "h", "hr", "hrs", "m", "s", "msec"])


def _named(name: str) -> Pause:
    return Pause(name=name, order=1 if name == _LONG_PAUSE else 0)


def _pause(head: str, rest: str, rests: Collection[str]) -> Pause | None:
    """``[pause …]`` and ``[silence …]``, with whatever follows the first word; None if it is neither name nor time."""
    order: Literal[0, 1] = 1 if head == "silence" or rest == _LONG_PAUSE else 0
    if not rest:
        plain = "pause" if "pause" in rests else _PLAIN_PAUSE
        return Pause(name=_LONG_PAUSE, order=1) if head == "silence" else _named(plain)
    if rest in rests:
        return Pause(name=rest, order=order)
    if _DIGIT.search(rest):
        return Pause(range=_range(rest), order=order)
    return None


def _range(text: str) -> Range:
    try:
        return parse_range(text)
    except ValueError as error:
        raise MarkerFault(str(error), "a pause is written `[pause 5s]` or `[pause 3s..5s..12s]`") from error


def _note_or_fault(content: str, words: str, rests: Collection[str]) -> Note:
    near = _near_miss(words, rests)
    found = _WORD.findall(words)
    if near or _DIGIT.search(words) or not _MARKER_WORDS.isdisjoint(found) or not set(rests).isdisjoint(found):
        hint = f"did you mean `[{near}]`?" if near else _advice(words)
        raise MarkerFault(f"`[{_short(content)}]` is no marker", hint)
    return Note(understood=False)


def _advice(words: str) -> str:
    if re.fullmatch(r"[\d:.,\s]+", words):
        return "a pause is written with its unit, such as `[pause 5s]`; a time stamp has to go"
    if re.match(r"bell\b", words):
        return "a bell is written `[bell]` or `[bell tingsha]`"
    return "a pause is written `[pause 5s]`, `[long]`; words for the reader `[note: …]`; a spoken bracket `\\[`"


def _near_miss(words: str, rests: Collection[str]) -> str:
    """The marker that the author may have meant, or an empty string."""
    mended = _WORD.sub(lambda match: _nearest(match[0], frozenset(rests)), words)
    if mended == words:
        return ""
    try:
        return mended if _read_words(mended, rests) or _NOTE.fullmatch(mended) else ""
    except MarkerFault:
        return ""


@lru_cache(maxsize=1024)
def _nearest(word: str, rests: frozenset[str]) -> str:
    if word in _MARKER_WORDS or word in rests or not 2 < len(word) < 16:
        return word
    known = sorted({*_MISSPELT, *rests})
    swapped = (name for name in known if sorted(name) == sorted(word))
    return next(swapped, "") or near_miss(word, known, cutoff=_NEAR) or word


def _short(content: str) -> str:
    return short(" ".join(content.split()))


def read_break(attributes: str, rests: Collection[str]) -> Pause:
    """What SSML's ``<break …/>`` means. Raises ``MarkerFault``."""
    inner = attributes.rstrip().removesuffix("/")
    if not inner.strip():
        return _named("pause" if "pause" in rests else _PLAIN_PAUSE)
    time = _TIME_ATTRIBUTE.fullmatch(inner)
    if not time:
        shown = _short(f"<break{attributes}>")
        raise MarkerFault(f"`{shown}` is no marker", 'write `[pause 5s]` or `<break time="5s"/>`')
    return Pause(range=_range(time["time"]))


_SPECIAL = re.compile(
    r"(?P<escaped>\\[\[\]])"
    r"|(?P<bracket>[\[\]])"
    r"|(?P<wide>[［］【】〔〕])"  # noqa: RUF001 (what keyboards of East Asia type)
    r"|</\s*break\s*>"
    r"|(?P<tag><\s*break\b)"
    r"|(?P<dots>^[ \t]*(?:\.[ \t]*\.|…)[ \t.…]*)",
    re.IGNORECASE | re.MULTILINE,
)
_DOT_LINE = re.compile(r"\n[ \t]*(?:\.[ \t]*\.|…)[ \t.…]*(?=\n|\Z)")


def find_markers(source: str, start: int, end: int, rests: Collection[str]) -> Iterator[Found]:
    """Everything in ``source[start:end]``, a stretch of template data, that is not spoken as it stands.

    ``source`` is the whole template, because a line of dots is one only if nothing else stands on its line.
    """
    position, spoken_brackets = start, 0
    while match := _SPECIAL.search(source, position, end):
        if match["escaped"]:
            spoken_brackets += 1 if match["escaped"] == "\\[" else -min(spoken_brackets, 1)
            found = Found(start=match.start(), end=match.end(), meaning=match["escaped"][1])
        elif match["bracket"] == "]" and spoken_brackets:
            spoken_brackets -= 1
            found = Found(start=match.start(), end=match.end(), meaning="]")
        else:
            found = _found(source, match, end, rests)
        position = found.end
        yield found


def _found(source: str, match: re.Match[str], end: int, rests: Collection[str]) -> Found:
    if match["bracket"]:
        return _bracketed(source, match.start(), end, rests)
    if match["wide"]:
        fault = MarkerFault(f"`{match['wide']}` is no bracket that a marker can have", "write `[` and `]`")
        return Found(start=match.start(), end=match.end(), meaning=fault)
    if match["tag"]:
        return _tag(source, match, end, rests)
    if match["dots"]:
        return _dots(source, match, end)
    return Found(start=match.start(), end=match.end(), meaning="")


_BRACKET = re.compile(r"\\[\[\]]|[\[\]]")
_TAGS = frozenset({"{{", "{%", "{#"})


def _bracketed(source: str, start: int, end: int, rests: Collection[str]) -> Found:
    """From a bracket to the one that closes it; from a stray bracket to just behind it."""
    position = start + 1
    while source[start] == "[" and (match := _BRACKET.search(source, position, end)):
        if match[0] == "]":
            return _meaning(source, start, match.end(), rests)
        if match[0] == "[":
            break
        position = match.end()
    return Found(start=start, end=start + 1, meaning=_unbalanced(source, start, end))


def _meaning(source: str, start: int, end: int, rests: Collection[str]) -> Found:
    try:
        return Found(start=start, end=end, meaning=read_marker(source[start + 1 : end - 1], rests))
    except MarkerFault as fault:
        return Found(start=start, end=end, meaning=fault)


def _unbalanced(source: str, start: int, end: int) -> MarkerFault:
    if source[start] == "]":
        return MarkerFault("this bracket closes, but none is open", "write `\\]` if it is to be spoken")
    if source[end : end + 2] in _TAGS and not _BRACKET.search(source, start + 1, end):
        return MarkerFault(
            INTERRUPTED,
            "a marker stands in the script as it is; no variable and no tag can be a part of it",
        )
    return MarkerFault("this bracket isn't closed", "write `]` behind the marker, or `\\[` if it is to be spoken")


def _tag(source: str, match: re.Match[str], end: int, rests: Collection[str]) -> Found:
    close = re.compile(r"[<>]").search(source, match.end(), end)
    if not close or close[0] == "<":
        fault = MarkerFault("this `<break` isn't closed", 'write `[pause 5s]` or `<break time="5s"/>`')
        return Found(start=match.start(), end=match.end(), meaning=fault)
    try:
        meaning: Marker | MarkerFault = read_break(source[match.end() : close.start()], rests)
    except MarkerFault as fault:
        meaning = fault
    return Found(start=match.start(), end=close.end(), meaning=meaning)


def _dots(source: str, match: re.Match[str], end: int) -> Found:
    """A line of only dots is ``[pause]``, two such lines in a row are ``[long]``."""
    if source[match.end() : match.end() + 1] not in {"", "\n"}:
        return Found(start=match.start(), end=match.end(), meaning=match[0])
    second = _DOT_LINE.match(source, match.end())
    if second and second.end() <= end:
        return Found(start=match.start(), end=second.end(), meaning=_named(_LONG_PAUSE))
    return Found(start=match.start(), end=match.end(), meaning=_named(_PLAIN_PAUSE))
