"""Reading what speech engines save: WAV, and Apple's AIFF and AIFF-C with 16-bit samples."""

from __future__ import annotations

import io
import struct
import wave
from typing import TYPE_CHECKING

import numpy as np
from pydub import AudioSegment

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["decode_speech"]


def decode_speech(data: bytes) -> AudioSegment:
    """The sound of a whole WAV, AIFF or AIFF-C file.

    Raises:
        ValueError: it is none of these, or not whole; engines that save in the background are still writing it.
    """
    try:
        return _aiff(data) if data[:4] == b"FORM" else _wav(data)
    except (EOFError, wave.Error, struct.error, KeyError, ValueError) as exc:
        raise ValueError(f"no whole sound file: {exc}") from exc


def _wav(data: bytes) -> AudioSegment:
    with wave.open(io.BytesIO(data)) as file:
        frames = file.readframes(file.getnframes())
        width, channels = file.getsampwidth(), file.getnchannels()
        if len(frames) != file.getnframes() * width * channels or not frames:
            raise ValueError("the samples end early")
        return AudioSegment(frames, sample_width=width, frame_rate=file.getframerate(), channels=channels)


def _aiff(data: bytes) -> AudioSegment:
    """After Apple's "Audio Interchange File Format AIFF-C" (1991); the rate is an 80-bit float."""
    chunks = dict(_chunks(data))
    channels, count, bits = struct.unpack(">hIh", chunks[b"COMM"][:8])
    kind = chunks[b"COMM"][18:22] or b"NONE"
    if bits != 16 or kind not in {b"NONE", b"twos", b"sowt"}:
        raise ValueError(f"{bits} bit of the kind {kind!r} is not read here")
    frames = chunks[b"SSND"][8:][: count * channels * 2]
    if len(frames) != count * channels * 2 or not frames:
        raise ValueError("the samples end early")
    samples = np.frombuffer(frames, "<i2" if kind == b"sowt" else ">i2").astype("<i2")
    rate_hz = _extended(chunks[b"COMM"][8:18])
    return AudioSegment(samples.tobytes(), sample_width=2, frame_rate=rate_hz, channels=channels)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset = 12
    while offset + 8 <= len(data):
        name, size = struct.unpack_from(">4sI", data, offset)
        yield name, data[offset + 8 : offset + 8 + size]
        offset += 8 + size + size % 2


def _extended(field: bytes) -> int:
    """An IEEE 754 extended number (Apple SANE) that is a whole rate in hertz."""
    exponent, mantissa = struct.unpack(">HQ", field)
    return int(mantissa >> max(0, 16383 + 63 - exponent))
