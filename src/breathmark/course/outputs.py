"""Finished artefacts on the disk: whether they are as recorded, and removal of those that are no longer wanted."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from breathmark.base.files import file_sha256
from breathmark.base.writing import delivery_errors
from breathmark.course.values import ArtefactFile, ArtefactRecord, Measures, PlanStep
from breathmark.formats.deliver import SIDECARS
from breathmark.formats.session import RenderRecord, read_record

if TYPE_CHECKING:
    from breathmark.course.state import State


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
        if status.st_size != known.size or file_sha256(file) != known.sha256:
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
        made = read_record(step.output)
        if made.settings.get(NOTED_AS) != step.digest or made.file.sha256 != file_sha256(step.output):
            return None
        return record_of(step)
    except (OSError, ValueError):
        return None


def record_of(step: PlanStep) -> ArtefactRecord:
    """The record of an artefact that has just been finished.

    Raises:
        OSError: one of its files is gone already.
    """
    job, output = step.job, step.output
    made = read_record(output)
    known = {output.name: made.file.sha256}
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
        measures=_measures(made),
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


def _artefact_file(file: Path, sha256: str) -> ArtefactFile:
    status = file.stat()
    return ArtefactFile(size=status.st_size, mtime_ns=status.st_mtime_ns, sha256=sha256 or file_sha256(file))


def _measures(made: RenderRecord) -> Measures:
    return Measures(
        frames=made.frames,
        rate_hz=made.rate_hz,
        duration_s=made.duration_s,
        speech_s=made.speech_s,
        silence_share=made.silence_share,
        voice=made.settings.get("voice", ""),
        format=made.preset.format,
        private=made.private,
        **asdict(made.loudness),
    )


_NOTES: Final = ".breathmark-*"
"""What publishers note beside their files, under names that nothing else has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A finished artefact of a session, a length or a listener that no longer exists."""

    state: State
    path: str

    @property
    def shown(self) -> str:
        """Its sound's path."""
        return os.fspath(self.state.folder / self.path)


def prune(orphans: Iterable[Orphan]) -> None:
    """Remove these artefacts, and all else that was made for a listener of whom none is left.

    Raises:
        DeliveryError: something can't be removed.
    """
    states: dict[Path, State] = {}
    for orphan in orphans:
        states[orphan.state.folder] = orphan.state
        record = orphan.state.artefacts.pop(orphan.path)
        with delivery_errors(orphan.state.folder):
            remove(record.files, (orphan.state.folder / orphan.path).parent)
    for folder, state in states.items():
        if state.artefacts or not state.private:
            state.save()
            continue
        with delivery_errors(folder):
            _clear(state)


def _clear(state: State) -> None:
    """Remove what lies in a listener's folder beside artefacts; the records last, so that a kill loses none."""
    for file in (state.folder / name for name in state.published):
        file.unlink(missing_ok=True)
        for note in file.parent.glob(_NOTES):
            note.unlink(missing_ok=True)
        with suppress(OSError):
            file.parent.rmdir()
    state.path.unlink(missing_ok=True)
    with suppress(OSError):
        state.folder.rmdir()
