"""What a synthesised sound is (a seed and a period), and which stretch of it is wanted.

All synthesis counts time in hops of 2048 frames. A sound is endless and can be entered anywhere; a loop is the
same sound with every index taken modulo its period, so that it has no seam.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from sounds.chance import stream

__all__ = ["HOP", "LOOP_FRAMES", "LOOP_HOPS", "RATE_HZ", "Cut", "Floats", "Source", "hops_of", "wrap"]

Floats: TypeAlias = NDArray[np.float64]
Index = TypeVar("Index", int, NDArray[np.int64])

RATE_HZ = 44_100
HOP = 2048
"""Frames from one painted frame to the next (46 ms)."""
LOOP_HOPS = 2592
"""The period of the shipped loops: 162 long frames of 16 hops, 120.37 s."""
LOOP_FRAMES = LOOP_HOPS * HOP


def hops_of(seconds: float) -> float:
    """Seconds as hops."""
    return seconds * RATE_HZ / HOP


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
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
class Source:
    """A sound by itself, whichever stretch of it is rendered."""

    seed: int
    loop_hops: int | None
    """The period; None for a sound that never comes round. A multiple of 16 wherever harmonic bands sound."""
    path: tuple[str, ...] = ()
    """Which part of the sound this is; parts with different paths are independent."""

    def layer(self, name: str) -> Source:
        """A part of this sound with random numbers of its own."""
        return Source(seed=self.seed, loop_hops=self.loop_hops, path=(*self.path, name))

    def key(self, name: str) -> int:
        """The key of the stream of random numbers called ``name``."""
        return stream(self.seed, *self.path, name)

    def divide(self, period_s: float) -> tuple[float, int | None]:
        """The hops between knots about ``period_s`` apart, and how many knots make a round (None: endless)."""
        period = hops_of(period_s)
        if self.loop_hops is None:
            return period, None
        knots = max(4, round(self.loop_hops / period))
        return self.loop_hops / knots, knots


def wrap(index: Index, count: int | None) -> Index:
    """``index`` modulo ``count``, or as it is where the sound is endless."""
    return index if count is None else index % count
