"""Spans of voice and rests in a file, by ``session.json``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.formats.session import RenderRecord


_AFTER_S: Final = 0.3
_BEFORE_S: Final = 0.1
"""The voice rings on for a moment, and a lossy codec smears it over what lies before it."""
_STILL_S: Final = 8.0
"""In rests from this length on, the ambience may rise (its ``swell``)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spans:
    """Stretches of a file, as frames: begins and ends, in order, without overlaps."""

    begins: NDArray[np.int64]
    ends: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.begins)

    def pairs(self) -> list[tuple[int, int]]:
        """Begin and end of each."""
        return list(zip(self.begins.tolist(), self.ends.tolist(), strict=True))

    def mask(self, start: int, frames: int) -> NDArray[np.bool_]:
        """Which of ``frames`` frames from ``start`` on lie inside."""
        inside = np.zeros(frames, bool)
        first = int(np.searchsorted(self.ends, start, "right"))
        last = int(np.searchsorted(self.begins, start + frames, "left"))
        for begin, end in zip(self.begins[first:last], self.ends[first:last], strict=True):
            inside[max(begin - start, 0) : max(end - start, 0)] = True
        return inside


def joined(pairs: Iterable[tuple[int, int]]) -> Spans:
    """Spans of ``pairs`` in any order; those that touch become one, empty ones none."""
    kept: list[list[int]] = []
    for begin, end in sorted(pair for pair in pairs if pair[0] < pair[1]):
        if kept and begin <= kept[-1][1]:
            kept[-1][1] = max(kept[-1][1], end)
        else:
            kept.append([begin, end])
    return Spans(
        begins=np.array([begin for begin, _ in kept], np.int64), ends=np.array([end for _, end in kept], np.int64)
    )


def voice_spans(record: RenderRecord) -> Spans:
    """The sentences."""
    return joined((placed.start_frame, placed.end_frame) for placed in record.speech)


def rest_spans(record: RenderRecord) -> Spans:
    """Where neither a sentence nor a bell sounds, a little away from both."""
    cues = joined((placed.start_frame, placed.end_frame) for placed in (*record.speech, *record.bells)).pairs()
    edges = [(0, 0), *cues, (record.frames, record.frames)]
    after, before = round(_AFTER_S * record.rate_hz), round(_BEFORE_S * record.rate_hz)
    return joined(
        (end + (after if end else 0), begin - (before if begin < record.frames else 0))
        for (_, end), (begin, _) in pairwise(edges)
    )


def background_spans(record: RenderRecord) -> Spans:
    """The rests between sentences that are too short for the ambience to rise in them."""
    still, lead = round(_STILL_S * record.rate_hz), round((_AFTER_S + _BEFORE_S) * record.rate_hz)
    first = min((placed.start_frame for placed in record.speech), default=0)
    last = max((placed.end_frame for placed in record.speech), default=0)
    return joined(
        (begin, end)
        for begin, end in rest_spans(record).pairs()
        if end - begin + lead < still and begin > first and end < last
    )


def silent_spans(record: RenderRecord) -> Spans:
    """Where digital silence was asked for: under it lies neither an ambience nor room tone."""
    edges = {0, record.frames, *(edge for part in record.segments for edge in (part.start_frame, part.end_frame))}
    return joined(pair for pair in pairwise(sorted(edges)) if record.silent_at(pair[0]))
