"""Tags by ID3v2.4, as MP3 and WAV have them."""

# mypy: untyped-calls-exclude=mutagen
# mutagen says that it is typed, and types few of its functions
from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Final

from mutagen.id3 import (
    APIC,
    CHAP,
    COMM,
    CTOC,
    ID3,
    TALB,
    TCON,
    TIT2,
    TLAN,
    TPE1,
    TPE2,
    TRCK,
    TSSE,
    CTOCFlags,
    Encoding,
    Frame,
    PictureType,
)

from breathmark.base.times import milliseconds
from breathmark.formats.tags import GENRE, Tags

MOST_CHAPTERS: Final = 255
"""CTOC counts its chapters in one byte (ID3v2 Chapter Frame Addendum 1.0, 3.2)."""
_NO_OFFSET: Final = 0xFFFF_FFFF
"""In CHAP: the time counts, not the byte (ID3v2 Chapter Frame Addendum 1.0, 3.1)."""


def fill_id3(id3: ID3, tags: Tags) -> None:
    """All frames, those of the chapters in the order of time, which is the order that players list them in.

    mutagen writes the frames that it knows by their size, and behind them unknown ones as they come.
    """
    for frame in _id3_frames(tags):
        id3.add(frame)
    id3.unknown_frames = [_as_written(frame) for frame in _chapter_frames(tags)]


def _as_written(frame: Frame) -> bytes:
    """One frame as it is in a tag of ID3v2.4, whose header takes 10 bytes."""
    alone, written = ID3(), BytesIO()
    alone.add(frame)
    alone.save(written, v2_version=4, v1=0, padding=lambda _: 0)
    return written.getvalue()[10:]


def _id3_frames(tags: Tags) -> Iterator[Frame]:
    """Tags by ID3v2.4."""
    language = tags.iso_639_2
    utf8, front = Encoding.UTF8, PictureType.COVER_FRONT
    track = "/".join(str(number) for number in (tags.track, tags.tracks) if number) if tags.track else ""
    texts = (
        (tags.title, TIT2(encoding=utf8, text=[tags.title])),
        (tags.artist, TPE1(encoding=utf8, text=[tags.artist])),
        (tags.album, TALB(encoding=utf8, text=[tags.album])),
        (tags.album_artist, TPE2(encoding=utf8, text=[tags.album_artist])),
        (track, TRCK(encoding=utf8, text=[track])),
        (GENRE, TCON(encoding=utf8, text=[GENRE])),
        (language, TLAN(encoding=utf8, text=[language])),
        (tags.encoder, TSSE(encoding=utf8, text=[tags.encoder])),
        (tags.comment, COMM(encoding=utf8, lang=language, desc="", text=[tags.comment])),
    )
    yield from (frame for text, frame in texts if text)
    if tags.cover:
        yield APIC(encoding=utf8, mime=tags.cover.mime, type=front, desc="", data=tags.cover.data)


def _chapter_frames(tags: Tags) -> Iterator[CHAP | CTOC]:
    """The chapters, then their table, by the addendum to ID3v2; the table counts them in one byte."""
    names = [f"chp{number}" for number in range(len(tags.chapters))]
    for name, mark in zip(names, tags.chapters, strict=True):
        yield CHAP(
            element_id=name,
            start_time=milliseconds(mark.start_frame, tags.rate_hz),
            end_time=milliseconds(mark.end_frame, tags.rate_hz),
            start_offset=_NO_OFFSET,
            end_offset=_NO_OFFSET,
            sub_frames=[TIT2(encoding=Encoding.UTF8, text=[mark.title])],
        )
    if names:
        flags = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
        yield CTOC(element_id="toc", flags=flags, child_element_ids=names, sub_frames=[])
