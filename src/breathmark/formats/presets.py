"""Delivery presets: what a kind of file, or the place where it will be published, demands."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from breathmark.base.errors import RequestError, near_miss
from breathmark.formats.format import Coding, EncoderSettings, FileFormat
from breathmark.formats.registry import file_format, format_names
from breathmark.mix.mixdown import Mastering
from breathmark.mix.narration import Narration

if TYPE_CHECKING:
    from breathmark.model import Timeline


_COMES_AND_GOES_LU: Final = 2.0
"""So far below what is demanded the mean of an ambience lies, so that it is met while a wave or a gust passes, too.

Our own choice: WCAG 2.2, 1.4.7 lets only sounds of one or two seconds come nearer.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A delivery preset: the form and the levels that a finished file has to have."""

    name: str
    format: str = "mp3"
    rate_hz: int = 44_100
    channels: Literal[1, 2] = 2
    bitrate: str = "128k"
    """One of those of the format's codec; empty where nothing is lost."""
    sample_width: Literal[2, 3] = 2
    """Bytes per sample of the PCM. What loses some of it anyway is made from 2."""
    voice_lufs: float = -16.0
    """Gated loudness of the voice in the decoded file (ITU-R BS.1770)."""
    ceiling_dbtp: float = -1.0
    """The decoded file's true peak stays at or below this."""
    min_below_voice_lu: float | None = None
    """How far the ambience has to stay under the voice at least; None leaves it to the script."""
    ending_bell: bool = False
    """True where a bell has to come after the last sentence."""
    narration: Narration | None = None
    """A spoken book's demands: the voice's level follows from them, and room tone lies in place of all ambience."""
    formats: tuple[str, ...] = ()
    """The formats that the place of publication takes; empty where it takes any."""
    constant_bitrate: bool = False
    """True where a variable one is refused there."""
    longest_s: float = math.inf
    """What a file may last there."""
    most_head_s: float = 3.0
    """How long it may take until something is heard; where no place of publication says more, our own choice."""
    tail_s: tuple[float, float] = (0.0, 15.0)
    """How long it may go on, and has to, after the last sound of voice and bells. 15 s are our own choice."""

    @property
    def encoder_gain_db(self) -> float:
        """What the encoder does to the level of what it is given: 0 or less. The mix makes up for it."""
        return self._coding.gain_db

    @property
    def pcm_ceiling_dbtp(self) -> float:
        """Where the PCM has to be limited so that the decoded file keeps ``ceiling_dbtp``."""
        return self.ceiling_dbtp - self._coding.margin_db

    @property
    def _coding(self) -> Coding:
        return self.file_format.codings.get(self.bitrate, Coding())

    @property
    def file_format(self) -> FileFormat:
        """All that is known about the format."""
        return file_format(self.format)

    @property
    def taken(self) -> tuple[str, ...]:
        """The formats that the place of publication takes."""
        return self.formats or format_names()

    @property
    def encoder(self) -> EncoderSettings:
        """What is asked of the encoder."""
        return EncoderSettings(
            rate_hz=self.rate_hz, channels=self.channels, sample_width=self.sample_width, bitrate=self.bitrate
        )

    @property
    def encoder_arguments(self) -> tuple[str, ...]:
        """The arguments of ffmpeg for the codec, without those for input and output."""
        return self.file_format.arguments(self.encoder)

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
            narration=self.narration,
        )

    @property
    def suffix(self) -> str:
        """The file name's suffix, with its dot."""
        return f".{self.format}"

    def quietened(self, timeline: Timeline) -> Timeline:
        """The layout with its ambience as far below the voice as the script says, or further where this demands it."""
        if self.min_below_voice_lu is None:
            return timeline
        least_lu = self.min_below_voice_lu + _COMES_AND_GOES_LU
        segments = tuple(
            replace(span, ambience=replace(span.ambience, below_voice_lu=max(span.ambience.below_voice_lu, least_lu)))
            for span in timeline.segments
        )
        return replace(timeline, segments=segments)


DEFAULT_PRESET: Final = "podcast"

_AUDIOBOOK: Final = Preset(
    name="audiobook",
    channels=1,
    bitrate="192k",
    voice_lufs=-20.0,
    ceiling_dbtp=-3.0,
    narration=Narration(least_rms_db=-23.0, most_rms_db=-18.0, room_tone_db=-66.0),
    formats=("mp3",),
    constant_bitrate=True,
    longest_s=7200.0,
    most_head_s=1.1,
    tail_s=(1.0, 5.0),
)
"""ACX, "Audio submission requirements"; the room tone lies 6 dB under the noise floor of -60 dB that they allow.

Its head of a second lasts a little longer until the first word is loud.
"""

