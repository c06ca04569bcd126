"""AAC in MP4: M4A, and M4B, which players sort among the audiobooks."""

# mypy: untyped-calls-exclude=mutagen
# mutagen says that it is typed, and types few of its functions
from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, ClassVar, Final

from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm

from breathmark.formats.format import EncoderSettings, FileFormat, measured
from breathmark.formats.tags import GENRE, Tags

_CODINGS: Final = {
    "96k": (-0.08, 1.3),
    "128k": (-0.06, 1.1),
    "160k": (-0.03, 0.9),
    "192k": (-0.02, 0.8),
    "256k": (-0.02, 0.7),
}
"""FFmpeg 9.0.2's own AAC-LC encoder, measured as ``mp3.py`` says, on speech at 44.1 and 48 kHz, mono and stereo: within
0.08 dB of these gains at 96k and 0.04 dB from 128k up. True peaks of limited speech rise by up to 0.45 dB at 96k, 0.39
at 128k, 0.21 at 160k, 0.14 at 192k and 0.08 at 256k; those of a voice over a track that itself holds a voice and bells,
by 1.0 dB at 128k, seen once. So each margin is 0.6 to 0.9 dB more than what limited speech alone rises by. In mono it
never spends more than about 190 kbit/s.
"""
_PACKET: Final = 1024
"""PCM frames of a packet of AAC-LC (ISO/IEC 14496-3)."""
_AUDIOBOOK: Final = 2
"""iTunes' number for the kind of media, by which players sort."""


class M4a(FileFormat):
    """AAC-LC by ffmpeg's own encoder."""

    name: ClassVar[str] = "m4a"
    codec: ClassVar = "aac"
    codings: ClassVar = measured(_CODINGS)
    usual_bitrate: ClassVar = "192k"
    muxer: ClassVar = "ipod"
    packet_frames: ClassVar = _PACKET
    chapters_by_muxer: ClassVar = True

    def arguments(self, settings: EncoderSettings) -> tuple[str, ...]:
        """The edit list then counts in frames."""
        return ("-c:a", "aac", "-b:a", settings.bitrate, "-movie_timescale", str(settings.rate_hz))

    def promised_frames(self, path: Path) -> int | None:
        """Of the sound's edit list (ISO/IEC 14496-12, 8.6.6), which leaves out what the encoder put around it."""
        try:
            with path.open("rb") as file:
                return _edited_frames(file, path.stat().st_size)
        except (struct.error, IndexError):
            return None

    def write_tags(self, path: Path, tags: Tags) -> None:
        """The atoms of iTunes. The chapters are there already; there is no atom for a language, but a usual name.

        Players look for the narrator in one of two places, the second of which is the composer's elsewhere.
        """
        mp4 = MP4(path)
        texts = {
            "\xa9nam": tags.title,
            "\xa9ART": tags.artist,
            "\xa9alb": tags.album,
            "aART": tags.album_artist,
            "\xa9gen": GENRE,
            "\xa9cmt": tags.comment,
            "desc": tags.comment,
            "\xa9too": tags.encoder,
            "\xa9nrt": tags.narrator,
            "\xa9wrt": tags.narrator,
        }
        for name, text in texts.items():
            if text:
                mp4[name] = text
        if tags.track:
            mp4["trkn"] = [(tags.track, tags.tracks)]
        if self.name == M4b.name:
            mp4["stik"] = [_AUDIOBOOK]
        mp4["----:com.apple.iTunes:LANGUAGE"] = MP4FreeForm(tags.iso_639_2.encode("ascii"))
        if tags.cover:
            kind = MP4Cover.FORMAT_PNG if tags.cover.mime == "image/png" else MP4Cover.FORMAT_JPEG
            mp4["covr"] = [MP4Cover(tags.cover.data, kind)]
        mp4.save()


class M4b(M4a):
    """The same as a book."""

    name: ClassVar[str] = "m4b"

    def arguments(self, settings: EncoderSettings) -> tuple[str, ...]:
        """Players sort a file among the audiobooks by its brand."""
        return (*super().arguments(settings), "-brand", "M4B ")


def _edited_frames(file: IO[bytes], size: int) -> int | None:
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
    there = sum(packets) <= sound[1] - sound[0] and 0 <= frames - last < _PACKET
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
    """What lies there. Raises IndexError where a header announces more than the file has."""
    if begin + length > file.seek(0, os.SEEK_END):
        raise IndexError(begin)
    file.seek(begin)
    return file.read(length)
