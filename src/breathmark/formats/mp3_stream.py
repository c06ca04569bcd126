"""The bitstream of an MP3: its frames, and the first of them, which says how many there are and what to drop."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FRAME: Final = 1152
"""PCM frames per MP3 frame of MPEG 1 (44.1 and 48 kHz)."""
ENCODER_DELAY: Final = 576
"""PCM frames that LAME puts before the sound."""
DECODER_DELAY: Final = 529
"""PCM frames: every decoder gives its first so much late, so that as many have to follow the sound."""
_GAP_OFFSET: Final = 141
"""From ``Xing`` to the three bytes of delay and padding: mark, flags, counts, table, quality, and LAME's own fields."""
_LENGTH_OFFSET: Final = 148
"""From ``Xing`` to the number of bytes, which comes again, and the checksum of the sound."""
_CRC_OFFSET: Final = 154
"""From ``Xing`` to the checksum, which ends the tag."""
LONGEST_GAP: Final = 0xFFF
"""What three half-bytes hold: the most PCM frames of padding."""
_HEAD_BYTES: Final = 4 + 32 + 156
_PIECE_BYTES: Final = 1 << 20
_KBIT_S: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_RATES_HZ: Final = (44_100, 48_000, 32_000, 0)
_LENGTHS: Final = tuple(
    144_000 * kbit_s // rate_hz + padding if rate_hz and kbit_s else 0
    for kbit_s in _KBIT_S
    for rate_hz in _RATES_HZ
    for padding in (0, 1)
)
"""Bytes of a frame of MPEG 1, layer III, by the upper seven bits of its third byte (ISO/IEC 11172-3, 2.4.2.3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gapless:
    """What an MP3's first frame says about all of it."""

    mp3_frames: int
    delay: int
    """PCM frames that decoders drop at the start, besides the decoder's own."""
    padding: int
    """PCM frames that decoders drop at the end; the decoder's own are counted in."""
    byte_count: int
    """From this frame to the end of the sound."""

    @property
    def frames(self) -> int:
        """The PCM frames that every decoder will give."""
        return self.mp3_frames * FRAME - self.delay - self.padding


