"""``session.json``: everything that is known about a finished file, for tools and for proofs.

Its form, version 1 (all times are integer frames at ``rate_hz``, all levels floats or null where nothing sounds)::

    format: 1
    private: bool                 true where a private value was spoken; the file is then readable by its owner alone
    versions: {breathmark: str}
    file: {name, sha256}          the finished, tagged file
    script: {name, title, author, language, level}
    settings: {str: str}          how the render was asked for
    preset: {name, format, bitrate (null where lossless), bits, channels, voice_lufs, ceiling_dbtp}
    rate_hz, frames: int          of the decoded file
    loudness: {voice_lufs, file_lufs, ambience_lufs, below_voice_lu, swell_lu, ambience_under_gate, true_peak_dbtp}
    chapters: [{start_frame, end_frame, title}]
    segments: [{start_frame, frames, title, kind, depth, round, ambience}]
    speech: [{start_frame, frames, text, voice, line, column}]
    bells: [{start_frame, frames, name}]
    rests: [{start_frame, frames, level, order, min_s, ideal_s, max_s}]

The keys stand in this order, and nothing in it depends on the time, the machine or the folder.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from breathmark.deliver.chapters import Chapter
    from breathmark.deliver.presets import Preset
    from breathmark.model import Script, Timeline

__all__ = ["SESSION_FORMAT", "Report", "Session", "session_json"]

SESSION_FORMAT: Final = 1
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


class Report(Protocol):
    """What the mixer measured."""

    @property
    def voice_lufs(self) -> float:
        """Gated loudness of the voice stem."""

    @property
    def file_lufs(self) -> float:
        """Gated loudness of the whole file."""

    @property
    def ambience_lufs(self) -> float | None:
        """Gated loudness of the ambience while speech sounds; None where there is none."""

    @property
    def below_voice_lu(self) -> float | None:
        """How far that lies under the voice."""

    @property
    def swell_lu(self) -> float:
        """How much the ambience rises in long rests."""

    @property
    def ambience_under_gate(self) -> bool:
        """True where the ambience does not take part in the whole file's loudness."""

    @property
    def true_peak_dbtp(self) -> float:
        """Of the PCM that went into the encoder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A finished file and all that it was made from."""

    script: Script
    timeline: Timeline
    chapters: tuple[Chapter, ...]
    preset: Preset
    report: Report
    settings: Mapping[str, str]
    file_name: str
    sha256: str
    """Of the finished file, in hexadecimal digits."""


def session_json(session: Session) -> str:
    """The text of ``session.json``."""
    script, timeline = session.script, session.timeline
    data: dict[str, Json] = {
        "format": SESSION_FORMAT,
        "private": script.private,
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
        "preset": _preset(session.preset),
        "rate_hz": timeline.rate_hz,
        "frames": timeline.frames,
        "loudness": _loudness(session.report),
        "chapters": [
            {"start_frame": mark.start_frame, "end_frame": mark.end_frame, "title": mark.title}
            for mark in session.chapters
        ],
        **_layout(timeline),
    }
    return json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _preset(preset: Preset) -> Json:
    return {
        "name": preset.name,
        "format": preset.format,
        "bitrate": preset.bitrate if preset.format == "mp3" else None,
        "bits": 8 * preset.sample_width,
        "channels": preset.channels,
        "voice_lufs": preset.voice_lufs,
        "ceiling_dbtp": preset.ceiling_dbtp,
    }


def _loudness(report: Report) -> Json:
    return {
        "voice_lufs": _level(report.voice_lufs),
        "file_lufs": _level(report.file_lufs),
        "ambience_lufs": _level(report.ambience_lufs),
        "below_voice_lu": _level(report.below_voice_lu),
        "swell_lu": _level(report.swell_lu),
        "ambience_under_gate": bool(report.ambience_under_gate),
        "true_peak_dbtp": _level(report.true_peak_dbtp),
    }


def _level(value: float | None) -> float | None:
    """A level to a thousandth; None where there is none, since JSON has no infinity."""
    return round(float(value), 3) if value is not None and math.isfinite(value) else None


def _layout(timeline: Timeline) -> dict[str, Json]:
    return {
        "segments": [
            {
                "start_frame": span.start_frame,
                "frames": span.frames,
                "title": span.title,
                "kind": span.kind,
                "depth": span.depth,
                "round": span.round,
                "ambience": span.ambience.sound,
            }
            for span in timeline.segments
        ],
        "speech": [
            {
                "start_frame": spoken.start_frame,
                "frames": spoken.frames,
                "text": spoken.utterance.caption,
                "voice": spoken.utterance.voice,
                "line": spoken.place.line,
                "column": spoken.place.column,
            }
            for spoken in timeline.speech
        ],
        "bells": [
            {"start_frame": bell.start_frame, "frames": bell.frames, "name": bell.name} for bell in timeline.bells
        ],
        "rests": [
            {
                "start_frame": placed.start_frame,
                "frames": placed.frames,
                "level": placed.rest.level,
                "order": placed.rest.order,
                "min_s": placed.rest.range.min_s,
                "ideal_s": placed.rest.range.ideal_s,
                "max_s": placed.rest.range.max_s,
            }
            for placed in timeline.rests
        ],
    }
