"""What a finished file measures, by decoders and a meter that know nothing of Breathmark, a few seconds at a time."""

from __future__ import annotations

import json
import math
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyebur128
import soundfile
from numpy.typing import NDArray

from breathmark.audio.ffmpeg import ffmpeg_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

Piece: TypeAlias = NDArray[np.float32]
"""Stereo, shape (frames, 2), full scale ±1."""
Spans: TypeAlias = "Sequence[tuple[int, int]]"
"""Start and length in frames, in the order of time."""

_PIECE_FRAMES = 1 << 19
_LARGEST_16_BIT = 32_767 / 32_768


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A whole decoded file."""

    frames: int
    lufs: float
    """Gated loudness."""
    true_peak_dbtp: float
    peak: float
    """The largest sample."""

    @property
    def clipped(self) -> bool:
        """Whether a sample reaches the end of the scale."""
        return self.peak >= _LARGEST_16_BIT


def session(path: Path) -> dict[str, Any]:
    """What ``session.json`` beside a finished file says."""
    data: dict[str, Any] = json.loads(path.with_name(f"{path.stem}.session.json").read_text(encoding="utf-8"))
    return data


def speech_spans(path: Path) -> Spans:
    """Where ``session.json`` says that somebody speaks."""
    return [(placed["start_frame"], placed["frames"]) for placed in session(path)["speech"]]


def frames_by_ffmpeg(path: Path) -> int:
    """How many frames ffmpeg decodes."""
    return sum(map(len, decoded(path)))


def frames_by_libsndfile(path: Path) -> int:
    """How many frames libsndfile decodes, counted and not asked for."""
    with soundfile.SoundFile(path) as file:
        return sum(len(piece) for piece in file.blocks(_PIECE_FRAMES, dtype="float32"))


def decoded(path: Path) -> Iterator[Piece]:
    """The sound by ffmpeg, at its own rate."""
    words = [str(ffmpeg_path()), "-v", "error", "-xerror", "-i", str(path), "-f", "f32le", "-"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while data := process.stdout.read(_PIECE_FRAMES * 8):
            yield np.frombuffer(data, "<f4").reshape(-1, 2)
    assert process.returncode == 0


def measured(pieces: Iterable[Piece], rate_hz: int = 44_100) -> Measured:
    """Measure all pieces in one go."""
    modes = pyebur128.MeasurementMode.MODE_I | pyebur128.MeasurementMode.MODE_TRUE_PEAK
    state = pyebur128.R128State(2, rate_hz, modes)
    frames, peak = 0, 0.0
    for piece in pieces:
        state.add_frames(np.ascontiguousarray(piece).ravel(), len(piece))
        frames += len(piece)
        peak = max(peak, float(np.abs(piece).max()))
    true_peak = max(pyebur128.get_true_peak(state, channel) for channel in range(2))
    return Measured(
        frames=frames,
        lufs=float(pyebur128.get_loudness_global(state)),
        true_peak_dbtp=20 * math.log10(max(true_peak, 1e-9)),
        peak=peak,
    )


def loudness(pieces: Iterable[Piece], rate_hz: int = 44_100) -> float:
    """Gated loudness alone, which is quicker."""
    state = pyebur128.R128State(2, rate_hz, pyebur128.MeasurementMode.MODE_I)
    for piece in pieces:
        state.add_frames(np.ascontiguousarray(piece).ravel(), len(piece))
    return float(pyebur128.get_loudness_global(state))


def only(pieces: Iterable[Piece], spans: Spans) -> Iterator[Piece]:
    """The sound inside the spans, and silence outside of them."""
    start = 0
    for piece in pieces:
        kept = np.zeros_like(piece)
        for first, frames in spans:
            low, high = max(first - start, 0), min(first + frames - start, len(piece))
            if low < high:
                kept[low:high] = piece[low:high]
        yield kept
        start += len(piece)


def joined(pieces: Iterable[Piece], spans: Spans) -> Iterator[Piece]:
    """The sound inside the spans without anything between them."""
    start = 0
    for piece in pieces:
        for first, frames in spans:
            low, high = max(first - start, 0), min(first + frames - start, len(piece))
            if low < high:
                yield piece[low:high]
        start += len(piece)


def difference(one: Iterable[Piece], other: Iterable[Piece]) -> Iterator[Piece]:
    """What one file has more than another of the same length."""
    for left, right in zip(one, other, strict=True):
        yield left - right
