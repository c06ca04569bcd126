"""A session as an OpenTimelineIO timeline, which editors of video read. It needs the extra ``timeline``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from breathmark.formats.stems.edit import EditMark, EditSession, EditTrack


def interchange_timeline(session: EditSession) -> str | None:
    """The text of an ``.otio`` file; None where the library is not installed.

    The format has no volume: tracks with an envelope are left out, and a mix of them takes their place.
    """
    try:
        import opentimelineio as otio  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    schema = otio.schema
    timeline = schema.Timeline(name=session.title, global_start_time=_time(otio, 0, session))
    timeline.metadata["breathmark"] = {"volume": session.volume, "rate_hz": session.rate_hz}
    timeline.tracks.extend([_track(otio, track, session) for track in session.tracks if not track.envelope])
    for marks, colour in ((session.cues, schema.MarkerColor.GREEN), (session.regions, schema.MarkerColor.PURPLE)):
        timeline.tracks.markers.extend([_marker(otio, mark, colour, session) for mark in marks])
    return str(otio.adapters.write_to_string(timeline, "otio_json")) + "\n"


def _track(otio: Any, track: EditTrack, session: EditSession) -> Any:  # noqa: ANN401 - the library has no types
    """Clips with gaps between them, from the first frame to the last."""
    media = otio.schema.ExternalReference(
        target_url=track.file, available_range=_range(otio, 0, session.frames, session)
    )
    made = otio.schema.Track(name=track.name, kind=otio.schema.TrackKind.Audio)
    end = 0
    for item in track.items:
        if item.start_frame > end:
            made.append(otio.schema.Gap(source_range=_range(otio, 0, item.start_frame - end, session)))
        source = _range(otio, item.start_frame, item.frames, session)
        made.append(otio.schema.Clip(name=item.name, media_reference=media.clone(), source_range=source))
        end = item.end_frame
    if end < session.frames:
        made.append(otio.schema.Gap(source_range=_range(otio, 0, session.frames - end, session)))
    return made


def _marker(otio: Any, mark: EditMark, colour: Any, session: EditSession) -> Any:  # noqa: ANN401 - as above
    marked = _range(otio, mark.start_frame, mark.frames, session)
    return otio.schema.Marker(name=mark.name, color=colour, marked_range=marked)


def _range(otio: Any, start_frame: int, frames: int, session: EditSession) -> Any:  # noqa: ANN401 - as above
    return otio.opentime.TimeRange(_time(otio, start_frame, session), _time(otio, frames, session))


def _time(otio: Any, frame: int, session: EditSession) -> Any:  # noqa: ANN401 - as above
    return otio.opentime.RationalTime(frame, session.rate_hz)
