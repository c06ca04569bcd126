"""FLAC, of 16 or 24 bits."""

# mypy: untyped-calls-exclude=mutagen
# mutagen says that it is typed, and types few of its functions
from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from mutagen import MutagenError
from mutagen.flac import FLAC

from breathmark.formats.format import EncoderSettings, FileFormat
from breathmark.formats.vorbis import MOST_CHAPTERS, fill_vorbis, picture_block

if TYPE_CHECKING:
    from breathmark.formats.tags import Tags


_NUMBERS: Final = (
    (0x80, 0, 0),
    (0x800, 0xC0, 1),
    (0x1_0000, 0xE0, 2),
    (0x20_0000, 0xF0, 3),
    (0x400_0000, 0xF8, 4),
)
"""How FLAC writes a frame's number: below which limit, with what first byte, and how many more (RFC 9639, 9.1.5)."""
_HEAD_BYTES: Final = 42


class Flac(FileFormat):
    """FLAC in its own container."""

    name: ClassVar = "flac"
    codec: ClassVar = "flac"
    most_chapters: ClassVar = MOST_CHAPTERS

    def arguments(self, settings: EncoderSettings) -> tuple[str, ...]:
        """24 bits lie in the upper ones of 32."""
        if settings.sample_width == 3:
            return ("-c:a", "flac", "-sample_fmt", "s32", "-bits_per_raw_sample", "24")
        return ("-c:a", "flac", "-sample_fmt", "s16")

    def promised_frames(self, path: Path) -> int | None:
        """Of STREAMINFO (RFC 9639, 8.2), which ffmpeg completes last, where the frame of that number ends the file."""
        try:
            info = FLAC(path).info
        except MutagenError:
            return None
        if not info.total_samples or not info.max_blocksize:
            return None
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - info.max_framesize, _HEAD_BYTES))
            end = file.read()
        return info.total_samples if _ends_in(end, (info.total_samples - 1) // info.max_blocksize) else None

    def write_tags(self, path: Path, tags: Tags) -> None:
        """Vorbis comments, and a block for the picture."""
        flac = FLAC(path)
        fill_vorbis(flac, tags)
        if tags.cover:
            flac.add_picture(picture_block(tags.cover))
        flac.save()


def _ends_in(data: bytes, frame_number: int) -> bool:
    """Whether ``data`` ends in a whole frame of that number."""
    number = _as_written(frame_number)
    at = data.find(number)
    while at >= 0:
        if at >= 4 and data[at - 4] == 0xFF and data[at - 3] & 0xFE == 0xF8 and _crc_16(data[at - 4 :]) == 0:
            return True
        at = data.find(number, at + 1)
    return False


def _as_written(number: int) -> bytes:
    """A frame's number as its header has it, which is how UTF-8 writes a character."""
    first, more = next((first, more) for limit, first, more in _NUMBERS if number < limit)
    remainder = [0x80 | number >> 6 * place & 0x3F for place in range(more - 1, -1, -1)]
    return bytes([first | number >> 6 * more, *remainder])


def _crc_16(data: bytes) -> int:
    """The CRC-16 of FLAC (RFC 9639, 9.3), polynomial 0x8005; 0 over a frame that ends in its own."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x8005 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc
