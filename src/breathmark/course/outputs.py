"""Finished artefacts on the disk: whether they are still as recorded, and what their ``session.json`` says."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from breathmark.base.writing import sha256_of
from breathmark.course.values import ArtefactFile, ArtefactRecord, Measures
from breathmark.formats.deliver import SIDECARS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from breathmark.course.values import PlanStep


SESSION: Final = SIDECARS[-1]
NOTED_AS: Final = "build"
"""Under ``settings`` in ``session.json``: the digest of all that an artefact was made from."""


def damage(record: ArtefactRecord, folder: Path) -> str:
    """What is wrong with a recorded artefact, in words; empty where all of its files are what they were.

    A file is only hashed where its size or time differs.
    """
    for name, known in record.files.items():
        file = folder / name
        try:
            status = file.stat()
        except OSError:
            return f"{name} is missing"
        if (status.st_size, status.st_mtime_ns) == (known.size, known.mtime_ns):
            continue
        if status.st_size != known.size or sha256_of(file) != known.sha256:
            return f"{name} was changed by something else"
    return ""


def with_current_times(record: ArtefactRecord, folder: Path) -> ArtefactRecord:
    """The record with the times that its undamaged files have now, as after a copy."""
    files = {name: replace(known, mtime_ns=(folder / name).stat().st_mtime_ns) for name, known in record.files.items()}
    return record if files == record.files else replace(record, files=files)


def recovered_record(step: PlanStep) -> ArtefactRecord | None:
    """The record of an artefact that was finished, but not recorded any more; None where there is none.

    Its ``session.json`` says what it was made from, and the hash of the sound that it belongs to.
    """
    try:
        session = json.loads(_session_file(step.output).read_text(encoding="utf-8"))
        if session["settings"].get(NOTED_AS) != step.digest or session["file"]["sha256"] != sha256_of(step.output):
            return None
        return record_of(step)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def record_of(step: PlanStep) -> ArtefactRecord:
    """The record of an artefact that has just been finished.

    Raises:
        OSError: one of its files is gone already.
    """
    job, output = step.job, step.output
    session = json.loads(_session_file(output).read_text(encoding="utf-8"))
    known = {output.name: str(session["file"]["sha256"])}
    names = (output.name, *(output.stem + ending for ending in SIDECARS))
    return ArtefactRecord(
        session=job.session.id,
        length_s=job.length_s,
        voice=job.voice,
        ambience=job.ambience,
        preset=job.preset,
        digest=step.digest,
        made_from=step.made_from,
        files={name: _artefact_file(output.with_name(name), known.get(name, "")) for name in names},
        measures=_measures(session),
    )


def remove(record_files: Mapping[str, ArtefactFile], folder: Path) -> tuple[Path, ...]:
    """Remove an artefact's files, and its folder where nothing else lies in it."""
    gone: list[Path] = []
    for name in record_files:
        with suppress(FileNotFoundError):
            (folder / name).unlink()
            gone.append(folder / name)
    with suppress(OSError):
        folder.rmdir()
    return tuple(gone)


def _session_file(output: Path) -> Path:
    return output.with_name(output.stem + SESSION)


def _artefact_file(file: Path, sha256: str) -> ArtefactFile:
    status = file.stat()
    return ArtefactFile(size=status.st_size, mtime_ns=status.st_mtime_ns, sha256=sha256 or sha256_of(file))


def _measures(session: Mapping[str, Any]) -> Measures:
    loudness = session["loudness"]
    return Measures(
        frames=session["frames"],
        rate_hz=session["rate_hz"],
        duration_s=session["duration_s"],
        speech_s=session["speech_s"],
        silence_share=session["silence_share"],
        voice_lufs=loudness["voice_lufs"],
        file_lufs=loudness["file_lufs"],
        true_peak_dbtp=loudness["true_peak_dbtp"],
        voice=session["settings"].get("voice", ""),
        format=session["preset"]["format"],
        private=session["private"],
    )
