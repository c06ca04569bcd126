"""Tags, read back by mutagen and by ffmpeg; the sound under them stays as it was."""

# mypy: untyped-calls-exclude=mutagen
# mutagen says that it is typed, and types few of its functions
from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import mutagen
import numpy as np
import pytest
from mutagen.flac import FLAC, Picture
from mutagen.id3 import ID3
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggopus import OggOpus
from mutagen.wave import WAVE

from breathmark.audio.ffmpeg import ffmpeg_path
from breathmark.base.errors import DeliveryError
from breathmark.formats.cover import Cover
from breathmark.formats.encode import encode
from breathmark.formats.presets import preset_for
from breathmark.formats.registry import file_format, format_names
from breathmark.formats.tags import Tags
from breathmark.timeline.chapters import Chapter, chapters, ffmetadata
from breathmark.verification.container import read_labels
from tests.profiles import quick_only

from .material import RATE_HZ, SESSION, blocks_of, ffmpeg_decode, jpeg, png, soundfile_decode, voice_like

PICTURE = Cover(mime="image/png", data=png(6, 4), width=6, height=4, depth=24)
TAGS = Tags(
    title="Three Small Steps — ñ",
    artist="Breathmark",
    album="Being Kind to Yourself",
    album_artist="The Makers",
    track=3,
    tracks=12,
    comment="Name it, share it,\nsoften it. 茶",
    language="de-AT",
    encoder="Breathmark 0.1.0",
    cover=PICTURE,
    chapters=chapters(SESSION),
    rate_hz=RATE_HZ,
)
MP4S = ("m4b", "m4a")


@cache
def sound_file(format_name: str, marks: tuple[Chapter, ...] = TAGS.chapters) -> bytes:
    """Twenty-one seconds of sound without tags; an MP4 has its chapters from the encoder."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "part"
        preset = preset_for("podcast", format_name)
        noted = path.with_suffix(".ffmeta")
        noted.write_text(ffmetadata(marks, RATE_HZ), encoding="utf-8")
        sound = voice_like(SESSION.frames * preset.rate_hz // RATE_HZ, preset.rate_hz)
        encode(blocks_of(sound, preset.rate_hz), preset, path, marks=noted if marks and format_name in MP4S else None)
        return path.read_bytes()


def untagged(format_name: str, path: Path, marks: tuple[Chapter, ...] = TAGS.chapters) -> Path:
    """The same as a file."""
    path.write_bytes(sound_file(format_name, marks))
    return path


def tagged(format_name: str, path: Path, tags: Tags = TAGS) -> Path:
    """The same with tags."""
    file_format(format_name).tag(untagged(format_name, path, tags.chapters), tags)
    return path


def ffmpeg_says(path: Path) -> str:
    """What ffmpeg shows about a file."""
    return subprocess.run(
        [ffmpeg_path(), "-hide_banner", "-i", path], capture_output=True, text=True, check=False
    ).stderr


def id3_of(path: Path, format_name: str) -> ID3:
    """The ID3 tags of an MP3 or a WAV."""
    if format_name == "mp3":
        return ID3(path)
    wave = WAVE(path)
    tags = ID3()
    for frame in wave.values():
        tags.add(frame)
    return tags


@pytest.mark.parametrize("format_name", ["mp3", "wav"])
def test_mutagen_reads_the_id3_tags(format_name: str, tmp_path: Path) -> None:
    """Version 2.4 with all fields, the cover and a table of contents."""
    path = tagged(format_name, tmp_path / "part")
    tags = id3_of(path, format_name)
    assert tags.version == (2, 4, 0)
    texts = {
        name: tags[name].text[0]
        for name in ("TIT2", "TPE1", "TALB", "TPE2", "TRCK", "TCON", "TLAN", "TSSE", "COMM::deu")
    }
    assert texts == {
        "TIT2": TAGS.title,
        "TPE1": "Breathmark",
        "TALB": "Being Kind to Yourself",
        "TPE2": "The Makers",
        "TRCK": "3/12",
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
        "albumartist": ["The Makers"],
        "tracknumber": ["3"],
        "tracktotal": ["12"],
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


def test_opus_has_the_same_comments_and_the_cover_as_text(tmp_path: Path) -> None:
    """RFC 7845 has no other place for a picture than FLAC's block in base64."""
    opus, flac = OggOpus(tagged("opus", tmp_path / "part")), FLAC(tagged("flac", tmp_path / "other"))
    assert {name: opus[name] for name in opus if name != "metadata_block_picture"} == {
        name: flac[name] for name in flac
    }
    picture = Picture(base64.b64decode(opus["METADATA_BLOCK_PICTURE"][0]))
    assert (picture.mime, picture.type, picture.width, picture.data) == ("image/png", 3, 6, png(6, 4))


