"""Listening to the artefacts of a build: each once, as its record keeps what was heard."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from breathmark.course.options import Heard, Watch
from breathmark.formats.session import read_record

if TYPE_CHECKING:
    from breathmark.course.planning import BuildPlan
    from breathmark.course.values import ArtefactRecord, PlanStep
    from breathmark.verification.recogniser import Recogniser
    from breathmark.verification.verdict import Listening


def recogniser_asked(name: str) -> Recogniser | None:
    """What listens, opened before anything is built; None where nobody does. Raises RequestError, AssetError."""
    if not name:
        return None
    from breathmark.verification.recogniser import open_recogniser  # noqa: PLC0415 - most builds don't listen

    return open_recogniser(name)


def listen_to(plan: BuildPlan, recogniser: Recogniser, watch: Watch) -> dict[str, int]:
    """Listen to every artefact that this recogniser has not heard yet.

    Returns the artefacts, heard now or earlier, with how many of their sentences are heard differently than written.

    Raises:
        AssetError, RequestError: the recogniser lacks something.
    """
    misheard = {}
    steps = [step for step in plan.steps if _record(plan, step)]
    for done, step in enumerate(steps, start=1):
        heard = _heard(plan, step, recogniser)
        job, total = step.job.key, len(steps)
        watch(Heard(job=job, done=done, total=total, sentences=heard.sentences, misheard=heard.misheard))
        if heard.misheard:
            misheard[job] = len(heard.misheard)
    return misheard


def _heard(plan: BuildPlan, step: PlanStep, recogniser: Recogniser) -> Listening:
    """From the artefact's record where it is there, else heard now and noted in it."""
    from breathmark.verification.listening import listen  # noqa: PLC0415 - as above

    state = plan.states[step.job.listener]
    record = state.artefacts[step.job.path]
    if record.listening and record.listening.recogniser == recogniser.name:
        return record.listening
    heard = listen(step.output, read_record(step.output), recogniser).hidden()
    state.artefacts[step.job.path] = replace(record, listening=heard)
    state.save(now=False)
    return heard


def _record(plan: BuildPlan, step: PlanStep) -> ArtefactRecord | None:
    """What is known of an artefact that is whole and current; None where it failed in this build."""
    record = plan.states[step.job.listener].artefacts.get(step.job.path)
    return record if record and record.digest == step.digest else None
