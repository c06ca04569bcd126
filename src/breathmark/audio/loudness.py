"""Loudness after ITU-R BS.1770-5, from the K-weighted energy of 100 ms steps.

Energies add: where two sounds are not correlated, the energy of their sum is the sum of their energies, and a gain
``g`` multiplies them by ``g**2``. So a whole session is measured from its parts, without being rendered.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from numpy.typing import NDArray


Samples: TypeAlias = "NDArray[np.float32]"
"""Sound with full scale at ±1: frames, or frames by channels."""
EnergyBlocks: TypeAlias = "NDArray[np.float64]"
"""Energy blocks: the K-weighted mean square of each 100 ms. BS.1770's gating blocks of 400 ms are four of them."""

_OFFSET_LU = -0.691
"""BS.1770-5, annex 1, equation 2: a 0 dBFS sine of 997 Hz in one channel reads -3.01 LKFS."""
_ABSOLUTE_GATE_LUFS = -70.0
_RELATIVE_GATE_LU = -10.0
_MOMENTARY_STEPS = 4
_SHORT_TERM_STEPS = 30
_AT_ONCE = 1 << 16
"""Samples that are filtered by one call of the FFT: for one piece after the other, calling takes as long as filtering;
much more than this leaves the processor's cache. Measured from 2**13 to 2**17."""
_HISTORY_S = 0.04
"""The filter's response has fallen by 70 dB then (both poles of its high-pass decay with 4.2 ms), which is 0.001 LU. So
short pieces stay in the processor's cache, which makes them twice as fast as long ones."""


def step_frames(rate_hz: int) -> int:
    """How many frames a 100 ms step has at ``rate_hz``, rounded half up where it is not a whole number."""
    return (rate_hz + 5) // 10


def energies(samples: Samples, rate_hz: int, *, parts: int = 1, design_hz: int | None = None) -> EnergyBlocks:
    """The K-weighted mean square of each 100 ms, summed over the channels; the last one is filled up with silence.

    ``design_hz`` and ``parts`` as in ``EnergyMeter``.
    """
    meter = EnergyMeter(rate_hz, 1 if samples.ndim == 1 else samples.shape[1], parts=parts, design_hz=design_hz)
    meter.add(samples)
    return meter.finish()


def gated_lufs(samples: Samples, rate_hz: int) -> float:
    """The gated loudness of ``samples``, shaped ``(n,)`` or ``(n, channels)``; -inf where all of it is gated out."""
    meter = EnergyMeter(rate_hz, 1 if samples.ndim == 1 else samples.shape[1])
    meter.add(samples)
    return gated(meter.steps())


def momentary(steps: EnergyBlocks) -> EnergyBlocks:
    """The loudness (LUFS) of each 400 ms, every 100 ms; shorter by 3 than ``steps``."""
    return _moving(steps, _MOMENTARY_STEPS)


def short_term(steps: EnergyBlocks) -> EnergyBlocks:
    """The loudness (LUFS) of each 3 s, every 100 ms (EBU Tech 3341); shorter by 29 than ``steps``."""
    return _moving(steps, _SHORT_TERM_STEPS)


def relative_gate(steps: EnergyBlocks) -> float:
    """The second gate (LUFS): 10 LU under the mean of the blocks over -70 LUFS; -inf where no block is."""
    return _relative_gate(_heard(steps))


def gated(steps: EnergyBlocks) -> float:
    """The gated loudness (LUFS) of what ``steps`` are the energies of; -inf where all of it is gated out."""
    heard = _heard(steps)
    heard = heard[heard > _relative_gate(heard)]
    return _mean(heard) if len(heard) else -math.inf


def _heard(steps: EnergyBlocks) -> EnergyBlocks:
    """The gating blocks that pass the first gate (LUFS)."""
    blocks = momentary(steps)
    return blocks[blocks > _ABSOLUTE_GATE_LUFS]


def _relative_gate(heard: EnergyBlocks) -> float:
    return _mean(heard) + _RELATIVE_GATE_LU if len(heard) else -math.inf


