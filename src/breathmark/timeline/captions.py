"""Captions (WebVTT): each sentence while it sounds, with the times of its words where they are known."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from breathmark.base.times import milliseconds, timestamp

if TYPE_CHECKING:
    from breathmark.model import SpeechPlacement, Timeline, Utterance, WordTime


LINE_CHARACTERS: Final = 42
"""The longest line of a caption that viewers read at ease (Netflix Timed Text Style Guide, Latin scripts)."""
_CUE_LINES: Final = 2
_CUE_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\u200e": "&lrm;", "\u200f": "&rlm;"})
"""WebVTT, 3.1: cue text."""
_WORD: Final = re.compile(r"\S+")


def webvtt(timeline: Timeline, words: Mapping[Utterance, Sequence[WordTime]] = {}) -> str:
    """The captions: one cue for each sentence, or several of two lines where a sentence is long.

    A cue lasts as long as its sentence sounds. Where it is known when its ``words`` sound, each has a time stamp, but
    for the first of a cue, and a long sentence is cut at these times; else its time is shared out by characters.
    """
    cues = [
        f"{timestamp(cue.start_ms)} --> {timestamp(cue.end_ms)}\n{cue.text}"
        for spoken in timeline.speech
        for cue in captions(spoken, words.get(spoken.utterance, ()), timeline.rate_hz)
    ]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """What is shown at once."""

    start_ms: int
    end_ms: int
    text: str
    """As the text of a WebVTT cue, with time stamps where words have some."""
    plain: str
    """Without escapes and time stamps; up to two lines."""


def captions(spoken: SpeechPlacement, words: Sequence[WordTime], rate_hz: int) -> Iterator[Caption]:
    """The captions of one sentence; see ``webvtt``."""
    pages = _pages(spoken.utterance.caption)
    edges = list(accumulate(map(len, pages), initial=0))
    starts = _starts(pages, edges, spoken, [(word.word, round(word.start_s * rate_hz)) for word in words])
    known = [(0, spoken.start_frame), *starts.items(), (edges[-1], spoken.start_frame + spoken.frames)]
    for page, (first, last) in zip(pages, pairwise(edges), strict=True):
        start_ms, end_ms = (milliseconds(_frame_at(edge, known), rate_hz) for edge in (first, last))
        stamps_ms = {place - first: milliseconds(frame, rate_hz) for place, frame in starts.items()}
        text = _stamped(page, stamps_ms, start_ms, end_ms)
        yield Caption(start_ms=start_ms, end_ms=max(end_ms, start_ms + 1), text=text, plain=page)


def _starts(
    pages: list[str], edges: list[int], spoken: SpeechPlacement, words: list[tuple[str, int]]
) -> dict[int, int]:
    """When the words of the pages begin, as far as that is known: place in the text to frame, in order.

    The narrator's own ``words``, with frames from the sentence's start, can be respelt, fewer or more.
    """
    written = [
        (edge + found.start(), found[0])
        for edge, page in zip(edges, pages, strict=False)
        for found in _WORD.finditer(page)
    ]
    starts: dict[int, int] = {}
    last = 0
    for own, matched in _pairs([word for _, word in written], [word for word, _ in words]):
        place, frame = written[own][0], words[matched][1]
        if place and last <= frame < spoken.frames:
            starts[place] = spoken.start_frame + frame
            last = frame
    return starts


def _pairs(written: list[str], spoken: list[str]) -> Iterator[tuple[int, int]]:
    """Which written word is which spoken one; of a stretch respelt in fewer or more words only the first is matched."""
    for kind, start, end, first, last in SequenceMatcher(None, written, spoken, autojunk=False).get_opcodes():
        if kind in {"equal", "replace"}:
            count = end - start if end - start == last - first else 1
            yield from zip(range(start, start + count), range(first, first + count), strict=True)


def _frame_at(place: int, known: list[tuple[int, int]]) -> int:
    """The frame at a place in the text, shared out by characters between those that are ``known``."""
    after = max(1, bisect_left(known, place, key=itemgetter(0)))
    (left, start), (right, end) = known[after - 1], known[after]
    return start + (end - start) * (place - left) // (right - left)


def _stamped(page: str, stamps_ms: Mapping[int, int], start_ms: int, end_ms: int) -> str:
    """A page as cue text; a time stamp lies inside its cue and after the one before it (WebVTT, 4.2.2)."""
    last_ms = start_ms

    def word(found: re.Match[str]) -> str:
        nonlocal last_ms
        text, stamp_ms = found[0].translate(_CUE_ESCAPES), stamps_ms.get(found.start(), 0)
        if not (found.start() and last_ms < stamp_ms < end_ms):
            return text
        last_ms = stamp_ms
        return f"<{timestamp(stamp_ms)}><c>{text}</c>"

    return _WORD.sub(word, page)


def _pages(sentence: str) -> list[str]:
    """The sentence in pages of at most two lines; its lines are as equal as the words allow."""
    text = " ".join(sentence.split())
    fewest = len(_wrap(text, LINE_CHARACTERS))
    widths = range(1, LINE_CHARACTERS + 1)
    narrowest = widths[bisect_left(widths, True, key=lambda width: len(_wrap(text, width)) <= fewest)]  # noqa: FBT003 — the key's value
    lines = _wrap(text, narrowest)
    return ["\n".join(lines[first : first + _CUE_LINES]) for first in range(0, len(lines), _CUE_LINES)]


def _wrap(text: str, width: int) -> list[str]:
    """Lines of at most ``width`` characters, but for longer words: ``textwrap.wrap`` at a tenth of its price."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
