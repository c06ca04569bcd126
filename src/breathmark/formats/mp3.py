"""MP3 by LAME, with ID3v2.4 tags."""

# mypy: untyped-calls-exclude=mutagen
# mutagen says that it is typed, and types few of its functions
from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from mutagen.id3 import ID3

from breathmark.formats.format import FileFormat, measured
from breathmark.formats.id3 import MOST_CHAPTERS, fill_id3
from breathmark.formats.mp3_stream import correct_frames, count_mp3_frames, read_gapless

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.formats.format import EncoderSettings
    from breathmark.formats.tags import Tags


_CODINGS: Final = {
    "64k": (-0.446, 0.9),
    "80k": (-0.446, 0.6),
    "96k": (-0.446, 0.4),
    "112k": (-0.446, 0.4),
    "128k": (-0.446, 0.35),
    "160k": (-0.446, 0.2),
    "192k": (-0.265, 0.2),
    "224k": (-0.176, 0.2),
    "256k": (0.0, 0.2),
    "320k": (0.0, 0.2),
    "V0": (0.0, 0.6),
    "V1": (0.0, 0.6),
    "V2": (0.0, 0.7),
    "V3": (0.0, 0.8),
    "V4": (0.0, 0.8),
}
"""LAME scales its input by 0.95, 0.97, 0.98 or 1 according to the bit rate. Measured with FFmpeg 9.0.2's libmp3lame
on speech, as BS.1770 loudness of the decoded file minus that of the PCM: within 0.011 dB of these figures from 80k up
and for V0 to V4, within 0.02 dB at 64k; at 44.1 and 48 kHz, mono and stereo, alike.

The margins cover what true peaks rise by, after that gain, for speech that a limiter or a saturator has driven up to
8 LU too hot: 0.5 dB at 64k, 0.1 at 80k, 0.3 at 128k, none from 160k to 320k, 0.5 (V3: 0.9) with a variable bit rate.
Steady noise driven into the limiter can still exceed some of them, by 1.2 dB at 64k and 0.6 dB elsewhere.
"""


class Mp3(FileFormat):
    """MPEG-1 layer III."""

    name: ClassVar = "mp3"
    codec: ClassVar = "mp3"
    codings: ClassVar = measured(_CODINGS)
    usual_bitrate: ClassVar = "320k"
    most_chapters: ClassVar = MOST_CHAPTERS

    def arguments(self, settings: EncoderSettings) -> tuple[str, ...]:
        """At a constant bit rate, or by a quality such as ``V2``."""
        rate = settings.bitrate
        quality = ("-q:a", rate[1:]) if rate.startswith("V") else ("-b:a", rate)
        return ("-c:a", "libmp3lame", *quality, "-id3v2_version", "0", "-write_id3v1", "0")

    def promised_frames(self, path: Path) -> int | None:
        """Of the first frame, where as many frames follow as it says."""
        known = read_gapless(path)
        whole = known and known.byte_count == path.stat().st_size and known.mp3_frames == count_mp3_frames(path)
        return known.frames if known and whole else None

    def correct(self, path: Path, frames: int) -> None:
        """Its padding, which is a little off at some lengths."""
        correct_frames(path, frames)

    def write_tags(self, path: Path, tags: Tags) -> None:
        """In front of the sound."""
        id3 = ID3()
        fill_id3(id3, tags)
        id3.save(path, v2_version=4, v1=0)
