"""How many frames a finished file's own header promises, read without decoding it."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, assert_never

from breathmark.deliver.gapless import read_gapless

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.deliver.presets import Format

__all__ = ["promised_frames"]


def promised_frames(path: Path, format_name: Format) -> int | None:
    """The frames that every decoder will give of the untagged file ``path``; None where it is torn or no such file.

    Raises OSError where it can't be read.
    """
    try:
        match format_name:
            case "mp3":
                return _mp3(path)
            case "flac":
                return _flac(path)
            case "wav":
                return _wav(path)
            case _:
                assert_never(format_name)
    except struct.error:
        return None


def _mp3(path: Path) -> int | None:
    known = read_gapless(path)
    return known.frames if known and known.byte_count == path.stat().st_size else None


def _flac(path: Path) -> int | None:
    """Of STREAMINFO (RFC 9639, 8.2), which ffmpeg completes when it has written everything else."""
    with path.open("rb") as file:
        head = file.read(42)
    (packed,) = struct.unpack_from(">Q", head, 18)
    return int(packed) & 0xF_FFFF_FFFF if head[:4] == b"fLaC" else None


def _wav(path: Path) -> int | None:
    """Of the ``fmt`` and ``data`` chunks of a RIFF file."""
    frame_bytes = 0
    with path.open("rb") as file:
        riff, _, wave = struct.unpack("<4sI4s", file.read(12))
        if (riff, wave) != (b"RIFF", b"WAVE"):
            return None
        while True:
            name, length = struct.unpack("<4sI", file.read(8))
            if name == b"data":
                whole = frame_bytes > 0 and file.tell() + length <= path.stat().st_size
                return int(length) // frame_bytes if whole else None
            body = file.read(length + length % 2)
            if name == b"fmt ":
                (frame_bytes,) = struct.unpack_from("<H", body, 12)
