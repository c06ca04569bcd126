"""Short sounds that fall by chance, thousands of them, each in its own place and reproducible alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from breathmark.synthesis.chance import poisson, uniform
from breathmark.synthesis.source import HOP, RATE_HZ, Floats, HopRange, RandomSource, hops_of

GrainMaker: TypeAlias = Callable[[NDArray[np.int64], "Floats"], Iterator["Floats"]]
"""The numbers of some events, and the hops at which they fall -> the sound of each, of shape (frames, 2)."""

_CELL_S = 2.0
_MOST_IN_A_CELL = 1 << 16
_EAR_DELAY_FRAMES = 24
"""0.54 ms: the longest way around a head."""


def add(out: Floats, grain: Floats, start: int) -> None:
    """Add ``grain`` to ``out`` from frame ``start`` on, as far as it lies inside."""
    first, last = max(0, start), min(len(out), start + len(grain))
    if last > first:
        out[first:last] += grain[first - start : last - start]


def panned(mono: Floats, place: float, width: float = 0.75) -> Floats:
    """``mono`` at ``place`` (-1 left, 1 right) by level at constant power, and by the delay between the ears."""
    angle = np.pi / 4.0 * (1.0 + width * place)
    delay = int(abs(place) * _EAR_DELAY_FRAMES)
    late = (delay if place > 0 else 0, delay if place < 0 else 0)
    out = np.zeros((len(mono) + _EAR_DELAY_FRAMES, 2))
    for channel, gain in enumerate((np.cos(angle), np.sin(angle))):
        out[late[channel] : late[channel] + len(mono), channel] = gain * mono
    return out


def scatter(source: RandomSource, cut: HopRange, rate_hz: float, longest_frames: int, grains: GrainMaker) -> Floats:
    """Events of a Poisson process of ``rate_hz``, none longer than ``longest_frames``: shape (frames, 2)."""
    cell_hops = hops_of(_CELL_S)
    cell_frames = cell_hops * HOP
    out = np.zeros((cut.frames, 2))
    first = int(np.floor((cut.first_frame - longest_frames) / cell_frames))
    last = int(np.ceil((cut.first_frame + cut.frames) / cell_frames))
    for cell in range(first, last):
        events, places = _events(source, cell, rate_hz * cell_frames / RATE_HZ)
        starts = np.rint((cell + places) * cell_frames).astype(np.int64)
        for start, grain in zip(starts, grains(events, (cell + places) * cell_hops), strict=True):
            add(out, grain, int(start) - cut.first_frame)
    return out


def _events(source: RandomSource, cell: int, mean: float) -> tuple[NDArray[np.int64], Floats]:
    count = poisson(mean, cell, source.key("count"))
    events = cell * _MOST_IN_A_CELL + np.arange(count)
    return events, uniform(events, source.key("place"))
