"""How many frames a finished file decodes to: what its header promises, where the sound behind it is all there.

Nothing is decoded, as that would take a seventh of what encoding takes. But a header alone may speak of sound that
never reached the disk; so the packets of the codec are counted, too, or found to be numbered to the end.
"""

from __future__ import annotations

import mmap
import os
import struct
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

from breathmark.formats.codecs import CODECS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from breathmark.formats.codecs import Format

_MP3_FRAME: Final = 1152
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
        return self.mp3_frames * _MP3_FRAME - self.delay - self.padding


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
    if known is None or not 0 < known.frames - frames <= min(_MP3_FRAME, _LONGEST_GAP - known.padding):
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


_OPUS_FRAMES: Final = (*(480, 960, 1920, 2880) * 3, *(480, 960) * 2, *(120, 240, 480, 960) * 4)
"""PCM frames at 48 kHz of one Opus frame, by the configuration number of its packet (RFC 6716, 3.1, table 2)."""
_LONGEST_PACKET: Final = 5760
"""PCM frames of an Opus packet: 120 ms (RFC 6716, 3.2.5)."""
_FLAC_NUMBERS: Final = (
    (0x80, 0, 0),
    (0x800, 0xC0, 1),
    (0x1_0000, 0xE0, 2),
    (0x20_0000, 0xF0, 3),
    (0x400_0000, 0xF8, 4),
)
"""How FLAC writes a frame's number: below which limit, with what first byte, and how many more (RFC 9639, 9.1.5)."""


def promised_frames(path: Path, format_name: Format) -> int | None:
    """The frames that every decoder gives of the untagged file ``path``; None where it is not whole, or no such file.

    Raises OSError where it can't be read.
    """
    try:
        match format_name:
            case "mp3":
                return _mp3(path)
            case "m4a" | "m4b":
                return _mp4(path)
            case "opus":
                return _opus(path)
            case "flac":
                return _flac(path)
            case "wav":
                return _wav(path)
            case _:
                assert_never(format_name)
    except (struct.error, IndexError):
        return None


def _mp3(path: Path) -> int | None:
    known = read_gapless(path)
    whole = known and known.byte_count == path.stat().st_size and known.mp3_frames == count_mp3_frames(path)
    return known.frames if known and whole else None


def _mp4(path: Path) -> int | None:
    """Of the sound's edit list (ISO/IEC 14496-12, 8.6.6), which leaves out what the encoder put before and behind."""
    with path.open("rb") as file:
        size = path.stat().st_size
        boxes = dict(_boxes(file, 0, size))
        if {b"ftyp", b"mdat", b"moov"} - boxes.keys():
            return None
        begin, end = boxes[b"moov"]
        for name, inside in _boxes(file, begin, end):
            edits = _sound_track(file, inside, boxes[b"mdat"]) if name == b"trak" else None
            if edits is not None:
                return edits
    return None


def _sound_track(file: IO[bytes], inside: tuple[int, int], sound: tuple[int, int]) -> int | None:
    """How long the edits of a track of sound are; None where it is another track, or its packets are not all there.

    ``sound`` is where all packets lie. Those of the track are listed with their lengths in frames (``stts``, 8.6.1.2)
    and in bytes (``stsz``, 8.7.3).
    """
    track = dict(_boxes(file, *inside))
    media = _inside(file, track, b"mdia")
    table = _inside(file, _inside(file, media, b"minf"), b"stbl")
    edits = _inside(file, track, b"edts")
    if b"hdlr" not in media or b"elst" not in edits or _read(file, media[b"hdlr"][0] + 8, 4) != b"soun":
        return None
    version, count = struct.unpack(">B3xI", _read(file, edits[b"elst"][0], 8))
    form = ">Qqi" if version else ">Iii"
    data = _read(file, edits[b"elst"][0] + 8, count * struct.calcsize(form))
    sounding = [(int(length), int(start)) for length, start, _ in struct.iter_unpack(form, data) if start >= 0]
    packets, frames = _packets(file, table)
    last = max((start + length for length, start in sounding), default=0)
    there = sum(packets) <= sound[1] - sound[0] and 0 <= frames - last < CODECS["m4a"].frame
    return sum(length for length, _ in sounding) if there else None


def _packets(file: IO[bytes], table: dict[bytes, tuple[int, int]]) -> tuple[list[int], int]:
    """The sizes of a track's packets in bytes, and how many frames they hold together."""
    one_size, count = struct.unpack(">II", _read(file, table[b"stsz"][0] + 4, 8))
    sizes = _read(file, table[b"stsz"][0] + 12, 4 * count)
    packets = [one_size] * count if one_size else [size for (size,) in struct.iter_unpack(">I", sizes)]
    (runs,) = struct.unpack(">I", _read(file, table[b"stts"][0] + 4, 4))
    times = list(struct.iter_unpack(">II", _read(file, table[b"stts"][0] + 8, 8 * runs)))
    counted = sum(number for number, _ in times) == len(packets)
    return packets, sum(number * frames for number, frames in times) if counted else 0


