"""Chapters, captions and the transcript: a session for players, podcast apps and sound editors, and as text."""

from __future__ import annotations

import json
import re
import textwrap
from bisect import bisect_left
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from breathmark.base.times import milliseconds, timestamp
from breathmark.model import Rest, Rounds, Say, Segment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from breathmark.model import Item, Place, Script, SegmentSpan, SpeechPlacement, Timeline, Utterance, WordTime


MIN_CHAPTER_S: Final = 5.0
"""A chapter that is over before a listener has read its name helps nobody."""
_TITLE_BYTES: Final = 255
"""Nero's chapter list in an MP4 counts the bytes of a title in one byte; ffmpeg would cut inside of a character."""
_ESCAPES: Final = str.maketrans({sign: f"\\{sign}" for sign in "\\=;#\n"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A named part of the session; chapters follow each other without a gap, from the first frame to the last."""

    start_frame: int
    end_frame: int
    """The first frame that no longer belongs to it."""
    title: str


def chapters(timeline: Timeline, most: int = 0) -> tuple[Chapter, ...]:
    """The chapters of a session; none where no segment of the script has a title.

    The first starts at 0, untitled segments belong to the one before, all rounds of a repeat are one,
    and one that is shorter than ``MIN_CHAPTER_S`` is merged into the one before (the first: into the next). Where a
    file has room for ``most`` of them (0: for any number), more of the short ones are merged until they fit.
    """
    titled = [span for span in timeline.segments if span.depth == 0 and span.title.strip()]
    kept = _long_enough(timeline, titled)
    while most and len(kept) > most:
        kept = _without_shortest(kept, len(kept) - most)
    return tuple(kept)


def _long_enough(timeline: Timeline, titled: Sequence[SegmentSpan]) -> list[Chapter]:
    """A chapter for each of ``titled`` that lasts ``MIN_CHAPTER_S``; the others belong to the one before."""
    shortest = round(MIN_CHAPTER_S * timeline.rate_hz)
    kept: list[Chapter] = []
    for index, span in enumerate(titled):
        is_last = index + 1 == len(titled)
        start = kept[-1].end_frame if kept else 0
        end = timeline.frames if is_last else titled[index + 1].start_frame
        if end - start >= shortest or (is_last and not kept):
            kept.append(Chapter(start_frame=start, end_frame=end, title=" ".join(span.title.split())))
        elif kept:
            kept[-1] = replace(kept[-1], end_frame=end)
    return kept


def _without_shortest(chapters: Sequence[Chapter], surplus: int) -> list[Chapter]:
    """Up to ``surplus`` of the shortest, merged into the ones before; no two neighbours, so that none grows alone."""
    merged: set[int] = set()
    for index in sorted(range(1, len(chapters)), key=lambda i: chapters[i].end_frame - chapters[i].start_frame):
        if len(merged) == surplus:
            break
        if merged.isdisjoint((index - 1, index + 1)):
            merged.add(index)
    kept: list[Chapter] = []
    for index, chapter in enumerate(chapters):
        if index in merged:
            kept[-1] = replace(kept[-1], end_frame=chapter.end_frame)
        else:
            kept.append(chapter)
    return kept


def chapters_json(marks: tuple[Chapter, ...], rate_hz: int) -> str:
    """The chapters as Podcasting 2.0 wants them (``application/json+chapters``, version 1.2.0)."""
    data = {
        "version": "1.2.0",
        "chapters": [
            {
                "startTime": round(mark.start_frame / rate_hz, 3),
                "endTime": round(mark.end_frame / rate_hz, 3),
                "title": mark.title,
            }
            for mark in marks
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def labels(marks: tuple[Chapter, ...], rate_hz: int) -> str:
    """The chapters as an Audacity label track: start, end and name between tabs, times in seconds."""
    return "".join(
        f"{mark.start_frame / rate_hz:.6f}\t{mark.end_frame / rate_hz:.6f}\t{mark.title}\n" for mark in marks
    )


def ffmetadata(marks: tuple[Chapter, ...], rate_hz: int) -> str:
    """The chapters in the form that ffmpeg reads (its documentation, "Metadata")."""
    return ";FFMETADATA1\n" + "".join(
        f"[CHAPTER]\nTIMEBASE=1/{rate_hz}\nSTART={mark.start_frame}\nEND={mark.end_frame}\n"
        f"title={_fitting(mark.title).translate(_ESCAPES)}\n"
        for mark in marks
    )


def _fitting(title: str) -> str:
    if len(title.encode()) <= _TITLE_BYTES:
        return title
    ellipsis = "…"
    kept = title.encode()[: _TITLE_BYTES - len(ellipsis.encode())].decode(errors="ignore")
    return kept.rstrip() + ellipsis


LINE_CHARACTERS: Final = 42
"""The longest line of a caption that viewers read at ease (Netflix Timed Text Style Guide, Latin scripts)."""
_CUE_LINES: Final = 2
_PAGE_COLUMNS: Final = 80
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


def paragraph_places(script: Script) -> frozenset[Place]:
    """Where the author begins a paragraph inside a segment: the places of the sentences that come first in one."""
    places: set[Place] = set()
    begins = False
    for item in _flat(script.segments):
        if isinstance(item, Rest):
            begins = begins or item.level == "paragraph"
        elif begins:
            places.add(item.place)
            begins = False
    return frozenset(places)


def _flat(items: tuple[Item, ...]) -> Iterator[Say | Rest]:
    for item in items:
        if isinstance(item, Say | Rest):
            yield item
        elif isinstance(item, Segment | Rounds):
            yield from _flat(item.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptBlock:
    """A heading, or a paragraph of what is spoken; one of the two is empty."""

    heading: str = ""
    sentences: tuple[Utterance, ...] = ()


def transcript_blocks(timeline: Timeline, begins: Collection[Place] = ()) -> Iterator[TranscriptBlock]:
    """What is spoken: a heading for each titled part where it is first spoken in, and the paragraphs of the script.

    A paragraph begins with each segment, and at the sentences whose places are in ``begins``.
    """
    paragraph: list[Utterance] = []
    named: set[tuple[int, str, str]] = set()
    paragraph_of: tuple[SegmentSpan, ...] | None = None
    for spoken, around in _located(timeline):
        if paragraph and (around != paragraph_of or spoken.place in begins):
            yield TranscriptBlock(sentences=tuple(paragraph))
            paragraph = []
        if around != paragraph_of:
            yield from (TranscriptBlock(heading=" ".join(title.split())) for title in _headings(around, named))
            paragraph_of = around
        paragraph.append(spoken.utterance)
    if paragraph:
        yield TranscriptBlock(sentences=tuple(paragraph))


def transcript(timeline: Timeline, title: str, begins: Collection[Place] = ()) -> str:
    """The spoken text below the session's title; see ``transcript_blocks``."""
    blocks = [_heading(title, "=")] if title else []
    for block in transcript_blocks(timeline, begins):
        if block.heading:
            blocks.append(_heading(block.heading, "-"))
        else:
            blocks.append(_paragraph([sentence.caption for sentence in block.sentences]))
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
    """Titles that are due; a part inside a repeat is named in its first round only."""
    for span in around:
        key = (around[0].start_frame, str(span.place), span.title)
        if span.title and key not in named:
            named.add(key)
            yield span.title


def _heading(title: str, underline: str) -> str:
    text = " ".join(title.split())
    return f"{text}\n{underline * len(text)}"


def _paragraph(sentences: list[str]) -> str:
    text = " ".join(" ".join(sentences).split())
    return textwrap.fill(text, _PAGE_COLUMNS, break_long_words=False, break_on_hyphens=False)
