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
    loudness: {voice_lufs, file_lufs, ambience_lufs, below_voice_lu, swell_lu, ambience_under_gate, true_peak_dbtp,
               rms_db}
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
import math
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from breathmark.timeline.data import timeline_data

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from breathmark.formats.presets import Preset
    from breathmark.mix.mixdown import MixReport
    from breathmark.model import Script, StandIn, Timeline
    from breathmark.timeline.chapters import Chapter


SESSION_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedSession:
    """A finished file and all that it was made from."""

    script: Script
    timeline: Timeline
    chapters: tuple[Chapter, ...]
    preset: Preset
    report: MixReport
    settings: Mapping[str, str]
    file_name: str
    sha256: str
    """Of the finished file, in hexadecimal digits."""
    stand_in: StandIn | None = None

    @property
    def private(self) -> bool:
        """True where the session holds private values."""
        return self.script.private or any(spoken.utterance.private for spoken in self.timeline.speech)


def session_json(session: FinishedSession) -> str:
    """The text of ``session.json``."""
    script = session.script
    data: dict[str, object] = {
        "format": SESSION_FORMAT,
        "private": session.private,
        "versions": {"breathmark": version("breathmark")},
        "file": {"name": session.file_name, "sha256": session.sha256},
        "script": {
            "name": PurePath(script.path).name,
            "title": script.title,
            "author": script.author,
            "language": script.language,
            "level": script.level,
        },
        "settings": {name: session.settings[name] for name in sorted(session.settings)},
        **_stand_in(session.stand_in),
        "preset": _preset(session.preset),
        "loudness": _loudness(session.report),
        "chapters": [
            {"start_frame": mark.start_frame, "end_frame": mark.end_frame, "title": mark.title}
            for mark in session.chapters
        ],
    }
    for name, part in timeline_data(session.timeline).items():
        data.setdefault(name, _without_folders(part))
    return json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def session_file_name(path: Path) -> str:
    """The name of the finished file that the ``session.json`` at ``path`` is of; empty where nothing says so."""
    try:
        name = json.loads(path.read_text(encoding="utf-8"))["file"]["name"]
    except (OSError, ValueError, LookupError, TypeError):
        return ""
    return name if isinstance(name, str) else ""


def _stand_in(stand_in: StandIn | None) -> dict[str, object]:
    if stand_in is None:
        return {}
    captions = [utterance.caption for utterance in stand_in.sentences]
    return {"stand_in": {"voice": stand_in.voice, "sentences": captions}}


def _preset(preset: Preset) -> dict[str, object]:
    return {
        "name": preset.name,
        "format": preset.format,
        "bitrate": preset.bitrate if preset.file_format.codings else None,
        "bits": 8 * preset.sample_width,
        "channels": preset.channels,
        "voice_lufs": None if preset.narration else preset.voice_lufs,
        "ceiling_dbtp": preset.ceiling_dbtp,
    }


def _loudness(report: MixReport) -> dict[str, object]:
    return {
        "voice_lufs": _level(report.voice_lufs),
        "file_lufs": _level(report.file_lufs),
        "ambience_lufs": _level(report.ambience_lufs),
        "below_voice_lu": _level(report.below_voice_lu),
        "swell_lu": _level(report.swell_lu),
        "ambience_under_gate": bool(report.ambience_under_gate),
        "true_peak_dbtp": _level(report.true_peak_dbtp),
        "rms_db": _level(report.rms_db),
    }


def _level(value: float | None) -> float | None:
    """A level to a thousandth; None where there is none, since JSON has no infinity."""
    return round(float(value), 3) if value is not None and math.isfinite(value) else None


def _without_folders(value: object) -> object:
    """The same data, with the folders gone from each ``place``: they are the user's business, and move."""
    match value:
        case dict():
            return {
                name: PurePath(str(part)).name if name == "place" else _without_folders(part)
                for name, part in value.items()
            }
        case list():
            return [_without_folders(part) for part in value]
        case _:
            return value