class EnergyMeter:
    """Takes sound in pieces of any length and keeps nothing but the energy of each 100 ms.

    ``design_hz`` is the rate for which the filter is designed (the rate of the finished file); by default that of the
    samples. A clip at its engine's own rate so reads what it will read once it has been resampled.

    With ``parts`` each 100 ms is measured in so many parts of whole frames; their means are those of the steps.
    """

    def __init__(self, rate_hz: int, channels: int, *, parts: int = 1, design_hz: int | None = None) -> None:
        self._step = step_frames(rate_hz) // parts
        history = int(_HISTORY_S * rate_hz)
        self._size = 1 << (4 * history - 1).bit_length()
        self._at_once = max(_AT_ONCE // (self._size * channels), 1)
        self._response = _response(rate_hz, self._size, design_hz or rate_hz)
        self._before: Samples = np.zeros((channels, history), np.float32)
        self._rest: Samples = np.zeros(0, np.float32)
        self._sums: list[EnergyBlocks] = []

    def follow(self, samples: Samples) -> None:
        """Take ``samples`` for what sounded before the count begins: the end of a loop, before its beginning."""
        channels, history = self._before.shape
        self._before = np.concatenate([self._before, samples.reshape(-1, channels).T], axis=1)[:, -history:].copy()

    def add(self, samples: Samples) -> None:
        """Measure the next ``samples``, shaped ``(n,)`` or ``(n, channels)``."""
        channels, history = self._before.shape
        planes = samples.reshape(-1, channels).T
        at_once = self._at_once * (self._size - history)
        for first in range(0, planes.shape[1], at_once):
            self._filter(planes[:, first : first + at_once])

    def _filter(self, planes: Samples) -> None:
        """Measure the next samples, shaped ``(channels, n)``."""
        history, frames = self._before.shape[1], planes.shape[1]
        hop = self._size - history
        rest = np.zeros((len(planes), -frames % hop), np.float32)
        planes = np.concatenate([self._before, planes, rest], axis=1)
        spectrum = np.fft.rfft(sliding_window_view(planes, self._size, axis=1)[:, ::hop])
        spectrum *= self._response
        weighted = np.fft.irfft(spectrum, self._size)[..., history:]
        self._keep(np.einsum("cpn,cpn->pn", weighted, weighted).ravel()[:frames])
        self._before = planes[:, frames : frames + history].copy()

    def steps(self) -> EnergyBlocks:
        """The energies of the whole steps so far."""
        return np.concatenate(self._sums) if self._sums else np.zeros(0)

    def finish(self) -> EnergyBlocks:
        """The energies of all steps, the last one filled up with silence."""
        self._keep(np.zeros(-len(self._rest) % self._step, np.float32))
        return self.steps()

    def _keep(self, power: Samples) -> None:
        power = np.concatenate([self._rest, power]).astype(np.float32, copy=False)
        whole = len(power) // self._step * self._step
        self._sums.append(power[:whole].reshape(-1, self._step).sum(axis=1, dtype=np.float64) / self._step)
        self._rest = power[whole:]


@lru_cache(maxsize=8)
def _response(rate_hz: int, size: int, design_hz: int) -> NDArray[np.complex64]:
    """The K-weighting's frequency response at the bins of a real FFT of ``size`` points."""
    turn = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size * rate_hz / design_hz)
    response = np.ones(size // 2 + 1, complex)
    for (b0, b1, b2), (a0, a1, a2) in _stages(design_hz):
        response *= (b0 + b1 * turn + b2 * turn**2) / (a0 + a1 * turn + a2 * turn**2)
    return response.astype(np.complex64)


def _stages(rate_hz: int) -> tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]:
    """The two biquads of BS.1770-5, annex 1, at any rate, as ``(b, a)``.

    The recommendation tabulates them for 48 kHz only. The analogue prototypes behind the table, found by inverting its
    bilinear transform, are those of libebur128 (``ebur128.c: ebur128_init_filter``), which gives the table at 48 kHz.
    """
    k, q, gain = math.tan(math.pi * 1681.974450955533 / rate_hz), 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    band = gain**0.4996667741545416
    shelf_b = (gain + band * k / q + k * k, 2 * (k * k - gain), gain - band * k / q + k * k)
    shelf_a = (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k)
    k, q = math.tan(math.pi * 38.13547087602444 / rate_hz), 0.5003270373238773
    high_a = (1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k)
    # The recommendation's high-pass has the numerator 1, -2, 1 over a denominator that starts at 1.
    high_b = (high_a[0], -2 * high_a[0], high_a[0])
    return (shelf_b, shelf_a), (high_b, high_a)


def _moving(steps: EnergyBlocks, width: int) -> EnergyBlocks:
    if len(steps) < width:
        return np.zeros(0)
    sums = np.zeros(len(steps) + 1)
    np.cumsum(steps, out=sums[1:])
    # In place: eight hours are megabytes, and several of them would be much of the memory of a render.
    level = sums[width:] - sums[:-width]
    np.maximum(level, 0.0, out=level)
    level /= width
    level += 1e-30
    np.log10(level, out=level)
    level *= 10
    level += _OFFSET_LU
    return level


def _mean(blocks: EnergyBlocks) -> float:
    """The loudness of the mean energy of ``blocks`` (LUFS)."""
    energy = blocks / 10
    np.power(10, energy, out=energy)
    return float(10 * np.log10(np.mean(energy)))
