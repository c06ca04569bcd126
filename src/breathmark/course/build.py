"""A build, from the manifest to the published library: plan, speak, render, prune, publish."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar, cast

from filelock import FileLock, Timeout

from breathmark.base.errors import BuildError
from breathmark.base.inputs import check_inputs_stay, files_read
from breathmark.base.options import check_options
from breathmark.base.plugins import EXECUTORS, PUBLISHERS, load
from breathmark.base.pool import usable_cores
from breathmark.base.writing import delivery_errors, sweep
from breathmark.course.course import AS_SCRIPTED, Course
from breathmark.course.executors.base import ExecutorFactory, ExecutorSettings
from breathmark.course.listening import listen_to, recogniser_asked
from breathmark.course.manifest import read_course
from breathmark.course.options import (
    BuildOptions,
    BuildReport,
    Failed,
    Finished,
    Planned,
    Pruned,
    Speaking,
    Stopped,
    Waiting,
    Warned,
    Watch,
)
from breathmark.course.outputs import prune
from breathmark.course.planning import BuildPlan, Planner
from breathmark.course.publishers.base import ChecksCourse, Publisher
from breathmark.course.publishing import Surroundings, check_claims, failure_text, publish, run_all
from breathmark.course.sources import ambience_asked
from breathmark.formats.cover import read_cover
from breathmark.formats.deliver import finished_files
from breathmark.speech.clips.places import make_private, notes_in
from breathmark.speech.clips.store import ClipCache
from breathmark.speech.pace import speech_s

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

    from breathmark.course.values import ArtefactRecord, PlanStep
    from breathmark.course.work import RenderTask, ScriptVariant, Survey
    from breathmark.speech.speaking import Task
    from breathmark.verification.recogniser import Recogniser


R = TypeVar("R")

BUILD_LOCK: Final = ".breathmark-build.lock"
"""Held by the one build that works in a folder; the system lets go of it when the build ends, however it ends."""
_BATCH: Final = 4
"""Sentences that a worker speaks at a time where there are many: few enough for a retry to cost nothing."""

log = logging.getLogger(__name__)


def build(path: Path | str, options: BuildOptions = BuildOptions()) -> BuildReport:
    """Build what is missing or out of date. Safe to be killed, and to be run twice at once.

    Raises:
        ScriptError, RequestError, VoiceError, AssetError: nothing was built, because something is at fault, or an
            artefact would be written over a file that the course is made from.
        DeliveryError: the output folder can't be written.
        BuildError: some artefacts failed; the others are finished.
        KeyboardInterrupt: what was finished until then is kept.
    """
    check_options(options, BuildOptions)
    with files_read() as inputs:
        course = read_course(Path(path))
        folder = (options.output or _default_folder(course)).absolute()
        for warning in course.warnings:
            options.watch(Warned(message=str(warning)))
        if course.cover:
            read_cover(course.cover)  # a damaged one is reported before anything is built
        publishers = [(name, _publisher(name, course)) for name in options.publish or course.publish]
        recogniser = recogniser_asked(options.listen)
        plan = _planned(course, folder, options)
    _check_inputs_stay(plan, inputs)
    check_claims(plan, publishers)
    if options.dry_run:
        return _report(plan)
    with _folder_lock(folder, options.watch):
        if any(state.was_overtaken for state in plan.states.values()):
            plan = _planned(course, folder, options)
        return _Build(plan, options, publishers, recogniser).run()


def _planned(course: Course, folder: Path, options: BuildOptions) -> BuildPlan:
    with notes_in(ClipCache(options.cache).root):
        return Planner(course=course, folder=folder, options=options).plan()


def _check_inputs_stay(plan: BuildPlan, inputs: set[Path]) -> None:
    """Raise RequestError where an output would overwrite an input, also of sessions that were not read anew."""
    root = plan.course.project.root
    known = {root / name for record in plan.sessions.values() for name in record.inputs}
    outputs = (file for step in plan.steps for file in finished_files(step.output))
    check_inputs_stay(outputs, inputs | known)


def _default_folder(course: Course) -> Path:
    return Path(course.project.settings.output, course.name)


def _publisher(name: str, course: Course) -> Publisher:
    """A publisher that can work with the course. Raises RequestError."""
    publisher = cast("Callable[[], Publisher]", load(PUBLISHERS, name))()
    if isinstance(publisher, ChecksCourse):
        publisher.check(course)
    return publisher


@contextmanager
def _folder_lock(folder: Path, watch: Watch) -> Iterator[None]:
    """Hold the lock of ``folder``: wait for another build in it, and keep others waiting."""
    with delivery_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / BUILD_LOCK)
    with delivery_errors(folder):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            watch(Waiting(folder=os.fspath(folder)))
            lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _report(plan: BuildPlan) -> BuildReport:
    todo = {step.job.key: step.why for step in plan.todo}
    kept = tuple(step.job.key for step in plan.steps if step.job.key not in todo)
    report = BuildReport(folder=plan.folder, current=len(kept), kept=kept, todo=todo)
    report.orphans = tuple(orphan.shown for orphan in plan.orphans)
    report.failed = {name: str(fault) for name, fault in plan.faults.items()}
    return report


class _Build:
    """One build, which holds the lock of its folder."""

    def __init__(
        self,
        plan: BuildPlan,
        options: BuildOptions,
        publishers: list[tuple[str, Publisher]],
        recogniser: Recogniser | None = None,
    ) -> None:
        self._plan = plan
        self._recogniser = recogniser
        self._options = options
        self._publishers = publishers
        self._watch = options.watch
        self._report = _report(plan)
        self._cache = ClipCache(options.cache).root
        self._jobs = options.jobs or usable_cores()

    def run(self) -> BuildReport:
        """All stages. Raises as ``build`` does."""
        plan, report = self._plan, self._report
        seconds = {step.job.key: step.job.length_s for step in plan.todo}
        self._watch(Planned(current=report.current, todo=report.todo, seconds=seconds))
        for name, message in report.failed.items():
            self._watch(Failed(job=name, message=message, again=False))
        try:
            if plan.todo:
                self._warn_of_covers()
                self._build_steps(plan.todo)
            if self._recogniser:
                report.misheard = listen_to(plan, self._recogniser, self._watch)
        except KeyboardInterrupt:
            self._watch(Stopped(finished=tuple(report.built), left=len(plan.todo) - len(report.built)))
            raise
        finally:
            self._save()
        self._prune()
        publish(plan, self._publishers, self._watch, Surroundings(cache=self._cache, jobs=self._options.jobs))
        if report.failed:
            names = ", ".join(sorted(report.failed))
            hint = "what was finished stays; fix what is at fault, and run the same build again"
            raise BuildError(f"{len(report.failed)} failed: {names}", hint)
        if report.misheard:
            names = ", ".join(sorted(report.misheard))
            hint = "play them at the times above; without --listen they count as finished"
            raise BuildError(f"{len(report.misheard)} heard differently than written: {names}", hint)
        return report

    def _warn_of_covers(self) -> None:
        from breathmark.course.covers import lettering_warnings  # noqa: PLC0415 - it loads what draws

        plan = self._plan
        sessions = {step.job.session.id: step.job.session for step in plan.todo}
        for warning in lettering_warnings(
            plan.course, [(each, plan.sessions[name].metadata) for name, each in sessions.items()]
        ):
            self._watch(Warned(message=str(warning)))

    def _build_steps(self, steps: tuple[PlanStep, ...]) -> None:
        make = cast("ExecutorFactory", load(EXECUTORS, self._options.executor))
        self._prepare_folders(steps)
        section = self._plan.course.sections.get(self._options.executor)
        settings = ExecutorSettings(
            jobs=self._jobs,
            scheduler=self._options.scheduler,
            section=section,
            on_progress=self._watch,
            on_warning=lambda message: self._watch(Warned(message=message)),
        )
        executor = make(settings)
        whole = False
        try:
            self._speak(executor, steps)
            if self._options.keep_going or not self._report.failed:
                self._render(executor, [step for step in steps if not self._has_failed(step)])
            whole = True
        finally:
            executor.shutdown(wait=whole, cancel_futures=not whole)
            for folder in {step.output.parent for step in steps}:
                sweep(folder)

    def _prepare_folders(self, steps: tuple[PlanStep, ...]) -> None:
        """Create private folders before anything is put into them, and remove what a killed build has left."""
        for listener, state in self._plan.states.items():
            if listener and any(step.job.listener == listener for step in steps):
                with delivery_errors(state.folder):
                    make_private(state.folder)
        for folder in {step.output.parent for step in steps}:
            sweep(folder)

    def _speak(self, executor: Executor, steps: tuple[PlanStep, ...]) -> None:
        """Speak all missing sentences, each once, however many artefacts need it."""
        from breathmark.course import work  # noqa: PLC0415 - it loads all stages, and most builds have nothing to do
        from breathmark.speech.speaking import speak  # noqa: PLC0415 - as above

        variants = {self._variant_name(step): self._variant(step) for step in steps}
        asked = {name: partial(work.survey, each) for name, each in variants.items()}
        surveys = dict(self._results(executor, asked, keep_going=True))  # so that all faults are reported at once
        for warning in dict.fromkeys(warning for survey in surveys.values() for warning in survey.warnings):
            self._watch(Warned(message=self._with_shown_paths(warning)))
        if self._report.failed and not self._options.keep_going:
            return
        batches = _batches(surveys.values(), self._jobs)
        private = [variants[name] for name, survey in surveys.items() if survey.private]
        total = sum(map(len, batches)) + sum(survey.private for survey in surveys.values())
        if not total:
            return
        self._watch(Speaking(done=0, total=total))
        settings = {name: dict(given) for name, given in self._plan.course.project.settings.narrators.items()}
        calls = {
            f"speaking {number}": partial(speak, self._cache, settings, *batch)
            for number, batch in enumerate(batches, start=1)
        }
        sizes = {f"speaking {number}": len(batch) for number, batch in enumerate(batches, start=1)}
        for name, spoken in self._results(executor, calls):
            self._report.spoken += spoken
            sizes["done"] = sizes.get("done", 0) + sizes[name]
            self._watch(Speaking(done=sizes["done"], total=total))
        for name, _ in self._results(
            executor, {self._label(each): partial(work.speak_private, each) for each in private}
        ):
            log.info("spoke %s", name)

    def _render(self, executor: Executor, steps: list[PlanStep]) -> None:
        """Render, the longest first, so that no worker is left alone with a long one at the end."""
        from breathmark.course import work  # noqa: PLC0415 - as above

        by_key = {step.job.key: step for step in sorted(steps, key=lambda step: -step.job.length_s)}
        calls = {key: partial(work.render, self._render_task(step)) for key, step in by_key.items()}
        for key, record in self._results(executor, calls):
            self._keep(by_key[key], record)

    def _keep(self, step: PlanStep, record: ArtefactRecord) -> None:
        state = self._plan.states[step.job.listener]
        state.artefacts[step.job.path] = record
        state.save(now=False)
        self._report.built.append(step.job.key)
        self._watch(Finished(job=step.job.key, done=len(self._report.built), total=len(self._plan.todo)))

    def _results(
        self, executor: Executor, calls: dict[str, partial[R]], *, keep_going: bool = False
    ) -> Iterator[tuple[str, R]]:
        """The results of those that succeed; the others are reported and noted."""
        submits: dict[str, Callable[[], Future[R]]] = {
            key: partial(executor.submit, call) for key, call in calls.items()
        }
        for outcome in run_all(submits, keep_going=keep_going or self._options.keep_going):
            if outcome.error is None:
                yield outcome.key, cast("R", outcome.result)
                continue
            message = self._with_shown_paths(failure_text(outcome.error))
            log.info("%s failed: %s", outcome.key, message)
            self._watch(Failed(job=outcome.key, message=message, again=outcome.again))
            if not outcome.again:
                self._report.failed[outcome.key] = message

    def _with_shown_paths(self, message: str) -> str:
        """A message of a worker, with the project's files relative to the current folder."""
        project = self._plan.course.project
        return message.replace(os.fspath(project.root) + os.sep, os.path.join(project.shown_root, ""))  # noqa: PTH118 - it may be empty

    def _has_failed(self, step: PlanStep) -> bool:
        return self._variant_name(step) in self._report.failed

    def _variant_name(self, step: PlanStep) -> str:
        """The name of a variant of a script, whatever its length."""
        job = step.job
        names = (job.listener, job.session.id, "" if job.voice == AS_SCRIPTED else job.voice)
        return " ".join(filter(None, names))

    def _label(self, variant: ScriptVariant) -> str:
        return f"{variant.listener}: {variant.script.stem}"

    def _variant(self, step: PlanStep) -> ScriptVariant:
        from breathmark.course.work import ScriptVariant  # noqa: PLC0415 - as above

        return ScriptVariant(
            script=step.job.session.script,
            voice="" if step.job.voice == AS_SCRIPTED else step.job.voice,
            cache=self._cache,
            variables=frozenset(self._plan.sessions[step.job.session.id].metadata.variables),
            listeners=self._plan.listeners if step.job.listener else None,
            listener=step.job.listener,
        )

    def _render_task(self, step: PlanStep) -> RenderTask:
        from breathmark.course.work import RenderTask  # noqa: PLC0415 - as above

        course, job = self._plan.course, step.job
        metadata = self._plan.sessions[job.session.id].metadata
        return RenderTask(
            step=step,
            variant=self._variant(step),
            project_root=course.project.root,
            ambience=None if job.ambience == AS_SCRIPTED else ambience_asked(job.ambience, course.project),
            album=course.title,
            album_artist=course.author,
            track=course.number_of(job.session),
            title=metadata.title,
            cover=course.cover,
            own_cover=bool(metadata.cover),
        )

    def _save(self) -> None:
        for listener, state in self._plan.states.items():
            if state.artefacts or not listener:
                state.save()

    def _prune(self) -> None:
        """Remove orphans where that was asked for; else report them."""
        orphans = self._plan.orphans
        if not orphans:
            return
        if self._options.prune:
            prune(orphans)
        self._watch(Pruned(paths=self._report.orphans, removed=self._options.prune))


def _batches(surveys: Iterable[Survey], jobs: int) -> list[tuple[Task, ...]]:
    """Every missing sentence once, the longest first, in batches."""
    tasks = {task.key: task for survey in surveys for task in survey.tasks}
    longest_first = sorted(tasks.values(), key=lambda task: -speech_s(task.request.text, task.request.speed))
    size = _BATCH if len(tasks) > 8 * _BATCH * jobs else 1
    return [tuple(longest_first[start : start + size]) for start in range(0, len(longest_first), size)]
