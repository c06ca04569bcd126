"""Delivery presets: what a kind of file, or the place where it will be published, demands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from breathmark.errors import RequestError, near_miss
from breathmark.sound.mix import Mastering

if TYPE_CHECKING:
    from collections.abc import Iterable

    from breathmark.model import Timeline

__all__ = ["DEFAULT_PRESET", "FORMATS", "MP3_BITRATES", "PRESETS", "Format", "Preset", "check_demands", "preset_for"]

Format: TypeAlias = Literal["mp3", "wav", "flac"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)

_LATER_FORMATS: Final = frozenset({"m4b", "m4a", "opus"})
_LATER_PRESETS: Final = frozenset({"audiobook"})

_LAME_DB: Final[dict[str, tuple[float, float]]] = {
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
"""What LAME does to a level: the gain of the decoded file, and how far below the file's ceiling the PCM must stay.

LAME scales its input by 0.95, 0.97, 0.98 or 1 according to the bit rate. Measured with FFmpeg 9.0.2's libmp3lame
on speech, as BS.1770 loudness of the decoded file minus that of the PCM: within 0.011 dB of these figures from 80k up
and for V0 to V4, within 0.02 dB at 64k; at 44.1 and 48 kHz, mono and stereo, alike.

The margins cover what true peaks rise by, after that gain, for speech that a limiter or a saturator has driven up to
8 LU too hot: 0.5 dB at 64k, 0.1 at 80k, 0.3 at 128k, none from 160k to 320k, 0.5 (V3: 0.9) with a variable bit rate.
Steady noise driven into the limiter can still exceed some of them, by 1.2 dB at 64k and 0.6 dB elsewhere.
"""

MP3_BITRATES: Final = tuple(_LAME_DB)
"""Constant bit rates as ``128k``, variable ones by LAME's quality as ``V2``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """What a finished file has to be."""

    name: str
    format: Format = "mp3"
    rate_hz: int = 44_100
    channels: Literal[1, 2] = 2
    bitrate: str = "128k"
    """One of ``MP3_BITRATES``; it means nothing where the format is lossless."""
    sample_width: Literal[2, 3] = 2
    """Bytes per sample of the PCM. MP3 is always made from 2."""
    voice_lufs: float = -16.0
    """Gated loudness of the voice in the decoded file (ITU-R BS.1770)."""
    ceiling_dbtp: float = -1.0
    """The decoded file's true peak stays at or below this."""
    min_below_voice_lu: float | None = None
    """How far the ambience has to stay under the voice at least; None leaves it to the script."""
    ending_bell: bool = False
    """True where a bell has to come after the last sentence."""

    @property
    def encoder_gain_db(self) -> float:
        """What the encoder does to the level of what it is given: 0 or less. The mix makes up for it."""
        return _LAME_DB[self.bitrate][0] if self.format == "mp3" else 0.0

    @property
    def pcm_ceiling_dbtp(self) -> float:
        """Where the PCM has to be limited so that the decoded file keeps ``ceiling_dbtp``."""
        return self.ceiling_dbtp - (_LAME_DB[self.bitrate][1] if self.format == "mp3" else 0.0)

    @property
    def mastering(self) -> Mastering:
        """What the mixer has to make, so that the encoded file is what this preset demands."""
        return Mastering(
            rate_hz=self.rate_hz,
            channels=self.channels,
            voice_lufs=self.voice_lufs,
            ceiling_dbtp=self.pcm_ceiling_dbtp,
            encoder_gain_db=self.encoder_gain_db,
            sample_width=self.sample_width,
        )

    @property
    def suffix(self) -> str:
        """The file name's suffix, with its dot."""
        return f".{self.format}"

    def quietened(self, timeline: Timeline) -> Timeline:
        """The layout with its ambience as far below the voice as the script says, or further where this demands it."""
        least_lu = self.min_below_voice_lu
        if least_lu is None:
            return timeline
        segments = tuple(
            replace(span, ambience=replace(span.ambience, below_voice_lu=max(span.ambience.below_voice_lu, least_lu)))
            for span in timeline.segments
        )
        return replace(timeline, segments=segments)


