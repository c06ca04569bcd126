"""Vorbis comments, as FLAC and Opus have them."""

# mypy: untyped-calls-exclude=mutagen
# mutagen says that it is typed, and types few of its functions
from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mutagen.flac import FLAC, Picture
from mutagen.id3 import PictureType

from breathmark.base.times import milliseconds, timestamp
from breathmark.formats.tags import GENRE, Tags

if TYPE_CHECKING:
    from mutagen.oggopus import OggOpus

    from breathmark.formats.cover import Cover


MOST_CHAPTERS: Final = 1000
"""CHAPTER000 to CHAPTER999 (wiki of xiph.org, "Chapter Extension")."""


def fill_vorbis(file: FLAC | OggOpus, tags: Tags) -> None:
    """Vorbis comments, the chapters by the CHAPTERxxx convention of xiph.org's wiki ("Chapter Extension")."""
    texts = {
        "TITLE": tags.title,
        "ARTIST": tags.artist,
        "ALBUM": tags.album,
        "ALBUMARTIST": tags.album_artist,
        "TRACKNUMBER": str(tags.track or ""),
        "TRACKTOTAL": str(tags.tracks or "") if tags.track else "",
        "GENRE": GENRE,
        "LANGUAGE": tags.language,
        "DESCRIPTION": tags.comment,
        "ENCODER": tags.encoder,
    }
    for name, text in texts.items():
        if text:
            file[name] = text
    for number, mark in enumerate(tags.chapters):
        file[f"CHAPTER{number:03d}"] = timestamp(milliseconds(mark.start_frame, tags.rate_hz))
        file[f"CHAPTER{number:03d}NAME"] = mark.title


def picture_block(cover: Cover) -> Picture:
    """A picture as FLAC holds it (RFC 9639, 8.8)."""
    picture = Picture()
    picture.type, picture.mime, picture.data = PictureType.COVER_FRONT, cover.mime, cover.data
    picture.width, picture.height, picture.depth = cover.width, cover.height, cover.depth
    return picture
