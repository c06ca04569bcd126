"""The bitstream of an MP3: its frames, and the first of them, which says how many there are and what to drop."""

from __future__ import annotations

import mmap
import struct
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

FRAME: Final = 1152
"""PCM frames per MP3 frame of MPEG 1 (44.1 and 48 kHz)."""
_GAP_OFFSET: Final = 141
"""From ``Xing`` to the three bytes of delay and padding: mark, flags, counts, table, quality, and LAME's own fields."""
_CRC_OFFSET: Final = 154
"""From ``Xing`` to the checksum, which ends the tag."""
_LONGEST_GAP: Final = 0xFFF
_HEAD_BYTES: Final = 4 + 32 + 156
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
    """PCM frames that decoders drop at the start, besides the decoder's own 529."""
    padding: int
    """PCM frames that decoders drop at the end; the decoder's own 529 are counted in."""
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
    return Gapless(mp3_frames=mp3_frames, delay=gap >> 12, padding=gap & _LONGEST_GAP, byte_count=byte_count)


def correct_frames(path: Path, frames: int) -> None:
    """Make the untagged MP3 ``path`` decode to exactly ``frames``, where its own padding is a little off.

    ffmpeg counts one packet of padding at most, and LAME ends with more than that where the length is 1 to 46 frames
    over a multiple of 1152 (measured with 9.0.2, at every rate and bit rate): the file would decode to up to 46 frames
    of silence too many.
    Raises OSError.
    """
    known = read_gapless(path)
    if known is None or not 0 < known.frames - frames <= min(FRAME, _LONGEST_GAP - known.padding):
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

    A file of half an hour has 69,000 of them, which takes some hundredths of a second. Raises OSError.
    """
    with path.open("rb") as file, closing(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)) as data:
        at, count, end = 0, -1, len(data)
        while at + 4 <= end:
            length = _LENGTHS[data[at + 2] >> 1] if data[at] == 0xFF and data[at + 1] & 0xFE == 0xFA else 0
            if not length:
                return None
            at += length
            count += 1
        return count if at == end else None


def tag_crc(data: bytes) -> int:
    """CRC-16 with the reversed polynomial 0xA001 and a start of 0, as the tag's last two bytes hold it."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def _start(head: bytes | bytearray) -> int:
    """Where the tag begins: behind the frame's header and its side information, which is shorter in mono."""
    return 4 + (17 if head[3] >> 6 == 3 else 32)
