"""The publisher ``audiobook``: the whole course as one M4B, a chapter for each session.

The finished artefacts are decoded one after the other, and encoded again as one stream; of all the sound only the piece
that is passing is ever held. Beside it lies a record, format 1::

    format: 1
    digest: str                what the file was made from, as a hash
    file: {name, size, sha256}
    rate_hz, frames: int
    duration_s: float
    chapters: [{title, session, start_frame, frames, path, sha256}]     ``frames`` without the pause behind it
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np

from breathmark.audio.ffmpeg import decode
from breathmark.audio.pcm import Format, Quantiser, segment
from breathmark.base.errors import DeliveryError
from breathmark.base.files import file_sha256
from breathmark.base.writing import Staging, delivery_errors
from breathmark.course.publishers.base import Claim, Library, LibraryEntry, book_file, chosen
from breathmark.course.publishers.picture import cover_name
from breathmark.formats.encode import encode
from breathmark.formats.presets import Preset, preset_for
from breathmark.formats.registry import file_format
from breathmark.formats.tags import Tags
from breathmark.timeline.chapters import Chapter, ffmetadata

if TYPE_CHECKING:
    from pydub import AudioSegment

    from breathmark.audio.loudness import Samples
    from breathmark.course.course import Course


RECORD_SUFFIX: Final = ".audiobook.json"
_FORMAT: Final = 1
_BITRATE: Final = "128k"
"""The one of the preset ``podcast``; an hour takes 58 MB."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _BookChapter:
    """One session in the book."""

    title: str
    session: str
    start_frame: int
    frames: int
    """Without the pause behind it."""
    path: str
    sha256: str


class AudiobookPublisher:
    """Makes the book where one of its sessions, or something else that is in it, has changed."""

    for_listeners: ClassVar[bool] = False

    def claims(self, course: Course) -> tuple[Claim, ...]:
        """The book and its record."""
        book = book_file(course)
        record = book.removesuffix(".m4b") + RECORD_SUFFIX
        return (Claim(name=book, record=record), Claim(name=record, mark=b'"digest"'))

    def publish(self, library: Library) -> tuple[Path, ...]:
        """Make the book once every session of the course is there.

        Raises:
            AssetError: the author's cover or an artefact can't be used, or there is no ffmpeg.
            DeliveryError: encoding or writing failed.
        """
        if library.listener:
            return ()
        book = library.course.audiobook
        choice = library.course.choice(book)
        entries = chosen(library, choice)
        there = {entry.session.id for entry in entries}
        if missing := [session.id for session in library.course.sessions if session.id not in there]:
            log.warning("the audiobook waits for what is not built yet: %s", ", ".join(missing))
            return ()
        made = _Book(library=library, entries=entries, pause_s=book.pause_s, preset=_preset(choice.preset))
        return () if made.is_current else made.make()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    library: Library
    entries: tuple[LibraryEntry, ...]
    pause_s: float
    preset: Preset

    @property
    def path(self) -> Path:
        return self.library.folder / book_file(self.library.course)

    @property
    def record(self) -> Path:
        return self.path.with_suffix(RECORD_SUFFIX)

    @property
    def parts(self) -> tuple[_BookChapter, ...]:
        """The sessions with their places in the book."""
        found: list[_BookChapter] = []
        start = 0
        for entry in self.entries:
            frames = entry.record.measures.frames
            part = _BookChapter(
                title=entry.metadata.title,
                session=entry.session.id,
                start_frame=start,
                frames=frames,
                path=entry.path,
                sha256=next(iter(entry.record.files.values())).sha256,
            )
            found.append(part)
            start += frames + self.pause_frames
        return tuple(found)

    @property
    def pause_frames(self) -> int:
        return round(self.pause_s * self.preset.rate_hz)

    @property
    def frames(self) -> int:
        """Of the whole book; nothing lies behind the last session."""
        last = self.parts[-1]
        return last.start_frame + last.frames

    @property
    def digest(self) -> str:
        """Of all that the book's bytes depend on."""
        course = self.library.course
        made_from = {
            "program": version("breathmark"),
            "format": _FORMAT,
            "course": [course.title, course.author, course.summary, course.language],
            "narrator": self.narrator,
            "cover": cover_name(self.library),
            "preset": asdict(self.preset),
            "parts": [asdict(part) for part in self.parts],
        }
        return hashlib.sha256(json.dumps(made_from, sort_keys=True, default=str).encode()).hexdigest()

    @property
    def narrator(self) -> str:
        """Every voice that speaks, by its name."""
        voices = dict.fromkeys(entry.record.measures.voice for entry in self.entries)
        return ", ".join(voice for voice in voices if voice)

    @property
    def is_current(self) -> bool:
        """Whether the book that lies there is this one."""
        try:
            noted = json.loads(self.record.read_text(encoding="utf-8"))
            known = (noted["digest"], noted["file"]["size"])
            return bool(known == (self.digest, self.path.stat().st_size))
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def make(self) -> tuple[Path, ...]:
        """Write the book, and its record last: without it, the book counts as another one."""
        marks = self._marks()
        with Staging(self.library.folder) as staging:
            record = staging.add(self.record.name)
            sound = staging.add(self.path.name)
            noted = staging.note(ffmetadata(marks, self.preset.rate_hz))
            encode(self._blocks(), self.preset, sound, marks=noted)
            self.preset.file_format.tag(sound, self._tags(marks))
            with delivery_errors(self.record):
                record.write_text(self._record_text(sound), encoding="utf-8", newline="\n")
            return staging.publish()

    def _marks(self) -> tuple[Chapter, ...]:
        """A chapter lasts until the next one begins."""
        ends = [*(part.start_frame for part in self.parts[1:]), self.frames]
        return tuple(
            Chapter(start_frame=part.start_frame, end_frame=end, title=" ".join(part.title.split()))
            for part, end in zip(self.parts, ends, strict=True)
        )

    def _blocks(self) -> Iterator[AudioSegment]:
        """The whole book, piece by piece, as the encoder takes it."""
        preset, quantise = self.preset, Quantiser(2)
        for piece in self._pieces():
            yield segment(quantise(piece), rate_hz=preset.rate_hz, channels=preset.channels, sample_width=2)

    def _pieces(self) -> Iterator[Samples]:
        for number, entry in enumerate(self.entries):
            if number and self.pause_frames:
                yield from self._silence(self.pause_frames)
            yield from self._sound(entry)

    def _silence(self, frames: int) -> Iterator[Samples]:
        second = np.zeros((self.preset.rate_hz, self.preset.channels), np.float32)
        for done in range(0, frames, len(second)):
            yield second[: frames - done]

    def _sound(self, entry: LibraryEntry) -> Iterator[Samples]:
        """A session in as many frames as were recorded: a decoder may give some more of AAC, and no other number."""
        measures = entry.record.measures
        left = measures.frames
        path = self.library.folder / entry.path
        with closing(decode(path, Format(rate_hz=self.preset.rate_hz, channels=self.preset.channels))) as pieces:
            for piece in pieces:
                if len(piece[:left]):
                    yield piece[:left]
                left -= len(piece)
        if measures.rate_hz != self.preset.rate_hz or not 0 >= left > -file_format(measures.format).packet_frames:
            hint = "build it again with --force, and report it to the maintainers if that doesn't help"
            raise DeliveryError(f"{path} doesn't last as long as was recorded", hint)

    def _tags(self, marks: tuple[Chapter, ...]) -> Tags:
        from breathmark.course.covers import course_cover  # noqa: PLC0415 - it loads what draws

        course = self.library.course
        return Tags(
            title=course.title,
            artist=course.author,
            album=course.title,
            album_artist=course.author,
            comment=course.summary,
            narrator=self.narrator,
            language=course.language,
            encoder=f"Breathmark {version('breathmark')}",
            cover=course_cover(self.library),
            chapters=marks,
            rate_hz=self.preset.rate_hz,
        )

    def _record_text(self, sound: Path) -> str:
        with delivery_errors(self.path):
            sha256 = file_sha256(sound)
        data = {
            "format": _FORMAT,
            "digest": self.digest,
            "file": {"name": self.path.name, "size": sound.stat().st_size, "sha256": sha256},
            "rate_hz": self.preset.rate_hz,
            "frames": self.frames,
            "duration_s": self.frames / self.preset.rate_hz,
            "chapters": [asdict(part) for part in self.parts],
        }
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _preset(name: str) -> Preset:
    """The book's form: the rate and the channels of what it is made of, so that nothing has to be converted."""
    source = preset_for(name)
    return Preset(name="m4b", format="m4b", rate_hz=source.rate_hz, channels=source.channels, bitrate=_BITRATE)
