"""MP3 by LAME, with ID3v2.4 tags."""

# mypy: untyped-calls-exclude=mutagen
# mutagen says that it is typed, and types few of its functions
from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from mutagen.id3 import ID3

from breathmark.formats.format import FileFormat, lost_sound, measured
from breathmark.formats.id3 import MOST_CHAPTERS, fill_id3
from breathmark.formats.mp3_stream import (
    DECODER_DELAY,
    ENCODER_DELAY,
    FRAME,
    LONGEST_GAP,
    Gapless,
    correct_frames,
    count_mp3_frames,
    frame_length,
    frame_places,
    info_frame,
    read_gapless,
    sound_crc,
)

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.formats.format import ChunkedEncode, EncoderSettings
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


_PERIOD: Final = 49
"""In so many frames the bytes of one come back to the same place at 44.1 kHz, where some have a byte of padding
(144,000 / 44,100 is 160 / 49); at 48 kHz none has."""
_LOOKAHEAD: Final = 4
"""MP3 frames that LAME and its tables of the next granules see ahead, with one to spare."""


class Mp3Chunks:
    """The split of an encode at a constant bit rate and without LAME's reservoir of bits.

    Where no frame borrows bits from those before it, an encoder that has begun a little earlier gives the very
    frames of one that came from the beginning.
    """

    chunk_frames = 47 * _PERIOD * FRAME
    """60 s at 44.1 kHz, 55 at 48."""
    before_frames = 2 * _PERIOD * FRAME
    """With half of it, one frame in 2,000 differed behind a seam (hard changes of level at 64 kbit/s)."""
    after_frames = _LOOKAHEAD * FRAME

    def __init__(self, settings: EncoderSettings, codec: tuple[str, ...]) -> None:
        self.arguments = (*codec, "-write_xing", "0", "-f", "mp3")
        self._settings = settings
        self._mp3_frames = 0
        self._bytes = 0
        self._crc = 0

    def own_part(self, data: bytes, *, is_first: bool, is_last: bool) -> bytes | None:
        """Without the frames that were made to begin, and those of what comes behind it."""
        places = frame_places(data)
        first = 0 if is_first else self.before_frames // FRAME
        end = -1 if is_last else first + self.chunk_frames // FRAME
        if places is None or len(places) <= max(first + 1, end):
            return None
        return data[places[first] : places[end]]

    def add(self, data: bytes) -> None:
        """Count its frames."""
        self._mp3_frames += len(frame_places(data) or [0]) - 1
        self._bytes += len(data)
        self._crc = sound_crc(data, self._crc)

    def header(self, frames: int) -> bytes:
        """The first frame. Where more were added than ``frames`` need, decoders drop them."""
        settings, known = self._settings, self._mp3_frames * FRAME - ENCODER_DELAY
        if frames and not DECODER_DELAY <= known - frames <= LONGEST_GAP:
            raise lost_sound(max(known - DECODER_DELAY, 0), frames)
        kbit_s = int(settings.bitrate.removesuffix("k"))
        gapless = Gapless(
            mp3_frames=self._mp3_frames,
            delay=ENCODER_DELAY,
            padding=known - frames if frames else 0,
            byte_count=self._bytes + frame_length(kbit_s, settings.rate_hz),
        )
        return info_frame(
            gapless, kbit_s=kbit_s, rate_hz=settings.rate_hz, channels=settings.channels, sound_crc=self._crc
        )


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
        quality = ("-q:a", rate[1:]) if rate.startswith("V") else ("-b:a", rate, "-reservoir", "0")
        return ("-c:a", "libmp3lame", *quality, "-id3v2_version", "0", "-write_id3v1", "0")

    def split(self, settings: EncoderSettings) -> ChunkedEncode | None:
        """At a constant bit rate: a variable one would lose too much without its reservoir."""
        return None if settings.bitrate.startswith("V") else Mp3Chunks(settings, self.arguments(settings))

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