@pytest.mark.parametrize("format_name", quick_only(["m4b"], MP4S))
def test_mutagen_reads_the_atoms_of_an_mp4(format_name: str, tmp_path: Path) -> None:
    """All fields, the cover, the chapters; and audiobook players know an M4B by its brand and its kind."""
    path = tagged(format_name, tmp_path / "part")
    mp4 = MP4(path)
    assert {name: mp4[name][0] for name in mp4 if name != "covr"} == {
        "\xa9nam": TAGS.title,
        "\xa9ART": "Breathmark",
        "\xa9alb": "Being Kind to Yourself",
        "aART": "The Makers",
        "trkn": (3, 12),
        "\xa9gen": "Meditation",
        "\xa9cmt": TAGS.comment,
        "desc": TAGS.comment,
        "\xa9too": "Breathmark 0.1.0",
        "----:com.apple.iTunes:LANGUAGE": b"deu",
        **({"stik": 2} if format_name == "m4b" else {}),
    }
    assert (bytes(mp4["covr"][0]), mp4["covr"][0].imageformat) == (png(6, 4), MP4Cover.FORMAT_PNG)
    assert [(mark.start, mark.title) for mark in mp4.chapters or ()] == [(0.0, "Welcome"), (9.0, "A Kind Hand — ñ 茶")]
    assert path.read_bytes()[8:12] == {"m4a": b"M4A ", "m4b": b"M4B "}[format_name]


@pytest.mark.skipif(not shutil.which("ffprobe"), reason="there is no ffprobe: scripts/install-readers")
@pytest.mark.parametrize("format_name", quick_only(["mp3", "m4b", "flac"], format_names()))
def test_ffprobe_reads_the_chapters(format_name: str, tmp_path: Path) -> None:
    """Where it is installed."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_chapters", str(tagged(format_name, tmp_path / "part"))]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["chapters"]
    assert [(float(mark["start_time"]), mark["tags"]["title"]) for mark in found] == [
        (0.0, "Welcome"),
        (9.0, "A Kind Hand — ñ 茶"),
    ]


def test_signs_that_ffmpeg_reads_otherwise_stay_in_a_chapter_s_name(tmp_path: Path) -> None:
    """Of its own metadata form: = ; # and the backslash."""
    marks = (Chapter(start_frame=0, end_frame=SESSION.frames, title=r"1=2; #3 \ 4"),)
    path = tagged("m4b", tmp_path / "part", replace(TAGS, chapters=marks))
    assert [mark.title for mark in MP4(path).chapters or ()] == [r"1=2; #3 \ 4"]


@pytest.mark.parametrize("format_name", quick_only(["mp3", "m4b", "flac"], format_names()))
def test_ffmpeg_reads_them_too(format_name: str, tmp_path: Path) -> None:
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


