"""Measurements of a file: everything that is measured of its sound, in one pass, a piece at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.verification.decoding import Decoding, Meter, Piece
from breathmark.verification.faults import ClickFinder, ClipFinder

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.verification.container import Container
    from breathmark.verification.places import Spans


SILENT_DB: Final = -120.0
"""The level of digital silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelCurve:
    """The level of a file in each 100 ms."""

    rms_db: NDArray[np.float32]
    """Over all channels, against a full scale of ±1."""
    block_frames: int

    def at(self, frame: int) -> int:
        """The block that ``frame`` lies in, or the last one."""
        return min(frame // self.block_frames, max(len(self.rms_db) - 1, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurements:
    """Everything that was measured of one file."""

    frames: int
    fault: str
    """What the decoder complained of; empty where it reported nothing."""
    whole_lufs: float
    voice_lufs: float | None
    """Of what lies inside of the sentences; None where it isn't known where these are."""
    background_lufs: float | None
    """Of the short rests between sentences, where no bell rings; None as above, or where there are none."""
    true_peak_dbtp: float
    rms_db: float
    """Of the whole file, against a full scale of ±1, over all channels."""
    levels: LevelCurve
    clipped_s: tuple[float, ...]
    """When samples are cut off."""
    clicks_s: tuple[float, ...]


def measure(
    path: Path, container: Container, voice: Spans | None, background: Spans | None, progress: Callable[[int], None]
) -> Measurements:
    """Decode ``path`` and measure it; ``progress`` is called with the frames that are done.

    Raises:
        AssetError: there is no ffmpeg.
        RequestError: there is no libebur128.
    """
    decoding = Decoding(path, container.channels)
    meters = _Meters(container, voice, background)
    with closing(decoding.pieces()) as pieces:
        for piece in pieces:
            meters.add(piece)
            progress(meters.frames)
    return meters.measurements(decoding.fault)


class _Meters:
    """All meters that a file is measured with."""

    def __init__(self, container: Container, voice: Spans | None, background: Spans | None) -> None:
        rate_hz, channels = container.rate_hz, container.channels
        self.frames = 0
        self._rate_hz, self._channels = rate_hz, channels
        self._whole = Meter(channels, rate_hz, true_peak=True)
        self._voice = (voice, Meter(channels, rate_hz)) if voice else None
        self._background = (background, Meter(channels, rate_hz)) if background else None
        self._blocks = _EnergyBlocks(rate_hz // 10)
        self._clips, self._clicks = ClipFinder(rate_hz), ClickFinder(rate_hz)

    def add(self, piece: Piece) -> None:
        self._whole.add(piece)
        if self._voice:
            spans, meter = self._voice
            # What lies between the sentences is silence for the meter, as it is in the voice's own track.
            meter.add(piece * spans.mask(self.frames, len(piece))[:, None])
        if self._background:
            spans, meter = self._background
            meter.add(piece[spans.mask(self.frames, len(piece))])
        for each in (self._blocks, self._clips, self._clicks):
            each.add(piece)
        self.frames += len(piece)

    def measurements(self, fault: str) -> Measurements:
        self._clicks.add(np.zeros((self._rate_hz // 10, self._channels), np.float32))
        levels = self._blocks.finish()
        return Measurements(
            frames=self.frames,
            fault=fault,
            whole_lufs=self._whole.lufs,
            voice_lufs=self._voice[1].lufs if self._voice else None,
            background_lufs=self._background[1].lufs if self._background else None,
            true_peak_dbtp=self._whole.true_peak_dbtp,
            rms_db=_db(self._blocks.square / max(self.frames * self._channels, 1)),
            levels=levels,
            clipped_s=tuple(self._clips.moments_s),
            clicks_s=tuple(self._clicks.moments_s),
        )


class _EnergyBlocks:
    """The mean square of each 100 ms: four bytes of an hour's 144 kB are kept for each."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._remainder: NDArray[np.float32] = np.zeros(0, np.float32)
        self._found: list[NDArray[np.float32]] = []
        self.square = 0.0

    def add(self, piece: Piece) -> None:
        mean = np.einsum("fc,fc->f", piece, piece) / np.float32(piece.shape[1])
        power = np.concatenate([self._remainder, mean])
        whole = len(power) // self._frames * self._frames
        self._keep(power[:whole].reshape(-1, self._frames))
        self._remainder = power[whole:]
        self.square += float(np.sum(mean, dtype=np.float64)) * piece.shape[1]

    def finish(self) -> LevelCurve:
        """The levels; a last block of less than 100 ms counts as what it is."""
        if len(self._remainder):
            self._keep(self._remainder.reshape(1, -1))
        found = np.concatenate(self._found) if self._found else np.zeros(0, np.float32)
        return LevelCurve(rms_db=found, block_frames=self._frames)

    def _keep(self, power: NDArray[np.float32]) -> None:
        mean = np.mean(power, axis=1, dtype=np.float64)
        self._found.append((10 * np.log10(np.maximum(mean, 10 ** (SILENT_DB / 10)))).astype(np.float32))


def _db(mean_square: float) -> float:
    return 10 * math.log10(max(mean_square, 1e-12))
