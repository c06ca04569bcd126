"""The formats of finished files: which bit rates each has, and what its encoder does to level and peaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

Format: TypeAlias = Literal["mp3", "m4b", "m4a", "opus", "flac", "wav"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """What one encoder does at one bit rate."""

    gain_db: float = 0.0
    """The loudness of the decoded file minus that of the PCM: 0 or less. The mix makes up for it."""
    margin_db: float = 0.0
    """How far below the file's ceiling the PCM has to stay, after that gain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """What is in a file of one format."""

    rates: dict[str, Coding]
    """By bit rate, such as ``128k``; variable ones by LAME's quality, ``V2``. Empty where nothing is lost."""
    muxer: str = ""
    """ffmpeg's name of the container, where that is not the format's own."""
    most_chapters: int = 0
    """How many the tags have room for; 0 where there is no end to them."""
    chapters_by_muxer: bool = False
    """True where only ffmpeg can write the chapters, with the sound; else they are among the tags."""
    usual: str = ""
    """The bit rate that is taken where neither the user nor the preset names one that it has."""
    rate_hz: int = 0
    """The only sampling rate that it has; 0 where any will do."""
    frame: int = 1
    """How many frames the decoded file may be off by, because the codec counts in packets of that many."""


_MP3: Final = {
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

_AAC: Final = {
    "96k": (-0.08, 1.3),
    "128k": (-0.06, 1.1),
    "160k": (-0.03, 0.9),
    "192k": (-0.02, 0.8),
    "256k": (-0.02, 0.7),
}
"""FFmpeg 9.0.2's own AAC-LC encoder, measured in the same way on speech at 44.1 and 48 kHz, mono and stereo: within
0.08 dB of these gains at 96k and 0.04 dB from 128k up. True peaks of limited speech rise by up to 0.45 dB at 96k, 0.39
at 128k, 0.21 at 160k, 0.14 at 192k and 0.08 at 256k; those of a voice over a track that itself holds a voice and bells,
by 1.0 dB at 128k, seen once. So each margin is 0.6 to 0.9 dB more than what limited speech alone rises by. In mono it
never spends more than about 190 kbit/s.
"""

_OPUS: Final = {
    "64k": (0.0, 1.3),
    "96k": (0.0, 1.2),
    "128k": (0.0, 0.8),
    "160k": (0.0, 0.8),
    "192k": (0.0, 0.7),
    "256k": (0.0, 0.7),
}
"""libopus in FFmpeg 9.0.2, measured in the same way at 48 kHz, mono and stereo: levels change by 0.06 dB at most. True
peaks of limited speech rise by up to 1.05 dB at 64k, 0.93 at 96k, 0.59 at 128k and 160k, 0.51 above. At 48k it takes
1.5 dB from noise, so that is not offered.
"""


def _codings(measured: dict[str, tuple[float, float]]) -> dict[str, Coding]:
    return {rate: Coding(gain_db=gain, margin_db=margin) for rate, (gain, margin) in measured.items()}


_MOST_ID3: Final = 255
"""CTOC counts its chapters in one byte (ID3v2 Chapter Frame Addendum 1.0, 3.2)."""
_MOST_VORBIS: Final = 1000
"""CHAPTER000 to CHAPTER999 (wiki of xiph.org, "Chapter Extension")."""
_M4: Final = Codec(rates=_codings(_AAC), muxer="ipod", chapters_by_muxer=True, usual="192k", frame=1024)

CODECS: Final[dict[Format, Codec]] = {
    "mp3": Codec(rates=_codings(_MP3), usual="320k", most_chapters=_MOST_ID3),
    "m4b": _M4,
    "m4a": _M4,
    "opus": Codec(rates=_codings(_OPUS), usual="192k", rate_hz=48_000, most_chapters=_MOST_VORBIS),
    "flac": Codec(rates={}, most_chapters=_MOST_VORBIS),
    "wav": Codec(rates={}, most_chapters=_MOST_ID3),
}
