"""Opus in Ogg, at 48 kHz."""

# mypy: untyped-calls-exclude=mutagen
# mutagen says that it is typed, and types few of its functions
from __future__ import annotations

import struct
from base64 import b64encode
from pathlib import Path
from typing import IO, TYPE_CHECKING, ClassVar, Final

from mutagen import MutagenError
from mutagen.ogg import OggPage
from mutagen.oggopus import OggOpus

from breathmark.formats.format import EncoderSettings, FileFormat, measured
from breathmark.formats.vorbis import MOST_CHAPTERS, fill_vorbis, picture_block

if TYPE_CHECKING:
    from breathmark.formats.tags import Tags


_CODINGS: Final = {
    "64k": (0.0, 1.3),
    "96k": (0.0, 1.2),
    "128k": (0.0, 0.8),
    "160k": (0.0, 0.8),
    "192k": (0.0, 0.7),
    "256k": (0.0, 0.7),
}
"""libopus in FFmpeg 9.0.2, measured as ``mp3.py`` says, at 48 kHz, mono and stereo: levels change by 0.06 dB at most.
True peaks of limited speech rise by up to 1.05 dB at 64k, 0.93 at 96k, 0.59 at 128k and 160k, 0.51 above. At 48k it
takes 1.5 dB from noise, so that is not offered.
"""
_FRAMES: Final = (*(480, 960, 1920, 2880) * 3, *(480, 960) * 2, *(120, 240, 480, 960) * 4)
"""PCM frames at 48 kHz of one Opus frame, by the configuration number of its packet (RFC 6716, 3.1, table 2)."""
_LONGEST_PACKET: Final = 5760
"""PCM frames of an Opus packet: 120 ms (RFC 6716, 3.2.5)."""


class Opus(FileFormat):
    """Opus by libopus."""

    name: ClassVar = "opus"
    codec: ClassVar = "opus"
    codings: ClassVar = measured(_CODINGS)
    usual_bitrate: ClassVar = "192k"
    rate_hz: ClassVar = 48_000
    most_chapters: ClassVar = MOST_CHAPTERS

    def arguments(self, settings: EncoderSettings) -> tuple[str, ...]:
        """With a variable bit rate of that mean, which is its default."""
        return ("-c:a", "libopus", "-b:a", settings.bitrate)

    def promised_frames(self, path: Path) -> int | None:
        """From the first page, which says how many to drop, to the last one, which counts them all (RFC 7845, 4)."""
        try:
            with path.open("rb") as file:
                head = OggPage(file).packets[0]
                frames, last = _counted(file)
            (skipped,) = struct.unpack_from("<H", head, 10)
        except (MutagenError, EOFError, IndexError, struct.error):
            return None
        whole = head.startswith(b"OpusHead") and last.last and 0 <= frames - last.position < _LONGEST_PACKET
        return int(last.position) - int(skipped) if whole else None

    def write_tags(self, path: Path, tags: Tags) -> None:
        """Vorbis comments. The picture is text here: RFC 7845 has no other place for it."""
        opus = OggOpus(path)
        opus.clear()  # ffmpeg names its encoder
        fill_vorbis(opus, tags)
        if tags.cover:
            opus["METADATA_BLOCK_PICTURE"] = b64encode(picture_block(tags.cover).write()).decode("ascii")
        opus.save()


def _counted(file: IO[bytes]) -> tuple[int, OggPage]:
    """How many frames all packets from here on hold, and the last page. Raises EOFError where there is none."""
    frames, page = 0, OggPage(file)
    while True:
        if page.position > 0 or frames:  # the comments come before, at granule 0
            frames += sum(_packet_frames(packet) for packet in page.packets[1 if page.continued else 0 :])
        try:
            page = OggPage(file)
        except EOFError:
            return frames, page


def _packet_frames(packet: bytes) -> int:
    """PCM frames of a packet: by its first byte, and its second where that doesn't say how many."""
    code = packet[0] & 3
    number = packet[1] & 0x3F if code == 3 else 2 if code else 1
    return number * _FRAMES[packet[0] >> 3]
