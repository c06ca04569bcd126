"""Marker parsing: what is written in brackets in a text field, in all the spellings that authors bring along.

The words of a marker are read without regard to case and spacing. What is not a marker, and does not
look like a misspelt one, is a note for the reader. Nothing in brackets is ever spoken.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from breathmark.base.errors import near_miss
from breathmark.languages.words import pause_words
from breathmark.script.faults import short
from breathmark.script.lexicon import read_ipa
from breathmark.script.ranges import parse_range
from breathmark.script.terms import DEFAULT_BELL

if TYPE_CHECKING:
    from breathmark.model import Range


PLAIN_PAUSE = "medium"
"""The named rest of a bare ``[pause]``, unless the pacing names one ``pause``."""
LONG_PAUSE = "long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A rest of the author's own: either a named one of the pacing, or a range."""

    name: str = ""
    """The pacing's name for it; empty where ``range`` is given."""
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
    """False where it was not marked as a note (``[note: …]``), but is not a marker either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """From here to the end of the paragraph somebody else speaks."""

    speaker: str
    """A name of the cast; empty for the segment's own voice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidWord:
    """A word whose sounds are given where it is written."""

    ipa: str
    """In signs of the IPA."""
    written: str
    """What captions show, and what narrators are given that take no IPA."""


Marker: TypeAlias = Pause | Strike | Note | Turn | SaidWord


