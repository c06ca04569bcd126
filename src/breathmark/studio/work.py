"""What the studio's worker process does: lay sessions out, speak sentences, mix.

Every function takes and gives data that can be pickled and sent as JSON. The last sessions stay open in the process, so
that playing on from another place lays nothing out again.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from breathmark.api.recordings import add_take, list_takes
from breathmark.api.render import mix_session, render, verify
from breathmark.api.render import plan as lay_out
from breathmark.base.errors import BreathmarkError, RequestError, ScriptError
from breathmark.base.unsaved import unsaved
from breathmark.base.wording import counted
from breathmark.base.worker import job_progress
from breathmark.course.build import build
from breathmark.course.executors.base import Rendering
from breathmark.course.options import BuildOptions, Finished, Speaking
from breathmark.findings import check
from breathmark.mix.assets import sounds
from breathmark.script.opening import open_project
from breathmark.speech.registry import list_voices
from breathmark.takes.quality import judge
from breathmark.takes.recorded import read_folder
from breathmark.timeline.data import timeline_data
from breathmark.timeline.picture import timeline_svg

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from breathmark.api.options import Options, Progress
    from breathmark.api.render import Plan
    from breathmark.course.options import Event, Watch
    from breathmark.mix.mixdown import Mixdown

Json: TypeAlias = dict[str, object]

_OPEN: Final = 4
"""Sessions that are kept laid out: a few scripts, or one with a few choices."""
BLOCK_S: Final = 2
"""Seconds of one block of a mix."""


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


@dataclass(slots=True)
class _Opened:
    plan: Plan
    options: Options
    mixdown: Mixdown | None = None


_sessions: OrderedDict[str, _Opened] = OrderedDict()


def error_data(error: BreathmarkError) -> Json:
    """An error for the page: its message with what to do, and each fault of a script with its place."""
    problems = error.problems if isinstance(error, ScriptError) else ()
    if problems:
        return {
            "message": f"{counted(len(problems), 'fault')} to mend",
            "hint": "",
            "problems": [*map(asdict, problems)],
        }
    message, _, hint = str(error).partition("\n")
    return {"message": message, "hint": hint, "problems": []}


def ready() -> None:
    """Nothing; a worker that was asked for it has imported all that it needs, before somebody waits for it."""


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


def planned(asked: Asked, name: str) -> Json:
    """A session laid out; it stays open under ``name``. Raises BreathmarkError."""
    with asked.opened() as path:
        session = lay_out(path, asked.options)
    _sessions[name] = _Opened(plan=session, options=asked.options)
    _sessions.move_to_end(name)
    while len(_sessions) > _OPEN:
        _sessions.popitem(last=False)
    script = session.script
    return {
        "session": name,
        "title": script.title,
        "voice": session.voice,
        "estimated": session.estimated,
        "feasible": [[interval.min_s, interval.max_s] for interval in session.feasible],
        "timeline": asdict(timeline_data(session.timeline)),
        "picture": timeline_svg(session.timeline, script.title, estimated=session.estimated, level=script.level),
        "clips": [_clip(session, spoken.utterance) for spoken in session.timeline.speech],
        "warnings": [asdict(each) for each in script.warnings],
    }


def _clip(session: Plan, utterance: object) -> Json | None:
    stored = session.clips.get(utterance)  # type: ignore[call-overload]
    return None if stored is None else {"words": [asdict(word) for word in stored.words]}


def clip_file(name: str, number: int) -> Path | None:
    """The stored sound of a sentence of an open session; None where that is not open any more."""
    session = _sessions.get(name)
    if session is None or session.plan.estimated or not 0 <= number < len(session.plan.timeline.speech):
        return None
    stored = session.plan.clips[session.plan.timeline.speech[number].utterance]
    return stored.path


@dataclass(frozen=True, slots=True, kw_only=True)
class MixFormat:
    """What the blocks of an open session's mix hold."""

    rate_hz: int
    channels: int
    frames: int
    """Of the whole session."""


def mix_format(name: str) -> MixFormat | None:
    """The format of a session's mix, with all levels set; None where it is not open any more. Raises AssetError."""
    session = _sessions.get(name)
    if session is None or session.plan.estimated:
        return None
    if session.mixdown is None:
        session.mixdown = _mixdown(session)
    mastering = session.plan.preset.mastering
    return MixFormat(rate_hz=mastering.rate_hz, channels=mastering.channels, frames=session.mixdown.frames)


def mixed(name: str, first: int, count: int) -> bytes:
    """``count`` blocks of an open session's mix from block ``first`` on, as 16-bit PCM; fewer at its end, or none.

    Raises: AssetError.
    """
    session = _sessions.get(name)
    if session is None or session.mixdown is None:
        return b""
    blocks = session.mixdown.blocks(first)
    with closing(blocks):
        return b"".join(bytes(block.raw_data) for block in islice(blocks, count))


def _mixdown(session: _Opened) -> Mixdown:
    plan = session.plan
    mastering = replace(plan.preset.mastering, sample_width=2, encoder_gain_db=0.0)
    return mix_session(plan, plan.preset.quietened(plan.timeline), mastering, session.options)


def rendered(asked: Asked, output: Path) -> Json:
    """A finished file, and what it was measured at. Raises BreathmarkError."""
    with asked.opened() as path:
        artefact = render(path, output, replace(asked.options, progress=_reported()))
    return {
        "path": str(artefact.path),
        "duration_s": artefact.timeline.duration_s,
        "voice_lufs": artefact.voice_lufs,
        "true_peak_dbtp": artefact.true_peak_dbtp,
        "warnings": [asdict(each) for each in artefact.warnings],
        "remarks": [*artefact.remarks, *filter(None, (artefact.swell_remark, artefact.loudness_remark))],
    }


def verified(file: Path, preset: str) -> Json:
    """The verdict on a finished file, item by item. Raises BreathmarkError."""
    verdict = verify(file, preset, _reported())
    return {"passed": verdict.passed, "preset": verdict.preset, "items": [asdict(each) for each in verdict.findings]}


def built(course: Path, output: Path, *, dry_run: bool) -> Json:
    """A course built, or what a build would do. Raises BreathmarkError."""
    report = build(course, BuildOptions(output=output, dry_run=dry_run, keep_going=True, watch=_events()))
    return {
        "folder": str(report.folder),
        "current": report.current,
        "todo": dict(report.todo),
        "built": list(report.built),
        "failed": dict(report.failed),
    }


def _events() -> Watch:
    """The events of a build as progress of a job."""
    report = _reported()

    def watch(event: Event) -> None:
        if isinstance(event, Speaking):
            report("Speaking", event.done, event.total)
        elif isinstance(event, Finished):
            report("Rendering", event.done, event.total)
        elif isinstance(event, Rendering):
            report(f"Rendering {event.job}", round(100 * event.done), 100)

    return watch


def _reported() -> Progress:
    """Progress of each stage in its own right, for whoever follows the job."""
    stages: dict[str, Progress] = {}

    def progress(stage: str, done: int, total: int) -> None:
        stages.setdefault(stage, job_progress(stage))(stage, done, total)

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
        found = judge(take)
    return {"take": take.name, "duration_s": found.duration_s, "lufs": found.lufs, "faults": list(found.faults)}


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


def sound_list(folder: Path) -> list[Json]:
    """The ambiences and bells of a project and of the package. Raises AssetError."""
    project, _ = open_project(folder)
    return [{"name": each.name, "kind": each.kind, "description": each.description} for each in sounds(project.root)]
