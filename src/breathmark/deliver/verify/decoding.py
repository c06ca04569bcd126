"""The sound of a finished file, decoded at its own rate, piece by piece."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from breathmark.errors import AssetError
from breathmark.sound.ffmpeg import ffmpeg_path, messages_file

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path
    from typing import IO

    from numpy.typing import NDArray

__all__ = ["Decoding", "Piece"]

Piece: TypeAlias = "NDArray[np.float32]"
"""Shaped ``(frames, channels)``, full scale ±1; what a lossy codec decodes to may be beyond."""
_PIECE_FRAMES: Final = 1 << 17
_SPEAKER: Final = re.compile(r"^\[[^\]]*\] ")
"""Which part of ffmpeg speaks, and where in its memory that lies."""


class Decoding:
    """One decoding of one file."""

    def __init__(self, path: Path, channels: int) -> None:
        self._path = path
        self._channels = channels
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
            "-map", "0:a:0", "-f", "f32le", "-c:a", "pcm_f32le", "pipe:1",
        ]
        # fmt: on
        try:
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=messages)  # noqa: S603 - no shell
        except OSError as error:
            raise AssetError(
                f"ffmpeg can't be started: {error}", 'install it with: pip install "breathmark[ffmpeg]"'
            ) from error
