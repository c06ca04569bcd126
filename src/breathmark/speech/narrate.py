"""Narration of a session: every sentence as a stored clip, looked up or spoken on all cores."""

from __future__ import annotations

import logging
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

from breathmark.base.errors import VoiceError
from breathmark.base.pool import Pool, WorkerError, WorkerStartError, usable_cores
from breathmark.base.wording import counted
from breathmark.model import StoredClip
from breathmark.speech.alignment import ALIGNMENT
from breathmark.speech.clips.places import notes_in
from breathmark.speech.contract import (
    RECORD_HINT,
    Archive,
    Evening,
    Remote,
    SpeechRequest,
    granted,
    is_our_bug,
    sentence_id,
)
from breathmark.speech.level import LEVEL_LUFS, clip_gain_db
from breathmark.speech.pace import LEVEL_PASSAGE, SPEED_MAX, SPEED_MIN, speech_s
from breathmark.speech.phonemes import sayable
from breathmark.speech.registry import load_narrator, resolve_voice
from breathmark.speech.speaking import Speaker, Task, Timing, speak

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from breathmark.model import Utterance
    from breathmark.speech.clips.clip_file import ClipFacts
    from breathmark.speech.clips.store import ClipCache, ClipKey
    from breathmark.speech.contract import Narrator
    from breathmark.speech.registry import Settings


log = logging.getLogger(__name__)

_WORTH_A_PROCESS_S: Final = 1.5
"""Work of one core below which starting processes, about 0.9 s each, gains nothing."""
_ATTEMPTS: Final = 2
"""How often a sentence is tried that a process breaks down at."""
_FINISH_S: Final = 2.0
"""How long sentences under way may go on after the run has been interrupted."""
_STOP_S: Final = 1.0
"""How long processes may take to clean up after that."""
_REFERENCES: Final = ("hibari", "piper", "pyttsx3")
"""The narrators whose word times others are found by, the most natural first; Kokoro would take as long as a server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """The tasks of one utterance: its own clip, and its voice's level at its speed."""

    clip: Task
    level: Task | None
    """None where its clips come at the common level."""
    stand_in: str = ""
    remarks: tuple[str, ...] = ()
    even_pace: bool = False


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
    orders = _Orders(cache, settings, voice=voice, stand_in=stand_in).of(utterances)
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
    tasks = _tasks(_Orders(cache, settings, voice=voice, stand_in=stand_in).of(utterances))
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
            narrators[asked] = name, load_narrator(_narrator_name(name), settings)
        name, narrator = narrators[asked]
        request = replace(_request(utterance, name), text=utterance.caption)
        if isinstance(narrator, Archive) and not narrator.lacking((request,)):
            found[sentence_id(utterance.caption)] = narrator.fingerprint_of(request)
    return found


def _tasks(orders: dict[Utterance, _Order]) -> dict[ClipKey, Task]:
    """All that the orders need, each once."""
    return {task.key: task for order in orders.values() for task in (order.level, order.clip) if task}


