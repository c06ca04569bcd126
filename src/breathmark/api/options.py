"""The options of one session, for the command line and for Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from breathmark.base.errors import RequestError
from breathmark.base.options import check_fields
from breathmark.script.ranges import parse_duration

if TYPE_CHECKING:
    from pydub import AudioSegment

    from breathmark.formats.cover import Cover
    from breathmark.script.values import Given


class Progress(Protocol):
    """Progress callback of a stage, called in the thread that called the API."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """``done`` of ``total`` steps of ``stage`` are finished."""


def silent(stage: str, done: int, total: int) -> None:
    """The progress callback that does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Options:
    """The options of one session; what is left out is the script's, the project's or the built-in choice."""

    length: str | float | None = None
    """Seconds, or text such as ``12m``, ``7:30``, ``90s``."""
    voice: str = ""
    """``NARRATOR:NAME``, or ``NARRATOR`` alone for its default voice."""
    stand_in: str = ""
    """The voice for sentences that the voice ``recorded`` has no take of; without one they are an error."""
    ambience: str | Path | AudioSegment | None = None
    """A built-in name, any sound file, ``none``, or a sound of the caller's own."""
    bells: bool = True
    values: Mapping[str, Given] = field(default_factory=dict)
    """The script's variables: texts, or numbers, True, False and lists of texts, or what ``read_values`` reads."""
    preset: str = ""
    format: str = ""
    bitrate: str = ""
    only: str = ""
    """Render the segment of this title alone."""
    start_from: str = ""
    """Render from the segment of this title on."""
    stems: Path | None = None
    """The folder for the session's stems, and the projects that open them; without an output, they are all there is."""
    sound_only: bool = False
    """Write the finished file alone, without transcript, captions, chapters, labels and ``session.json`` beside it."""
    cache: Path | None = None
    """Where clips and encoded parts are kept; None is ``BREATHMARK_CACHE``, else the user's cache folder."""
    jobs: int | None = None
    """Processes that speak, and that encode, at once; None is one for each core."""
    strict: bool = False
    """Warnings of the script are errors."""
    estimate: bool = False
    """Guess the lengths of sentences from their words instead of speaking them. ``render`` ignores it."""
    progress: Progress = silent
    album: str = ""
    """The title of the course that the session belongs to, for the tags."""
    album_artist: str = ""
    """The author of that course, for the tags; also the session's where its script names none."""
    track: int = 0
    """The session's place in that course, from 1, for the tags; 0 is none."""
    tracks: int = 0
    """How many sessions that course has, for the tags; 0 where that is not known."""
    cover: Path | Cover | None = None
    """The picture in the tags of a session whose script names none: a JPEG or a PNG."""
    noted: Mapping[str, str] = field(default_factory=dict)
    """More to be noted under ``settings`` in ``session.json``; never a private value."""

    def __post_init__(self) -> None:
        check_fields(self)

    def __repr__(self) -> str:
        """Only what was set; of values only their names, as they may be private."""
        unset = Options()
        chosen = {each.name: getattr(self, each.name) for each in fields(self)}
        shown = {name: value for name, value in chosen.items() if value != getattr(unset, name)}
        if self.values:
            shown["values"] = dict.fromkeys(self.values, "…")
        return f"Options({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    @property
    def length_s(self) -> float | None:
        """The length asked for; raises RequestError where it can't be read."""
        if not isinstance(self.length, str):
            return self.length
        try:
            return parse_duration(self.length)
        except ValueError as error:
            raise RequestError(
                f"the length {self.length!r} can't be read: {error}", "write 12m, 7:30 or 90s"
            ) from error
