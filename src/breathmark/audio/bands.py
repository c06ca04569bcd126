"""Power of speech in bands of the mel scale, each 10 ms."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.audio.loudness import Samples


ANALYSIS_HZ: Final = 16_000
"""The rate at which recordings are analysed; speech has hardly anything above half of it."""
HOP_S: Final = 0.010
_HOP: Final = round(HOP_S * ANALYSIS_HZ)
_WINDOW: Final = 2 * _HOP
BANDS: Final = 24
_LOWEST_HZ: Final = 100.0
"""Under it are traffic and mains hum, and no consonant."""


def bands(pieces: Iterable[Samples]) -> NDArray[np.float32]:
    """The power in 24 bands, each 10 ms, of a mono recording at ``ANALYSIS_HZ``."""
    rest = np.zeros(_WINDOW - _HOP, np.float32)
    window, filters = np.hanning(_WINDOW).astype(np.float32), _filters()
    found = []
    for piece in pieces:
        samples = np.concatenate([rest, piece.reshape(-1)])
        count = (len(samples) - _WINDOW) // _HOP + 1
        if count > 0:
            frames = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW)[: count * _HOP : _HOP]
            spectrum = np.fft.rfft(frames * window, axis=1)
            power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
            found.append(power @ filters)
            samples = samples[count * _HOP :]
        rest = samples
    return np.concatenate(found) if found else np.zeros((0, BANDS), np.float32)


@lru_cache(maxsize=1)
def _filters() -> NDArray[np.float32]:
    """Triangles, equally wide on the mel scale (O'Shaughnessy 1987: 2595 log10(1 + f/700)): bins by bands."""
    mel_edges = np.linspace(_mel(_LOWEST_HZ), _mel(ANALYSIS_HZ / 2), BANDS + 2)
    edges = 700 * (10 ** (mel_edges / 2595) - 1)
    bins = np.arange(_WINDOW // 2 + 1)[:, None] * ANALYSIS_HZ / _WINDOW
    # A band is at least as wide as the spectrum's resolution, else the lowest would have no bin.
    width = np.maximum(np.diff(edges), ANALYSIS_HZ / _WINDOW)
    rising, falling = (bins - edges[1:-1]) / width[:-1] + 1, (edges[1:-1] - bins) / width[1:] + 1
    weight = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(weight / weight.sum(axis=0) / (3 / 8 * _WINDOW) / _WINDOW, np.float32)


def _mel(hz: float) -> float:
    return float(2595 * np.log10(1 + hz / 700))
