"""Steady tones: the still centre of a chord, to which the bands around it give life."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sounds.chance import uniform
from sounds.lattice import lattice
from sounds.source import HOP, RATE_HZ
from sounds.spectrum import amplitude

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sounds.source import Cut, Floats, Source

__all__ = ["Tone", "steady_tones"]

_SWELL_DB, _SWELL_S, _WANDER, _WANDER_S = 0.6, 14.0, 0.25, 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """One sine."""

    pitch_hz: float
    rms: float
    """In each channel, where it stands in the middle."""
    pan: float
    """From -1 (left) to 1."""


def steady_tones(tones: Sequence[Tone], source: Source, cut: Cut) -> Floats:
    """Sines that swell a little and hardly wander: shape (frames, 2). In a loop each fits a whole number of times."""
    frames = np.arange(cut.frames)
    hops = np.arange(cut.hops + 1, dtype=np.float64)
    moments = hops + cut.first_hop
    out = np.zeros((cut.frames, 2))
    for number, tone in enumerate(tones):
        layer = source.layer(f"tone {number}")
        turns = np.mod(_pitch_hz(tone, source) / RATE_HZ * (frames + cut.first_frame), 1.0)
        sine = 2.0 * tone.rms * np.sin(2.0 * np.pi * (turns + uniform(number, source.key("phase"))[0]))
        swell = amplitude(_SWELL_DB * lattice(layer, "level", moments, _SWELL_S))
        place = np.clip(tone.pan + _WANDER * lattice(layer, "pan", moments, _WANDER_S), -1.0, 1.0)
        angle = np.pi / 4.0 * (1.0 + place)
        for channel, share in enumerate((np.cos(angle), np.sin(angle))):
            out[:, channel] += sine * np.interp(frames / HOP, hops, swell * share)
    return out


def _pitch_hz(tone: Tone, source: Source) -> float:
    if source.loop_hops is None:
        return tone.pitch_hz
    loop_s = source.loop_hops * HOP / RATE_HZ
    return max(1, round(tone.pitch_hz * loop_s)) / loop_s
