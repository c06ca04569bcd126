"""Decoding of sound from speech engines and servers: WAV, and Apple's AIFF and AIFF-C with 16-bit samples."""

from __future__ import annotations

import io
import struct
import wave
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np
from pydub import AudioSegment

from breathmark.audio.pcm import to_16_bit

if TYPE_CHECKING:
    from numpy.typing import NDArray


_OPEN_SIZE: Final = 0x7FFF_0000
"""From here on a chunk's size means "until the end": who sends while speaking knows no other."""
_EXTENSIBLE: Final = 0xFFFE
_PCM, _FLOAT = 1, 3
_RATES_HZ: Final = range(4_000, 384_001)


def decode_speech(data: bytes) -> AudioSegment:
    """The sound of a whole WAV, AIFF or AIFF-C file.

    Raises:
        ValueError: it is not one of these, or not complete; engines that save in the background are still writing it.
    """
    try:
        return _aiff(data) if data[:4] == b"FORM" else _wav(data)
    except (EOFError, wave.Error, struct.error, KeyError, ValueError) as exc:
        raise ValueError(f"not a complete sound file: {exc}") from exc


def decode_streamed(data: bytes) -> AudioSegment:
    """The sound of a WAV file as servers send it: integers or floats, its size known or left open; as 16 bit.

    Raises:
        ValueError: with what it is instead, such as "a WAV file that ends early".
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError("data that is not a WAV file")
    form, offset, whole = b"", 12, memoryview(data)
    while offset + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, offset)
        body = whole[offset + 8 :]  # no copy: there may be millions of empty chunks
        if name == b"data":
            is_open = size >= _OPEN_SIZE or (size == 0 and struct.unpack_from("<I", data, 4)[0] != len(data) - 8)
            if not is_open and len(body) < size:
                raise ValueError("a WAV file that ends early")
            return _pcm(form, body if is_open else body[:size])
        form = bytes(body[:size]) if name == b"fmt " else form
        offset += 8 + size + size % 2
    raise ValueError("a WAV file without samples")


def _pcm(form: bytes, body: memoryview) -> AudioSegment:
    """``body`` in the format that the chunk ``fmt `` describes; a last frame that is not whole is left out."""
    if len(form) < 16:
        raise ValueError("a WAV file without a format")
    kind, channels, rate_hz, _, _, bits = struct.unpack("<HHIIHH", form[:16])
    if kind == _EXTENSIBLE and len(form) >= 26:
        kind = struct.unpack_from("<H", form, 24)[0]
    if rate_hz not in _RATES_HZ or not 1 <= channels <= 8 or bits not in {8, 16, 24, 32, 64}:
        raise ValueError(f"a WAV file of {channels} channels, {rate_hz} Hz and {bits} bit")
    frames = len(body) // (channels * bits // 8)
    if not frames:
        raise ValueError("a WAV file without samples")
    samples = _as_16_bit(body[: frames * channels * bits // 8], kind, bits)
    return AudioSegment(samples.astype("<i2").tobytes(), sample_width=2, frame_rate=rate_hz, channels=channels)


def _as_16_bit(body: memoryview, kind: int, bits: int) -> NDArray[np.int16]:
    if kind == _PCM and bits == 8:
        return (np.frombuffer(body, np.uint8).astype(np.int16) - 128) * 256
    if kind == _PCM and bits <= 32:
        # The two upper bytes of each sample.
        upper = np.frombuffer(body, np.uint8).reshape(-1, bits // 8)[:, -2:]
        return np.ascontiguousarray(upper).view("<i2").ravel()
    if kind == _FLOAT and bits in {32, 64}:
        floats: NDArray[np.float64] = np.nan_to_num(np.frombuffer(body, f"<f{bits // 8}"))
        return to_16_bit(floats)
    raise ValueError(f"a WAV file of the kind {kind:#x} with {bits} bit")


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
