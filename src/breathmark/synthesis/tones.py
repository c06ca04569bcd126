"""Steady tones: the still centre of a chord, to which the bands around it give life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from breathmark.synthesis.chance import uniform
from breathmark.synthesis.lattice import lattice
from breathmark.synthesis.source import HOP, RATE_HZ, Floats, HopRange, RandomSource
from breathmark.synthesis.spectrum import amplitude

_SWELL_DB, _SWELL_S, _WANDER, _WANDER_S = 0.6, 14.0, 0.25, 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """One sine."""

    pitch_hz: float
    rms: float
    """In each channel, where it stands in the middle."""
    pan: float
    """From -1 (left) to 1."""


def steady_tones(tones: Sequence[Tone], source: RandomSource, cut: HopRange) -> Floats:
    """Sines that swell a little and hardly wander: shape (frames, 2)."""
    inside = np.arange(HOP)
    moments = np.arange(cut.hops + 1, dtype=np.float64) + cut.first_hop
    out = np.zeros((cut.hops, HOP, 2))
    for number, tone in enumerate(tones):
        layer = source.layer(f"tone {number}")
        # The phase at the start of each hop, and one turn of the sine through a hop: their product is the sine.
        starts = np.mod(tone.pitch_hz * HOP / RATE_HZ * moments[:-1], 1.0) + uniform(number, source.key("phase"))[0]
        through = np.exp(2j * np.pi * tone.pitch_hz / RATE_HZ * inside)
        sine = 2.0 * tone.rms * np.outer(np.exp(2j * np.pi * starts), through).imag
        swell = amplitude(_SWELL_DB * lattice(layer, "level", moments, _SWELL_S))
        place = np.clip(tone.pan + _WANDER * lattice(layer, "pan", moments, _WANDER_S), -1.0, 1.0)
        angle = np.pi / 4.0 * (1.0 + place)
        for channel, share in enumerate((np.cos(angle), np.sin(angle))):
            gain = swell * share
            out[:, :, channel] += sine * (gain[:-1, np.newaxis] + np.outer(np.diff(gain), inside / HOP))
    return out.reshape(-1, 2)
