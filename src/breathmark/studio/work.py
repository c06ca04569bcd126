"""What the studio's worker processes do for the page: check, render, verify, build, keep takes.

Every function takes and gives data that can be pickled and sent as JSON.
"""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from breathmark.api.recordings import add_take, list_takes
from breathmark.api.render import plan as lay_out
from breathmark.api.render import render, verify
from breathmark.base.errors import BreathmarkError, RequestError, ScriptError
from breathmark.base.inputs import files_read, stamp
from breathmark.base.unsaved import unsaved
from breathmark.base.wording import counted
from breathmark.base.worker import job_progress
from breathmark.course.build import build
from breathmark.course.executors.base import Rendering
from breathmark.course.options import BuildOptions, Finished, Preparing, Published, Speaking
from breathmark.findings import check
from breathmark.mix.assets import sounds
from breathmark.script.lexicon import Pronunciation, layered
from breathmark.script.opening import open_project
from breathmark.script.project import SETTINGS_FILE
from breathmark.speech.registry import list_voices
from breathmark.speech.trial import try_word
from breathmark.takes.quality import judge, used_part
from breathmark.takes.recorded import read_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from breathmark.api.options import Options, Progress
    from breathmark.course.options import Event, Watch

Json: TypeAlias = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A session as the page has it: a file, its text as it is being edited, and the choices."""

    folder: Path
    """The studio's folder; the worker process works in it, so that messages name files as the page does."""
    path: Path
    """From the folder on."""
    text: str
    options: Options

    @contextmanager
    def opened(self) -> Iterator[Path]:
        """Inside, the file has the text of the page; the value is what to call it by."""
        os.chdir(self.folder)
        with unsaved({self.path: self.text}):
            yield self.path


def error_data(error: BreathmarkError) -> Json:
    """An error for the page: its message with what to do, and each fault of a script with its place."""
    problems = error.problems if isinstance(error, ScriptError) else ()
    if problems:
        return {
            "message": f"{counted(len(problems), 'fault')} to fix",
            "hint": "",
            "problems": [*map(asdict, problems)],
        }
    message, _, hint = str(error).partition("\n")
    return {"message": message, "hint": hint, "problems": []}


def checked(asked: Asked) -> Json:
    """Every fault and finding of a script, and the lengths that it can have."""
    with asked.opened() as path:
        found = check(path, asked.options)
    return {
        "problems": [asdict(each) for each in found.problems],
        "feasible": [[interval.min_s, interval.max_s] for interval in found.feasible],
        "estimated": found.estimated,
        "allowed": [asdict(each) for each in found.allowed],
        "unchecked": list(found.unchecked),
    }


_Stamps: TypeAlias = "dict[Path, tuple[int, int] | None]"
_known: dict[Path, tuple[_Stamps, Json]] = {}


def known(asked: Asked) -> Json:
    """The same of a script as it is on the disk; only read anew where a file that it was read from has changed."""
    stamps, found = _known.get(asked.path, ({}, {}))
    if not stamps or any(stamp(file) != then for file, then in stamps.items()):
        own = {asked.folder / asked.path, asked.folder / SETTINGS_FILE}
        before = {file: stamp(file) for file in own | stamps.keys()}  # what is saved meanwhile is seen the next time
        with files_read() as inputs:
            found = checked(asked)
        _known[asked.path] = {file: before[file] if file in before else stamp(file) for file in inputs | own}, found
    return found


def rendered(asked: Asked, files: Sequence[tuple[str, str, Path]]) -> Json:
    """Finished files, each of a length and a preset (empty: as chosen for all), and what they were measured at.

    Raises: BreathmarkError.
    """
    made: list[Json] = []
    with asked.opened() as path:
        for length, preset, output in files:
            before = f"{output.name}: " if len(files) > 1 else ""
            wanted = replace(asked.options, length=length or asked.options.length, progress=_reported(before))
            artefact = render(path, output, replace(wanted, preset=preset or asked.options.preset))
            made.append(
                {
                    "path": str(artefact.path),
                    "preset": preset or asked.options.preset,
                    "duration_s": artefact.timeline.duration_s,
                    "voice_lufs": artefact.voice_lufs,
                    "true_peak_dbtp": artefact.true_peak_dbtp,
                    "warnings": [asdict(each) for each in artefact.warnings],
                    "remarks": [*artefact.remarks, *filter(None, (artefact.swell_remark, artefact.loudness_remark))],
                }
            )
    return {"files": made}


def verified(file: Path, preset: str) -> Json:
    """The verdict on a finished file, item by item. Raises BreathmarkError."""
    verdict = verify(file, preset, _reported())
    return {"passed": verdict.passed, "preset": verdict.preset, "items": [asdict(each) for each in verdict.findings]}


