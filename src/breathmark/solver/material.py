"""Solver input besides the script: how long everything sounds, in frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from breathmark.base.times import whole_frames

if TYPE_CHECKING:
    from collections.abc import Mapping

    from breathmark.model import Utterance


HEAD_S = 1.0
"""The head, before the first cue: the ambience fades in alone."""
TAIL_S = 4.0
"""The minimal tail, after the last cue and its rests: the fade-out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The lengths of everything that sounds, measured."""

    clip_frames: Mapping[Utterance, int]
    """How long each sentence is, in frames; every utterance of the script is in it."""
    bell_frames: Mapping[str, int]
    """How long each bell rings, in frames, by name."""
    rate_hz: int
    """Frames a second."""

    def frames(self, seconds: float) -> int:
        """``seconds`` in whole frames."""
        return whole_frames(seconds, self.rate_hz)

    @property
    def head(self) -> int:
        """The head, in frames."""
        return self.frames(HEAD_S)

    @property
    def tail(self) -> int:
        """The shortest tail, in frames."""
        return self.frames(TAIL_S)
