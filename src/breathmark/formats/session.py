"""``session.json``: everything that is known about a finished file, for tools and for proofs.

Its form, version 1 (all times are integer frames at ``rate_hz``, all levels floats or null where nothing sounds)::

    format: 1
    private: bool                 true where a private value was spoken; the file is then readable by its owner alone
    versions: {breathmark: str}
    file: {name, sha256}          the finished, tagged file
    script: {name, title, author, language, level}
    settings: {str: str}          how the render was asked for
    stand_in: {voice, sentences: [str]}   only where a voice spoke what was not recorded
    preset: {name, format, bitrate (null where lossless), bits, channels,
             voice_lufs (null where it follows from the whole file's RMS), ceiling_dbtp}
    loudness: {voice_lufs, file_lufs, ambience_lufs, below_voice_lu, swell_lu, ambience_under_gate, near_gate,
               swell_asked_lu, swell_limit ("", "gate" or "file"), quiet_below_voice_lu, room_tone_db,
               true_peak_dbtp, rms_db}
    chain: {de_esser, even_pace, room: bool}      what was done to the voice
    chapters: [{start_frame, end_frame, title}]
    rate_hz, frames: int          of the decoded file
    duration_s, speech_s: float
    silence_share: float          of the session, 0 to 1
    segments, speech, rests, bells: [{start_frame, frames, start_s, duration_s, place, …}], as in ``timeline_data``

The keys are in this order, and nothing in it depends on the time, the machine or the folder: a place is
the name of a script without its folders, a line and a column.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from breathmark.results import Levels  # noqa: TC001
from breathmark.timeline.chapters import Chapter, chapters
from breathmark.timeline.data import TimelineData, timeline_data

if TYPE_CHECKING:
    from breathmark.formats.extras import Extras
    from breathmark.formats.presets import Preset
    from breathmark.model import Ambience, Place, Script, Timeline
    from breathmark.results import StandIn


SUFFIX: Final = ".session.json"
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFile:
    """The finished file."""

    name: str = ""
    sha256: str
    """In hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptNamed:
    """The script, as the tags name it."""

    name: str = ""
    title: str
    author: str = ""
    language: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandInNamed:
    """Who spoke what was not recorded."""

    voice: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetNamed:
    """The preset that it was rendered for."""

    name: str
    format: str = ""
    bitrate: str | None = None
    """None where nothing is lost."""
    bits: int = 0
    channels: int = 0
    voice_lufs: float | None = None
    """None where it follows from the whole file's RMS."""
    ceiling_dbtp: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What was done to the voice."""

    de_esser: bool = False
    """Whether the sharpest s and sh were softened, where a sentence has any."""
    even_pace: bool = False
    """Whether sentences that the engine raced through were spoken again, more slowly."""
    room: bool = False
    """Whether voice and bells sound in one small room."""


@dataclass(frozen=True, kw_only=True)
class _About:
    """What ``session.json`` says before it comes to the layout."""

    format: int = _FORMAT
    private: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)
    file: NamedFile
    script: ScriptNamed
    settings: Mapping[str, str] = field(default_factory=dict)
    """How the render was asked for; ``ambience`` is the sound that lies under all of it, in place of the script's."""
    stand_in: StandInNamed | None = None
    preset: PresetNamed
    loudness: Levels
    chain: Chain = Chain()
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, kw_only=True)
class RenderRecord(TimelineData, _About):
    """All that ``session.json`` says of a finished file, in the order in which it says it."""

    @property
    def last_cue_frame(self) -> int:
        """The first frame after all speech and all bells."""
        return max((placed.end_frame for placed in (*self.speech, *self.bells)), default=0)

    @property
    def tail_frame(self) -> int:
        """Where nothing is left that the author wrote: a session for the night may end with minutes of quiet."""
        wished = (rest.end_frame for rest in self.rests if rest.level == "explicit")
        return max(self.last_cue_frame, max(wished, default=0))

    def ambience_at(self, frame: int) -> str:
        """The name of the sound under ``frame``; empty where that is not known."""
        asked = self._asked_at(frame)
        return self.settings.get("ambience", "") or (asked.sound if asked else "")

    def silent_at(self, frame: int) -> bool:
        """Whether ``frame`` was asked to have neither an ambience nor room tone under it."""
        asked = self._asked_at(frame)
        return self.ambience_at(frame) == "none" and asked is not None and asked.room_tone_db is None

    def _asked_at(self, frame: int) -> Ambience | None:
        """What the innermost segment around ``frame`` asks for, else the last one before it, else the first."""
        begun = [span for span in self.segments if span.start_frame <= frame] or self.segments[:1]
        around = [span for span in begun if frame < span.end_frame] or begun
        deepest = max(around, key=lambda span: (min(span.end_frame, frame), span.depth), default=None)
        return deepest.ambience if deepest else None


def record_of(
    script: Script, timeline: Timeline, preset: Preset, levels: Levels, file: NamedFile, extras: Extras
) -> RenderRecord:
    """What is known about a finished file."""
    layout = {name: part for name, part in vars(timeline_data(timeline, _without_folders)).items() if name != "private"}
    return RenderRecord(
        private=is_private(script, timeline),
        versions={"breathmark": version("breathmark")},
        file=file,
        script=ScriptNamed(
            name=PurePath(script.path).name,
            title=script.title,
            author=script.author,
            language=script.language,
            level=script.level,
        ),
        settings=dict(sorted(extras.settings.items())),
        stand_in=_stand_in(extras.stand_in),
        preset=_named(preset),
        loudness=levels.rounded(),
        chain=Chain(
            de_esser=any(spoken.utterance.de_esser for spoken in timeline.speech),
            even_pace=extras.even_pace,
            room=script.room,
        ),
        chapters=chapters(timeline, preset.file_format.most_chapters),
        **layout,
    )


def is_private(script: Script, timeline: Timeline) -> bool:
    """Whether a session holds private values."""
    return script.private or any(spoken.utterance.private for spoken in timeline.speech)


def session_json(record: RenderRecord) -> str:
    """The text of ``session.json``."""
    data = asdict(record)
    if record.stand_in is None:
        del data["stand_in"]
    return json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def read_record(output: Path) -> RenderRecord:
    """The ``session.json`` beside the finished file ``output``.

    Raises:
        OSError: it can't be read, or there is none.
        ValueError: it is not a whole one.
    """
    return _reader().validate_json(output.with_name(output.stem + SUFFIX).read_bytes())


@cache
def _reader() -> TypeAdapter[RenderRecord]:
    return TypeAdapter(RenderRecord)


def _without_folders(place: Place) -> str:
    """Folders are the user's business, and move."""
    return PurePath(str(place)).name


def _stand_in(known: StandIn | None) -> StandInNamed | None:
    if known is None:
        return None
    return StandInNamed(voice=known.voice, sentences=tuple(each.caption for each in known.sentences))


def _named(preset: Preset) -> PresetNamed:
    return PresetNamed(
        name=preset.name,
        format=preset.format,
        bitrate=preset.bitrate if preset.file_format.codings else None,
        bits=8 * preset.sample_width,
        channels=preset.channels,
        voice_lufs=None if preset.narration else preset.voice_lufs,
        ceiling_dbtp=preset.ceiling_dbtp,
    )
