"""Build planning: what has to be built and why, from the course, its scripts and the records of earlier builds."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from breathmark.base.errors import Problem, ScriptError, near_miss
from breathmark.base.writing import delivery_errors
from breathmark.course.course import AS_SCRIPTED, Course, Session
from breathmark.course.jobs import Selection, all_jobs
from breathmark.course.listeners import read_listeners, value_problems
from breathmark.course.outputs import Orphan, damage, recovered_record, with_current_times
from breathmark.course.sources import (
    are_current,
    file_state,
    program_state,
    read_session,
    recordings_state,
    sound_inputs,
)
from breathmark.course.state import LOCK_FILE, State
from breathmark.course.values import Job, Listener, PlanStep, ScriptMetadata, SessionRecord
from breathmark.formats.presets import preset_for
from breathmark.mix.stillness import ROOM_TONE
from breathmark.script.faults import in_order
from breathmark.speech.clips.places import make_private, secret
from breathmark.speech.contract import Archive
from breathmark.speech.registry import load_narrator, resolve_voice

if TYPE_CHECKING:
    from breathmark.course.options import BuildOptions


LISTENERS: Final = "listeners"
"""The folder of what was made for single listeners, below the course's outputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildPlan:
    """The plan of a build."""

    course: Course
    folder: Path
    steps: tuple[PlanStep, ...]
    """All that was selected, in the order of the course."""
    jobs: tuple[Job, ...]
    """All that there is, selected or not."""
    sessions: Mapping[str, SessionRecord]
    listeners: Path | None
    orphans: tuple[Orphan, ...]
    states: Mapping[str, State]
    """By listener; the empty id is for everybody."""
    faults: Mapping[str, ScriptError]
    """The sessions that can't be read, and those that a listener's values don't fit, under ``keep_going``."""

    @property
    def todo(self) -> tuple[PlanStep, ...]:
        """What has to be built."""
        return tuple(step for step in self.steps if step.why)


