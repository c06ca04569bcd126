"""Recordings, the artefacts as their page shows them: what can be chosen, played, read and saved."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from breathmark.course.course import AS_SCRIPTED
from breathmark.speech.registry import display_name

if TYPE_CHECKING:
    from breathmark.course.publishers.base import Library, LibraryEntry


_MIME: Final = {
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".m4b": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChapterLink:
    """A part that can be jumped to."""

    start_s: float
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptPassage:
    """A heading or a paragraph of the transcript."""

    heading: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A file to be saved."""

    kind: str
    """``audio``, ``captions`` or ``transcript``."""
    href: str
    size: int
    """In bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One artefact."""

    src: str
    """From the session's page."""
    mime: str
    length_s: float
    length: str
    """In words."""
    voice: str
    ambience: str
    preset: str
    duration_s: float
    chapters: tuple[ChapterLink, ...]
    captions: str
    """As WebVTT; a page that lies on a disk can't load any, so that it has to bring them along."""
    transcript: tuple[TranscriptPassage, ...]
    links: tuple[Link, ...]


def read_recording(library: Library, entry: LibraryEntry, words: Mapping[str, str]) -> Recording:
    """The artefact of ``entry``; where it is private in a library for everybody, without what is said in it.

    Raises:
        OSError: one of its files can't be read.
    """
    record, sound = entry.record, PurePosixPath(entry.path)
    shown = library.listener or not record.measures.private
    beside = library.folder / sound.parent / sound.stem

    def text(ending: str) -> str:
        return beside.with_name(sound.stem + ending).read_text(encoding="utf-8")

    return Recording(
        src=_href(entry.path),
        mime=_MIME.get(sound.suffix, ""),
        length_s=record.length_s,
        length=length_words(record.length_s, words),
        voice=display_name(record.measures.voice or record.voice, library.course.project.settings.narrators),
        ambience=_ambience(record.ambience, words),
        preset=in_words(record.preset),
        duration_s=record.measures.duration_s,
        chapters=_chapters(text(".chapters.json")),
        captions=text(".vtt") if shown else "",
        transcript=tuple(_passages(text(".txt"), entry.metadata.title)) if shown else (),
        links=tuple(_links(entry, shown=bool(shown))),
    )


def recording_data(recording: Recording) -> dict[str, object]:
    """What the page's program needs of it, ready for JSON."""
    data = asdict(recording)
    del data["links"]
    return data


def length_words(seconds: float, words: Mapping[str, str]) -> str:
    """``10 min``, ``90 s`` or ``1 min 30 s``."""
    minutes, rest = divmod(round(seconds), 60)
    parts = [f"{minutes} {words['minutes']}"] if minutes else []
    return " ".join([*parts, *([f"{rest} {words['seconds']}"] if rest or not minutes else [])])


def _href(path: str) -> str:
    return "../" + quote(path)


def _ambience(name: str, words: Mapping[str, str]) -> str:
    match name:
        case "none":
            return words["voice_alone"]
        case _ if name == AS_SCRIPTED:
            return words["own_sound"]
        case _:
            return in_words(PurePosixPath(name).stem)


def in_words(name: str) -> str:
    """A name of files as people write it."""
    text = name.replace("-", " ").replace("_", " ")
    return text[:1].upper() + text[1:]


def _chapters(text: str) -> tuple[ChapterLink, ...]:
    return tuple(ChapterLink(start_s=mark["startTime"], title=mark["title"]) for mark in json.loads(text)["chapters"])


def _passages(transcript: str, title: str) -> Iterator[TranscriptPassage]:
    """Its paragraphs and headings, but for the session's title, which the page shows already."""
    for block in transcript.strip().split("\n\n"):
        *lines, last = block.splitlines() or [""]
        is_heading = bool(lines) and len(last) == len(lines[-1]) and set(last) in ({"-"}, {"="})
        text = " ".join(lines if is_heading else [*lines, last])
        if text and not (is_heading and text == " ".join(title.split())):
            yield TranscriptPassage(heading=is_heading, text=text)


def _links(entry: LibraryEntry, *, shown: bool) -> Iterator[Link]:
    folder = PurePosixPath(entry.path).parent
    kinds = {".vtt": "captions", ".txt": "transcript"} if shown else {}
    sound, *beside = entry.record.files.items()
    yield Link(kind="audio", href=_href(entry.path), size=sound[1].size)
    for name, file in beside:
        kind = kinds.get(PurePosixPath(name).suffix)
        if kind and not name.endswith(".labels.txt"):
            yield Link(kind=kind, href=_href((folder / name).as_posix()), size=file.size)
