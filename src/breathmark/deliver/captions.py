"""What is said, as text: WebVTT captions with sentence times, and a plain transcript."""

from __future__ import annotations

import textwrap
from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from breathmark.deliver.times import milliseconds, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.model import SegmentSpan, SpeechPlacement, Timeline

__all__ = ["LINE_CHARACTERS", "transcript", "webvtt"]

LINE_CHARACTERS: Final = 42
"""The longest line of a caption that viewers read at ease (Netflix Timed Text Style Guide, Latin scripts)."""
_CUE_LINES: Final = 2
_PAGE_COLUMNS: Final = 80
_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\u200e": "&lrm;", "\u200f": "&rlm;"})
"""WebVTT, 3.1: cue text."""


def webvtt(timeline: Timeline) -> str:
    """The captions: one cue for each sentence, or several of two lines where a sentence is long.

    A cue lasts as long as its sentence sounds; where a sentence is cut, its time is shared out by characters.
    """
    cues = [cue for spoken in timeline.speech for cue in _cues(spoken, timeline.rate_hz)]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def _cues(spoken: SpeechPlacement, rate_hz: int) -> Iterator[str]:
    pages = _pages(spoken.utterance.caption)
    total = sum(map(len, pages))
    done = 0
    for page in pages:
        start_ms = milliseconds(spoken.start_frame + spoken.frames * done // total, rate_hz)
        done += len(page)
        end_ms = milliseconds(spoken.start_frame + spoken.frames * done // total, rate_hz)
        yield f"{timestamp(start_ms)} --> {timestamp(max(end_ms, start_ms + 1))}\n{page.translate(_ESCAPES)}"


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


def transcript(timeline: Timeline, title: str) -> str:
    """The spoken text: a heading for each titled part where it is first spoken in, a paragraph for each segment."""
    blocks = [_heading(title, "=")] if title else []
    paragraph: list[str] = []
    named: set[tuple[int, str, str]] = set()
    paragraph_of: tuple[SegmentSpan, ...] | None = None
    for spoken, around in _located(timeline):
        if around != paragraph_of:
            blocks += [_paragraph(paragraph), *_headings(around, named)]
            paragraph, paragraph_of = [], around
        paragraph.append(spoken.utterance.caption)
    blocks.append(_paragraph(paragraph))
    return "\n\n".join(block for block in blocks if block) + "\n"


def _located(timeline: Timeline) -> Iterator[tuple[SpeechPlacement, tuple[SegmentSpan, ...]]]:
    """Each sentence with the segments around it, the outermost first."""
    around: list[SegmentSpan] = []
    spans = list(reversed(timeline.segments))
    for spoken in timeline.speech:
        while spans and spans[-1].start_frame <= spoken.start_frame:
            span = spans.pop()
            around = [*(outer for outer in around if outer.depth < span.depth), span]
        yield spoken, tuple(around)


def _headings(around: tuple[SegmentSpan, ...], named: set[tuple[int, str, str]]) -> Iterator[str]:
    """Headings that are due; a part inside a repeat is named in its first round only."""
    for span in around:
        key = (around[0].start_frame, str(span.place), span.title)
        if span.title and key not in named:
            named.add(key)
            yield _heading(span.title, "-")


def _heading(title: str, underline: str) -> str:
    text = " ".join(title.split())
    return f"{text}\n{underline * len(text)}"


def _paragraph(sentences: list[str]) -> str:
    text = " ".join(" ".join(sentences).split())
    return textwrap.fill(text, _PAGE_COLUMNS, break_long_words=False, break_on_hyphens=False)
