"""A de-esser: it takes from the sharp s and sh of a voice what is louder than its vowels bear, and nothing else.

It is a split-band one: only what lies above ``SPLIT_HZ`` gets softer, and only while that is over a threshold, which is
set against the level that all clips of a voice share. A voice whose s is mild passes bit-exactly.

No small library does this under a licence that Breathmark could take on: pedalboard is GPL, and a compressor of
scipy's filters would cost more to import than this takes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Excess:
    """What is to be taken from one sharp s."""

    first_frame: int
    samples: NDArray[np.float32]


def sibilance(samples: Samples, rate_hz: int, voice: float) -> tuple[Excess, ...]:
    """What is to be taken from ``samples``, shaped ``(n, 1)``, for their sibilance to be soft, in order.

    ``voice`` is the RMS of the voice that speaks them.
    """
    step = round(_STEP_S * rate_hz)
    mono = samples[:, 0]
    threshold = voice * 10 ** (THRESHOLD_DB / 20)
    suspects = _suspects(mono, step, threshold * 4 * np.sin(np.pi * SPLIT_HZ / rate_hz) ** 2)
    if not len(suspects):
        return ()
    found = []
    for first, last in _joined(suspects, -(-len(mono) // step)):
        excess = _excess(mono[first * step : last * step], rate_hz, step, threshold)
        if excess is not None:
            found.append(Excess(first_frame=first * step + excess.first_frame, samples=excess.samples))
    return tuple(found)


def _suspects(mono: NDArray[np.float32], step: int, threshold: float) -> NDArray[np.intp]:
    """The steps in which the second difference, which no vowel is loud in, is over a threshold.

    At the split it multiplies a tone by 4 sin²(pi f / rate), and above it by more: what it misses is not too loud.
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


def _excess(mono: NDArray[np.float32], rate_hz: int, step: int, threshold: float) -> Excess | None:
    """What is to be taken from a stretch: the band, as far as it is too loud; None where it nowhere is."""
    size = 1 << (len(mono) + step - 1).bit_length()
    band = np.fft.irfft(np.fft.rfft(mono, size) * _share(size, rate_hz), size)[: len(mono)]
    padded = np.pad(band, (0, -len(band) % step)).reshape(-1, step)
    level = np.sqrt(np.einsum("ij,ij->i", padded, padded) / step)
    if level.max() <= threshold:
        return None
    over_db = 20 * np.log10(np.maximum(level, 1e-9) / threshold)
    window = np.hanning(_SMOOTH_STEPS + 2)[1:-1]
    cut_db = np.convolve(np.clip(over_db * (1 - _KEPT), 0, MOST_DB), window / window.sum(), "same")
    acts = np.flatnonzero(cut_db > 0)
    begin = max(int(acts[0]) - 1, 0) * step
    at = np.arange(begin, min((int(acts[-1]) + 2) * step, len(mono)))
    curve = np.interp(at, (np.arange(len(cut_db)) + 0.5) * step, cut_db)
    edge = np.minimum(np.minimum(at, len(mono) - 1 - at) / (2 * step), 1)
    excess = band[at[0] : at[-1] + 1] * (1 - 10 ** (-curve / 20)) * edge
    return Excess(first_frame=begin, samples=excess.astype(np.float32))


@lru_cache(maxsize=64)
def _share(size: int, rate_hz: int) -> NDArray[np.float32]:
    """How much of each bin of an FFT belongs to the band."""
    hz = np.fft.rfftfreq(size, 1 / rate_hz)
    rising = np.clip((hz - SPLIT_HZ) / _SLOPE_HZ + 0.5, 0, 1)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * rising), np.float32)
