"""Narration of a session: every sentence as a stored clip, looked up or spoken on all cores."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

from breathmark.base.errors import VoiceError
from breathmark.base.pool import Pool, WorkerError, WorkerStartError, usable_cores
from breathmark.model import StoredClip, Utterance
from breathmark.speech.contract import Archive, Narrator, Remote, sentence_id
from breathmark.speech.level import LEVEL_LUFS, clip_gain_db
from breathmark.speech.orders import Order, Orders, narrator_name, request_of
from breathmark.speech.pace import speech_s
from breathmark.speech.registry import Settings, load_narrator, resolve_voice
from breathmark.speech.speaking import Speaker, Task, speak

if TYPE_CHECKING:
    from breathmark.speech.clips.clip_file import ClipFacts
    from breathmark.speech.clips.store import ClipCache, ClipKey


log = logging.getLogger(__name__)

_WORTH_A_PROCESS_S: Final = 1.5
"""Work of one core below which starting processes, about 0.9 s each, gains nothing."""
_ATTEMPTS: Final = 2
"""How often a sentence is tried that a process breaks down at."""
_FINISH_S: Final = 2.0
"""How long sentences under way may go on after the run has been interrupted."""
_STOP_S: Final = 1.0
"""How long processes may take to clean up after that."""


def narrate(  # noqa: PLR0913 - keywords, nearly all with a default
    utterances: Iterable[Utterance],
    *,
    voice: str,
    cache: ClipCache,
    settings: Settings = {},  # noqa: B006 - never changed
    stand_in: str = "",
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[Utterance, StoredClip]:
    """Every different utterance as a stored clip; what the cache does not hold is spoken first.

    Each clip is stored as soon as it is spoken, so that a run that is stopped loses only what was being spoken. The
    result does not depend on the number of processes, but for narrators whose sound varies by what they said before.

    Args:
        utterances: repetitions cost nothing.
        voice: for the utterances that name none; empty for the best one that is installed.
        cache: where clips are looked up and stored.
        settings: each narrator's settings, by its name.
        stand_in: the voice for sentences that are to be spoken by recordings, and were never recorded; empty for none.
        jobs: how many processes speak, 1 for none but this one; by default as many as pay. How many sentences a
            server speaks at once is a matter of its narrator's settings.
        progress: called with how many of the missing clips are done, and how many were missing; never if none was.

    Raises:
        VoiceError: a voice is unknown, not installed or of another language; a private sentence may not be sent to
            it; a sentence could not be spoken, or was never recorded; or the cache can't be written.
    """
    orders = Orders(cache, settings, voice=voice, stand_in=stand_in).of(utterances)
    tasks = _tasks(orders)
    found = {key: cache.load(key) for key in tasks}
    missing = [tasks[key] for key, facts in found.items() if facts is None]
    if missing:
        _speak(missing, cache=cache, settings=settings, jobs=jobs, progress=progress or (lambda _done, _total: None))
        found |= {task.key: cache.load(task.key) for task in missing}
    return {utterance: _stored(order, cache, found, utterance) for utterance, order in orders.items()}


def missing_tasks(
    utterances: Iterable[Utterance],
    *,
    voice: str,
    cache: ClipCache,
    settings: Settings = {},  # noqa: B006 - never changed
    stand_in: str = "",
) -> tuple[Task, ...]:
    """The tasks that ``narrate`` would have to speak first, each different sentence once; nothing is spoken.

    Raises:
        VoiceError: a voice is unknown, not installed or of another language; or a sentence was never recorded.
    """
    tasks = _tasks(Orders(cache, settings, voice=voice, stand_in=stand_in).of(utterances))
    return tuple(task for key, task in tasks.items() if cache.load(key) is None)


def recordings(utterances: Iterable[Utterance], *, voice: str, settings: Settings = {}) -> dict[str, str]:  # noqa: B006 - never changed
    """The fingerprint of each recording that speaks one of the utterances, by the sentence's id; nothing is played.

    Sentences that a voice makes, or that were never recorded, are not among them.

    Raises:
        VoiceError: a voice is unknown, not installed or of another language; or a recording can't be read.
    """
    narrators: dict[tuple[str, str], tuple[str, Narrator]] = {}
    found: dict[str, str] = {}
    for utterance in dict.fromkeys(utterances):
        asked = utterance.voice or voice, utterance.language
        if asked not in narrators:
            name = resolve_voice(asked[0], language=asked[1], settings=settings)
            narrators[asked] = name, load_narrator(narrator_name(name), settings)
        name, narrator = narrators[asked]
        request = replace(request_of(utterance, name), text=utterance.caption)
        if isinstance(narrator, Archive) and not narrator.lacking((request,)):
            found[sentence_id(utterance.caption)] = narrator.fingerprint_of(request)
    return found


def _tasks(orders: dict[Utterance, Order]) -> dict[ClipKey, Task]:
    """All that the orders need, each once."""
    return {task.key: task for order in orders.values() for task in (order.level, order.clip) if task}


def _speak(
    tasks: list[Task], *, cache: ClipCache, settings: Settings, jobs: int | None, progress: Callable[[int, int], None]
) -> None:
    done = 0

    def on_done() -> None:
        nonlocal done
        done += 1
        progress(done, len(tasks))

    remote = _remote(tasks, settings)
    for task in tasks:
        if task.key.private and task.request.voice in remote:
            remote[task.request.voice].check_private(task.request.voice)
    progress(0, len(tasks))
    for narrator in dict.fromkeys(narrator_name(voice) for voice in remote):
        waiting = [task for task in tasks if narrator_name(task.request.voice) == narrator]
        at_once = remote[waiting[0].request.voice].at_once
        pool = Pool(min(at_once, len(waiting)), threads=True, finish_s=_FINISH_S)
        _speak_on(pool, waiting, Speaker(cache, settings).perform, on_done)
    here = [task for task in tasks if task.request.voice not in remote]
    _speak_here(here, cache=cache, settings=settings, jobs=jobs, on_done=on_done)


def _remote(tasks: list[Task], settings: Settings) -> dict[str, Remote]:
    """The voices that speak elsewhere, with their narrators."""
    voices = dict.fromkeys(task.request.voice for task in tasks)
    loaded = {voice: load_narrator(narrator_name(voice), settings) for voice in voices}
    return {voice: narrator for voice, narrator in loaded.items() if isinstance(narrator, Remote)}


def _speak_here(
    tasks: list[Task], *, cache: ClipCache, settings: Settings, jobs: int | None, on_done: Callable[[], None]
) -> None:
    """Speak on the cores of this machine."""
    processes = min(len(tasks), _paying_jobs(tasks, settings) if jobs is None else jobs)
    if processes > 1:
        # The longest first, so that no process is left alone with a long sentence at the end.
        longest_first = sorted(tasks, key=_length_s, reverse=True)
        perform = partial(speak, cache.root, {name: dict(given) for name, given in settings.items()})
        pool = Pool(processes, attempts=_ATTEMPTS, finish_s=_FINISH_S, stop_s=_STOP_S)
        try:
            _speak_on(pool, longest_first, perform, on_done)
        except WorkerStartError as exc:
            log.info("no process could be started to speak: %s %s", exc.end, exc.last_output)
            tasks = [task for task in tasks if cache.load(task.key) is None]
        else:
            return
    speaker = Speaker(cache, settings)
    for task in tasks:
        speaker.perform(task)
        on_done()


def _speak_on(
    pool: Pool, tasks: Sequence[Task], perform: Callable[[Task], object], on_done: Callable[[], None]
) -> None:
    """Speak all ``tasks``, in the order given.

    ``on_done`` is called after each, in the caller's thread. When it is interrupted, or a task fails, no further one
    is begun; those under way are still stored, if that takes no longer than 2 s.

    Raises:
        VoiceError: a sentence could not be spoken. A bug of ours in a worker keeps its traceback, as a note.
        WorkerStartError: no worker could be started; some tasks may have been done all the same.
    """
    todo = iter(tasks)
    with closing(pool):
        running = {pool.submit(perform, task): task for task in islice(todo, pool.size)}
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                task = running.pop(future)
                try:
                    future.result()
                except WorkerStartError:
                    raise
                except WorkerError as exc:
                    raise _broke_down(task, exc) from exc
                running |= {pool.submit(perform, task): task for task in islice(todo, 1)}
                on_done()


def _broke_down(task: Task, exc: WorkerError) -> VoiceError:
    detail = exc.end if task.key.private or not exc.last_output else f"{exc.end}: {exc.last_output}"
    hint = "try again with fewer at once, or another voice with --voice"
    return VoiceError(f"{task.request.voice} broke down while speaking {task.label} ({detail})", hint)


def _paying_jobs(tasks: list[Task], settings: Settings) -> int:
    """As many processes as there are cores, but one where the work is done before another has started."""
    names = {narrator_name(task.request.voice) for task in tasks}
    factors = {name: load_narrator(name, settings).real_time_factor for name in names}
    work_s = sum(_length_s(task) * factors[narrator_name(task.request.voice)] for task in tasks)
    return max(1, min(usable_cores(), int(work_s / _WORTH_A_PROCESS_S)))


def _length_s(task: Task) -> float:
    return speech_s(task.request.text, task.request.speed)


def _stored(order: Order, cache: ClipCache, found: dict[ClipKey, ClipFacts | None], utterance: Utterance) -> StoredClip:
    clip = found[order.clip.key]
    level = found[order.level.key] if order.level else None
    if clip is None or (order.level and level is None):
        raise VoiceError("a clip was removed from the cache while it was needed", "run the same command again")
    return StoredClip(
        path=cache.path(order.clip.key),
        rate_hz=clip.rate_hz,
        frames=clip.frames,
        before_frames=clip.before_frames,
        after_frames=clip.after_frames,
        gain_db=clip_gain_db(
            voice_lufs=level.lufs if level else LEVEL_LUFS,
            clip_lufs=clip.lufs,
            duration_s=clip.frames / clip.rate_hz,
        )
        + utterance.level_db,
        level_db=utterance.level_db,
        de_esser=utterance.de_esser,
        even_pace=order.even_pace,
        words=clip.words,
        stand_in=order.stand_in,
        remarks=order.remarks,
    )
