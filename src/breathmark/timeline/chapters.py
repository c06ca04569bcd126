"""Chapters: the named parts of a session, for players, podcast apps and sound editors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from breathmark.model import SegmentSpan, Timeline


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