def built(course: Path, output: Path, *, dry_run: bool) -> Json:
    """A course built, or what a build would do, and what of it can be opened. Raises BreathmarkError."""
    from breathmark.course.publishers.site import INDEX_FILE  # noqa: PLC0415 - of all work, builds alone need it

    opened: dict[str, str] = {}
    report = build(course, BuildOptions(output=output, dry_run=dry_run, keep_going=True, watch=_events(opened)))
    if (site := report.folder / INDEX_FILE).is_file():
        opened.setdefault("site", str(site))
    return {
        "course": str(course),
        "folder": str(report.folder),
        "current": list(report.kept),
        "todo": dict(report.todo),
        "built": list(report.built),
        "failed": dict(report.failed),
        "opened": opened,
    }


def _events(opened: dict[str, str]) -> Watch:
    """The events of a build as progress of a job; ``opened`` gets what each publisher's readers open."""
    report = _reported()

    def watch(event: Event) -> None:
        match event:
            case Speaking():
                report("Speaking", event.done, event.total)
            case Finished():
                report("Rendering", event.done, event.total)
            case Rendering():
                report(f"Rendering {event.job}", round(100 * event.done), 100)
            case Preparing():
                report("Packing", event.done, event.total)
            case Published() if event.entry:
                opened.setdefault(event.publisher, event.entry)

    return watch


def _reported(before: str = "") -> Progress:
    """Progress of each stage in its own right, for whoever follows the job."""
    stages: dict[str, Progress] = {}

    def progress(stage: str, done: int, total: int) -> None:
        stages.setdefault(stage, job_progress(before + stage))(stage, done, total)

    return progress


def spoken(asked: Asked) -> Json:
    """Every sentence that any length needs, spoken on all cores, so that a plan to the frame is at once at hand."""
    with asked.opened() as path:
        session = lay_out(path, replace(asked.options, jobs=None, progress=_reported()))
    return {"voice": session.voice, "sentences": len(session.clips)}


def takes(asked: Asked) -> Json:
    """Every sentence of a script for the microphone, with the takes that there are of it. Raises BreathmarkError."""
    with asked.opened() as path:
        listing = list_takes(path, asked.options)
        recorded = read_folder(listing.folder).takes
    return {
        "folder": str(listing.folder),
        "lines": [
            {
                **asdict(line.sheet),
                "take": None if line.take is None else line.take.name,
                "takes": [take.path.name for take in recorded if take.sentence == line.sheet.id],
                "duration_s": line.quality.duration_s if line.quality else None,
                "faults": list(line.faults),
            }
            for line in listing.lines
        ],
        "stale": [path.name for path in listing.stale],
        "with_values": listing.with_values,
        "elsewhere": listing.elsewhere,
    }


def record(asked: Asked, sentence: str, wav: bytes) -> Json:
    """A new take of a sentence, and what is to be said of it. Raises BreathmarkError."""
    with asked.opened() as path:
        listing = list_takes(path, asked.options)
        take = add_take(listing, sentence, wav)
        found, used = judge(take), used_part(take)
    levels: Json = {"duration_s": found.duration_s, "lufs": found.known_lufs, "faults": list(found.faults)}
    return levels | {"take": take.name, "used": used}


def take_file(asked: Asked, name: str) -> Path:
    """The file of a take. Raises RequestError where there is none of this name."""
    with asked.opened() as path:
        folder = read_folder(list_takes(path, asked.options).folder)
    found = next((take.path for take in folder.takes if take.path.name == name), None)
    if found is None:
        raise RequestError("there is no such take", "look at the list again")
    return found.resolve()


def voices(settings_of: Path) -> list[Json]:
    """Every voice that can speak in a project, the best first, and what each narrator lacks."""
    project, _ = open_project(settings_of)
    return [
        {"narrator": each.narrator, "missing": each.missing, "voices": [asdict(voice) for voice in each.voices]}
        for each in list_voices(project.settings.narrators)
    ]


def tried(folder: Path, voice: str, word: str, given: Pronunciation) -> bytes:
    """A word as a voice guesses it, then as ``given`` or a lexicon has it: a WAV. Raises RequestError, VoiceError."""
    project, _ = open_project(folder)
    found = try_word(
        voice,
        word,
        lexicon=lambda language: layered(project.words(language), {word: given} if given != Pronunciation() else {}),
        settings=project.settings.narrators,
    )
    sound = io.BytesIO()
    found.audio.export(sound, format="wav")
    return sound.getvalue()


def sound_list(folder: Path) -> list[Json]:
    """The ambiences and bells of a project and of the package. Raises AssetError."""
    project, _ = open_project(folder)
    return [{"name": each.name, "kind": each.kind, "description": each.description} for each in sounds(project.root)]
