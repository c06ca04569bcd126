"""Sines whose amplitudes move: struck bowls and plucked strings, whatever stretch of them is wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from breathmark.synthesis.source import HOP, RATE_HZ, Floats, HopRange

if TYPE_CHECKING:
    from numpy.typing import NDArray


def sines(pitches_hz: Floats, amplitudes: NDArray[np.complex128], cut: HopRange) -> Floats:
    """The sum of sines of these pitches: shape (frames, 2).

    ``amplitudes``, of shape (hops + 1, pitches, 2), are those of each pitch to the left and the right at the edges of
    hops; their angle is the phase against a sine that began at frame 0. Within a hop they move in a line.
    """
    edges = np.arange(cut.hops) + cut.first_hop
    turned = np.exp(2j * np.pi * np.mod(np.outer(edges, pitches_hz * (HOP / RATE_HZ)), 1.0))
    place = np.arange(HOP)
    through = np.exp(2j * np.pi * np.outer(pitches_hz / RATE_HZ, place)).astype(np.complex64)
    rising = (through * (place / HOP)).astype(np.complex64)
    out = np.empty((cut.frames, 2))
    for channel in range(2):
        now = (turned * amplitudes[:-1, :, channel]).astype(np.complex64)
        later = (turned * np.diff(amplitudes[:, :, channel], axis=0)).astype(np.complex64)
        out[:, channel] = ((now @ through).imag + (later @ rising).imag).ravel()
    return out


def panned_gains(pan: float) -> Floats:
    """The gains to the left and the right of a sound at ``pan`` (-1 to 1), at constant power."""
    angle = np.pi / 4.0 * (1.0 + pan)
    return np.array([np.cos(angle), np.sin(angle)])
