"""Taper of the voice: speed, level and pitch that fall from the first sentence of a session or a segment to its last.

How far a sentence has fallen depends on its place in the text alone: on how many sentences are before and behind it. So
it is the same in every round of a repeat and at every length. No length changes how a sentence sounds: none needs
another clip, and the lengths of speech, from which a session's length is solved, do not depend on that length in turn.
Sentences are counted, not words or seconds, so that a changed sentence leaves all others as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from breathmark.model import STEADY, Item, Phase, Rounds, Say, Segment, Taper, Utterance, cues, segments_in

SPEED_STEP: Final = 0.02
"""Each speed has its own clips, and a reference passage that its level is measured on: a fall by 0.1 takes six speeds.
Listeners notice a change of tempo from about 5 % on (Quené, J. Phonetics 35(3), 2007)."""
_PITCH_STEP: Final = 0.25
"""In semitones: each pitch has its own clips, too."""
_LEVEL_STEP: Final = 0.1
"""In dB. A level has no clips of its own; this keeps figures short."""
_SLOWEST: Final = 0.5
"""The least speed that a script can ask for."""


def tapered(segments: tuple[Segment, ...], taper: Taper) -> tuple[Segment, ...]:
    """``segments`` with every sentence as far down as it is at its place.

    ``taper`` is that of the session. A segment with one of its own falls by that, from its own voice on.
    """
    if taper == STEADY and not any(segment.taper for segment in segments_in(segments)):
        return segments
    scope = _Fall(taper=taper, last=_sentences(segments) - 1)
    return tuple(scope.segment(segment) for segment in segments)


def _sentences(items: Sequence[Item]) -> int:
    return sum(isinstance(cue, Say) for cue in cues(tuple(items)))


@dataclass(slots=True, kw_only=True)
class _Fall:
    """The session or a segment, on the way through its sentences."""

    taper: Taper
    last: int
    """The number of its last sentence, from 0."""
    place: int = 0
    """The number of the sentence that comes next."""

    def segment(self, segment: Segment) -> Segment:
        """A segment inside it."""
        if segment.taper is None:
            return replace(segment, items=tuple(map(self._item, segment.items)))
        count = _sentences(segment.items)
        self.place += count
        own = _Fall(taper=segment.taper, last=count - 1)
        return replace(segment, items=tuple(map(own._item, segment.items)))

    def _item(self, item: Item) -> Item:
        match item:
            case Say():
                return self._say(item)
            case Phase(cue=Say() as cue):
                return replace(item, cue=self._say(cue))
            case Rounds():
                return replace(item, items=tuple(map(self._item, item.items)))
            case Segment():
                return self.segment(item)
            case _:
                return item

    def _say(self, say: Say) -> Say:
        share = self.place / self.last if self.last else 0.0
        self.place += 1
        return replace(say, utterance=_fallen(say.utterance, self.taper, share))


def _fallen(utterance: Utterance, taper: Taper, share: float) -> Utterance:
    """A sentence with this ``share`` of the fall."""
    return replace(
        utterance,
        speed=max(_SLOWEST, round(utterance.speed - _stepped(taper.speed * share, SPEED_STEP), 4)),
        level_db=round(utterance.level_db - _stepped(taper.level_db * share, _LEVEL_STEP), 4),
        pitch_semitones=-_stepped(taper.pitch_semitones * share, _PITCH_STEP) or 0.0,
    )


def _stepped(fall: float, step: float) -> float:
    """``fall`` in whole steps, rounded half up."""
    return int(fall / step + 0.5 + 1e-9) * step
