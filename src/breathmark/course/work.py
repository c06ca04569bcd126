"""The work of a build's worker process. It takes keys and paths, and returns records: no sound, and no private value.

The values of a listener are read where they are needed, from the listeners' file; so they are in no message between
processes and in no log of a cluster.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from breathmark.api import render as pipeline
from breathmark.api.options import Options
from breathmark.base.errors import BuildError
from breathmark.base.worker import job_progress
from breathmark.course.covers import tag_cover
from breathmark.course.listeners import find_listener
from breathmark.course.outputs import NOTED_AS, record_of, remove
from breathmark.course.sources import are_current
from breathmark.model import Script, Utterance, utterances
from breathmark.script.expand import expand
from breathmark.script.parse import parse
from breathmark.speech.clips.store import ClipCache
from breathmark.speech.narrate import missing_tasks, narrate
from breathmark.speech.registry import resolve_voice

if TYPE_CHECKING:
    from breathmark.course.values import ArtefactRecord, PlanStep
    from breathmark.script.document import Document
    from breathmark.speech.speaking import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptVariant:
    """A script with one voice and one listener's values, whatever its length."""

    script: Path
    voice: str
    """Empty where the script's own holds."""
    cache: Path
    variables: frozenset[str] = frozenset()
    """The names of what can be set in it."""
    listeners: Path | None = None
    listener: str = ""

    def values(self) -> dict[str, str]:
        """The listener's values for the variables that this script has."""
        if not self.listener or self.listeners is None:
            return {}
        values = find_listener(self.listeners, self.listener).values
        return {name: value for name, value in values.items() if name in self.variables}


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Survey of the sentences that are missing for a variant."""

    tasks: tuple[Task, ...]
    """Sentences that nothing private is in."""
    private: int
    """How many others there are; they are spoken where they are filled in."""
    warnings: tuple[str, ...] = ()
    """What was found in the script that does not stop a render; nothing private is in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filled:
    document: Document
    voice: str
    script: Script

    @property
    def spoken(self) -> tuple[Utterance, ...]:
        """Every sentence once."""
        return tuple(dict.fromkeys(utterances(self.script)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderTask:
    """The task of rendering one artefact."""

    step: PlanStep
    variant: ScriptVariant
    project_root: Path
    ambience: str | None
    """None where the script's own holds."""
    album: str
    album_artist: str
    track: int
    title: str
    """The session's, for the picture that is drawn of it."""
    cover: Path | None
    """The course's."""
    own_cover: bool
    """Whether the script names one itself."""


def survey(variant: ScriptVariant) -> Survey:
    """Find the sentences that are missing.

    Raises:
        ScriptError, RequestError, VoiceError: the script or a value is at fault, or there is no such voice.
    """
    filled = _filled(variant)
    tasks = missing_tasks(
        filled.spoken,
        voice=filled.voice,
        cache=ClipCache(variant.cache),
        settings=filled.document.project.settings.narrators,
    )
    public = tuple(task for task in tasks if not task.key.private)
    warnings = pipeline.proofread(filled.document, filled.script).warnings
    return Survey(tasks=public, private=len(tasks) - len(public), warnings=tuple(map(str, warnings)))


def speak_private(variant: ScriptVariant) -> None:
    """Speak the private sentences of one listener.

    Raises:
        VoiceError: a sentence could not be spoken.
    """
    filled = _filled(variant)
    settings = filled.document.project.settings.narrators
    narrate(filled.spoken, voice=filled.voice, cache=ClipCache(variant.cache), settings=settings, jobs=1)


def render(task: RenderTask) -> ArtefactRecord:
    """Make an artefact; all its sentences are spoken already.

    Raises:
        BuildError: a file that it is made from was changed in the meantime.
        BreathmarkError: whatever else stops a render.
    """
    _check_unchanged(task)
    step, variant = task.step, task.variant
    pipeline.render(
        variant.script,
        step.output,
        Options(
            length=step.job.length_s,
            voice=variant.voice,
            ambience=task.ambience,
            values=variant.values(),
            preset=step.job.preset,
            cache=variant.cache,
            jobs=1,
            album=task.album,
            album_artist=task.album_artist,
            track=task.track,
            cover=None if task.own_cover else tag_cover(task.cover, task.title, task.album),
            noted={NOTED_AS: step.digest},
            progress=job_progress(step.job.key),
        ),
    )
    record = record_of(step)
    try:
        _check_unchanged(task)
    except BuildError:
        remove(record.files, step.output.parent)  # it may be made of neither the old nor the new
        raise
    return record


def _check_unchanged(task: RenderTask) -> None:
    if not are_current(task.step.inputs, task.project_root, {}):
        name = task.step.job.key
        raise BuildError(f"{name}: what it is made from was changed while it was built", "run the same build again")


def _filled(variant: ScriptVariant) -> _Filled:
    document = parse(variant.script)
    script = expand(document, variant.values())
    settings = document.project.settings.narrators
    voice = resolve_voice(variant.voice or document.voice.name, language=document.language, settings=settings)
    return _Filled(document=document, voice=voice, script=script)
