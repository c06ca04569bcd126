"""Random numbers without state: each is a function of a key and an index.

NumPy promises its generators' streams for no longer than one version, and a generator can't be entered in the
middle. Here a 64-bit hash of key and index is drawn instead (the output function of SplitMix64: Steele, Lea and
Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014), shaped by Box and Muller's transform.
"""

from __future__ import annotations

import hashlib
import math
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_GOLDEN = 0x9E3779B97F4A7C15
_FACTOR, _OTHER_FACTOR = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_FACTORS = (np.uint64(_FACTOR), np.uint64(_OTHER_FACTOR))
_SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
_HALF_WORD = np.uint64(32)
_LOW_WORD = np.uint64(0xFFFFFFFF)
_WORD = (1 << 64) - 1


def stream(seed: int, *path: str | int) -> int:
    """The key of the stream that belongs to ``path`` under ``seed``, 64 bits wide."""
    name = "/".join(str(part) for part in (seed, *path))
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def _scramble(word: NDArray[np.uint64]) -> NDArray[np.uint64]:
    for shift, factor in zip(_SHIFTS, _FACTORS, strict=False):
        word = (word ^ (word >> shift)) * factor
    return word ^ (word >> _SHIFTS[-1])


def _words(index: ArrayLike, key: int) -> NDArray[np.uint64]:
    """A 64-bit word for each index."""
    counter = np.atleast_1d(np.asarray(index, dtype=np.int64)).view(np.uint64)
    start = _scramble(np.array([key], dtype=np.uint64))
    return _scramble(counter * np.uint64(_GOLDEN) + start)


def _halves(index: ArrayLike, key: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Two independent 32-bit words for each index."""
    word = _words(index, key)
    return word >> _HALF_WORD, word & _LOW_WORD


def uniform(index: ArrayLike, key: int) -> NDArray[np.float64]:
    """One number in (0, 1) for each index; a scalar index gives an array of one."""
    high, low = _halves(index, key)
    return (high.astype(np.float64) * 2.0**32 + low.astype(np.float64) + 0.5) * 2.0**-64


def normal(index: ArrayLike, key: int) -> NDArray[np.float64]:
    """One number of a standard normal distribution for each index (Box and Muller 1958)."""
    return _box_muller(_words(index, key))


def _box_muller(word: NDArray[np.uint64]) -> NDArray[np.float64]:
    high, low = word >> _HALF_WORD, word & _LOW_WORD
    radius = np.sqrt(-2.0 * np.log((high.astype(np.float64) + 0.5) * 2.0**-32))
    return np.asarray(radius * np.cos(low.astype(np.float64) * (2.0 * np.pi * 2.0**-32)), dtype=np.float64)


def complex_normal(index: ArrayLike, key: int) -> NDArray[np.complex64]:
    """One complex number for each index, real and imaginary part standard normal; single precision for speed."""
    high, low = _halves(index, key)
    radius = np.sqrt(np.float32(-2.0) * np.log((high.astype(np.float32) + np.float32(0.5)) * np.float32(2.0**-32)))
    angle = low.astype(np.float32) * np.float32(2.0 * np.pi * 2.0**-32)
    out = np.empty(radius.shape, dtype=np.complex64)
    out.real = radius * np.cos(angle)
    out.imag = radius * np.sin(angle)
    return out


_TABLE = 1 << 17
_LONGEST = 1 << 13
"""How many complex numbers the table of ``spectra`` has, and how many of them are taken at once: 1 MB, which stays in
the processor's cache."""


@cache
def _table() -> NDArray[np.complex64]:
    """The table, its first numbers again at its end."""
    table = complex_normal(np.arange(_TABLE), stream(0, "table"))
    return np.concatenate([table, table[:_LONGEST]])


def spectra(index: NDArray[np.int64], bins: int, key: int) -> NDArray[np.complex64]:
    """``bins`` complex normal numbers for each index: shape (indices, bins).

    Each is a stretch of one table that begins at random. Two of them hardly ever begin at the same place, and what
    begins at another is shifted in frequency: no alikeness is left. It is 20 times as fast as drawing each number.
    """
    starts = (uniform(index, key) * _TABLE).astype(np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(_table(), bins)
    return np.asarray(windows[starts], dtype=np.complex64)


def poisson(mean: float, index: int, key: int) -> int:
    """One count of a Poisson distribution, by inversion; for means up to some hundreds."""
    counts = np.arange(1, int(mean + 12.0 * np.sqrt(mean) + 20.0))
    log_chance = np.concatenate([[0.0], np.cumsum(np.log(mean / counts))]) - mean
    return int(np.searchsorted(np.cumsum(np.exp(log_chance)), uniform(index, key)[0]))


class Dice:
    """Numbers drawn one after another, for things with many random properties, such as a bird's motif.

    The same hash as that of the arrays, in Python's own numbers, which are faster one by one.
    """

    def __init__(self, key: int, index: int) -> None:
        self._start = _scrambled(stream(key, index))
        self._drawn = 0

    def _word(self) -> int:
        self._drawn += 1
        return _scrambled(self._drawn * _GOLDEN + self._start)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """A number between ``low`` and ``high``."""
        word = self._word()
        return low + (high - low) * ((word >> 32) * 2.0**32 + (word & 0xFFFFFFFF) + 0.5) * 2.0**-64

    def normal(self) -> float:
        """A number of a standard normal distribution."""
        word = self._word()
        radius = math.sqrt(-2.0 * math.log(((word >> 32) + 0.5) * 2.0**-32))
        return radius * math.cos((word & 0xFFFFFFFF) * (2.0 * math.pi * 2.0**-32))

    def normals(self, count: int) -> NDArray[np.float64]:
        """As many of them as an array: the numbers that ``normal`` would draw one after another."""
        drawn = np.arange(self._drawn + 1, self._drawn + count + 1, dtype=np.uint64)
        self._drawn += count
        return _box_muller(_scramble(drawn * np.uint64(_GOLDEN) + np.uint64(self._start)))

    def whole(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return min(high, low + int(self.uniform() * (high - low + 1)))

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self.uniform() < probability


def _scrambled(word: int) -> int:
    """``_scramble`` of one number."""
    word &= _WORD
    word = (word ^ (word >> 30)) * _FACTOR & _WORD
    word = (word ^ (word >> 27)) * _OTHER_FACTOR & _WORD
    return word ^ (word >> 31)
