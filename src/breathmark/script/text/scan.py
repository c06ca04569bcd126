r"""Scanner for markers in a text, and for whatever else is not spoken: headings, tags, pauses in other brackets."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from breathmark.script.faults import short
from breathmark.script.text.lookalikes import Lookalike, intended, intended_tag, lookalikes
from breathmark.script.text.markers import (
    LONG_PAUSE,
    PLAIN_PAUSE,
    Marker,
    MarkerFault,
    Note,
    named,
    read_break,
    read_marker,
)

INTERRUPTED = "this bracket isn't closed before the next template tag"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A mark of a page or of another program, which is left out with a warning."""

    message: str
    hint: str


Meaning: TypeAlias = Marker | MarkerFault | Leftover | str
"""A string is spoken in its place (``\\[`` is a bracket)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something in template data that is not spoken literally."""

    start: int
    """Its first character."""
    end: int
    """The one behind its last character."""
    meaning: Meaning


_WIDE = (
    "\u0f3a-\u0f3d\u169b\u169c\u2045\u2046\u207d\u207e\u208d\u208e\u2308-\u230b\u2329\u232a\u2768-\u2775\u27c5\u27c6"
    "\u27e6-\u27ef\u2983-\u2998\u29d8-\u29db\u29fc\u29fd\u2e22-\u2e29\u2e55-\u2e5c\u3010\u3011\u3014-\u301b"
    "\ufe17\ufe18\ufe35-\ufe40\ufe47\ufe48\ufe59-\ufe5e\uff3b\uff3d\uff5b\uff5d\uff5f\uff60"
)
"""Unicode's opening and closing punctuation (Ps, Pe) but for round brackets and those that quote in a language."""
_SPECIAL = re.compile(
    r"(?P<escaped>\\[\[\]])"
    r"|(?P<mark>(?:[*_~`]{1,3}|\()[ \t]{0,3}(?=\[))"
    r"|(?P<bracket>[\[\]])"
    rf"|(?P<wide>[{_WIDE}])"
    r"|(?P<brace>\{[^{}\n]*\}|\}\}|%\}|[{}])"
    r"|</\s*break\s*>"
    r"|(?P<break><\s*break\b)"
    r"|(?P<comment><!--.{0,2000}?-->|<!--|-->)"
    r"|(?P<tag><[/?!]?[^\W\d][^<>]{0,300}>|<[^<>\n]{1,60}>)"
    r"|(?P<entity>&(?:[lr]t|[lr]brack|[lr]sqb|[lr]brace|[lr]cub|[lr]par|#0*(?:4[01]|6[02]|9[13]|12[35])"
    r"|#x0*(?:2[89]|3[ce]|[57][bd]));)"
    r"|^[ \t]*(?P<heading>\#{1,6}[ \t]*[^\s\#][^\n]*$)"
    r"|(?P<dots>^[ \t]*(?:\.[ \t]*\.|…)[ \t.…]*)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
_DOT_LINE = re.compile(r"\n[ \t]*(?:\.[ \t]*\.|…)[ \t.…]*(?=\n|\Z)")


def find_markers(source: str, start: int, end: int, rests: Collection[str]) -> Iterator[Found]:
    """Everything in ``source[start:end]``, a stretch of template data, that is not spoken literally.

    ``source`` is the whole template, because a line of dots is one only if nothing else is on its line.
    """
    pauses = deque(lookalikes(source, start, end, rests))
    position, spoken_brackets = start, 0
    match = _SPECIAL.search(source, position, end)
    while True:
        if match and match.start() < position:
            match = _SPECIAL.search(source, position, end)
        while pauses and pauses[0].start < position:
            pauses.popleft()
        if pauses and (match is None or pauses[0].start < match.start()):
            found = _lookalike(source, pauses.popleft())
        elif match is None:
            return
        elif match["escaped"] == "\\[" and (escaped := _escaped_pause(source, match.start(), end, rests)):
            found = escaped
        elif match["escaped"]:
            spoken_brackets += 1 if match["escaped"] == "\\[" else -min(spoken_brackets, 1)
            found = Found(start=match.start(), end=match.end(), meaning=match["escaped"][1])
        elif match["bracket"] == "]" and spoken_brackets:
            spoken_brackets -= 1
            found = Found(start=match.start(), end=match.end(), meaning="]")
        else:
            found = _found(source, match, end, rests)
        position = found.end
        yield found


def _lookalike(source: str, pause: Lookalike) -> Found:
    start = pause.start + len(source[pause.start : pause.end]) - len(source[pause.start : pause.end].lstrip())
    return Found(start=start, end=pause.end, meaning=_misplaced(source[start : pause.end], pause.marker))


def _misplaced(written: str, marker: str) -> MarkerFault:
    shown = short(" ".join(written.split()).strip("`"))
    hint = f"write `[{marker}]`; what is to be spoken has no brackets or marks around it, and no figures"
    return MarkerFault(f"`{shown}` is not a marker, and would be spoken", hint)


def _escaped_pause(source: str, start: int, end: int, rests: Collection[str]) -> Found | None:
    r"""``\[pause 3s\]``: what some editors make of a marker when they export a text."""
    match = _ESCAPED.match(source, start, end)
    marker = intended(match[1], rests) if match else ""
    if not match or not marker:
        return None
    return Found(start=start, end=match.end(), meaning=_misplaced(match[0], marker))


_ESCAPED = re.compile(r"\\\[([^\[\]\\\n]{1,60})\\?\]")


def _found(source: str, match: re.Match[str], end: int, rests: Collection[str]) -> Found:
    kind = match.lastgroup or ""
    if kind in _PLACED:
        return _PLACED[kind](source, match, end, rests)
    meaning = _WORDED[kind](match[0], rests) if kind else ""
    return Found(start=match.start(), end=match.end(), meaning=meaning)


def _decorated(source: str, match: re.Match[str], end: int, rests: Collection[str]) -> Found:
    """A marker between marks of emphasis or in round brackets is a marker all the same."""
    marker = _bracketed(source, match.end(), end, rests)
    closing = match["mark"].strip()[::-1].replace("(", ")")
    behind = re.compile(rf"[ \t]*{re.escape(closing)}").match(source, marker.end, end)
    if behind and not isinstance(marker.meaning, str):
        return Found(start=match.start(), end=behind.end(), meaning=marker.meaning)
    return Found(start=match.start(), end=match.end(), meaning=match[0])


def _wide(source: str, match: re.Match[str], end: int, rests: Collection[str]) -> Found:
    start = match.start()
    pair = _WIDE_PAIR.match(source, start, end)
    marker = intended(pair[1], rests) if pair else ""
    if pair and marker:
        return Found(start=start, end=pair.end(), meaning=_misplaced(pair[0], marker))
    fault = MarkerFault(f"`{source[start]}` can't enclose a marker", "write `[` and `]`")
    return Found(start=start, end=start + 1, meaning=fault)


_WIDE_PAIR = re.compile(rf"[{_WIDE}]([^{_WIDE}\n]{{1,60}})[{_WIDE}]")


def _braces(written: str, rests: Collection[str]) -> MarkerFault:
    marker = intended(written.strip("{}"), rests)
    if marker:
        return _misplaced(written, marker)
    if written in {"}}", "%}"}:
        return MarkerFault(f"`{written}` closes, but nothing is open")
    return MarkerFault(
        f"`{short(written)}` can't be spoken", "a variable is written `{{ name }}`, a marker `[…]`; take out the braces"
    )


def _comment(written: str, rests: Collection[str]) -> MarkerFault | Leftover:
    marker = intended(written.removeprefix("<!--").removesuffix("-->"), rests)
    if marker:
        return _misplaced(written, marker)
    shown = short(" ".join(written.split()))
    return Leftover(message=f"`{shown}` is a comment, and is not spoken", hint="write `[note: …]`, or take it out")


def _tag(written: str, rests: Collection[str]) -> MarkerFault | Leftover | str:
    marker = intended_tag(written[1:-1], rests)
    if marker:
        return _misplaced(written, marker)
    if not _TAG_NAME.match(written):
        return written
    shown = short(" ".join(written.split()))
    hint = 'take it out; the tag that is understood is `<break time="5s"/>`, and a variable is written `{{ name }}`'
    return Leftover(message=f"`{shown}` is a tag, and is not spoken", hint=hint)


_TAG_NAME = re.compile(r"<[/?!]?[^\W\d]")


def _entity(written: str, _rests: Collection[str]) -> MarkerFault:
    return MarkerFault(f"`{written}` is how a web page writes a bracket", "write `[pause 5s]`, or take it out")


def _heading(source: str, match: re.Match[str], _end: int, rests: Collection[str]) -> Found:
    """Only where the whole line is at hand: a template tag behind it may fill in more of the heading."""
    start, written = match.start("heading"), match["heading"]
    if marker := intended(written, rests, certain=True):
        return Found(start=start, end=match.end(), meaning=_misplaced(written, marker))
    if source[match.end() : match.end() + 1] not in {"", "\n"}:
        marks = written[: len(written) - len(written.lstrip("#"))]
        return Found(start=start, end=start + len(marks), meaning=marks)
    message = f"`{short(written.strip())}` is a heading, and is not spoken"
    leftover = Leftover(message=message, hint="make it the `title:` of a segment, or take out the `#`")
    return Found(start=start, end=match.end(), meaning=leftover)


_BRACKET = re.compile(r"\\[\[\]]|[\[\]]")
_TAGS = frozenset({"{{", "{%", "{#"})


def _bracket(source: str, match: re.Match[str], end: int, rests: Collection[str]) -> Found:
    return _bracketed(source, match.start(), end, rests)


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
        meaning: Meaning = read_marker(source[start + 1 : end - 1], rests)
    except MarkerFault as fault:
        meaning = fault
    if meaning == Note(understood=False):
        shown = short(" ".join(source[start:end].split()))
        meaning = Leftover(message=f"`{shown}` is taken for a note, and is not spoken", hint="write `[note: …]`")
    return Found(start=start, end=end, meaning=meaning)


def _unbalanced(source: str, start: int, end: int) -> MarkerFault:
    if source[start] == "]":
        return MarkerFault("this bracket closes, but none is open", "write `\\]` if it is to be spoken")
    if source[end : end + 2] in _TAGS and not _BRACKET.search(source, start + 1, end):
        return MarkerFault(
            INTERRUPTED,
            "a marker is written out in the script; no variable and no tag can be part of it",
        )
    return MarkerFault("this bracket isn't closed", "write `]` behind the marker, or `\\[` if it is to be spoken")


def _break(source: str, match: re.Match[str], end: int, rests: Collection[str]) -> Found:
    close = re.compile(r"[<>]").search(source, match.end(), end)
    if not close or close[0] == "<":
        fault = MarkerFault("this `<break` isn't closed", 'write `[pause 5s]` or `<break time="5s"/>`')
        return Found(start=match.start(), end=match.end(), meaning=fault)
    try:
        meaning: Meaning = read_break(source[match.end() : close.start()], rests)
    except MarkerFault as fault:
        meaning = fault
    return Found(start=match.start(), end=close.end(), meaning=meaning)


def _dots(source: str, match: re.Match[str], end: int, _rests: Collection[str]) -> Found:
    """A line of only dots is ``[pause]``, two such lines in a row are ``[long]``."""
    if source[match.end() : match.end() + 1] not in {"", "\n"}:
        return Found(start=match.start(), end=match.end(), meaning=match[0])
    second = _DOT_LINE.match(source, match.end())
    if second and second.end() <= end:
        return Found(start=match.start(), end=second.end(), meaning=named(LONG_PAUSE))
    return Found(start=match.start(), end=match.end(), meaning=named(PLAIN_PAUSE))


_PLACED: Mapping[str, Callable[[str, re.Match[str], int, Collection[str]], Found]] = {
    "bracket": _bracket,
    "break": _break,
    "dots": _dots,
    "heading": _heading,
    "mark": _decorated,
    "wide": _wide,
}
"""Handlers that read beyond their match, by the group of ``_SPECIAL``."""
_WORDED: Mapping[str, Callable[[str, Collection[str]], Meaning]] = {
    "brace": _braces,
    "comment": _comment,
    "entity": _entity,
    "tag": _tag,
}
"""Handlers of the other groups."""