def read_gapless(path: Path) -> Gapless | None:
    """What the first frame of the untagged MP3 ``path`` says; None where it says nothing. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if len(head) < _HEAD_BYTES:
        return None
    start = _start(head)
    mark, flags, mp3_frames, byte_count = struct.unpack_from(">4sIII", head, start)
    if mark not in {b"Xing", b"Info"} or flags & 3 != 3:
        return None
    gap = int.from_bytes(head[start + _GAP_OFFSET : start + _GAP_OFFSET + 3])
    return Gapless(mp3_frames=mp3_frames, delay=gap >> 12, padding=gap & LONGEST_GAP, byte_count=byte_count)


def correct_frames(path: Path, frames: int) -> None:
    """Make the untagged MP3 ``path`` decode to exactly ``frames``, where its own padding is a little off.

    ffmpeg counts one packet of padding at most, and LAME ends with more than that where the length is 1 to 46 frames
    over a multiple of 1152 (measured with 9.0.2, at every rate and bit rate): the file would decode to up to 46 frames
    of silence too many.
    Raises OSError.
    """
    known = read_gapless(path)
    if known is None or not 0 < known.frames - frames <= min(FRAME, LONGEST_GAP - known.padding):
        return
    with path.open("rb+") as file:
        head = bytearray(file.read(_HEAD_BYTES))
        start = _start(head)
        gap = known.delay << 12 | (known.padding + known.frames - frames)
        head[start + _GAP_OFFSET : start + _GAP_OFFSET + 3] = gap.to_bytes(3)
        head[start + _CRC_OFFSET : start + _CRC_OFFSET + 2] = tag_crc(bytes(head[: start + _CRC_OFFSET])).to_bytes(2)
        file.seek(0)
        file.write(head)


def count_mp3_frames(path: Path) -> int | None:
    """The frames behind the first one, from header to header; None where they don't end with the file ``path``.

    A file of half an hour has 69,000 of them, which takes some hundredths of a second. It is read piece by piece: a
    mapped file would count as memory of this process, 460 MB of it where a session has eight hours. Raises OSError.
    """
    count, at, held = -1, 0, b""  # the next frame begins at ``at`` of the piece, which begins with what was ``held``
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            data = held + piece
            while at + 4 <= len(data):
                known = data[at] == 0xFF and data[at + 1] & 0xFE == 0xFA
                length = _LENGTHS[data[at + 2] >> 1] if known else 0
                if not length:
                    return None
                at += length
                count += 1
            held = data[at:]
            at = max(at - len(data), 0)
    return None if held or at or count < 0 else count


def is_mpeg_1(kbit_s: int, rate_hz: int) -> bool:
    """Whether MPEG 1, layer III, has frames of this bit rate and this rate."""
    return kbit_s in _KBIT_S[1:-1] and rate_hz in _RATES_HZ[:-1]


def frame_length(kbit_s: int, rate_hz: int) -> int:
    """Bytes of a frame without a byte of padding."""
    return 144_000 * kbit_s // rate_hz


def frame_places(data: bytes) -> list[int] | None:
    """Where each frame of ``data`` begins, and where the last one ends; None where it holds anything else."""
    places, at = [0], 0
    while at < len(data):
        length = _LENGTHS[data[at + 2] >> 1] if at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] == 0xFB else 0
        if not length:
            return None
        at += length
        places.append(at)
    return places if at == len(data) else None


def info_frame(gapless: Gapless, *, kbit_s: int, rate_hz: int, channels: int, sound_crc: int) -> bytes:
    """The first frame of a file of one bit rate, as ffmpeg and LAME write it (LAME's "MP3 Info Tag", revision 1).

    Its table of places is a straight line, since all frames are of one length.
    """
    head = bytes([0xFF, 0xFB, _KBIT_S.index(kbit_s) << 4 | _RATES_HZ.index(rate_hz) << 2, 0xC0 if channels == 1 else 0])
    tag = struct.pack(">4sIII", b"Info", 0x0F, gapless.mp3_frames, gapless.byte_count)
    tag += bytes(256 * percent // 100 for percent in range(100)) + bytes(4) + b"Lavf lame"
    tag = tag.ljust(_GAP_OFFSET, b"\0") + (gapless.delay << 12 | gapless.padding).to_bytes(3)
    tag = tag.ljust(_LENGTH_OFFSET, b"\0") + struct.pack(">IH", gapless.byte_count, sound_crc)
    frame = head + bytes(_start(head) - len(head)) + tag
    return (frame + tag_crc(frame).to_bytes(2)).ljust(_LENGTHS[head[2] >> 1], b"\0")


_LANES: Final = 2048


def sound_crc(data: bytes, crc: int = 0) -> int:
    """The same checksum of much more, which goes on from ``crc``: so many lanes of it at once, joined at the end."""
    short = len(data) % (2 * _LANES)
    crc = tag_crc(data[:short], crc)
    lanes = np.frombuffer(data, "<u2", offset=short).reshape(_LANES, -1)
    # The last 512 have no data: they show what a lane's length makes of each low and each high byte of a checksum.
    state = np.concatenate([np.zeros(_LANES, np.uint16), np.arange(256, dtype=np.uint16), _HIGH])
    state[0] = crc
    by_two = _by_two()
    for column in lanes.T:
        state[:_LANES] ^= column
        state = by_two[state]
    shifted = state[_LANES:].tolist()
    crc = 0
    for lane in state[:_LANES].tolist():
        crc = shifted[crc & 0xFF] ^ shifted[256 + (crc >> 8)] ^ lane
    return crc


@cache
def _by_two() -> NDArray[np.uint16]:
    """What two bytes of zero make of each checksum: two bytes of data are first laid over it."""
    state = np.arange(1 << 16, dtype=np.uint16)
    for _ in range(2):
        state = _TABLE[state & 0xFF] ^ (state >> 8)
    return state


def joined_crc(first: int, second: int, length: int) -> int:
    """The checksum of two pieces in a row, from that of each; ``length`` is that of the second one in bytes."""
    shifts = _shifts()
    for power in range(length.bit_length()):
        if length >> power & 1:
            low, high = shifts[power]
            first = low[first & 0xFF] ^ high[first >> 8]
    return first ^ second


@cache
def _shifts() -> tuple[tuple[list[int], list[int]], ...]:
    """What 1, 2, 4, 8 … bytes of zero make of each low and each high byte of a checksum, which is linear."""
    columns = [tag_crc(b"\0", 1 << bit) for bit in range(16)]
    found = []
    for _ in range(_LENGTH_BITS):
        low, high = _sums(columns[:8]), _sums(columns[8:])
        found.append((low, high))
        columns = [low[column & 0xFF] ^ high[column >> 8] for column in columns]
    return tuple(found)


def _sums(columns: list[int]) -> list[int]:
    """Of each subset of eight columns, which the bits of its place name."""
    sums = [0]
    for column in columns:
        sums += [known ^ column for known in sums]
    return sums


_LENGTH_BITS: Final = 40
"""Of the longest piece whose checksum is joined, in bytes."""


def tag_crc(data: bytes, crc: int = 0) -> int:
    """CRC-16 with the reversed polynomial 0xA001, as the tag's last two bytes hold it; it begins at ``crc``."""
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


_TABLE: Final = np.array([tag_crc(bytes([byte])) for byte in range(256)], np.uint16)
_HIGH: Final = np.arange(256, dtype=np.uint16) << np.uint16(8)


def _start(head: bytes | bytearray) -> int:
    """Where the tag begins: behind the frame's header and its side information, which is shorter in mono."""
    return 4 + (17 if head[3] >> 6 == 3 else 32)
