"""Joining a track to itself: which part of it sounds, where its end meets its beginning, and how they cross-fade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.audio.loudness import EnergyBlocks, Samples


CROSSFADE_S: Final = 4.0
SEARCH_S: Final = 0.05
"""By how much a join may be moved so that the two sides swing alike: a period of the lowest tone that is heard."""
_ALIKE: Final = 0.3
"""The correlation from which on two sides are taken for alike; noises stay below 0.05 over a second."""
_MOST_OPPOSED: Final = -0.5
_FADED_DB: Final = 6.0
"""A beginning or an end that lies so far under the median level is a fade, and is cut off."""
_LONGEST_FADE_S: Final = 20.0
"""A softer beginning that lasts longer is meant so."""
_SILENT_DB: Final = 40.0
_SHORTEST_SILENCE_S: Final = 1.0
_STEPS_PER_S: Final = 10
_FADED_AT_ONCE: Final = 1 << 14
"""Frames: the gains and products of a whole cross-fade would take 20 MB."""
RUMBLE_HZ: Final = 20.0
"""What lies below is taken out, by a filter of second order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seam:
    """Where the end of a track meets its beginning."""

    fade: int
    """The frames of the cross-fade."""
    spare: int
    """How many frames after the cross-fade are left out at the end."""
    correlation: float
    """Of the two sides."""

    @classmethod
    def between(cls, last: Samples, first: Samples) -> Seam:
        """The best seam between the end of a track and ``first``, its beginning.

        ``last`` is longer than ``first`` by the frames by which the seam may move. Where no place makes the sides swing
        alike, it doesn't move.
        """
        fade, search = len(first), len(last) - len(first)
        end, begin = last.mean(axis=1, dtype=np.float64), first.mean(axis=1, dtype=np.float64)
        size = 1 << (len(last) - 1).bit_length()
        product = np.fft.irfft(np.fft.rfft(end, size) * np.conj(np.fft.rfft(begin, size)), size)[: search + 1]
        energy = np.concatenate([[0.0], np.cumsum(end**2)])
        norm = np.sqrt((energy[fade : fade + search + 1] - energy[: search + 1]) * (begin @ begin))
        alike = product / np.maximum(norm, 1e-12)
        place = int(np.argmax(alike)) if alike.max() >= _ALIKE else search
        return cls(fade=fade, spare=search - place, correlation=float(np.clip(alike[place], _MOST_OPPOSED, 1.0)))

    def gains(self, place: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The amplitudes of end and beginning at each ``place`` of the fade (0 to 1); their sum keeps its power."""
        turn = place * np.pi / 2
        # The power of a sum is that of its parts and twice their common one.
        norm = np.sqrt(1 + self.correlation * np.sin(2 * turn))
        return np.cos(turn) / norm, np.sin(turn) / norm

    def crossfaded(self, last: Samples, first: Samples) -> Samples:
        """The cross-fade; ``last`` begins where it does."""
        places, mixed = np.linspace(0, 1, self.fade), np.empty((self.fade, first.shape[1]), np.float32)
        for begin in range(0, self.fade, _FADED_AT_ONCE):
            part = slice(begin, min(begin + _FADED_AT_ONCE, self.fade))
            out, into = self.gains(places[part])
            mixed[part] = last[part] * out[:, None] + first[part] * into[:, None]
        return mixed


def joined(samples: Samples, fade: int, search: int) -> Samples:
    """``samples`` with their end faded into their beginning over ``fade`` frames, so that they loop."""
    if not fade:
        return samples
    end = len(samples) - fade - search
    seam = Seam.between(samples[end:], samples[:fade])
    period = len(samples) - fade - seam.spare
    looped = samples[:period].copy()
    looped[:fade] = seam.crossfaded(samples[period : period + fade], samples[:fade])
    return looped


def sounding(steps: EnergyBlocks) -> tuple[int, int]:
    """The steps of 100 ms between a track's own fades and silent ends: the first, and the one after the last.

    Of a track that is all silence, all of it.
    """
    usual = usual_energy(steps)
    if not usual:
        return 0, len(steps)
    head, tail = _faded(steps, usual), _faded(steps[::-1], usual)
    return (head, len(steps) - tail) if head + tail < len(steps) else (0, len(steps))


def usual_energy(steps: EnergyBlocks) -> float:
    """The median energy of what is not silent; 0 where all is."""
    heard = steps[steps > max(float(steps.max(initial=0.0)) * 1e-6, 1e-12)]
    return float(np.median(heard)) if len(heard) else 0.0


def silences(steps: EnergyBlocks) -> list[tuple[float, float]]:
    """The holes inside a track: where each begins (s), and how long it is."""
    quiet = np.concatenate([[False], steps < usual_energy(steps) * 10 ** (-_SILENT_DB / 10), [False]])
    edges = np.flatnonzero(np.diff(quiet)).reshape(-1, 2) / _STEPS_PER_S
    return [(begin, end - begin) for begin, end in edges.tolist() if end - begin >= _SHORTEST_SILENCE_S]


def without_rumble(loop: Samples, rate_hz: int) -> Samples:
    """A loop without its offset and what lies under hearing; its ends still join, as the filter goes round."""
    spectrum = np.fft.rfft(loop, axis=0)
    frequency_hz = np.maximum(np.fft.rfftfreq(len(loop), 1 / rate_hz), 1e-6)
    spectrum *= (1 / np.sqrt(1 + (RUMBLE_HZ / frequency_hz) ** 4))[:, None].astype(np.float32)
    return np.asarray(np.fft.irfft(spectrum, len(loop), axis=0), np.float32)


def _faded(steps: EnergyBlocks, usual: float) -> int:
    """How many steps at the beginning are a fade or silence."""
    width = min(4, len(steps))
    means = np.convolve(steps, np.ones(width) / width, "valid")
    loud = np.flatnonzero(means >= usual * 10 ** (-_FADED_DB / 10))
    silent = np.flatnonzero(steps > usual * 10 ** (-_SILENT_DB / 10))
    if not len(loud) or loud[0] > _LONGEST_FADE_S * _STEPS_PER_S + silent[0]:
        return int(silent[0]) if len(silent) else 0
    # The first loud 400 ms may still begin with silence.
    begin = int(loud[0])
    return begin + int(np.argmax(steps[begin:] >= usual / 10))
