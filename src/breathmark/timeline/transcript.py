"""The transcript: what a session says as plain text, under the titles of its parts."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from breathmark.model import (
    Item,
    Place,
    Rest,
    Rounds,
    Say,
    Script,
    Segment,
    SegmentSpan,
    SpeechPlacement,
    Timeline,
    Utterance,
)

_PAGE_COLUMNS: Final = 80


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
