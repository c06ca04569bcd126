"""Amplitude spectra of painted noise, written the way they are measured: as levels of octave bands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np

from breathmark.synthesis.source import RATE_HZ, Floats

Levels: TypeAlias = "Mapping[float, float]"
"""Hz of an octave band's centre -> its level in dB."""

FRAME = 8192
"""Frames of one painted spectrum (186 ms)."""
FREQUENCIES_HZ: Floats = np.maximum(np.fft.rfftfreq(FRAME, 1 / RATE_HZ), RATE_HZ / FRAME)
"""Of each bin; bin 0 stands at bin 1, so that logarithms stay finite."""


def amplitude(level_db: Floats | float) -> Floats:
    """Decibels as an amplitude ratio."""
    return np.asarray(10.0 ** (np.asarray(level_db) / 20.0), dtype=np.float64)


def octaves(levels: Levels) -> Floats:
    """The gain of each bin that paints octave bands of these levels, in dB relative to an RMS of 1.

    Between the centres the level is interpolated on the logarithm of frequency; a flat line is pink noise.
    """
    centres = np.log2(np.array(list(levels)))
    level_db = np.interp(np.log2(FREQUENCIES_HZ), centres, np.array(list(levels.values())))
    density = RATE_HZ / (2.0 * np.log(2.0) * FREQUENCIES_HZ)
    return np.asarray(amplitude(level_db) * np.sqrt(density), dtype=np.float64)


def high_pass(corner_hz: float, order: int) -> Floats:
    """The response of a Butterworth high-pass."""
    return np.asarray(1.0 / np.sqrt(1.0 + (corner_hz / FREQUENCIES_HZ) ** (2 * order)), dtype=np.float64)


def low_pass(corner_hz: float, order: int) -> Floats:
    """The response of a Butterworth low-pass."""
    return np.asarray(1.0 / np.sqrt(1.0 + (FREQUENCIES_HZ / corner_hz) ** (2 * order)), dtype=np.float64)


def bump(centre_hz: Floats | float, gain_db: float, width_octaves: float) -> Floats:
    """A Gaussian rise of ``gain_db`` around each centre: shape (centres, bins), or (bins,) for one centre.

    Beds stay above a width of a third of an octave: a narrower bump is heard as a whistle.
    """
    distance = np.log2(FREQUENCIES_HZ / np.asarray(centre_hz)[..., np.newaxis])
    return amplitude(gain_db * np.exp(-((distance / width_octaves) ** 2)))


def tilt(exponent: Floats, pivot_hz: float, span_octaves: tuple[float, float] = (-9.0, 9.0)) -> Floats:
    """Brighter where ``exponent`` is above 0, darker below: shape (exponents, bins), 1 at ``pivot_hz``."""
    distance = np.clip(np.log2(FREQUENCIES_HZ / pivot_hz), *span_octaves)
    return np.asarray(np.exp(np.outer(exponent, distance)), dtype=np.float64)
