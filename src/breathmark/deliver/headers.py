"""How many frames a finished file's own header promises, read without decoding it."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, assert_never

from breathmark.deliver.gapless import read_gapless

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from breathmark.deliver.codecs import Format

__all__ = ["promised_frames"]

_PAGE_BYTES: Final = 27 + 255 + 255 * 255
"""The largest page of Ogg (RFC 3533, 6)."""


def promised_frames(path: Path, format_name: Format) -> int | None:
    """The frames that every decoder will give of the untagged file ``path``; None where it is torn or no such file.

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
    except struct.error:
        return None


def _mp3(path: Path) -> int | None:
    known = read_gapless(path)
    return known.frames if known and known.byte_count == path.stat().st_size else None


def _mp4(path: Path) -> int | None:
    """Of the sound's edit list (ISO/IEC 14496-12, 8.6.6), which leaves out what the encoder put before and behind."""
    with path.open("rb") as file:
        size = path.stat().st_size
        boxes = dict(_boxes(file, 0, size))
        if {b"ftyp", b"mdat", b"moov"} - boxes.keys():
            return None
        begin, end = boxes[b"moov"]
        for name, inside in _boxes(file, begin, end):
            edits = _edit_list(file, *inside) if name == b"trak" else None
            if edits is not None:
                return edits
    return None


def _edit_list(file: IO[bytes], begin: int, end: int) -> int | None:
    """How long the only edit of a track of sound is; None where it is another track."""
    track = dict(_boxes(file, begin, end))
    media = dict(_boxes(file, *track.get(b"mdia", (end, end))))
    if b"hdlr" not in media or b"edts" not in track or _read(file, media[b"hdlr"][0] + 8, 4) != b"soun":
        return None
    edits = dict(_boxes(file, *track[b"edts"]))
    if b"elst" not in edits:
        return None
    version, count = struct.unpack(">B3xI", _read(file, edits[b"elst"][0], 8))
    form = ">Qqi" if version else ">Iii"
    data = _read(file, edits[b"elst"][0] + 8, count * struct.calcsize(form))
    return sum(int(length) for length, start, _ in struct.iter_unpack(form, data) if start >= 0)


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
    file.seek(begin)
    return file.read(length)


def _opus(path: Path) -> int | None:
    """From the first page, which says how many to drop, to the last one, which counts them all (RFC 7845, 4 and 5)."""
    with path.open("rb") as file:
        head = file.read(47)
        if head[:4] != b"OggS" or head[28:36] != b"OpusHead":
            return None
        (skipped,) = struct.unpack_from("<H", head, 38)
        size = path.stat().st_size
        last = _read(file, max(size - _PAGE_BYTES, 0), _PAGE_BYTES)
    begin = last.rfind(b"OggS")
    kind, granule = struct.unpack_from("<Bq", last, begin + 5)
    (segments,) = struct.unpack_from("<B", last, begin + 26)
    whole = begin + 27 + segments + sum(last[begin + 27 : begin + 27 + segments]) == len(last)
    return int(granule) - skipped if kind & 4 and whole else None


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