DEFAULT_PRESET: Final = "podcast"

PRESETS: Final[dict[str, Preset]] = {
    preset.name: preset
    for preset in (
        Preset(name="podcast"),
        Preset(name="insight-timer", rate_hz=48_000, ending_bell=True),
        Preset(name="spotify", bitrate="192k", voice_lufs=-14.0),
        Preset(name="clear", min_below_voice_lu=20.0),  # WCAG 2.2, 1.4.7: speech 20 dB over its background
        Preset(name="master", format="flac", bitrate="320k", sample_width=3, voice_lufs=-18.0),
    )
}


def preset_for(name: str = "", suffix: str = "", format_name: str = "", bitrate: str = "") -> Preset:
    """The preset ``name``, in the format and at the bit rate asked for.

    Args:
        name: One of ``PRESETS``; empty is the default one.
        suffix: That of the output file, with or without its dot; empty where no file is named.
        format_name: What ``--format`` says; empty leaves it to the suffix, then to the preset.
        bitrate: One of ``MP3_BITRATES``; empty leaves it to the preset.

    Raises:
        RequestError: Something of that name doesn't exist, or two of these contradict each other.
    """
    preset = _named(name or DEFAULT_PRESET)
    chosen = _format(suffix, format_name) or preset.format
    if bitrate and chosen != "mp3":
        raise RequestError(f"{chosen} has no bit rate", "leave out the bit rate, or write an mp3")
    return replace(
        preset,
        format=chosen,
        bitrate=_bitrate(bitrate) if bitrate else preset.bitrate,
        sample_width=2 if chosen == "mp3" else preset.sample_width,
    )


def check_demands(preset: Preset, timeline: Timeline) -> None:
    """Raise RequestError where the layout can't meet what ``preset`` demands, before anything is mixed."""
    if not preset.ending_bell:
        return
    last_word = max((spoken.start_frame + spoken.frames for spoken in timeline.speech), default=0)
    if not any(bell.start_frame >= last_word for bell in timeline.bells):
        raise RequestError(
            f"the preset {preset.name} demands a bell after the last sentence, and there is none",
            "end the script with a segment `- bell: singing-bowl`, and render without --no-bell",
        )


def _named(name: str) -> Preset:
    if name in PRESETS:
        return PRESETS[name]
    if name in _LATER_PRESETS:
        raise RequestError(f"the preset {name} is not built yet", f"choose one of {_listed(PRESETS)}")
    raise RequestError(f"there is no preset {name!r}", _choose(name, PRESETS))


def _format(suffix: str, format_name: str) -> Format | None:
    by_suffix = _known_format(suffix.removeprefix("."), "the suffix of the output file") if suffix else None
    by_name = _known_format(format_name, "the format") if format_name else None
    if by_suffix and by_name and by_suffix != by_name:
        raise RequestError(
            f"the output file ends in .{by_suffix}, but the format asked for is {by_name}",
            f"name the file .{by_name}, or leave out the format",
        )
    return by_suffix or by_name


def _known_format(text: str, what: str) -> Format:
    lowered = text.lower()
    for known in FORMATS:
        if lowered == known:
            return known
    if lowered in _LATER_FORMATS:
        raise RequestError(f"{lowered} is not built yet", f"choose one of {_listed(FORMATS)}")
    raise RequestError(f"{what} is {text!r}, which can't be written", _choose(lowered, FORMATS))


def _bitrate(text: str) -> str:
    by_lower = {known.lower(): known for known in MP3_BITRATES}
    wanted = text.strip().lower()
    for candidate in (wanted, f"{wanted}k"):
        if candidate in by_lower:
            return by_lower[candidate]
    raise RequestError(f"the bit rate {text!r} is not offered", f"choose one of {_listed(MP3_BITRATES)}")


def _choose(wrong: str, known: Iterable[str]) -> str:
    meant = near_miss(wrong, known)
    return f"did you mean {meant}?" if meant else f"choose one of {_listed(known)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
