"""The costs of Breathmark beside others', measured in one run. Run it by ``scripts/bench``.

CPU is user and system time of a process and all that it started; memory is the peak of the largest of these processes.
What is compared is run by turns, so that whatever else the machine does falls on both alike.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import time
import wave
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from breathmark import Options, Plan, plan
from breathmark.audio.ffmpeg import ffmpeg_path
from breathmark.formats.presets import preset_for
from breathmark.mix.assets import find_ambience, find_bell
from breathmark.model import Bell, cues
from breathmark.solver import Material, arrange
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.registry import load_narrator
from breathmark.speech.voices.kokoro import KokoroNarrator
from breathmark.takes.recorded import take_name
from building import building
from measuring import BREATHMARK, Cost, Row, at_least, at_most, by_turns, run, told
from sentences import SENTENCES, script_of
from speech_server import Server
from studio_costs import studio

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from breathmark.model import StoredClip, Utterance

SHIPPED = Path("meditations/being-kind-to-yourself/06-three-small-steps.yaml")
PIPER, PYTTSX3, TONE, HIBARI, KOKORO = "piper:joe", "pyttsx3", "tone", "hibari:heart", "kokoro:af_heart"
SENTENCES_A_MINUTE = 6
"""Of 3.9 s each with pyttsx3: two fifths of a session are speech, as in the shipped ones."""
RESAMPLED = "aresample=44100:filter_size=64:cutoff=0.95"
_PYDUB = """
import json, sys, warnings
warnings.simplefilter("ignore")
from pydub import AudioSegment
from pydub.effects import normalize
work = json.load(open(sys.argv[1]))
AudioSegment.converter = work["ffmpeg"]
length_ms = work["length_ms"]
bed = AudioSegment.from_file(work["bed"], format="ogg", codec="libvorbis") - 20
track = (bed * (length_ms // len(bed) + 1))[:length_ms]
bell = AudioSegment.from_file(work["bell"], format="flac", codec="flac") - 6
for at_ms in work["bells_ms"]:
    track = track.overlay(bell, position=at_ms)
if sys.argv[3] == "overlay":
    for path, at_ms, _ in work["clips"]:
        track = track.overlay(AudioSegment.from_wav(path), position=at_ms)
else:
    voice = AudioSegment.empty()
    for path, _, pause_ms in work["clips"]:
        voice = voice.append(AudioSegment.silent(pause_ms), crossfade=0)
        voice = voice.append(AudioSegment.from_wav(path), crossfade=0)
    track = track.overlay(voice)
normalize(track.fade_in(2000).fade_out(4000)).export(sys.argv[2], format="mp3", bitrate="128k")
"""


class Session:
    """A session of up to eighty different sentences, two fifths of it speech, with every sentence in the cache."""

    def __init__(self, folder: Path, minutes: int) -> None:
        self.folder, self.minutes = folder, minutes
        self.script, self.cache = folder / f"{minutes}.yaml", folder / "cache"
        spoken = [SENTENCES[i % len(SENTENCES)] for i in range(minutes * SENTENCES_A_MINUTE)]
        self.script.write_text(script_of(f"{minutes} minutes", spoken), encoding="utf-8")
        self.plan = self._planned()

    def _planned(self) -> Plan:
        return plan(self.script, Options(length=f"{self.minutes}m", voice=PYTTSX3, cache=self.cache))

    def render(self, output: str = "ours.mp3", ambience: str | Path = "soft-rain") -> Cost:
        """Render it, with the preset that is the default."""
        to = ("-o", self.folder / output, "--length", f"{self.minutes}m", "--voice", PYTTSX3, "--cache", self.cache)
        return run(*BREATHMARK, "render", self.script, *to, "--ambience", ambience)

    def encode(self) -> Cost:
        """Encode its finished PCM, which was rendered as ``pcm.wav``, with the same encoder and arguments."""
        source = ("-y", "-v", "error", "-i", self.folder / "pcm.wav")
        return run(ffmpeg_path(), *source, *preset_for("podcast").encoder_arguments, self.folder / "floor.mp3")

    def pydub(self, way: Literal["overlay", "append"]) -> Cost:
        """What tutorials show: whole tracks in memory, each sentence laid over them or appended, ``normalize``."""
        work = {
            "ffmpeg": str(ffmpeg_path()),
            "bed": str(find_ambience("soft-rain").path),
            "bell": str(find_bell("singing-bowl").path),
            "length_ms": self.minutes * 60_000,
            "bells_ms": [self._ms(bell.start_frame) for bell in self.plan.timeline.bells],
            "clips": [(path, self._ms(at), self._ms(pause)) for at, pause, path in self._clips()],
        }
        (self.folder / "work.json").write_text(json.dumps(work), encoding="utf-8")
        return run(sys.executable, "-c", _PYDUB, self.folder / "work.json", self.folder / "pydub.mp3", way)

    def measure_by_ffmpeg(self) -> Cost:
        """The first pass of a filter graph: how loud the voice is."""
        measured = f"{RESAMPLED},ebur128=peak=true"
        return run(ffmpeg_path(), *self._voice_for_ffmpeg(), "-af", measured, "-f", "null", "-")

    def mix_by_ffmpeg(self) -> Cost:
        """Its second pass: ducking, mixing, fading, limiting of true peaks (by oversampling), dither, encoding."""
        bells = self.plan.timeline.bells
        strikes = "".join(
            f"[2]adelay={self._ms(bell.start_frame)}:all=1,volume=-6dB[s{i}];" for i, bell in enumerate(bells)
        )
        graph = (
            f"{strikes}[0]{RESAMPLED},volume=4dB,pan=stereo|c0=c0|c1=c0,apad,asplit[v][key];[1]volume=-10dB[b];"
            "[b][key]sidechaincompress=threshold=0.01:ratio=2:attack=300:release=2000[d];"
            f"[v][d]{''.join(f'[s{i}]' for i in range(len(bells)))}"
            f"amix=inputs={2 + len(bells)}:duration=first:normalize=0,"
            f"afade=t=in:d=2,afade=t=out:st={self.minutes * 60 - 4}:d=4,"
            "aresample=176400,alimiter=limit=0.84:level=0,aresample=44100:osf=s16:dither_method=triangular[o]"
        )
        sounds = ("-stream_loop", "-1", "-i", find_ambience("soft-rain").path, "-i", find_bell("singing-bowl").path)
        mixed = ("-filter_complex", graph, "-map", "[o]", "-t", str(60 * self.minutes))
        encoder = preset_for("podcast").encoder_arguments
        return run(ffmpeg_path(), *self._voice_for_ffmpeg(), *sounds, *mixed, *encoder, self.folder / "graph.mp3")

    def _ms(self, frames: int) -> int:
        return frames * 1000 // self.plan.timeline.rate_hz

    def _clips(self) -> list[tuple[int, int, str]]:
        """Where each sentence starts, the frames of silence before it, and its file."""
        found, at = [], 0
        for spoken in self.plan.timeline.speech:
            found.append((spoken.start_frame, spoken.start_frame - at, str(self.plan.clips[spoken.utterance].path)))
            at = spoken.start_frame + spoken.frames
        return found

    def _voice_for_ffmpeg(self) -> tuple[str | Path, ...]:
        """The arguments that make ffmpeg read silences and sentences by turns."""
        lines = []
        rate_hz = next(iter(self.plan.clips.values())).rate_hz
        for i, (_, pause, path) in enumerate(self._clips()):
            silence = self.folder / f"silence-{i}.wav"
            with wave.open(str(silence), "wb") as file:
                file.setparams((1, 2, rate_hz, 0, "NONE", ""))
                file.writeframes(bytes(2 * (pause * rate_hz // self.plan.timeline.rate_hz)))
            lines += [f"file '{silence}'", f"file '{path}'"]
        (listed := self.folder / "speech.txt").write_text("\n".join(lines), encoding="utf-8")
        return ("-y", "-v", "error", "-f", "concat", "-safe", "0", "-i", listed)


def rendering(folder: Path, *, minutes: int, overlay_least: float) -> list[Row]:
    """A render with its voice cached, beside the encode alone and the two peers."""
    session = Session(folder, minutes)
    session.render("pcm.wav")
    ours, floor = by_turns(3, session.render, session.encode)
    overlaid, appended = session.pydub("overlay"), session.pydub("append")
    graph_cpu_s = session.measure_by_ffmpeg().cpu_s + session.mix_by_ffmpeg().cpu_s
    cpu = f"{minutes} min, CPU"
    return [
        at_most(f"render / encode alone, {cpu}", ours.cpu_s / floor.cpu_s, 1.3),
        at_least(f"pydub, overlay / render, {cpu}", overlaid.cpu_s / ours.cpu_s, overlay_least),
        told(f"pydub, append / render, {cpu}", appended.cpu_s / ours.cpu_s),
        at_least(f"ffmpeg filter graph / render, {cpu}", graph_cpu_s / ours.cpu_s, 1.5),
        told(f"pydub, overlay, {minutes} min, peak MB", overlaid.peak_mb),
        told(f"the encoder's process, {minutes} min, peak MB", floor.peak_mb),
    ]


def memory(folder: Path) -> list[Row]:
    """Peak memory of short and long renders, over a built-in loop and over a track of one hour."""
    hour = folder / "hour.mp3"
    noise = "anoisesrc=d=3600:c=pink:a=0.1:r=44100"
    run(ffmpeg_path(), "-y", "-v", "error", "-f", "lavfi", "-i", noise, "-ac", "2", "-compression_level", "9", hour)
    short, long = Session(folder, 10), Session(folder, 90)
    rows = []
    for ambience, name in (("soft-rain", "a loop"), (hour, "an hour's MP3")):
        ten, ninety = (session.render(ambience=ambience).peak_mb for session in (short, long))
        rows += [
            at_most(f"render over {name}, 10 min, peak MB", ten, 150),
            at_most(f"render over {name}, 90 min, peak MB", ninety, 150),
            at_most(f"render over {name}, 90 min / 10 min, memory", ninety / ten, 1.1),
        ]
    return rows


def first_run(folder: Path) -> list[Row]:
    """Speaking a shipped session with Piper from nothing, on all cores and on one."""

    def speak(*jobs: str) -> Cost:
        cache = folder / f"piper-{len(jobs)}"
        return run(*BREATHMARK, "plan", SHIPPED, "--voice", PIPER, "--cache", cache, "--length", "10m", *jobs)

    one, all_cores = speak("--jobs", "1"), speak()
    return [at_least("first run with Piper, one process / all cores, wall", one.wall_s / all_cores.wall_s, 1.6)]


def speaking(folder: Path) -> list[Row]:
    """What each narrator takes for a second of speech: its engine's start, speaking, cleaning and storing.

    A sixteenth of it is the passage that the level of a voice is measured by, which is spoken once.
    """
    folder = folder / "speaking"
    folder.mkdir()
    spoken = {PIPER: speech(folder / "piper", PIPER)}
    takes = folder / "takes"
    takes.mkdir()
    for number, (utterance, clip) in enumerate(spoken[PIPER].clips.items(), 1):
        shutil.copy(clip.path, takes / f"{take_name(number, utterance.caption)}.wav")
    with Server(PIPER) as server:
        spoken["openai:joe"] = speech(folder / "openai", "openai:joe", openai=server.settings)
    spoken["recorded"] = speech(folder / "recorded", "recorded", recorded={"folder": str(takes)})
    for voice in (PYTTSX3, TONE, HIBARI, *([KOKORO] if KokoroNarrator.missing() == "" else [])):
        spoken[voice] = speech(folder / voice.partition(":")[0], voice)
    piper = spoken[PIPER].ratio
    rows = [told(f"{voice}, CPU s for a minute of speech", 60 * each.ratio) for voice, each in spoken.items()]
    return rows + [told(f"{voice} / {PIPER}, CPU", each.ratio / piper) for voice, each in spoken.items()][1:]


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


def solver(folder: Path) -> list[Row]:
    """Laying out 2,000 sentences, beside speaking one of them with Piper, its model loaded."""
    sentences = [SENTENCES[i % len(SENTENCES)] for i in range(2_000)]
    path = folder / "long.yaml"
    path.write_text(script_of("2,000 sentences", sentences), encoding="utf-8")
    script = plan(path, Options(estimate=True)).script
    lengths = {cue.utterance: 4 * 44_100 for cue in cues(script.segments) if not isinstance(cue, Bell)}
    material = Material(clip_frames=lengths, bell_frames={"singing-bowl": 20 * 44_100}, rate_hz=44_100)
    narrator = load_narrator("piper")
    request = SpeechRequest(text=SENTENCES[0], voice=PIPER, speed=1.0, language="en")
    narrator.speak(request)
    laid_out = cpu_s(lambda: arrange(script, material, 6 * 3600.0))
    return [
        at_most("solver, 2,000 sentences / one Piper sentence", laid_out / cpu_s(lambda: narrator.speak(request)), 1)
    ]


def cpu_s(work: Callable[[], object]) -> float:
    """The CPU time of work inside this process, the middle of five."""
    taken = []
    for _ in range(5):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return statistics.median(taken)


def start_up(folder: Path) -> list[Row]:
    """The shortest commands beside the imports that any such program needs."""
    check = (*BREATHMARK, "check", SHIPPED, "--voice", TONE, "--cache", folder / "tone")
    run(*check)
    base, helped, estimated, checked = by_turns(
        7,
        partial(run, sys.executable, "-c", "import click, yaml, jinja2"),
        partial(run, *BREATHMARK, "--help"),
        partial(run, *BREATHMARK, "check", SHIPPED, "--estimate"),
        partial(run, *check),
    )
    return [
        at_most("breathmark --help / three imports, CPU", helped.cpu_s / base.cpu_s, 1),
        told("check --estimate / three imports, CPU", estimated.cpu_s / base.cpu_s),
        told("check, spoken before / three imports, CPU", checked.cpu_s / base.cpu_s),
    ]


MEASUREMENTS: dict[str, Callable[[Path], Iterable[Row]]] = {
    "start-up": start_up,
    "solver": solver,
    "speaking": speaking,
    "first-run": first_run,
    "render-10": partial(rendering, minutes=10, overlay_least=2),
    "render-60": partial(rendering, minutes=60, overlay_least=8),
    "building": building,
    "studio": studio,
    "memory": memory,
}
LONG = ("render-60", "memory")


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="leave out the sessions of an hour and more")
    parser.add_argument(
        "--only", action="append", choices=MEASUREMENTS, metavar="NAME", help=f"one of {', '.join(MEASUREMENTS)}"
    )
    return parser.parse_args()


def main() -> None:
    """Measure, print, write."""
    options = parse_options()
    names = options.only or [name for name in MEASUREMENTS if not (options.quick and name in LONG)]
    rows: list[Row] = []
    with TemporaryDirectory() as folder:
        # Python's compiled modules are kept, as they are wherever Breathmark is installed.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = f"{folder}/compiled"
        for name in names:
            for row in MEASUREMENTS[name](Path(folder)):
                missed = "" if row.good else "MISSED"
                print(f"{row.name:<56} {row.value:8.2f}  {row.target:<6} {missed}".rstrip(), flush=True)
                rows.append(row)
    Path("dist").mkdir(exist_ok=True)
    Path("dist/bench.json").write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