@dataclass(slots=True, kw_only=True)
class Planner:
    """Planner of one build, with caches of hashes and voices."""

    course: Course
    folder: Path
    """Absolute."""
    options: BuildOptions
    states: dict[str, State] = field(default_factory=dict)
    hashes: dict[Path, str] = field(default_factory=dict)
    voices: dict[tuple[str, str], str] = field(default_factory=dict)
    sounds: dict[str, dict[str, str]] = field(default_factory=dict)
    archives: set[tuple[str, str]] = field(default_factory=set)
    """The voices whose sentences were recorded, as they are asked for, and of which language."""
    recordings: dict[tuple[Path, str, str], str] = field(default_factory=dict)

    def plan(self) -> BuildPlan:
        """The whole plan. Only the metadata of scripts is written, into the states.

        Raises:
            ScriptError: scripts, the listeners' file or values in it are at fault.
            RequestError: the selection fits nothing, or a name is unknown.
            VoiceError: a voice is unknown or not installed.
        """
        state = self._state("")
        state.begin(self.course.title, program_state())
        sessions, faults = self._sessions(state)
        if faults and not self.options.keep_going:
            raise ScriptError(in_order(problem for fault in faults.values() for problem in fault.problems))
        file = self.options.listeners.absolute() if self.options.listeners else self.course.listeners
        listeners = self._listeners(file, sessions)
        readable = self.course.model_copy(
            update={"sessions": tuple(each for each in self.course.sessions if each.id in sessions)}
        )
        jobs = all_jobs(readable, tuple(listeners), self.options.lengths_s)
        metadata = {name: record.metadata for name, record in sessions.items()}
        selection = Selection(chosen=self.options.select, excluded=self.options.exclude)
        chosen = selection.of(jobs, self.course, metadata)
        unfit = self._unfit(chosen, metadata, listeners, _shortest_path(file) if file else "")
        steps = tuple(
            self._step(job, sessions[job.session.id], listeners.get(job.listener))
            for job in chosen
            if _session_of_listener(job) not in unfit
        )
        known = (*jobs, *all_jobs(readable, tuple(listeners)))
        return BuildPlan(
            course=self.course,
            folder=self.folder,
            steps=steps,
            jobs=tuple(dict.fromkeys(known)),
            sessions=sessions,
            listeners=file,
            orphans=tuple(self._orphans(known, faults, with_listeners=file is not None)),
            states=self.states,
            faults={**faults, **unfit},
        )

    def _state(self, listener: str) -> State:
        if listener not in self.states:
            folder = self.folder / LISTENERS / listener if listener else self.folder
            self.states[listener] = State(folder, private=bool(listener))
        return self.states[listener]

    def _sessions(self, state: State) -> tuple[dict[str, SessionRecord], dict[str, ScriptError]]:
        """The record of every script, which is read only where one of its files has changed."""
        found: dict[str, SessionRecord] = {}
        faults: dict[str, ScriptError] = {}
        for session in self.course.sessions:
            known = state.sessions.get(session.id)
            try:
                if known is None or not self._is_current(known, session):
                    known = read_session(session, self.course.project)
                self._check_concepts(session, known.metadata)
            except ScriptError as exc:
                faults[session.id] = _shown(exc, self.course)
            else:
                found[session.id] = known
        state.sessions.clear()
        state.sessions.update(found)
        return found, faults

    def _is_current(self, record: SessionRecord, session: Session) -> bool:
        """Whether it was read from the session's script, and nothing that was read has changed since."""
        root = self.course.project.root
        script = session.script.relative_to(root).as_posix()
        return script in record.inputs and are_current(record.inputs, root, self.hashes)

    def _check_concepts(self, session: Session, metadata: ScriptMetadata) -> None:
        concepts = self.course.concepts
        problems = tuple(
            Problem(
                path=session.place.path,
                line=session.place.line,
                column=session.place.column,
                message=f"{session.id} teaches `{mark}`, which `concepts` doesn't name",
                hint=f"did you mean `{meant}`?" if (meant := near_miss(mark, concepts)) else f"add `{mark}:` to it",
            )
            for mark in metadata.concepts
            if concepts and mark not in concepts
        )
        if problems:
            raise ScriptError(problems)

    def _listeners(self, file: Path | None, sessions: Mapping[str, SessionRecord]) -> dict[str, Listener]:
        if file is None:
            return {}
        known = (name for record in sessions.values() for name in record.metadata.variables)
        return {each.id: each for each in read_listeners(file, _shortest_path(file), known)}

    def _unfit(
        self, jobs: Iterable[Job], metadata: Mapping[str, ScriptMetadata], listeners: Mapping[str, Listener], shown: str
    ) -> dict[str, ScriptError]:
        """The values that sessions refuse, by listener and session. Raises ScriptError unless under ``keep_going``."""
        found: dict[str, ScriptError] = {}
        for job in {_session_of_listener(job): job for job in jobs if job.listener}.values():
            problems = tuple(value_problems(listeners[job.listener], metadata[job.session.id].variables, shown))
            if problems:
                found[_session_of_listener(job)] = ScriptError(problems)
        if found and not self.options.keep_going:
            raise ScriptError(in_order(problem for fault in found.values() for problem in fault.problems))
        return found

    def _step(self, job: Job, record: SessionRecord, listener: Listener | None) -> PlanStep:
        inputs = dict(sorted({**record.inputs, **self._sound(job)}.items()))
        made_from = {**self._chosen(job, record, listener), **inputs}
        state = self._state(job.listener)
        if listener:
            state.note_origin(by_course=self.options.listeners is None)
        step = PlanStep(
            job=job,
            output=state.folder / job.path,
            made_from=made_from,
            inputs=inputs,
            digest=hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest(),
        )
        return replace(step, why="asked for again" if self.options.force else self._why(step, state))

    def _chosen(self, job: Job, record: SessionRecord, listener: Listener | None) -> dict[str, str]:
        """All that an artefact is made from, beside the files."""
        metadata = record.metadata
        main = metadata.voice if job.voice == AS_SCRIPTED else job.voice
        others = {f"the voice {asked}": self._voice(asked, metadata.language) for asked in metadata.other_voices}
        given = self.course.cover
        cover = {"the course's cover": self._file_state(given)} if given and not metadata.cover else {}
        chosen = {
            "the program": program_state(),
            "the length": f"{job.length_s:g} s",
            "the preset": job.preset,
            "the ambience": job.ambience,
            "the course's title": self.course.title,
            "the course's author": self.course.author,
            "its place in the course": str(self.course.number_of(job.session)),
            **cover,
            "the voice": self._voice(main, metadata.language),
            **others,
            **self._recordings(job, {(asked, metadata.language) for asked in (main, *metadata.other_voices)}, listener),
        }
        if listener:
            values = {name: listener.values[name] for name in metadata.variables if name in listener.values}
            chosen["the listener's values"] = self._sealed(json.dumps(values, sort_keys=True))
        return chosen

    def _sound(self, job: Job) -> dict[str, str]:
        """The files of the sound that the job has in place of the script's own."""
        quiet = preset_for(job.preset).narration or job.ambience == "none"
        asked = ROOM_TONE if quiet else job.ambience
        if asked not in self.sounds:
            found = {} if asked == AS_SCRIPTED else sound_inputs(asked, self.course.project)
            # Room tone is never asked for by the path of a file.
            self.sounds[asked] = {file: state for file, state in found.items() if not (quiet and file == ROOM_TONE)}
        return self.sounds[asked]

    def _recordings(self, job: Job, voices: set[tuple[str, str]], listener: Listener | None) -> dict[str, str]:
        """The state of the recordings that are spoken, where one of the job's voices has any."""
        if self.archives.isdisjoint(voices):
            return {}
        key = (job.session.script, job.voice, job.listener)
        if key not in self.recordings:
            voice = "" if job.voice == AS_SCRIPTED else job.voice
            self.recordings[key] = recordings_state(job.session.script, voice, listener.values if listener else {})
        return {"the recordings": self.recordings[key]}

    def _file_state(self, file: Path) -> str:
        if file not in self.hashes:
            self.hashes[file] = file_state(file)
        return self.hashes[file]

    def _voice(self, asked: str, language: str) -> str:
        """The whole name of a voice, and a hash of its fingerprint."""
        if (asked, language) not in self.voices:
            settings = self.course.project.settings.narrators
            name = resolve_voice(asked, language=language, settings=settings)
            narrator = load_narrator(name.partition(":")[0], settings)
            fingerprint = hashlib.sha256(narrator.fingerprint(name).encode()).hexdigest()[:32]
            self.voices[asked, language] = f"{name} {fingerprint}"
            if isinstance(narrator, Archive):
                self.archives.add((asked, language))
        return self.voices[asked, language]

    def _sealed(self, values: str) -> str:
        """A keyed hash: without the key beside the private outputs, values can't be tried against it."""
        folder = self.folder / LISTENERS
        if self.options.dry_run and not (folder / "key").is_file():
            return "not known yet"
        with delivery_errors(folder):
            make_private(folder)
            return hmac.new(secret(folder), values.encode(), hashlib.sha256).hexdigest()

    def _why(self, step: PlanStep, state: State) -> str:
        record = state.artefacts.get(step.job.path)
        if record is None or record.made_from != step.made_from:
            again = recovered_record(step)
            if again is None:
                return _difference(record.made_from, step.made_from) if record else "new"
            state.artefacts[step.job.path] = again
            return ""
        wrong = damage(record, step.output.parent)
        if not wrong:
            state.artefacts[step.job.path] = with_current_times(record, step.output.parent)
        return wrong

    def _orphans(
        self, jobs: Sequence[Job], faults: Mapping[str, ScriptError], *, with_listeners: bool
    ) -> Iterator[Orphan]:
        """Records of what no longer exists. Listeners named only by an earlier command are left alone."""
        known = {(job.listener, job.path) for job in jobs}
        for lock in sorted((self.folder / LISTENERS).glob(f"*/{LOCK_FILE}")):
            if with_listeners or State(lock.parent, private=True).by_course:
                self._state(lock.parent.name)
        for listener, state in self.states.items():
            for path, record in state.artefacts.items():
                if (listener, path) not in known and record.session not in faults:
                    yield Orphan(state=state, path=path)


def _session_of_listener(job: Job) -> str:
    """The name of a session for a listener, whatever its length."""
    return f"{job.listener} {job.session.id}".strip()


def _difference(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """The reason that names what has changed."""
    names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    listed = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"changed: {listed}"


def _shown(error: ScriptError, course: Course) -> ScriptError:
    """The same faults, with the files named as the user reaches them."""
    root = os.fspath(course.project.root) + os.sep
    return ScriptError(
        tuple(
            replace(problem, path=course.project.shown(course.project.root / problem.path.removeprefix(root)))
            if problem.path.startswith(root)
            else problem
            for problem in error.problems
        )
    )


def _shortest_path(file: Path) -> str:
    """A path from where the user is, where that is shorter."""
    absolute, relative = os.fspath(file.absolute()), os.path.relpath(file)
    return relative if len(relative) < len(absolute) else absolute
