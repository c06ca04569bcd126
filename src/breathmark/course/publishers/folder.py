"""The publisher ``folder``: ``library.json``, an index of the folder for programs.

The artefacts lie there already, under names that sort. The index, format 1::

    format: 1
    course: {title, summary, author, language, concepts: {mark: name}, blocks: [{id, title, summary}],
             paths: [{id, title, sessions}], notes, help (null, or {owner, reviewed, regions})}
    sessions: [{id, title, summary, level, concepts, tags, block, extra, artefacts, packs}]
    artefacts: [{path, length_s, frames, rate_hz, duration_s, silence_share, format, preset, voice, ambience,
                 voice_lufs, file_lufs, true_peak_dbtp, size, sha256, files: [{path, size, sha256}]}]
    packs: [{id, voice, lengths_s, possible_s, files: [{path, size, sha256}]}], where the site offers any length
    loops: [{ambience, lufs, path, size, sha256}], likewise
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, ClassVar, Final

from breathmark.base.writing import write_changed
from breathmark.course.publishers.base import Claim, Library, LibraryEntry
from breathmark.course.publishers.site.packs import loops_data, packs_data

if TYPE_CHECKING:
    from breathmark.course.course import Course
    from breathmark.course.shapes import HelpText


LIBRARY_FILE: Final = "library.json"
_FORMAT: Final = 1


class FolderPublisher:
    """Writes the index."""

    for_listeners: ClassVar[bool] = True

    def claims(self, course: Course) -> tuple[Claim, ...]:  # noqa: ARG002 - one file, whatever the course
        """The index, known by how it begins."""
        return (Claim(name=LIBRARY_FILE, mark=b'{\n  "format": 1,\n  "course": {'),)

    def publish(self, library: Library) -> tuple[Path, ...]:
        """Write ``library.json`` where it has changed. Raises DeliveryError."""
        text = json.dumps(_data(library), indent=2, ensure_ascii=False) + "\n"
        return write_changed(library.folder, {LIBRARY_FILE: text.encode()}, private=bool(library.listener))


def _data(library: Library) -> dict[str, object]:
    sessions = groupby(library.entries, key=lambda entry: entry.session.id)
    return {
        "format": _FORMAT,
        "course": _course(library.course),
        "sessions": [_session(library, list(entries)) for _, entries in sessions],
        **({"loops": loops} if (loops := loops_data(library)) else {}),
    }


def _course(course: Course) -> dict[str, object]:
    return {
        "title": course.title,
        "summary": course.summary,
        "author": course.author,
        "language": course.language,
        "concepts": dict(course.concepts),
        "blocks": [{"id": name, "title": each.title, "summary": each.summary} for name, each in course.blocks.items()],
        "paths": [{"id": name, "title": each.title, "sessions": each.sessions} for name, each in course.paths.items()],
        "notes": list(course.notes),
        "help": _help(course.help) if course.help else None,
    }


def _help(text: HelpText) -> dict[str, object]:
    regions = [
        {"id": name, "name": region.name, "text": region.text, "verified": region.verified}
        for name, region in text.regions.items()
    ]
    return {"owner": text.owner, "reviewed": text.reviewed.isoformat(), "regions": regions}


def _session(library: Library, entries: list[LibraryEntry]) -> dict[str, object]:
    session, metadata = entries[0].session, entries[0].metadata
    return {
        "id": session.id,
        "title": metadata.title,
        "summary": metadata.summary,
        "level": metadata.level,
        "concepts": list(metadata.concepts),
        "tags": list(session.tags),
        "block": session.block,
        "extra": session.extra,
        "artefacts": list(_artefacts(entries)),
        **({"packs": packs} if (packs := packs_data(library, session.id)) else {}),
    }


def _artefacts(entries: Iterable[LibraryEntry]) -> Iterable[dict[str, object]]:
    for entry in entries:
        record, folder = entry.record, PurePosixPath(entry.path).parent
        sound, *beside = record.files.items()
        yield {
            "path": entry.path,
            "length_s": record.length_s,
            "frames": record.measures.frames,
            "rate_hz": record.measures.rate_hz,
            "duration_s": record.measures.duration_s,
            "silence_share": record.measures.silence_share,
            "format": record.measures.format,
            "preset": record.preset,
            "voice": record.measures.voice,
            "ambience": record.ambience,
            "voice_lufs": record.measures.voice_lufs,
            "file_lufs": record.measures.file_lufs,
            "true_peak_dbtp": record.measures.true_peak_dbtp,
            "size": sound[1].size,
            "sha256": sound[1].sha256,
            "files": [
                {"path": (folder / name).as_posix(), "size": file.size, "sha256": file.sha256} for name, file in beside
            ],
        }
