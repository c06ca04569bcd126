"""The chapters of a session as a cue sheet (CDRWIN user's guide, "Cue sheet commands"), which audio players read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from breathmark.formats.stems.edit import one_line
from breathmark.timeline.chapters import chapters

if TYPE_CHECKING:
    from breathmark.model import Script, Timeline

_PER_S: Final = 75
"""A second of a cue sheet has 75 frames, as on a CD."""
_MOST_TRACKS: Final = 99
_KINDS: Final = {".mp3": "MP3"}


def cue_sheet(script: Script, timeline: Timeline, file: str) -> str:
    """A track for each chapter of ``file``; a single one where the session has no chapters."""
    marks = chapters(timeline, _MOST_TRACKS)
    tracks = [(mark.title, mark.start_frame) for mark in marks] or [(script.title, 0)]
    kind = next((kind for suffix, kind in _KINDS.items() if file.lower().endswith(suffix)), "WAVE")
    lines = [f"TITLE {_quoted(script.title)}"]
    lines += [f"PERFORMER {_quoted(script.author)}"] if script.author else []
    lines += [f"FILE {_quoted(file)} {kind}"]
    for number, (title, frame) in enumerate(tracks, 1):
        lines += [
            f"  TRACK {number:02d} AUDIO",
            f"    TITLE {_quoted(title)}",
            f"    INDEX 01 {_time(frame, timeline.rate_hz)}",
        ]
    return "\n".join(lines) + "\n"


def _time(frame: int, rate_hz: int) -> str:
    """Minutes, which may be more than 99, seconds and frames of a CD, rounded to the nearest."""
    count = (frame * _PER_S * 2 + rate_hz) // (2 * rate_hz)
    seconds, frames = divmod(count, _PER_S)
    return f"{seconds // 60:02d}:{seconds % 60:02d}:{frames:02d}"


def _quoted(text: str) -> str:
    """The format has no way to write a quotation mark inside of a text."""
    return '"' + one_line(text).replace('"', "'") + '"'