class _Orders:
    """The assignment of utterances to voices and cache keys."""

    def __init__(self, cache: ClipCache, settings: Settings, *, voice: str, stand_in: str) -> None:
        self._cache = cache
        self._settings = settings
        self._voice = voice
        self._stand_in = stand_in
        self._names: dict[tuple[str, str], str] = {}
        self._narrators: dict[str, Narrator] = {}
        self._fingerprints: dict[str, str] = {}
        self._references: dict[str, str] = {}

    def of(self, utterances: Iterable[Utterance]) -> dict[Utterance, _Order]:
        """Each different utterance with its tasks, in the order of the text.

        Raises:
            VoiceError: no voice can speak it; all sentences that were never recorded are reported at once.
        """
        with notes_in(self._cache.root):
            return self._all(utterances)

    def _all(self, utterances: Iterable[Utterance]) -> dict[Utterance, _Order]:
        orders: dict[Utterance, _Order] = {}
        lacking: list[Utterance] = []
        for utterance in dict.fromkeys(utterances):
            _check_speed(utterance)
            order = self._order(utterance)
            if order is None:
                lacking.append(utterance)
            else:
                orders[utterance] = order
        if lacking:
            raise never_recorded(lacking)
        return orders

    def _order(self, utterance: Utterance) -> _Order | None:
        """None where the sentence needs a recording that does not exist."""
        voice = self._name(utterance.voice or self._voice, utterance.language)
        narrator = self._narrator(voice)
        if isinstance(narrator, Archive):
            return self._recorded(utterance, voice, narrator)
        return self._made(utterance, voice)

    def _recorded(self, utterance: Utterance, voice: str, archive: Archive) -> _Order | None:
        request, remarks = granted(archive, replace(_request(utterance, voice), text=utterance.caption))
        if not archive.lacking((request,)):
            task = self._task(request, archive.fingerprint_of(request), utterance, archive)
            return _Order(clip=task, level=None, remarks=(*archive.remarks(request), *remarks))
        if not self._stand_in:
            return None
        other = self._name(self._stand_in, utterance.language)
        if isinstance(self._narrator(other), Archive):
            raise VoiceError(f"{other} can't stand in for itself", "name a voice that speaks, such as hibari:heart")
        return replace(self._made(utterance, other), stand_in=other)

    def _made(self, utterance: Utterance, voice: str) -> _Order:
        narrator = self._narrator(voice)
        if voice not in self._fingerprints:
            self._fingerprints[voice] = _fingerprint(voice, narrator)
        sounds, remarks = sayable(narrator, voice, utterance.sounds)
        asked = replace(_request(utterance, voice), sounds=sounds)
        fingerprint, (request, lacks) = self._fingerprints[voice], granted(narrator, asked)
        passage = replace(request, text=LEVEL_PASSAGE, language="en", sounds=(), take=1, pitch_semitones=0.0)
        return _Order(
            clip=self._task(request, fingerprint, utterance, narrator),
            level=Task(request=passage, key=self._cache.key(passage, fingerprint)),
            remarks=(*remarks, *lacks),
            even_pace=isinstance(narrator, Evening) and narrator.evens_pace(voice),
        )

    def _task(self, request: SpeechRequest, fingerprint: str, utterance: Utterance, narrator: Narrator) -> Task:
        """A recording and what a server speaks get word times by a voice that gives them, where one is installed."""
        key = self._cache.key(request, fingerprint, private=utterance.private)
        voice = self._reference(request.language) if isinstance(narrator, Archive | Remote) else ""
        if not voice:
            return Task(request=request, key=key)
        if voice not in self._fingerprints:
            self._fingerprints[voice] = _fingerprint(voice, self._narrator(voice))
        timed_by = f"{fingerprint} words={ALIGNMENT} by {self._fingerprints[voice]}"
        sounds = sayable(self._narrator(voice), voice, utterance.sounds)[0] if request.text == utterance.text else ()
        reference = replace(request, voice=voice, sounds=sounds, take=1, pitch_semitones=0.0)
        timed_key = self._cache.key(request, timed_by, private=utterance.private)
        return Task(request=request, key=timed_key, timing=Timing(reference=reference, untimed=key))

    def _reference(self, language: str) -> str:
        """The voice by whose word times those of a recording are found; empty where none speaks ``language``."""
        if language not in self._references:
            self._references[language] = ""
            for name in _REFERENCES:
                with suppress(VoiceError):
                    self._references[language] = resolve_voice(name, language=language, settings=self._settings)
                    break
        return self._references[language]

    def _name(self, asked: str, language: str) -> str:
        if (asked, language) not in self._names:
            self._names[asked, language] = resolve_voice(asked, language=language, settings=self._settings)
        return self._names[asked, language]

    def _narrator(self, voice: str) -> Narrator:
        name = _narrator_name(voice)
        if name not in self._narrators:
            self._narrators[name] = load_narrator(name, self._settings)
        return self._narrators[name]


def never_recorded(utterances: Sequence[Utterance]) -> VoiceError:
    """The error for a teacher who has not recorded these sentences; of private ones only their number is reported."""
    lines = [f"  {sentence_id(each.caption)}  {each.caption}" for each in utterances if not each.private]
    hidden = len(utterances) - len(lines)
    lines += [f"  and {hidden} with a private value"] if hidden else []
    verb = "was" if len(utterances) == 1 else "were"
    return VoiceError(
        f"{counted(len(utterances), 'sentence')} {verb} never recorded:\n" + "\n".join(lines), RECORD_HINT
    )


def _request(utterance: Utterance, voice: str) -> SpeechRequest:
    return SpeechRequest(
        text=utterance.text,
        voice=voice,
        speed=float(utterance.speed),
        language=utterance.language,
        take=utterance.take,
        pitch_semitones=utterance.pitch_semitones,
    )


def _fingerprint(voice: str, narrator: Narrator) -> str:
    try:
        return narrator.fingerprint(voice)
    except VoiceError:
        raise
    except Exception as exc:  # a plug-in may raise anything
        if is_our_bug(exc):
            raise
        name = _narrator_name(voice)
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
    for narrator in dict.fromkeys(_narrator_name(voice) for voice in remote):
        waiting = [task for task in tasks if _narrator_name(task.request.voice) == narrator]
        at_once = remote[waiting[0].request.voice].at_once
        pool = Pool(min(at_once, len(waiting)), threads=True, finish_s=_FINISH_S)
        _speak_on(pool, waiting, Speaker(cache, settings).perform, on_done)
    here = [task for task in tasks if task.request.voice not in remote]
    _speak_here(here, cache=cache, settings=settings, jobs=jobs, on_done=on_done)


def _remote(tasks: list[Task], settings: Settings) -> dict[str, Remote]:
    """The voices that speak elsewhere, with their narrators."""
    voices = dict.fromkeys(task.request.voice for task in tasks)
    loaded = {voice: load_narrator(_narrator_name(voice), settings) for voice in voices}
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
    names = {_narrator_name(task.request.voice) for task in tasks}
    factors = {name: load_narrator(name, settings).real_time_factor for name in names}
    work_s = sum(_length_s(task) * factors[_narrator_name(task.request.voice)] for task in tasks)
    return max(1, min(usable_cores(), int(work_s / _WORTH_A_PROCESS_S)))


def _narrator_name(voice: str) -> str:
    return voice.partition(":")[0]


def _length_s(task: Task) -> float:
    return speech_s(task.request.text, task.request.speed)


def _stored(
    order: _Order, cache: ClipCache, found: dict[ClipKey, ClipFacts | None], utterance: Utterance
) -> StoredClip:
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