@pytest.mark.parametrize("format_name", quick_only(["mp3", "flac"], format_names()))
def test_the_sound_stays_as_it_was(format_name: str, tmp_path: Path) -> None:
    """Frame by frame, by two decoders, with a cover of a megabyte in front of it."""
    big = replace(PICTURE, data=png(6, 4)[:-12] + b"\x00" * 2**20 + png(6, 4)[-12:])
    plain = untagged(format_name, tmp_path / "plain")
    path = tagged(format_name, tmp_path / "part", replace(TAGS, cover=big))
    assert path.stat().st_size > plain.stat().st_size + 2**19  # FLAC leaves room for tags
    if format_name not in MP4S:  # libsndfile reads none
        np.testing.assert_array_equal(soundfile_decode(path), soundfile_decode(plain))
    no_cover = tagged(format_name, tmp_path / "other", replace(TAGS, cover=None))
    np.testing.assert_array_equal(ffmpeg_decode(no_cover), ffmpeg_decode(plain))
    rate_hz = preset_for("podcast", format_name).rate_hz
    assert (
        abs(len(ffmpeg_decode(no_cover)) - SESSION.frames * rate_hz // RATE_HZ) < file_format(format_name).packet_frames
    )


@pytest.mark.parametrize("format_name", quick_only(["mp3", "m4b", "flac"], format_names()))
def test_the_same_tags_give_the_same_bytes(format_name: str, tmp_path: Path) -> None:
    """No date, no order by chance."""
    one, two = tagged(format_name, tmp_path / "one"), tagged(format_name, tmp_path / "two")
    assert one.read_bytes() == two.read_bytes()


def test_a_number_without_a_total_stands_alone(tmp_path: Path) -> None:
    """As a course gives it, so that one more session changes no other's file."""
    tags = replace(TAGS, tracks=0)
    assert ID3(tagged("mp3", tmp_path / "mp3", tags))["TRCK"].text == ["3"]
    assert MP4(tagged("m4a", tmp_path / "m4a", tags))["trkn"] == [(3, 0)]
    flac = FLAC(tagged("flac", tmp_path / "flac", tags))
    assert (flac["tracknumber"], flac.get("tracktotal")) == (["3"], None)


def test_an_mp4_with_more_chapters_and_longer_titles_than_one_byte_counts(tmp_path: Path) -> None:
    """Nero's list ends at 255, and QuickTime's has all; a title of more than 255 bytes is cut between characters."""
    ends = [SESSION.frames * number // 300 for number in range(301)]
    marks = tuple(
        Chapter(start_frame=start, end_frame=end, title="ü" * 200 if number == 1 else f"Part {number}")
        for number, (start, end) in enumerate(pairwise(ends), start=1)
    )
    path = tagged("m4b", tmp_path / "part", replace(TAGS, chapters=marks))
    found = MP4(path).chapters
    assert found is not None
    assert (len(found), found[0].title) == (255, "ü" * 126 + "…")
    said = ffmpeg_says(path)
    assert said.count("Chapter #") == 300
    assert "Part 300" in said


@pytest.mark.parametrize("format_name", quick_only(["mp3", "flac"], format_names()))
def test_empty_fields_are_left_out(format_name: str, tmp_path: Path) -> None:
    """A file of an anonymous author, without chapters or a language that ID3 knows."""
    path = tagged(format_name, tmp_path / "part", Tags(title="Quiet", language="tlh-x", rate_hz=RATE_HZ))
    names = {str(name).lower() for name in mutagen.File(path).tags.keys()}  # noqa: SIM118 — a VComment iterates over pairs
    atoms = {"\xa9nam", "\xa9gen", "----:com.apple.itunes:language"}
    vorbis, id3 = {"title", "genre", "language"}, {"tit2", "tcon", "tlan"}
    assert names == {"m4a": atoms, "m4b": {*atoms, "stik"}, "opus": vorbis, "flac": vorbis}.get(format_name, id3)


def test_languages_have_three_letters_in_id3(tmp_path: Path) -> None:
    """``und`` where the code is none that we know."""
    path = untagged("mp3", tmp_path / "part")
    for tag, code in {"en": "eng", "en-GB": "eng", "pt_BR": "por", "tlh": "tlh", "x1": "und", "": "und"}.items():
        file_format("mp3").tag(path, replace(TAGS, language=tag))
        assert ID3(path)["TLAN"].text == [code]


@pytest.mark.slow
def test_chapters_are_numbered_beyond_nine(tmp_path: Path) -> None:
    """In the order of time."""
    marks = tuple(Chapter(start_frame=n * RATE_HZ, end_frame=(n + 1) * RATE_HZ, title=f"Part {n}") for n in range(21))
    for format_name in format_names():
        said = ffmpeg_says(tagged(format_name, tmp_path / "part", replace(TAGS, cover=None, chapters=marks)))
        assert re.findall(r"Part \d+", said) == [f"Part {n}" for n in range(21)], format_name


@pytest.mark.parametrize("format_name", quick_only(["mp3", "flac"], format_names()))
def test_chapters_stand_in_the_order_of_time(format_name: str, tmp_path: Path) -> None:
    """However long their names are: ffmpeg and players list them, and end each, in the order of the file."""
    names = [f"{'long ' * (7 * n % 5)}part {n}" for n in range(21)]
    marks = tuple(
        Chapter(start_frame=n * RATE_HZ, end_frame=(n + 1) * RATE_HZ, title=name) for n, name in enumerate(names)
    )
    path = tagged(format_name, tmp_path / "part", replace(TAGS, chapters=marks))
    said = re.findall(r"Chapter #0:\d+: start ([\d.]+), end ([\d.]+)", ffmpeg_says(path))
    assert [float(start) for start, _ in said] == list(range(21))
    # An MP3's last chapter is ended by what ffmpeg takes for the length of the file.
    assert [float(end) for _, end in said[:-1]] == list(range(1, 21))
    if format_name in ("mp3", "wav"):
        data = path.read_bytes()
        places = [data.index(b"CHAP"), *(data.index(f"chp{n}\0".encode()) for n in range(21))]
        assert places == sorted(places)


@pytest.mark.parametrize(
    ("format_name", "most"),
    [
        ("mp3", 255),
        pytest.param("wav", 255, marks=pytest.mark.slow),
        pytest.param("opus", 1000, marks=pytest.mark.slow),
        pytest.param("flac", 1000, marks=pytest.mark.slow),
    ],
)
def test_as_many_chapters_as_a_format_has_room_for(format_name: str, most: int, tmp_path: Path) -> None:
    """All of them are read, in order."""
    assert file_format(format_name).most_chapters == most
    step = SESSION.frames // most
    marks = tuple(
        Chapter(start_frame=n * step, end_frame=(n + 1) * step, title=f"{n}{'.' * (n % 7)}") for n in range(most)
    )
    read = read_labels(tagged(format_name, tmp_path / "part", replace(TAGS, chapters=marks))).chapters
    assert [mark.title for mark in read] == [mark.title for mark in marks]


def test_a_file_that_can_not_be_tagged_is_a_delivery_error(tmp_path: Path) -> None:
    """Not mutagen's own error."""
    for format_name in format_names():
        with pytest.raises(DeliveryError, match="tags"):
            file_format(format_name).tag(tmp_path / "missing" / "part", TAGS)
    (tmp_path / "junk").write_bytes(b"junk" * 100)
    for format_name in ("wav", "flac", "opus", "m4a"):
        with pytest.raises(DeliveryError, match="tags"):
            file_format(format_name).tag(tmp_path / "junk", TAGS)
