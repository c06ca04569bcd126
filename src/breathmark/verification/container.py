"""Headers and labels of a file: its sound by mutagen, its tags and chapters by ffmpeg."""

# mypy: untyped-calls-exclude=mutagen
# mutagen says that it is typed, and types few of its functions
from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import mutagen
from mutagen.flac import FLAC
from mutagen.mp3 import MP3, BitrateMode
from mutagen.mp4 import MP4
from mutagen.ogg import OggPage
from mutagen.oggopus import OggOpus
from mutagen.wave import WAVE

from breathmark.audio.ffmpeg import ffmpeg_path

_KINDS: Final[dict[type, tuple[tuple[str, ...], str]]] = {
    MP3: (("mp3",), "mp3"),
    MP4: (("m4a", "m4b"), "aac"),
    OggOpus: (("opus",), "opus"),
    FLAC: (("flac",), "flac"),
    WAVE: (("wav",), "pcm"),
}
"""What suffixes each kind of file may have, and its codec."""
_DURATION: Final = re.compile(r"^  Duration: (\d+):(\d+):([\d.]+)", re.MULTILINE)
_STREAM: Final = re.compile(
    r"Stream #0:\d.*?: Audio: (?P<codec>\w+).*?, (?P<rate>\d+) Hz, (?P<channels>[^,]+), (?P<form>[^,\n]+)"
    r"(?:, (?P<kbit_s>\d+) kb/s)?"
)
_BITS: Final = re.compile(r"(\d+)(?: bit\))?$")
_CHANNELS: Final = {"mono": 1, "1 channels": 1, "stereo": 2, "2 channels": 2}
_OPUS_HZ: Final = 48_000
_MP3_FRAME: Final = 1152
"""PCM frames of an MP3 frame of MPEG 1, which has 44.1 or 48 kHz."""
_LAME_BYTES: Final = 192
_GAP_AT: Final = 141
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_SPLIT: Final = re.compile(r"(?<!\\)(?:\\\\)*=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """The sound of a file, as its headers describe it."""

    formats: tuple[str, ...]
    """What its suffix may be; empty where Breathmark does not write this kind of file."""
    codec: str
    rate_hz: int
    channels: int
    bits: int
    """Per sample; 0 where the codec has none."""
    kbit_s: float
    """On average."""
    constant: bool
    """Whether an MP3 keeps one bit rate throughout."""
    length_s: float
    """What the headers promise."""
    frames: int | None = None
    """What the headers promise exactly, so that a decoder gives just as many; None where they don't."""
    cut_off: bool = False
    """Whether the last packet of an Opus stream does not say that it is the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkRead:
    """A chapter, as it was read from a file."""

    start_s: float
    end_s: float
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Tags and chapters."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """By ffmpeg's names, in lower case."""
    chapters: tuple[MarkRead, ...] = ()
    """In the order of time."""


def read_container(path: Path) -> Container | None:
    """How ``path`` describes its sound; None where mutagen does not know it as a sound file."""
    try:
        file = mutagen.File(path)
    except (mutagen.MutagenError, OSError, ValueError):
        return None
    if isinstance(file, MP3 | MP4 | OggOpus | FLAC | WAVE):
        return _container(file, path) if file.info else None
    return _as_ffmpeg_says(path)


def _container(file: MP3 | MP4 | OggOpus | FLAC | WAVE, path: Path) -> Container:
    info: Any = file.info  # each kind's own, and mutagen has no common name for them
    formats, codec = _KINDS[type(file)]
    frames, cut_off = _promise(file, path)
    if isinstance(file, MP4) and not info.codec.startswith("mp4a.40"):
        codec = info.codec
    return Container(
        formats=formats,
        codec=codec,
        rate_hz=int(getattr(info, "sample_rate", 48_000)),  # Opus is always decoded at that
        channels=int(info.channels),
        bits=int(getattr(info, "bits_per_sample", 0)) if codec in {"flac", "pcm"} else 0,
        kbit_s=float(getattr(info, "bitrate", 0)) / 1000,
        constant=isinstance(file, MP3) and info.bitrate_mode == BitrateMode.CBR,
        length_s=float(info.length),
        frames=frames,
        cut_off=cut_off,
    )


def _promise(file: MP3 | MP4 | OggOpus | FLAC | WAVE, path: Path) -> tuple[int | None, bool]:
    """How many frames its headers promise exactly, and whether the end of its stream is missing."""
    info: Any = file.info
    match file:
        case FLAC():
            return int(info.total_samples) or None, False
        case WAVE():
            return round(info.length * info.sample_rate), False
        case OggOpus():
            with path.open("rb") as data:
                serial = OggPage(data).serial
                last = OggPage.find_last(data, serial)
            return round(info.length * _OPUS_HZ), not (last and last.last)
        case MP3() if info.version == 1:  # of MPEG
            return _gapless_frames(path, info.frame_offset), False
        case _:
            return None, False


def _gapless_frames(path: Path, begin: int) -> int | None:
    """Of the tag in an MP3's first frame (LAME's "MP3 Info Tag", revision 1); None where it has no delay or padding."""
    with path.open("rb") as data:
        data.seek(begin)
        head = data.read(_LAME_BYTES)
    at = max(head.find(b"Xing"), head.find(b"Info"))
    if at < 0 or len(head) < at + _GAP_AT + 3 or not head[at + 7] & 1:
        return None
    gap = int.from_bytes(head[at + _GAP_AT : at + _GAP_AT + 3])
    count = int.from_bytes(head[at + 8 : at + 12])
    return count * _MP3_FRAME - (gap >> 12) - (gap & 0xFFF) if gap else None


def _as_ffmpeg_says(path: Path) -> Container | None:
    """A file of a format that another package adds: ffmpeg's lines about its sound, printed for whoever reads them."""
    command = [str(ffmpeg_path()), "-nostdin", "-hide_banner", "-protocol_whitelist", "file", "-i", f"file:{path}"]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell, fixed options
    said = done.stderr.decode("utf-8", errors="replace")
    duration, stream = _DURATION.search(said), _STREAM.search(said)
    if not duration or not stream:
        return None
    hours, minutes, seconds = map(float, duration.groups())
    bits = _BITS.search(stream["form"])
    return Container(
        formats=(path.suffix.lower().removeprefix("."),),
        codec=stream["codec"],
        rate_hz=int(stream["rate"]),
        channels=_CHANNELS.get(stream["channels"], 0),
        bits=int(bits[1]) if bits else 0,
        kbit_s=float(stream["kbit_s"] or 0),
        constant=False,
        length_s=3600 * hours + 60 * minutes + seconds,
    )


def read_labels(path: Path) -> Labels:
    """The tags and chapters of ``path``, in the form that ffmpeg writes them (its documentation, "Metadata").

    Raises:
        AssetError: there is no ffmpeg.
    """
    # Without -copyts, chapters would be moved by what the decoder drops at the start of an MP3.
    command = [str(ffmpeg_path()), "-nostdin", "-v", "error", "-copyts", "-i", f"file:{path}"]
    command += ["-map", "0:a:0", "-c", "copy", "-f", "ffmetadata", "pipe:1"]  # Ogg has its tags in the stream
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell, fixed options
    tags, *chapters = _sections(done.stdout.decode("utf-8", errors="replace"))
    marks = (_mark(section) for section in chapters)
    return Labels(tags=tags, chapters=tuple(sorted(marks, key=lambda mark: mark.start_s)))


def _sections(text: str) -> list[dict[str, str]]:
    """The tags of the file and its stream, then those of each chapter: names in lower case, and their values."""
    tags: dict[str, str] = {}
    sections, into = [tags], tags
    for line in re.split(r"(?<!\\)\n", text):
        if line == "[CHAPTER]":
            into = {}
            sections.append(into)
        elif line == "[STREAM]":
            into = tags
        elif not line.startswith(";") and (equals := _SPLIT.search(line)):
            name, value = line[: equals.end() - 1], line[equals.end() :]
            into[_plain(name).lower()] = _plain(value)
    return sections


def _plain(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _mark(section: dict[str, str]) -> MarkRead:
    above, _, below = section.get("timebase", "1/1000000000").partition("/")
    unit = int(above) / int(below)
    return MarkRead(
        start_s=int(section.get("start", "0")) * unit,
        end_s=int(section.get("end", "0")) * unit,
        title=section.get("title", ""),
    )
