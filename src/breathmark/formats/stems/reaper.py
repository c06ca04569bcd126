"""A session as a project of REAPER: its text format, by the library ``rpp``.

The meaning of its lines is that of projects that REAPER itself saves; it reads those of any older version.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from uuid import NAMESPACE_URL, uuid5

from rpp import Element, dumps

if TYPE_CHECKING:
    from breathmark.formats.stems.edit import EditItem, EditMark, EditSession, EditTrack

_VERSION: Final = ("0.1", "5.0", "0")
"""Of the format, of the oldest REAPER that reads it, and the time of saving, which is left open."""
_REGION: Final = "1"
_FADE_SHAPE: Final = "1"
_LINEAR: Final = "0"


def reaper_project(session: EditSession) -> str:
    """The project. Media are named by their paths from its folder.

    Tracks that sound like others do together are muted.
    """
    project = Element("REAPER_PROJECT", list(_VERSION))
    project.extend([_notes(session), ["PANLAW", "1"], ["SAMPLERATE", str(session.rate_hz), "1", "0"]])
    project.extend([["TEMPO", "120", "4", "4"], ["TIMEMODE", "0", "5", "-1", "30", "0"]])
    project.extend(_marks(session))
    project.extend(_track(track, session) for track in session.tracks)
    return str(dumps(project))


def _notes(session: EditSession) -> Element:
    """What REAPER shows as the project's notes."""
    lines = [
        session.title,
        "Made by Breathmark. Tracks with a volume envelope play the ambience before ducking, swell and fades;",
        "the muted track is the same with all of them, as it is in the mix. There is no limiter in this project.",
    ]
    return Element("NOTES", ["0", "2"], [f"|{line}" for line in lines])


def _marks(session: EditSession) -> Iterator[list[str]]:
    """Markers and regions in the order of time, as REAPER saves them; a region is two lines of one number."""
    lines = [
        (cue.start_frame, ["MARKER", str(number), _seconds(cue.start_frame, session), cue.name, "0"])
        for number, cue in enumerate(session.cues, 1)
    ]
    for number, region in enumerate(session.regions, 1):
        lines += [(frame, _region(number, name, frame, session)) for frame, name in _edges(region)]
    yield from (line for _, line in sorted(lines, key=lambda each: each[0]))


def _edges(region: EditMark) -> tuple[tuple[int, str], ...]:
    return (region.start_frame, region.name), (region.start_frame + region.frames, "")


def _region(number: int, name: str, frame: int, session: EditSession) -> list[str]:
    return ["MARKER", str(number), _seconds(frame, session), name, _REGION]


def _track(track: EditTrack, session: EditSession) -> Element:
    own_id = _id(session.title, track.file)
    element = Element("TRACK", [own_id])
    element.extend(
        [
            ["NAME", track.name],
            ["VOLPAN", _number(session.volume), "0", "-1", "-1", "1"],
            ["MUTESOLO", "1" if track.is_alternative else "0", "0", "0"],
            ["NCHAN", "2"],
            ["TRACKID", own_id],
        ]
    )
    if track.envelope:
        element.append(_envelope(track))
    element.extend(_item(item, track, session) for item in track.items)
    return element


def _envelope(track: EditTrack) -> Element:
    """The track's volume: amplitudes, as no scaling by faders is named."""
    points = [["PT", _number(time_s), _number(amplitude), _LINEAR] for time_s, amplitude in track.envelope]
    shown = [
        ["ACT", "1"],
        ["VIS", "1", "1", "1"],
        ["LANEHEIGHT", "0", "0"],
        ["ARM", "0"],
        ["DEFSHAPE", "0", "-1", "-1"],
    ]
    return Element("VOLENV2", [], [*shown, *points])


def _item(item: EditItem, track: EditTrack, session: EditSession) -> Element:
    start = _seconds(item.start_frame, session)
    fades = (("FADEIN", item.fade_in_frames), ("FADEOUT", item.fade_out_frames))
    return Element(
        "ITEM",
        [],
        [
            ["POSITION", start],
            ["LENGTH", _seconds(item.frames, session)],
            ["LOOP", "0"],
            *([name, _FADE_SHAPE, _seconds(frames, session), "0", "1", "0", "0"] for name, frames in fades),
            ["NAME", item.name],
            ["SOFFS", start],
            Element("SOURCE", ["WAVE"], [["FILE", track.file]]),
        ],
    )


def _id(title: str, file: str) -> str:
    """The same for the same track of the same session, so that the same project has the same bytes."""
    return f"{{{str(uuid5(NAMESPACE_URL, f'breathmark:{title}:{file}')).upper()}}}"


def _seconds(frames: int, session: EditSession) -> str:
    return _number(frames / session.rate_hz)


def _number(value: float) -> str:
    """To a billionth, which is finer than a frame of eight hours and than 24 bits."""
    return f"{value:.9f}".rstrip("0").rstrip(".")
