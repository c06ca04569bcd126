"""Tags, read back by mutagen and by ffmpeg; the sound under them stays as it was."""

# mypy: untyped-calls-exclude=mutagen
# mutagen says that it is typed, and types few of its functions
from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import mutagen
import numpy as np
import pytest
from mutagen.flac import FLAC
from mutagen.id3 import ID3
from mutagen.wave import WAVE

from breathmark.deliver.chapters import Chapter, chapters
from breathmark.deliver.cover import Cover
from breathmark.deliver.encode import encode
from breathmark.deliver.presets import Format, preset_for
from breathmark.deliver.tags import Tags, write_tags
from breathmark.errors import DeliveryError
from breathmark.sound.ffmpeg import ffmpeg_path

from .material import RATE_HZ, SESSION, blocks_of, ffmpeg_decode, jpeg, png, soundfile_decode, voice_like

PICTURE = Cover(mime="image/png", data=png(6, 4), width=6, height=4, depth=24)
TAGS = Tags(
    title="Three Small Steps — ñ",
    artist="Breathmark",
    album="Being Kind to Yourself",
    comment="Name it, share it,\nsoften it. 茶",
    language="de-AT",
    encoder="Breathmark 0.1.0",
    cover=PICTURE,
    chapters=chapters(SESSION),
    rate_hz=RATE_HZ,
)
FORMATS: tuple[Format, ...] = ("mp3", "wav", "flac")


@cache
def sound_file(format_name: Format) -> bytes:
    """Twenty-one seconds of sound without tags."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "part"
        encode(blocks_of(voice_like(SESSION.frames)), preset_for("podcast", format_name), path)
        return path.read_bytes()


def untagged(format_name: Format, path: Path) -> Path:
    """The same as a file."""
    path.write_bytes(sound_file(format_name))
    return path


def tagged(format_name: Format, path: Path, tags: Tags = TAGS) -> Path:
    """The same with tags."""
    write_tags(untagged(format_name, path), format_name, tags)
    return path


def ffmpeg_says(path: Path) -> str:
    """What ffmpeg shows about a file."""
    return subprocess.run(
        [ffmpeg_path(), "-hide_banner", "-i", path], capture_output=True, text=True, check=False
    ).stderr


def id3_of(path: Path, format_name: Format) -> ID3:
    """The ID3 tags of an MP3 or a WAV."""
    if format_name == "mp3":
        return ID3(path)
    wave = WAVE(path)
    tags = ID3()
    for frame in wave.values():
        tags.add(frame)
    return tags


@pytest.mark.parametrize("format_name", ["mp3", "wav"])
def test_mutagen_reads_the_id3_tags(format_name: Format, tmp_path: Path) -> None:
    """Version 2.4 with all fields, the cover and a table of contents."""
    path = tagged(format_name, tmp_path / "part")
    tags = id3_of(path, format_name)
    assert tags.version == (2, 4, 0)
    texts = {name: tags[name].text[0] for name in ("TIT2", "TPE1", "TALB", "TCON", "TLAN", "TSSE", "COMM::deu")}
    assert texts == {
        "TIT2": TAGS.title,
        "TPE1": "Breathmark",
        "TALB": "Being Kind to Yourself",
        "TCON": "Meditation",
        "TLAN": "deu",
        "TSSE": "Breathmark 0.1.0",
        "COMM::deu": TAGS.comment,
    }
    assert (tags["APIC:"].mime, tags["APIC:"].type, tags["APIC:"].data) == ("image/png", 3, png(6, 4))
    assert tags["CTOC:toc"].child_element_ids == ["chp0", "chp1"]
    assert [(tags[f"CHAP:chp{n}"].start_time, tags[f"CHAP:chp{n}"].end_time) for n in range(2)] == [
        (0, 9000),
        (9000, 21000),
    ]
    assert tags["CHAP:chp1"].sub_frames["TIT2"].text == ["A Kind Hand — ñ 茶"]


def test_mutagen_reads_the_vorbis_comments(tmp_path: Path) -> None:
    """With chapters by name and the picture's size."""
    flac = FLAC(tagged("flac", tmp_path / "part"))
    assert {name: flac[name] for name in flac} == {
        "title": [TAGS.title],
        "artist": ["Breathmark"],
        "album": ["Being Kind to Yourself"],
        "genre": ["Meditation"],
        "language": ["de-AT"],
        "description": [TAGS.comment],
        "encoder": ["Breathmark 0.1.0"],
        "chapter000": ["00:00:00.000"],
        "chapter000name": ["Welcome"],
        "chapter001": ["00:00:09.000"],
        "chapter001name": ["A Kind Hand — ñ 茶"],
    }
    [picture] = flac.pictures
    assert (picture.mime, picture.width, picture.height, picture.depth) == ("image/png", 6, 4, 24)
    assert (picture.type, picture.data) == (3, png(6, 4))


