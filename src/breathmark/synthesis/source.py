"""What a synthesised sound is (a seed), and which stretch of it is wanted.

All synthesis counts time in hops of 2048 frames. A sound is endless and can be entered anywhere: everything in it is a
function of the seed and of time, so that two stretches agree wherever they overlap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from breathmark.synthesis.chance import stream

Floats: TypeAlias = NDArray[np.float64]

RATE_HZ = 44_100
HOP = 2048
"""Frames from one painted frame to the next (46 ms)."""


def hops_of(seconds: float) -> float:
    """Seconds as hops."""
    return seconds * RATE_HZ / HOP


@dataclass(frozen=True, slots=True, kw_only=True)
class HopRange:
    """A stretch of a sound; two cuts agree wherever they overlap."""

    first_hop: int
    """May be negative: sounds have no beginning."""
    hops: int

    @property
    def first_frame(self) -> int:
        """Where the cut starts, in frames."""
        return self.first_hop * HOP

    @property
    def frames(self) -> int:
        """How long the cut is, in frames."""
        return self.hops * HOP


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomSource:
    """A sound by itself, whichever stretch of it is rendered."""

    seed: int
    path: tuple[str, ...] = ()
    """Which part of the sound this is; parts with different paths are independent."""

    def layer(self, name: str) -> RandomSource:
        """A part of this sound with random numbers of its own."""
        return RandomSource(seed=self.seed, path=(*self.path, name))

    def key(self, name: str) -> int:
        """The key of the stream of random numbers called ``name``."""
        return stream(self.seed, *self.path, name)
