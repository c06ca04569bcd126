"""The space around a sound: a diffuse tail, its treble dying first."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from breathmark.synthesis.chance import normal, stream
from breathmark.synthesis.source import RATE_HZ, Floats

_BANDS = ((150.0, 900.0, 1.0), (900.0, 2500.0, 0.85), (2500.0, 5200.0, 0.6), (5200.0, 12000.0, 0.35))
"""Lower and upper Hz, share of the reverberation time: air and leaves take the treble."""
_ONSET_S = 0.012
_SIXTY_DB = np.log(1000.0)


def diffuse(dry: Floats, key: int, reverberation_s: float) -> Floats:
    """The tail that ``dry`` (mono) leaves in a space: shape (frames, 2), longer than ``dry`` by the tail.

    The tail has unit energy in each channel, so that white noise comes out as loud as it went in.
    """
    tail = _tail(key, reverberation_s)
    frames = len(dry) + len(tail)
    size = 1 << (frames - 1).bit_length()
    spectrum = np.fft.rfft(dry, size)[:, np.newaxis] * np.fft.rfft(tail, size, axis=0)
    return np.asarray(np.fft.irfft(spectrum, size, axis=0)[:frames], dtype=np.float64)


@lru_cache(maxsize=16)
def _tail(key: int, reverberation_s: float) -> Floats:
    frames = int(1.1 * reverberation_s * RATE_HZ)
    time_s = np.arange(frames)[:, np.newaxis] / RATE_HZ
    frequency_hz = np.maximum(np.fft.rfftfreq(frames, 1 / RATE_HZ), 1.0)[:, np.newaxis]
    noise = np.fft.rfft(normal(np.arange(2 * frames), stream(key, "tail")).reshape(frames, 2), axis=0)
    tail = np.zeros((frames, 2))
    for low_hz, high_hz, share in _BANDS:
        band = 1.0 / ((1.0 + (low_hz / frequency_hz) ** 6) * (1.0 + (frequency_hz / high_hz) ** 6))
        tail += np.fft.irfft(noise * band, frames, axis=0) * np.exp(-_SIXTY_DB * time_s / (reverberation_s * share))
    tail *= np.minimum(1.0, time_s / _ONSET_S) * np.minimum(1.0, (frames / RATE_HZ - time_s) / 0.05)
    return np.asarray(tail / np.sqrt(np.sum(tail**2, axis=0)), dtype=np.float64)
