"""Quantisation with dither: from floating point to the integers that an encoder takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.audio.loudness import Samples


_SEED = 1_770
_TABLE = 1 << 20
"""Values of dither that are made once; each block reads them from another place (several seconds of sound)."""


class Quantiser:
    """Rounds to 16 bits with dither, or to 24 bits (in the upper bytes of 32) without. It never clips a legal sample.

    The dither is triangular, of ±1 step: with it, rounding errors are noise of constant power and never a distortion
    (Lipshitz, Wannamaker and Vanderkooy, "Quantization and Dither: A Theoretical Survey", JAES 40(5), 1992).
    It is seeded: the same sound gives the same bytes. Digital silence stays digital silence.
    """

    def __init__(self, sample_width: Literal[2, 3]) -> None:
        self._bits = 8 * sample_width
        # The raw stream of a bit generator is promised not to change between versions of NumPy (NEP 19).
        self._generator = np.random.PCG64(_SEED)
        words = self._generator.random_raw(_TABLE if sample_width == 2 else 0)
        halves = words.astype("<u8", copy=False).view("<u4").reshape(-1, 2)
        self._dither = np.subtract(halves[:, 1], halves[:, 0], dtype=np.int64).astype(np.float32)
        self._dither /= np.float32(2**32)

    @property
    def bytes_per_sample(self) -> int:
        """How many bytes each sample has: 2, or 4 where 24 bits count."""
        return 2 if self._bits == 16 else 4

    def __call__(self, samples: Samples) -> bytes:
        """``samples``, shaped ``(n, channels)``, as interleaved little-endian integers."""
        largest = (1 << (self._bits - 1)) - 1
        if self._bits == 24:
            exact = np.rint(samples.astype(np.float64) * (largest + 1))
            return (np.clip(exact, -largest - 1, largest).astype("<i4") << 8).tobytes()
        scaled = samples * np.float32(largest + 1)
        self._add_dither(scaled, silent=samples == 0)
        np.clip(np.rint(scaled, out=scaled), -largest - 1, largest, out=scaled)
        return scaled.astype("<i2").tobytes()

    def _add_dither(self, scaled: Samples, *, silent: NDArray[np.bool_]) -> None:
        """Add dither to ``scaled`` in place, but for what is ``silent``."""
        start = int(self._generator.random_raw()) % (_TABLE - scaled.size)
        noise = self._dither[start : start + scaled.size].reshape(scaled.shape)
        np.add(scaled, noise, out=scaled, where=~silent if silent.any() else True)
