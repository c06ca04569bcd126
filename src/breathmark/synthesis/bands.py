"""Bands of harmonics: narrow noise around the partials of a chord, which lives without ever repeating.

Detuned sines would do the same in appearance, but beat with a period that is heard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from breathmark.synthesis.chance import spectra
from breathmark.synthesis.paint import window
from breathmark.synthesis.source import HOP, RATE_HZ, Floats, HopRange, RandomSource

if TYPE_CHECKING:
    from numpy.typing import NDArray

Curve: TypeAlias = Callable[[Floats], Floats]
"""Hops -> a value at each."""
Partials: TypeAlias = "Sequence[tuple[float, float]]"
"""Hz and RMS of each."""

_FRAME = 131_072
"""3 s: fine enough to draw a band a quarter of a hertz wide."""
_LONG_HOP = _FRAME // 4
_HOPS = _LONG_HOP // HOP
_FREQUENCIES_HZ = np.fft.rfftfreq(_FRAME, 1 / RATE_HZ)
_COMMON_IN_BASS = 0.92


@dataclass(frozen=True, slots=True, kw_only=True)
class BandVoice:
    """Partials that swell and wander together."""

    name: str
    spectrum: Floats
    level: Curve
    """Amplitude over time."""
    pan: Curve
    """From -1 (left) to 1 over time."""
    bins: NDArray[np.int64] = field(init=False)
    """Where the spectrum is not 0."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "bins", np.flatnonzero(self.spectrum))


def spectrum(partials: Partials, width_cents: float, width_hz: float) -> Floats:
    """The gain of each bin that draws every partial as a Gaussian band of its RMS; widths are standard deviations."""
    power = np.zeros(len(_FREQUENCIES_HZ))
    for pitch_hz, rms in partials:
        width = np.hypot(width_hz, pitch_hz * (2.0 ** (width_cents / 1200.0) - 1.0))
        reach_hz = 6.0 * width + 1.0
        near = slice(*np.searchsorted(_FREQUENCIES_HZ, [pitch_hz - reach_hz, pitch_hz + reach_hz]))
        bell = np.exp(-0.5 * ((_FREQUENCIES_HZ[near] - pitch_hz) / width) ** 2)
        power[near] += rms**2 * bell / bell.sum()
    return np.sqrt(power * (_FRAME / 2))


def harmonic_bands(voices: Sequence[BandVoice], source: RandomSource, cut: HopRange, common_in_treble: float) -> Floats:
    """All the voices together: shape (frames, 2).

    Left and right share most of their power in the bass, and ``common_in_treble`` of it from about 600 Hz on.
    """
    first, last = cut.first_hop // _HOPS - 3, -(-(cut.first_hop + cut.hops) // _HOPS)
    out = np.zeros((2, (last - first) * _LONG_HOP + _FRAME), dtype=np.float32)
    shape = (window(_FRAME) * np.sqrt(_FRAME / 2)).astype(np.float32)
    for number in range(first, last):
        drawn = np.zeros((2, len(_FREQUENCIES_HZ)), dtype=np.complex64)
        for voice in voices:
            _draw(voice, source, number, common_in_treble, drawn)
        place = (number - first) * _LONG_HOP
        out[:, place : place + _FRAME] += np.fft.irfft(drawn, _FRAME, axis=-1) * shape
    start = cut.first_frame - first * _LONG_HOP
    return out[:, start : start + cut.frames].T.astype(np.float64)


def _draw(voice: BandVoice, source: RandomSource, number: int, treble: float, drawn: NDArray[np.complex64]) -> None:
    """Add one frame of ``voice`` to ``drawn``."""
    bins = voice.bins
    common, left, right = spectra(3 * number + np.arange(3), len(bins), source.key(voice.name))
    fall = (_COMMON_IN_BASS - treble) * np.log2(np.maximum(_FREQUENCIES_HZ[bins], 110.0) / 110.0) / 2.5
    share = np.clip(_COMMON_IN_BASS - fall, treble, _COMMON_IN_BASS)
    middle = np.array([number * _HOPS + 2.0 * _HOPS])
    angle = np.pi / 4.0 * (1.0 + np.clip(voice.pan(middle)[0], -1.0, 1.0))
    gain = voice.spectrum[bins] * voice.level(middle)[0] * np.sqrt(2.0)
    drawn[0, bins] += gain * np.cos(angle) * (np.sqrt(share) * common + np.sqrt(1.0 - share) * left)
    drawn[1, bins] += gain * np.sin(angle) * (np.sqrt(share) * common + np.sqrt(1.0 - share) * right)