PRESETS: Final[dict[str, Preset]] = {
    preset.name: preset
    for preset in (
        Preset(name="podcast"),
        Preset(name="insight-timer", rate_hz=48_000, ending_bell=True, formats=("mp3",)),
        Preset(name="spotify", bitrate="192k", voice_lufs=-14.0),
        _AUDIOBOOK,
        Preset(name="clear", min_below_voice_lu=20.0),  # WCAG 2.2, 1.4.7: speech 20 dB over its background
        Preset(name="master", format="flac", bitrate="", sample_width=3, voice_lufs=-18.0),
    )
}
"""Podcast: -16 LUFS, -1 dBTP (Apple Podcasts for Creators, "Audio requirements"). Insight Timer: format, bit rate,
rate, ending bell (Insight Timer help, "Best practices for content"). Spotify: -14 LUFS, -1 dBTP (Spotify for Artists,
"Loudness normalization"). Master: 2 LU under the podcast, our own choice, as room for whoever works on it.
"""


def preset_for(name: str = "", suffix: str = "", format_name: str = "", bitrate: str = "") -> Preset:
    """The preset ``name``, in the format and at the bit rate asked for.

    Args:
        name: One of ``PRESETS``; empty is the default one.
        suffix: That of the output file, with or without its dot; empty where no file is named.
        format_name: What ``--format`` says; empty leaves it to the suffix, then to the preset.
        bitrate: One of those of the format; empty leaves it to the preset.

    Raises:
        RequestError: Something of that name doesn't exist, or two of these contradict each other.
    """
    preset = _named(name or DEFAULT_PRESET)
    chosen = _format(suffix, format_name) or preset.format
    found = file_format(chosen)
    return replace(
        preset,
        format=chosen,
        rate_hz=found.rate_hz or preset.rate_hz,
        bitrate=_bitrate(bitrate, found) if bitrate else _usual_bitrate(preset, found),
        sample_width=2 if found.codings else preset.sample_width,
    )


def check_demands(preset: Preset, timeline: Timeline) -> None:
    """Raise RequestError where the layout can't meet what ``preset`` demands, before anything is mixed."""
    if timeline.duration_s > preset.longest_s:
        raise RequestError(
            f"the preset {preset.name} takes at most {preset.longest_s / 60:g} minutes", "choose a shorter --length"
        )
    if preset.narration:
        _check_tail(preset, timeline)
    if preset.ending_bell:
        _check_ending_bell(preset, timeline)


def _check_tail(preset: Preset, timeline: Timeline) -> None:
    speech = max((spoken.start_frame + spoken.frames for spoken in timeline.speech), default=0)
    ringing = max((bell.start_frame + bell.frames for bell in timeline.bells), default=0)
    after_s, most_s = (timeline.frames - max(speech, ringing)) / timeline.rate_hz, preset.tail_s[1]
    if after_s > most_s:
        raise RequestError(
            f"the preset {preset.name} takes at most {most_s:g} s after the last sound, and there are {after_s:.0f}",
            "take the rest out of the end of the script",
        )


def _check_ending_bell(preset: Preset, timeline: Timeline) -> None:
    last_word = max((spoken.start_frame + spoken.frames for spoken in timeline.speech), default=0)
    if not any(bell.start_frame >= last_word for bell in timeline.bells):
        raise RequestError(
            f"the preset {preset.name} demands a bell after the last sentence, and there is none",
            "end the script with a segment `- bell: singing-bowl`, and render without --no-bell",
        )


def _named(name: str) -> Preset:
    if name in PRESETS:
        return PRESETS[name]
    raise RequestError(f"there is no preset {name!r}", _choose(name, PRESETS))


def _format(suffix: str, format_name: str) -> str:
    by_suffix = _known_format(suffix.removeprefix("."), "the suffix of the output file") if suffix else ""
    by_name = _known_format(format_name, "the format") if format_name else ""
    if by_suffix and by_name and by_suffix != by_name:
        raise RequestError(
            f"the output file ends in .{by_suffix}, but the format asked for is {by_name}",
            f"name the file .{by_name}, or leave out the format",
        )
    return by_suffix or by_name


def _known_format(text: str, what: str) -> str:
    lowered = text.lower()
    if lowered in format_names():
        return lowered
    raise RequestError(f"{what} is {text!r}, which can't be written", _choose(lowered, format_names()))


def _bitrate(text: str, chosen: FileFormat) -> str:
    offered = chosen.codings
    if not offered:
        raise RequestError(f"{chosen.name} has no bit rate", "leave out the bit rate, or write an mp3")
    by_lower = {known.lower(): known for known in offered}
    wanted = text.strip().lower()
    for candidate in (wanted, f"{wanted}k"):
        if candidate in by_lower:
            return by_lower[candidate]
    raise RequestError(f"the bit rate {text!r} is not offered for {chosen.name}", f"choose one of {_listed(offered)}")


def _usual_bitrate(preset: Preset, chosen: FileFormat) -> str:
    """The preset's own where the format has it, else what is taken for a preset that loses nothing."""
    return preset.bitrate if preset.bitrate in chosen.codings else chosen.usual_bitrate


def _choose(wrong: str, known: Iterable[str]) -> str:
    meant = near_miss(wrong, known)
    return f"did you mean {meant}?" if meant else f"choose one of {_listed(known)}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
