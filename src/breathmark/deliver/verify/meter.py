"""Loudness and true peak by libebur128, which shares nothing with the renderer's own meter."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.errors import RequestError

if TYPE_CHECKING:
    from breathmark.deliver.verify.decoding import Piece

__all__ = ["FLOOR_LUFS", "Meter"]

FLOOR_LUFS: Final = -70.0
"""Under it nothing counts (ITU-R BS.1770)."""


class Meter:
    """Takes sound in pieces and keeps the loudness of its gating blocks.

    Raises:
        RequestError: pyebur128 is not installed.
    """

    def __init__(self, channels: int, rate_hz: int, *, true_peak: bool = False) -> None:
        try:
            import pyebur128  # noqa: PLC0415 - where it has no wheel, only what measures needs it
        except ImportError as error:
            raise RequestError(
                "verifying needs pyebur128, which has no wheel for this Python",
                'with a C compiler: pip install "breathmark[verify]"; or use Python 3.11 or 3.12',
            ) from error
        modes = pyebur128.MeasurementMode
        self._library = pyebur128
        self._channels = channels
        mode = modes.MODE_I | modes.MODE_TRUE_PEAK if true_peak else modes.MODE_I
        self._state = pyebur128.R128State(channels, rate_hz, mode)

    def add(self, piece: Piece) -> None:
        """Measure the next piece."""
        if len(piece):
            self._state.add_frames(np.ascontiguousarray(piece).ravel(), len(piece))

    @property
    def lufs(self) -> float:
        """The gated loudness so far; -70 where nothing is heard."""
        return max(float(self._library.get_loudness_global(self._state)), FLOOR_LUFS)

    @property
    def true_peak_dbtp(self) -> float:
        """The highest true peak so far; -120 where nothing is heard."""
        peaks = [float(self._library.get_true_peak(self._state, channel)) for channel in range(self._channels)]
        return 20 * math.log10(max(*peaks, 1e-6))
