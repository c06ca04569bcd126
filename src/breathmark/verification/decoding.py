"""Loudness and true peak by libebur128, which shares nothing with the renderer's own meter."""

from __future__ import annotations

import math
import re
import subprocess
from collections.abc import Generator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, TypeAlias

import numpy as np

from breathmark.audio.ffmpeg import ffmpeg_path, messages_file
from breathmark.base.errors import AssetError, RequestError
from breathmark.base.interrupts import group_of_children

if TYPE_CHECKING:
    from numpy.typing import NDArray

Piece: TypeAlias = "NDArray[np.float32]"
"""Shaped ``(frames, channels)``, full scale ±1; what a lossy codec decodes to may be beyond."""
_PIECE_FRAMES: Final = 1 << 17
_SPEAKER: Final = re.compile(r"^\[[^\]]*\] ")
"""Which part of ffmpeg speaks, and where in its memory that lies."""


class Decoding:
    """One decoding of one file; with ``rate_hz``, mixed to that many channels and resampled to that rate."""

    def __init__(self, path: Path, channels: int, rate_hz: int = 0) -> None:
        self._path = path
        self._channels = channels
        self._converted = ("-ac", str(channels), "-ar", str(rate_hz)) if rate_hz else ()
        self.fault = ""
        """What the decoder complained of; known when all pieces have been taken."""

    def pieces(self) -> Generator[Piece, None, None]:
        """All of the sound in order. The decoder ends with the iterator.

        Raises:
            AssetError: there is no ffmpeg, or it can't be started.
        """
        with messages_file() as messages:
            process = self._start(messages)
            assert process.stdout is not None  # noqa: S101 - for mypy: it was asked for as a pipe
            frame_bytes = 4 * self._channels
            try:
                while data := process.stdout.read(_PIECE_FRAMES * frame_bytes):
                    whole = len(data) // frame_bytes * frame_bytes
                    yield np.frombuffer(data[:whole], "<f4").reshape(-1, self._channels)
                code = process.wait()
            finally:
                process.kill()
                process.stdout.close()
                process.wait()
            messages.seek(0)
            said = messages.read(1 << 12).decode(errors="replace").strip()
            ended = f"ffmpeg ended with code {code}" if code else ""
            self.fault = _SPEAKER.sub("", said.splitlines()[0]) if said else ended

    def _start(self, messages: IO[bytes]) -> subprocess.Popen[bytes]:
        # fmt: off
        command = [
            str(ffmpeg_path()), "-nostdin", "-v", "error", "-protocol_whitelist", "file", "-i", f"file:{self._path}",
            "-map", "0:a:0", *self._converted, "-f", "f32le", "-c:a", "pcm_f32le", "pipe:1",
        ]
        # fmt: on
        try:
            return subprocess.Popen(  # noqa: S603 - no shell
                command, stdout=subprocess.PIPE, stderr=messages, process_group=group_of_children()
            )
        except OSError as error:
            raise AssetError(
                f"ffmpeg can't be started: {error}", 'install it with: pip install "breathmark[ffmpeg]"'
            ) from error


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
        """The gated loudness so far; -70 for silence."""
        return max(float(self._library.get_loudness_global(self._state)), FLOOR_LUFS)

    @property
    def true_peak_dbtp(self) -> float:
        """The highest true peak so far; -120 for silence."""
        peaks = [float(self._library.get_true_peak(self._state, channel)) for channel in range(self._channels)]
        return 20 * math.log10(max(*peaks, 1e-6))
