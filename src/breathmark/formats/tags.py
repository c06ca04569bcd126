"""Tags: what players show about a file. Written by mutagen into the finished, not yet published file.

Nothing that changes from run to run is among them, and nothing that was said: neither lyrics nor values.
"""

# mypy: untyped-calls-exclude=mutagen
# mutagen says that it is typed, and types few of its functions
from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final, assert_never, cast

from mutagen import MutagenError
from mutagen.flac import FLAC, Picture
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
    PictureType,
)
from mutagen.mp4 import MP4, MP4Cover, MP4FreeForm
from mutagen.oggopus import OggOpus
from mutagen.wave import WAVE

from breathmark.base.errors import DeliveryError
from breathmark.base.times import milliseconds, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mutagen.id3 import Frame

    from breathmark.formats.codecs import Format
    from breathmark.formats.cover import Cover
    from breathmark.timeline.chapters import Chapter


GENRE: Final = "Meditation"
_NO_OFFSET: Final = 0xFFFF_FFFF
"""In CHAP: the time counts, not the byte (ID3v2 Chapter Frame Addendum 1.0, 3.1)."""

_AUDIOBOOK: Final = 2
"""iTunes' number for the kind of media, by which players sort."""

_LANGUAGES: Final = (
    "ar:ara bg:bul bn:ben bs:bos ca:cat cs:ces cy:cym da:dan de:deu el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas "
    "fi:fin fr:fra ga:gle gl:glg gu:guj he:heb hi:hin hr:hrv hu:hun hy:hye id:ind is:isl it:ita ja:jpn ka:kat kk:kaz "
    "kn:kan ko:kor la:lat lb:ltz lt:lit lv:lav mk:mkd ml:mal mr:mar ms:msa nb:nob ne:nep nl:nld nn:nno no:nor pa:pan "
    "pl:pol pt:por ro:ron ru:rus sa:san si:sin sk:slk sl:slv sq:sqi sr:srp sv:swe sw:swa ta:tam te:tel th:tha tr:tur "
    "uk:ukr ur:urd vi:vie zh:zho"
)
"""Two-letter codes of ISO 639-1 and the terminological three-letter ones that ID3 wants."""
_ISO_639_2: Final = dict(pair.split(":") for pair in _LANGUAGES.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What a finished file says about itself. Empty texts are left out."""

    title: str
    artist: str = ""
    """The author of the script."""
    album: str = ""
    """The course that it belongs to."""
    album_artist: str = ""
    """The author of the course."""
    track: int = 0
    """Its place in the course, from 1; 0 for none."""
    tracks: int = 0
    """How many there are; 0 where that is not said."""
    comment: str = ""
    """The script's summary."""
    narrator: str = ""
    """Whose voice speaks; for audiobooks."""
    language: str = "en"
    """A BCP 47 tag."""
    encoder: str = ""
    """What made the file, with its version."""
    cover: Cover | None = None
    chapters: tuple[Chapter, ...] = ()
    rate_hz: int
    """The rate of the chapters' frames."""


def write_tags(path: Path, format_name: Format, tags: Tags) -> None:
    """Write ``tags`` into the file ``path``, whose sound stays as it is. Raises DeliveryError."""
    try:
        match format_name:
            case "mp3":
                _write_mp3(path, tags)
            case "wav":
                _write_wav(path, tags)
            case "m4a" | "m4b":
                _write_mp4(path, tags, is_book=format_name == "m4b")
            case "opus":
                _write_opus(path, tags)
            case "flac":
                _write_flac(path, tags)
            case _:
                assert_never(format_name)
    except (MutagenError, OSError) as error:
        raise DeliveryError(
            f"the tags can't be written: {error}", "see whether the disk is full, then run the command again"
        ) from error


def _write_mp3(path: Path, tags: Tags) -> None:
    id3 = ID3()
    _fill_id3(id3, tags)
    id3.save(path, v2_version=4, v1=0)


def _write_wav(path: Path, tags: Tags) -> None:
    wave = WAVE(path)
    wave.add_tags()
    _fill_id3(cast("ID3", wave.tags), tags)
    wave.save(v2_version=4)


def _write_mp4(path: Path, tags: Tags, *, is_book: bool) -> None:
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
    if is_book:
        mp4["stik"] = [_AUDIOBOOK]
    mp4["----:com.apple.iTunes:LANGUAGE"] = MP4FreeForm(_iso_639_2(tags.language).encode("ascii"))
    if tags.cover:
        kind = MP4Cover.FORMAT_PNG if tags.cover.mime == "image/png" else MP4Cover.FORMAT_JPEG
        mp4["covr"] = [MP4Cover(tags.cover.data, kind)]
    mp4.save()


def _write_opus(path: Path, tags: Tags) -> None:
    """The picture is text here: RFC 7845 has no other place for it."""
    opus = OggOpus(path)
    opus.clear()  # ffmpeg names its encoder
    _fill_vorbis(opus, tags)
    if tags.cover:
        opus["METADATA_BLOCK_PICTURE"] = b64encode(_flac_picture(tags.cover).write()).decode("ascii")
    opus.save()


def _write_flac(path: Path, tags: Tags) -> None:
    flac = FLAC(path)
    _fill_vorbis(flac, tags)
    if tags.cover:
        flac.add_picture(_flac_picture(tags.cover))
    flac.save()


def _fill_id3(id3: ID3, tags: Tags) -> None:
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
    language = _iso_639_2(tags.language)
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


def _fill_vorbis(file: FLAC | OggOpus, tags: Tags) -> None:
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


def _flac_picture(cover: Cover) -> Picture:
    picture = Picture()
    picture.type, picture.mime, picture.data = PictureType.COVER_FRONT, cover.mime, cover.data
    picture.width, picture.height, picture.depth = cover.width, cover.height, cover.depth
    return picture


def _iso_639_2(tag: str) -> str:
    """The three letters of ISO 639-2 for a BCP 47 tag; ``und`` (undetermined) where they aren't known."""
    primary = tag.replace("_", "-").split("-")[0].lower()
    is_three_letters = len(primary) == 3 and primary.isascii() and primary.isalpha()
    return primary if is_three_letters else _ISO_639_2.get(primary, "und")
