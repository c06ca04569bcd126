"""What speaking costs: a second of each narrator, every sentence of the course, and a first run on all cores."""

from __future__ import annotations

import json
import shutil
import statistics
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from breathmark import Options, plan
from breathmark.model import utterances
from breathmark.script.expand import expand
from breathmark.script.parse import parse
from breathmark.script.trials import trials
from breathmark.speech.clips.store import ClipCache
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.speaking import Speaker
from breathmark.speech.voices.kokoro import KokoroNarrator
from breathmark.takes.recorded import take_name
from building import COURSE, MEDITATIONS, one_core
from measuring import BREATHMARK, Cost, Row, at_least, at_most, run, told
from rendering import HIBARI, SHIPPED
from sentences import SENTENCES, script_of
from speech_server import Server

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from breathmark.model import StoredClip, Utterance

PIPER, PYTTSX3, TONE, KOKORO = "piper:joe", "pyttsx3", "tone", "kokoro:af_heart"
_TRIES = 3
"""The least of so many counts where a sentence seems slow: whatever else the machine did falls on some of them."""


def first_run(folder: Path) -> list[Row]:
    """Speaking a shipped session from nothing, on all cores and on one: the slower a voice, the more that gains."""

    def speak(voice: str, *jobs: str) -> Cost:
        cache = folder / f"first-{voice.partition(':')[0]}-{len(jobs)}"
        return run(*BREATHMARK, "plan", SHIPPED, "--voice", voice, "--cache", cache, "--length", "10m", *jobs)

    gains = {voice: speak(voice, "--jobs", "1").wall_s / speak(voice).wall_s for voice in (PIPER, HIBARI)}
    return [
        at_least("first plan by Piper, one process / all cores, wall", gains[PIPER], 1.6),
        told("first plan by Hibari, one process / all cores, wall", gains[HIBARI]),
    ]


def course_sentences(_: Path) -> list[Row]:
    """Every sentence of the shipped course by Hibari, with its engine loaded: cleaned and measured, not stored."""
    speaker = Speaker(ClipCache(), {})
    requests = sentences()
    speaker.speak(requests[0])

    def ratio(request: SpeechRequest) -> float:
        started = time.process_time()
        spoken = speaker.speak(request)
        return (time.process_time() - started) / spoken.duration_s

    with one_core():
        found = {request: ratio(request) for request in requests}
        for request in [each for each, cost in found.items() if cost > 1 / 60]:
            found[request] = min(found[request], *(ratio(request) for _ in range(_TRIES - 1)))
    costs = sorted(found.values())
    return [
        at_most(f"{len(costs)} sentences by {HIBARI}, the slowest, CPU % of its length", 100 * costs[-1], 100 / 60),
        told(f"{len(costs)} sentences by {HIBARI}, the middle, CPU % of its length", 100 * statistics.median(costs)),
    ]


def sentences() -> tuple[SpeechRequest, ...]:
    """Every different sentence of the course, with each choice of its variables."""
    course = MEDITATIONS / COURSE
    documents = [parse(path) for path in (*sorted(course.glob("[0-9]*.yaml")), *sorted(course.glob("extras/*.yaml")))]
    asked = (
        SpeechRequest(text=each.text, voice=HIBARI, speed=float(each.speed), language=each.language, sounds=each.sounds)
        for document in documents
        for values in trials(document)
        if not any(value and document.variables[name].type == "text" for name, value in values.items())
        for each in utterances(expand(document, values))
    )
    return tuple(dict.fromkeys(asked))


def speaking(folder: Path) -> list[Row]:
    """What each narrator takes for a second of speech: its engine's start, speaking, cleaning and storing.

    A sixteenth of it is the passage that the level of a voice is measured by, which is spoken once.
    """
    folder = folder / "speaking"
    folder.mkdir()
    spoken = {HIBARI: speech(folder / "hibari", HIBARI)}
    takes = folder / "takes"
    takes.mkdir()
    for number, (utterance, clip) in enumerate(spoken[HIBARI].clips.items(), 1):
        shutil.copy(clip.path, takes / f"{take_name(number, utterance.caption)}.wav")
    with Server(HIBARI) as server:
        spoken["openai:heart"] = speech(folder / "openai", "openai:heart", openai=server.settings)
    spoken["recorded"] = speech(folder / "recorded", "recorded", recorded={"folder": str(takes)})
    for voice in (PYTTSX3, TONE, PIPER, *([KOKORO] if KokoroNarrator.missing() == "" else [])):
        spoken[voice] = speech(folder / voice.partition(":")[0], voice)
    hibari = spoken[HIBARI].ratio
    rows = [told(f"{voice}, CPU s for a minute of speech", 60 * each.ratio) for voice, each in spoken.items()]
    return rows + [told(f"{voice} / {HIBARI}, CPU", each.ratio / hibari) for voice, each in spoken.items()][1:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Forty sentences by one narrator."""

    ratio: float
    """CPU time over the length of the speech."""
    clips: Mapping[Utterance, StoredClip]


def speech(folder: Path, voice: str, **settings: Mapping[str, str]) -> Spoken:
    """Have a voice speak in one process; looking the clips up again is not counted, a server in this process is."""
    folder.mkdir()
    (folder / "breathmark.yaml").write_text(json.dumps({"narrators": settings}), encoding="utf-8")
    script, cache = folder / "forty.yaml", folder / "cache"
    script.write_text(script_of("Forty", SENTENCES[::2]), encoding="utf-8")
    command = (*BREATHMARK, "plan", script, "--voice", voice, "--cache", cache, "--jobs", "1")
    started = time.process_time()
    first = run(*command)
    server_s = time.process_time() - started
    again = run(*command)
    clips = plan(script, Options(voice=voice, cache=cache)).clips
    speech_s = sum(clip.frames / clip.rate_hz for clip in clips.values())
    return Spoken(ratio=(first.cpu_s - again.cpu_s + server_s) / speech_s, clips=clips)
