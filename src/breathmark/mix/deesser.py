"""A de-esser: it takes from the sharp s and sh of a voice what is louder than its vowels bear, and nothing else.

It is a split-band one: only what lies above ``SPLIT_HZ`` gets softer, and only while that is over a threshold, which is
set against the level that all clips of a voice share. A voice whose s is mild passes bit-exactly.

No small library does this under a licence that Breathmark could take on: pedalboard is GPL, and a compressor of
scipy's filters would cost more to import than this takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.audio.loudness import Samples


SPLIT_HZ: Final = 4_500.0
"""Where sibilance begins: the energy of s lies from 4.5 kHz up, that of vowels under 3.5 kHz."""
_SLOPE_HZ: Final = 800.0
"""Over so many Hz the split rises from nothing to all."""
THRESHOLD_DB: Final = -6.0
"""The level of the band, over 4 ms, against the voice's."""
_KEPT: Final = 0.3
"""So much of what is over the threshold is left, in dB: a ratio of 3.3 to 1."""
MOST_DB: Final = 6.0
"""So much it takes at most: more than that makes a lisp."""
_STEP_S: Final = 0.004
_SMOOTH_STEPS: Final = 3
"""Its gain moves over 20 ms, before and after: a click is shorter, a syllable longer."""
_AROUND_STEPS: Final = 8
"""So much beside what is over the threshold is filtered with it."""


def deessed(samples: Samples, rate_hz: int, voice: float) -> Samples:
    """``samples``, shaped ``(n, 1)``, with their sibilance softened; the same array where there is none.

    ``voice`` is the RMS of the voice that speaks them.
    """
    step = round(_STEP_S * rate_hz)
    mono = samples[:, 0]
    threshold = voice * 10 ** (THRESHOLD_DB / 20)
    suspects = _suspects(mono, step, threshold)
    if not len(suspects):
        return samples
    softer = samples.copy()
    for first, last in _joined(suspects, -(-len(mono) // step)):
        part = slice(first * step, min(last * step, len(mono)))
        softer[part, 0] -= _excess(mono[part], rate_hz, step, threshold)
    return softer


def _suspects(mono: NDArray[np.float32], step: int, threshold: float) -> NDArray[np.intp]:
    """The steps in which the band could be over the threshold, by the second difference, which no vowel is loud in.

    It lifts what lies above a quarter of the rate or so, and so finds more than there is: what it misses is not over.
    """
    bend = np.diff(mono, 2, prepend=mono[:1], append=mono[-1:])
    whole = bend[: len(bend) // step * step].reshape(-1, step)
    power = np.einsum("ij,ij->i", whole, whole) / step
    return np.flatnonzero(power > threshold**2)


def _joined(suspects: NDArray[np.intp], steps: int) -> list[tuple[int, int]]:
    """Stretches of steps around the suspects, those that touch joined."""
    breaks = np.flatnonzero(np.diff(suspects) > 2 * _AROUND_STEPS) + 1
    return [
        (max(int(part[0]) - _AROUND_STEPS, 0), min(int(part[-1]) + 1 + _AROUND_STEPS, steps))
        for part in np.split(suspects, breaks)
    ]


def _excess(mono: NDArray[np.float32], rate_hz: int, step: int, threshold: float) -> NDArray[np.float32]:
    """What is to be taken from a stretch: the band, as far as it is too loud."""
    size = 1 << (len(mono) + step - 1).bit_length()
    hz = np.fft.rfftfreq(size, 1 / rate_hz)
    share = 0.5 - 0.5 * np.cos(np.pi * np.clip((hz - SPLIT_HZ) / _SLOPE_HZ + 0.5, 0, 1))
    band = np.fft.irfft(np.fft.rfft(mono, size) * share.astype(np.float32), size)[: len(mono)].astype(np.float32)
    padded = np.pad(band, (0, -len(band) % step)).reshape(-1, step)
    level = np.sqrt(np.einsum("ij,ij->i", padded, padded) / step)
    over_db = 20 * np.log10(np.maximum(level, 1e-9) / threshold)
    cut_db = np.clip(over_db * (1 - _KEPT), 0, MOST_DB)
    window = np.hanning(_SMOOTH_STEPS + 2)[1:-1]
    smooth = np.convolve(np.pad(cut_db, _SMOOTH_STEPS // 2), window / window.sum(), "valid")
    centres = (np.arange(len(smooth)) + 0.5) * step
    curve = np.interp(np.arange(len(mono)), centres, smooth)
    edge = np.minimum(np.arange(len(mono)), np.arange(len(mono))[::-1]) / (2 * step)
    return np.asarray(band * (1 - 10 ** (-curve / 20)) * np.minimum(edge, 1), np.float32)
