"""Every sentence of a session as a stored clip: looked up, or spoken on all cores."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from breathmark.errors import VoiceError
from breathmark.model import StoredClip
from breathmark.narrators.base import Remote, SpeechRequest
from breathmark.narrators.callers import perform_waiting
from breathmark.narrators.crew import NoWorkersError, perform_all
from breathmark.narrators.level import clip_gain_db
from breathmark.narrators.pace import LEVEL_PASSAGE, SPEED_MAX, SPEED_MIN, estimate, speech_s
from breathmark.narrators.registry import load_narrator, resolve_voice
from breathmark.narrators.speaking import Speaker, Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from breathmark.model import Utterance
    from breathmark.narrators.cache import ClipCache, ClipKey
    from breathmark.narrators.clipfile import ClipFacts
    from breathmark.narrators.registry import Settings

__all__ = ["estimate", "narrate"]

_WORTH_A_PROCESS_S: Final = 1.5
"""Work of one core below which starting processes, about 0.9 s each, gains nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What one utterance needs: its own clip, and its voice's level at its speed."""

    clip: Task
    level: Task


def narrate(
    utterances: Iterable[Utterance],
    *,
    voice: str,
    cache: ClipCache,
    settings: Settings = {},  # noqa: B006 - never changed
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
        jobs: how many processes speak, 1 for none but this one; by default as many as pay. How many sentences a
            server speaks at once is a matter of its narrator's settings.
        progress: called with how many of the missing clips are done, and how many were missing; never if none was.

    Raises:
        VoiceError: a voice is unknown, not installed or of another language; a private sentence may not be sent to
            it; a sentence could not be spoken; or the cache can't be written.
    """
    orders = _orders(utterances, voice, cache, settings)
    tasks = {task.key: task for order in orders.values() for task in (order.level, order.clip)}
    found = {key: cache.load(key) for key in tasks}
    missing = [tasks[key] for key, facts in found.items() if facts is None]
    if missing:
        _speak(missing, cache=cache, settings=settings, jobs=jobs, progress=progress or (lambda _done, _total: None))
        found |= {task.key: cache.load(task.key) for task in missing}
    return {utterance: _stored(order, cache, found) for utterance, order in orders.items()}


def _orders(
    utterances: Iterable[Utterance], voice: str, cache: ClipCache, settings: Settings
) -> dict[Utterance, _Order]:
    """Each different utterance with its tasks, in the order of the text."""
    voices: dict[tuple[str, str], str] = {}
    fingerprints: dict[str, str] = {}
    orders: dict[Utterance, _Order] = {}
    for utterance in dict.fromkeys(utterances):
        _check_speed(utterance)
        asked = (utterance.voice or voice, utterance.language)
        if asked not in voices:
            voices[asked] = resolve_voice(asked[0], language=asked[1], settings=settings)
        name = voices[asked]
        if name not in fingerprints:
            fingerprints[name] = _fingerprint(name, settings)
        orders[utterance] = _order(utterance, name, fingerprints[name], cache)
    return orders


def _order(utterance: Utterance, voice: str, fingerprint: str, cache: ClipCache) -> _Order:
    request = SpeechRequest(text=utterance.text, voice=voice, speed=float(utterance.speed), language=utterance.language)
    passage = replace(request, text=LEVEL_PASSAGE, language="en")
    return _Order(
        clip=Task(request=request, key=cache.key(request, fingerprint, private=utterance.private)),
        level=Task(request=passage, key=cache.key(passage, fingerprint)),
    )


def _fingerprint(voice: str, settings: Settings) -> str:
    name = _narrator(voice)
    try:
        return load_narrator(name, settings).fingerprint(voice)
    except VoiceError:
        raise
    except Exception as exc:  # a plug-in may raise anything
        raise VoiceError(f"the narrator {name} failed: {exc}", "choose another voice with --voice") from exc


def _check_speed(utterance: Utterance) -> None:
    if not SPEED_MIN <= utterance.speed <= SPEED_MAX:
        hint = f"choose between {SPEED_MIN} and {SPEED_MAX}; rests, not slow words, make a session calm"
        raise VoiceError(f"no voice speaks at the speed {utterance.speed:g}", hint)


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
    for narrator in dict.fromkeys(_narrator(voice) for voice in remote):
        waiting = [task for task in tasks if _narrator(task.request.voice) == narrator]
        at_once = remote[waiting[0].request.voice].at_once
        perform_waiting(waiting, Speaker(cache, settings), at_once=at_once, on_done=on_done)
    here = [task for task in tasks if task.request.voice not in remote]
    _speak_here(here, cache=cache, settings=settings, jobs=jobs, on_done=on_done)


def _remote(tasks: list[Task], settings: Settings) -> dict[str, Remote]:
    """The voices that speak elsewhere, with their narrators."""
    voices = dict.fromkeys(task.request.voice for task in tasks)
    loaded = {voice: load_narrator(_narrator(voice), settings) for voice in voices}
    return {voice: narrator for voice, narrator in loaded.items() if isinstance(narrator, Remote)}


def _speak_here(
    tasks: list[Task], *, cache: ClipCache, settings: Settings, jobs: int | None, on_done: Callable[[], None]
) -> None:
    """Speak on the cores of this machine."""
    processes = min(len(tasks), _paying_jobs(tasks, settings) if jobs is None else jobs)
    if processes > 1:
        # The longest first, so that no process is left alone with a long sentence at the end.
        longest_first = sorted(tasks, key=_length_s, reverse=True)
        try:
            perform_all(longest_first, root=cache.root, settings=settings, jobs=processes, on_done=on_done)
        except NoWorkersError:
            tasks = [task for task in tasks if cache.load(task.key) is None]
        else:
            return
    speaker = Speaker(cache, settings)
    for task in tasks:
        speaker.perform(task)
        on_done()


def _paying_jobs(tasks: list[Task], settings: Settings) -> int:
    """As many processes as there are cores, but one where the work is done before another has started."""
    names = {_narrator(task.request.voice) for task in tasks}
    factors = {name: load_narrator(name, settings).real_time_factor for name in names}
    work_s = sum(_length_s(task) * factors[_narrator(task.request.voice)] for task in tasks)
    return max(1, min(_cores(), int(work_s / _WORTH_A_PROCESS_S)))


def _narrator(voice: str) -> str:
    return voice.partition(":")[0]


def _length_s(task: Task) -> float:
    return speech_s(task.request.text, task.request.speed)


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _stored(order: _Order, cache: ClipCache, found: dict[ClipKey, ClipFacts | None]) -> StoredClip:
    clip, level = found[order.clip.key], found[order.level.key]
    if clip is None or level is None:
        raise VoiceError("a clip was removed from the cache while it was needed", "run the same command again")
    return StoredClip(
        path=cache.path(order.clip.key),
        rate_hz=clip.rate_hz,
        frames=clip.frames,
        gain_db=clip_gain_db(voice_lufs=level.lufs, clip_lufs=clip.lufs, duration_s=clip.frames / clip.rate_hz),
        words=clip.words,
    )