def _inside(file: IO[bytes], boxes: dict[bytes, tuple[int, int]], name: bytes) -> dict[bytes, tuple[int, int]]:
    """The boxes inside the one called ``name``; none where that is missing."""
    return dict(_boxes(file, *boxes.get(name, (0, 0))))


def _boxes(file: IO[bytes], begin: int, end: int) -> Iterator[tuple[bytes, tuple[int, int]]]:
    """The boxes between two places of an MP4: each one's name, and from where to where its content lies."""
    while begin + 8 <= end:
        length, name = struct.unpack(">I4s", _read(file, begin, 8))
        head = 8
        if length == 1:
            (length,) = struct.unpack(">Q", _read(file, begin + 8, 8))
            head = 16
        if length < head or begin + length > end:
            return
        yield name, (begin + head, begin + length)
        begin += length


def _read(file: IO[bytes], begin: int, length: int) -> bytes:
    """What lies there. Raises IndexError where a header tells of more than the file has."""
    if begin + length > file.seek(0, os.SEEK_END):
        raise IndexError(begin)
    file.seek(begin)
    return file.read(length)


def _opus(path: Path) -> int | None:
    """From the first page, which says how many to drop, to the last one, which counts them all (RFC 7845, 4 and 5)."""
    frames, skipped, granule, kind = 0, None, 0, 0
    with path.open("rb") as file:
        while head := file.read(27):
            mark, kind, granule, count = struct.unpack("<4sxBq12xB", head)
            lacing = file.read(count)
            body = file.read(sum(lacing))
            if mark != b"OggS" or len(lacing) < count or len(body) < sum(lacing):
                return None
            if skipped is None:
                skipped = struct.unpack_from("<H", body, 10)[0] if body[:8] == b"OpusHead" else -1
            elif granule > 0 or frames:  # the comments come before, at granule 0
                frames += sum(_opus_frames(body, at) for at in _packet_starts(lacing, continued=bool(kind & 1)))
    whole = skipped is not None and skipped >= 0 and kind & 4 and 0 <= frames - granule < _LONGEST_PACKET
    return granule - skipped if whole and skipped is not None else None


def _packet_starts(lacing: bytes, *, continued: bool) -> Iterator[int]:
    """Where packets begin in a page's body: behind each segment of less than 255 bytes (RFC 3533, 6)."""
    at, begins = 0, not continued
    for length in lacing:
        if begins:
            yield at
        at, begins = at + length, length < 255


def _opus_frames(body: bytes, at: int) -> int:
    """PCM frames of the packet at ``at``: by its first byte, and its second where that doesn't say how many."""
    code = body[at] & 3
    number = body[at + 1] & 0x3F if code == 3 else 2 if code else 1
    return number * _OPUS_FRAMES[body[at] >> 3]


def _flac(path: Path) -> int | None:
    """Of STREAMINFO (RFC 9639, 8.2), which ffmpeg completes last, where the frame of that number ends the file."""
    with path.open("rb") as file:
        head = file.read(42)
        packed, block = int(struct.unpack_from(">Q", head, 18)[0]), int(struct.unpack_from(">H", head, 10)[0])
        longest = int.from_bytes(head[15:18])
        frames = packed & 0xF_FFFF_FFFF
        size = path.stat().st_size
        begin = max(size - longest, 42)
        end = _read(file, begin, size - begin)
    if head[:4] != b"fLaC" or not frames or not block:
        return None
    number = _flac_number((frames - 1) // block)
    at = end.find(number)
    while at >= 0:
        if at >= 4 and end[at - 4] == 0xFF and end[at - 3] & 0xFE == 0xF8 and _crc_16(end[at - 4 :]) == 0:
            return frames
        at = end.find(number, at + 1)
    return None


def _flac_number(number: int) -> bytes:
    """A frame's number as its header has it, which is how UTF-8 writes a character."""
    for limit, first, more in _FLAC_NUMBERS:
        if number < limit:
            rest = [0x80 | number >> 6 * place & 0x3F for place in range(more - 1, -1, -1)]
            return bytes([first | number >> 6 * more, *rest])
    raise IndexError(number)


def _crc_16(data: bytes) -> int:
    """The CRC-16 of FLAC (RFC 9639, 9.3), polynomial 0x8005; 0 over a frame that ends in its own."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x8005 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


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