class MarkerFault(ValueError):  # noqa: N818 (a fault of the script; the error that users see is a ScriptError)
    """A malformed marker."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint


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
_UNSEEN = re.compile("[\u00ad\u034f\u180e\u200b-\u200f\u2060-\u2064\ufeff]")
"""What word processors and web pages leave inside words: it has no width."""
_NARROW = {0xFF01 + number: 0x21 + number for number in range(94)}
"""From the full-width forms of East Asian keyboards to ASCII."""
_GAP = r"[\s:=\-–—]*"  # noqa: RUF001 (authors type these dashes)
_NOTE = re.compile(r"note\s*:.*", re.DOTALL)
_BELL = re.compile(rf"bell(?:{_GAP}(?P<name>[^\W\d_][\w '\-]*))?")
_VOICE = re.compile(rf"voice(?:{_GAP}(?P<name>[a-z][a-z_\-]*))?", re.ASCII)
_SAID = re.compile(rf"say{_GAP}(?P<ipa>[^|]*)\|(?P<written>.*)", re.DOTALL)
_SAID_BEGUN = re.compile(r"say\s*(?:[:=].*)?|say\b.*\|.*", re.DOTALL)
_SAID_HINT = "it is written `[say: mɛtə | metta]`: the sounds in the IPA, then the word as captions show it"
_PAUSE = re.compile(rf"(?P<head>pause|silence)\b(?P<link>{_GAP}(?:for\b\s*)?)(?P<rest>.*)", re.DOTALL)
_PAUSE_BEHIND = re.compile(rf"(?P<rest>.+?){_GAP}(?P<head>pause|silence)", re.DOTALL)
_WITH_UNIT = re.compile(r"[.\d][^a-z]*[a-z].*", re.DOTALL)
_HYPHEN_UNIT = re.compile(r"(?<=\d)-(?=[a-z])")
_TIME_ATTRIBUTE = re.compile(r"""\s+time\s*=\s*(?P<quote>["'])(?P<time>[^"'<>]*)(?P=quote)\s*""", re.IGNORECASE)
_LONGEST = 120
"""In characters. No marker but a note is longer; this keeps the expressions above from rescanning a page."""


def read_marker(content: str, rests: Collection[str]) -> Marker:
    """What ``[content]`` means; ``rests`` are the names that the pacing knows. Raises ``MarkerFault``."""
    words = tidied(content)
    if _NOTE.fullmatch(words):
        return Note(understood=True)
    if _SAID_BEGUN.fullmatch(words):
        return _said(content)
    return _read_words(_unstopped(words), rests) or _note_or_fault(content, words, rests)


def _said(content: str) -> SaidWord:
    """``[say: mɛtə | metta]``, with the word in the letters that were typed."""
    plain = " ".join(_UNSEEN.sub("", content).split())
    narrow = plain.translate(_NARROW)  # a character for a character
    match = re.match(r"(?i:say)", narrow) and _SAID.fullmatch(f"say{narrow[3:]}")
    shown = f"`[{_short(content)}]`"
    if not match or len(plain) > _LONGEST:
        raise MarkerFault(f"{shown} is not a marker", _SAID_HINT)
    ipa, written = match["ipa"].strip(), plain[match.start("written") :].strip()
    if not ipa or not written:
        raise MarkerFault(f"{shown} lacks {'the word' if ipa else 'its sounds'}", _SAID_HINT)
    if not any(map(str.isalpha, written)) or not all(map(_in_a_word, written)):
        raise MarkerFault(f"`{_short(written)}` is not a word that captions could show", _SAID_HINT)
    try:
        return SaidWord(ipa=read_ipa(ipa), written=written)
    except ValueError as error:
        raise MarkerFault(str(error), _SAID_HINT) from error


def _in_a_word(character: str) -> bool:
    """Letters, their marks, figures, and what joins words; never the end of a sentence."""
    return unicodedata.category(character)[0] in "LMN" or character in " '’-"  # noqa: RUF001 (as people type it)


def is_said(words: str) -> bool:
    """Whether tidied ``words`` would give a word its sounds, if they were a marker's."""
    return bool(_SAID.fullmatch(words)) and words.count("|") == 1


def tidied(content: str) -> str:
    """In lower case, with single spaces, plain letters in place of full-width ones, and nothing unseen in between."""
    return " ".join(_UNSEEN.sub("", content).translate(_NARROW).casefold().split())


def _unstopped(words: str) -> str:
    """Without a full stop at the end; two dots are a range that lacks its end."""
    return words if words.endswith("..") else words.removesuffix(".").rstrip()


def _read_words(words: str, rests: Collection[str]) -> Marker | None:
    if len(words) > _LONGEST:
        return None
    if bell := _BELL.fullmatch(words):
        return _strike(bell["name"])
    if voice := _VOICE.fullmatch(words):
        return Turn(speaker=voice["name"] or "")
    return read_pause(words, rests)


def read_pause(words: str, rests: Collection[str]) -> Pause | None:
    """What the tidied ``words`` of a bracket mean, if they are a pause. Raises ``MarkerFault``."""
    if words in rests:
        return named(words)
    pause = _PAUSE.fullmatch(words) or _PAUSE_BEHIND.fullmatch(words)
    if pause:
        _refuse_dangling(pause)
        return _pause(pause["head"], _HYPHEN_UNIT.sub(" ", pause["rest"]), rests)
    if _WITH_UNIT.fullmatch(words) and set(_WORD.findall(words)) <= _duration_words():
        return Pause(range=_range(words))
    return None


def _refuse_dangling(pause: re.Match[str]) -> None:
    """Refuse an unfinished pause, such as ``[pause for]`` or ``[pause -]``."""
    if not pause["rest"] and pause.groupdict().get("link", "").strip():
        raise MarkerFault(
            f"`[{pause[0]}]` gives no time", f"write `[{pause['head']} 5s]`, or `[{pause['head']}]` alone"
        )


def _strike(name: str | None) -> Strike:
    return Strike(name="-".join(name.replace("-", " ").split()) if name else DEFAULT_BELL)


@cache
def _marker_words() -> frozenset[str]:
    """A bracket that holds one of these words and is not a marker is a malformed one."""
    return _MARKER_WORDS | pause_words().pauses


@cache
def _duration_words() -> frozenset[str]:
    return frozenset([*_TIME_WORDS.split(), "h", "hr", "hrs", "m", "s", "msec"])


def named(name: str) -> Pause:
    """The rest of this name."""
    return Pause(name=name, order=1 if name == LONG_PAUSE else 0)


def _pause(head: str, rest: str, rests: Collection[str]) -> Pause | None:
    """``[pause …]`` and ``[silence …]``, with whatever follows the first word; None if it is neither name nor time."""
    order: Literal[0, 1] = 1 if head == "silence" or rest == LONG_PAUSE else 0
    if not rest:
        plain = "pause" if "pause" in rests else PLAIN_PAUSE
        return Pause(name=LONG_PAUSE, order=1) if head == "silence" else named(plain)
    if rest in rests:
        return Pause(name=rest, order=order)
    if _DIGIT.search(rest):
        return Pause(range=_range(rest), order=order)
    return None


def _range(text: str) -> Range:
    try:
        span = parse_range(text)
    except ValueError as error:
        raise MarkerFault(str(error), "a pause is written `[pause 5s]` or `[pause 3s..5s..12s]`") from error
    if not span.max_s:
        raise MarkerFault(f"`{text}`: a pause of no length is not a pause", "leave it out, or write `[pause 5s]`")
    return span


def _note_or_fault(content: str, words: str, rests: Collection[str]) -> Note:
    near = corrected(words, rests)
    found = _WORD.findall(words)
    if near or _DIGIT.search(words) or not _marker_words().isdisjoint(found) or not set(rests).isdisjoint(found):
        hint = f"did you mean `[{near}]`?" if near else _advice(words)
        raise MarkerFault(f"`[{_short(content)}]` is not a marker", hint)
    if "|" in words:  # left out as a note, it would take a word out of its sentence
        raise MarkerFault(f"`[{_short(content)}]` is not a marker", _SAID_HINT)
    return Note(understood=False)


def _advice(words: str) -> str:
    if re.fullmatch(r"[\d:.,\s]+", words):
        return "a pause is written with its unit, such as `[pause 5s]`; a time stamp has to go"
    if re.match(r"bell\b", words):
        return "a bell is written `[bell]` or `[bell tingsha]`"
    return "a pause is written `[pause 5s]`, `[long]`; words for the reader `[note: …]`; a spoken bracket `\\[`"


def corrected(words: str, rests: Collection[str]) -> str:
    """The marker that the author may have meant, or an empty string."""
    near = _WORD.sub(lambda match: _nearest(match[0], frozenset(rests)), words)
    if near == words:
        return ""
    try:
        return near if _read_words(near, rests) or _NOTE.fullmatch(near) else ""
    except MarkerFault:
        return ""


@lru_cache(maxsize=1024)
def _nearest(word: str, rests: frozenset[str]) -> str:
    if word in _marker_words() or word in rests or not 2 < len(word) < 16:
        return word
    known = sorted({*_MISSPELT, *rests})
    swapped = (name for name in known if sorted(name) == sorted(word))
    return next(swapped, "") or near_miss(word, known, cutoff=_NEAR) or word


def _short(content: str) -> str:
    return short(" ".join(content.split()))


def read_break(attributes: str, rests: Collection[str]) -> Pause:
    """What SSML's ``<break …/>`` means. Raises ``MarkerFault``."""
    inner = f" {tidied(attributes)}".rstrip().removesuffix("/")
    if not inner.strip():
        return named("pause" if "pause" in rests else PLAIN_PAUSE)
    time = _TIME_ATTRIBUTE.fullmatch(inner)
    if not time:
        shown = _short(f"<break{attributes}>")
        raise MarkerFault(f"`{shown}` is not a marker", 'write `[pause 5s]` or `<break time="5s"/>`')
    return Pause(range=_range(time["time"]))
