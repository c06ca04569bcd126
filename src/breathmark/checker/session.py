"""A reading at one length: stretches of one kind, and the gaps without a cue."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from breathmark.checker.reading import inner_kind

if TYPE_CHECKING:
    from breathmark.model import Kind, Place, SpeechPlacement, Timeline

__all__ = ["Gap", "Session", "Stretch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One sounding of an innermost segment, in seconds."""

    title: str
    kind: Kind
    """See ``Passage.kind``."""
    place: Place
    optional: bool
    start_s: float
    end_s: float

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time without a cue: no word, no bell, no tone of a guided breath begins or sounds in it."""

    start_s: float
    end_s: float
    place: Place
    """Where the longest rest in it is written, or the cue before it."""
    kind: Kind
    title: str
    before: SpeechPlacement | None
    """The sentence before it."""
    ends_with: str
    """``voice``, ``bell``, or ``end``."""

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.end_s - self.start_s


@dataclass(frozen=True, kw_only=True)
class Session:
    """A reading, laid out."""

    timeline: Timeline

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.timeline.duration_s

    @cached_property
    def stretches(self) -> tuple[Stretch, ...]:
        """The innermost segments in the order of time, once for each round."""
        return _stretches(self.timeline)

    @cached_property
    def gaps(self) -> tuple[Gap, ...]:
        """Every time between two cues, in order; the head before the first cue is none."""
        return ()


def _stretches(timeline: Timeline) -> tuple[Stretch, ...]:
    rate_hz = timeline.rate_hz
    found: list[Stretch] = []
    kinds: list[tuple[Kind, str]] = []
    for index, span in enumerate(timeline.segments):
        del kinds[span.depth :]
        around_kind, around_title = kinds[-1] if kinds else ("practice", "")
        kind, title = inner_kind(span.kind, around_kind), span.title or around_title
        kinds.append((kind, title))
        following = timeline.segments[index + 1] if index + 1 < len(timeline.segments) else None
        if following is not None and following.depth > span.depth:
            continue
        found.append(
            Stretch(
                title=title,
                kind=kind,
                place=span.place,
                optional=span.optional,
                start_s=span.start_frame / rate_hz,
                end_s=(span.start_frame + span.frames) / rate_hz,
            )
        )
    return tuple(found)