@pytest.mark.parametrize("format_name", FORMATS)
def test_ffmpeg_reads_them_too(format_name: Format, tmp_path: Path) -> None:
    """Title, artist, album, genre, chapters and the cover as a stream."""
    said = ffmpeg_says(tagged(format_name, tmp_path / "part"))
    for name, text in {"title": TAGS.title, "artist": "Breathmark", "album": TAGS.album, "genre": "Meditation"}.items():
        assert re.search(rf"(?i)^\s+{name}\s+: {re.escape(text)}$", said, re.MULTILINE), said
    assert "Video: png" in said
    starts = re.findall(r"Chapter #0:\d+: start ([\d.]+)", said)
    assert starts == ["0.000000", "9.000000"], said
    assert "A Kind Hand — ñ 茶" in said


def test_a_jpeg_is_a_cover_as_well(tmp_path: Path) -> None:
    """Ffmpeg sees it as one."""
    cover = Cover(mime="image/jpeg", data=jpeg(16, 8), width=16, height=8, depth=24)
    assert "Video: mjpeg" in ffmpeg_says(tagged("mp3", tmp_path / "part", replace(TAGS, cover=cover)))


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_sound_stays_as_it_was(format_name: Format, tmp_path: Path) -> None:
    """Frame by frame, by two decoders, with a cover of a megabyte in front of it."""
    big = replace(PICTURE, data=png(6, 4)[:-12] + b"\x00" * 2**20 + png(6, 4)[-12:])
    plain = untagged(format_name, tmp_path / "plain")
    path = tagged(format_name, tmp_path / "part", replace(TAGS, cover=big))
    assert path.stat().st_size > plain.stat().st_size + 2**19  # FLAC leaves room for tags
    np.testing.assert_array_equal(soundfile_decode(path), soundfile_decode(plain))
    no_cover = tagged(format_name, tmp_path / "other", replace(TAGS, cover=None))
    np.testing.assert_array_equal(ffmpeg_decode(no_cover), ffmpeg_decode(plain))
    assert len(ffmpeg_decode(no_cover)) == SESSION.frames


@pytest.mark.parametrize("format_name", FORMATS)
def test_the_same_tags_give_the_same_bytes(format_name: Format, tmp_path: Path) -> None:
    """No date, no order by chance."""
    one, two = tagged(format_name, tmp_path / "one"), tagged(format_name, tmp_path / "two")
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize("format_name", FORMATS)
def test_empty_fields_are_left_out(format_name: Format, tmp_path: Path) -> None:
    """A file of an anonymous author, without chapters or a language that ID3 knows."""
    path = tagged(format_name, tmp_path / "part", Tags(title="Quiet", language="tlh-x", rate_hz=RATE_HZ))
    names = {str(name).lower() for name in mutagen.File(path).tags.keys()}  # noqa: SIM118 — a VComment iterates over pairs
    assert names == ({"title", "genre", "language"} if format_name == "flac" else {"tit2", "tcon", "tlan"})


def test_languages_have_three_letters_in_id3(tmp_path: Path) -> None:
    """``und`` where the code is none that we know."""
    path = untagged("mp3", tmp_path / "part")
    for tag, code in {"en": "eng", "en-GB": "eng", "pt_BR": "por", "tlh": "tlh", "x1": "und", "": "und"}.items():
        write_tags(path, "mp3", replace(TAGS, language=tag))
        assert ID3(path)["TLAN"].text == [code]


def test_chapters_are_numbered_beyond_nine(tmp_path: Path) -> None:
    """In the order of time."""
    marks = tuple(Chapter(start_frame=n * RATE_HZ, end_frame=(n + 1) * RATE_HZ, title=f"Part {n}") for n in range(21))
    for format_name in FORMATS:
        said = ffmpeg_says(tagged(format_name, tmp_path / "part", replace(TAGS, cover=None, chapters=marks)))
        assert re.findall(r"Part \d+", said) == [f"Part {n}" for n in range(21)], format_name


def test_a_file_that_can_not_be_tagged_is_a_delivery_error(tmp_path: Path) -> None:
    """Not mutagen's own error."""
    for format_name in FORMATS:
        with pytest.raises(DeliveryError, match="tags"):
            write_tags(tmp_path / "missing" / "part", format_name, TAGS)
    (tmp_path / "junk").write_bytes(b"junk" * 100)
    for format_name in ("wav", "flac"):
        with pytest.raises(DeliveryError, match="tags"):
            write_tags(tmp_path / "junk", format_name, TAGS)
