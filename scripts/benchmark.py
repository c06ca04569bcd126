"""The costs of Breathmark beside others', measured in one run. Run it by ``scripts/bench``.

CPU is user and system time of a process and all that it started; memory is the peak of the Python process alone.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import wave
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from breathmark import Options, Plan, plan
from breathmark.deliver.encode import encoder_arguments
from breathmark.deliver.presets import preset_for
from breathmark.sound.assets import find_ambience
from breathmark.sound.ffmpeg import ffmpeg_path

COURSE = Path("meditations/being-kind-to-yourself")
SENTENCES = tuple(
    f"You might notice {what}, {how}, and let it be as it is."
    for what in ("one breath", "a sound", "your hands", "the floor", "the light", "the air", "your back", "the quiet")
    for how in (
        "near or far", "warm or cool", "for a while", "once more", "in your own time",
        "without hurry", "as a friend would", "from where you are", "while it lasts", "and the next one",
    )
)  # fmt: skip
_RENDER = """
import sys, breathmark
script, output, length, ambience, cache = sys.argv[1:]
options = breathmark.Options(length=length, voice="pyttsx3", ambience=ambience, cache=__import__("pathlib").Path(cache))
breathmark.render(script, output, options)
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
_TUTORIAL = """
import json, sys
from pydub import AudioSegment
from pydub.effects import normalize
work = json.load(open(sys.argv[1]))
AudioSegment.converter = work["ffmpeg"]
bed = AudioSegment.from_file(work["bed"], format="ogg", codec="libvorbis") - 20
track = (bed * (work["length_ms"] // len(bed) + 1))[: work["length_ms"]]
for path, at_ms in work["clips"]:
    track = track.overlay(AudioSegment.from_wav(path), position=at_ms)
normalize(track.fade_in(2000).fade_out(4000)).export(sys.argv[2], format="mp3", bitrate="128k")
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table."""

    name: str
    value: float
    target: str
    good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one process took."""

    cpu_s: float
    wall_s: float
    said: str


def run(*words: str | Path) -> Cost:
    """Run a program to its end; it has to succeed."""
    started = time.perf_counter()
    process = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    said = process.stdout.read().decode() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{words[:4]} ended with {process.returncode}")
    return Cost(cpu_s=usage.ru_utime + usage.ru_stime, wall_s=time.perf_counter() - started, said=said)


def median_cpu_s(times: int, *words: str | Path) -> float:
    """The middle one of several runs."""
    return statistics.median(run(*words).cpu_s for _ in range(times))


class Session:
    """A long session of eighty sentences, about two fifths of it speech, with every sentence in the cache."""

    def __init__(self, folder: Path, minutes: int) -> None:
        self.folder, self.minutes = folder, minutes
        self.script = folder / f"{minutes}.yaml"
        count = minutes * 6
        lines = "\n".join(f"      {SENTENCES[i % len(SENTENCES)]} [pause 2s..6s..20s]" for i in range(count))
        bell = "  - bell: singing-bowl\n"
        segments = f"{bell}  - say: |\n{lines}\n{bell}"
        self.script.write_text(f"title: {minutes} minutes\nsegments:\n{segments}", encoding="utf-8")
        self.cache = folder / "cache"

    def plan(self) -> Plan:
        """Its layout; speaks what was not spoken."""
        return plan(self.script, Options(length=f"{self.minutes}m", voice="pyttsx3", cache=self.cache))

    def render(self, output: str, ambience: str | Path = "soft-rain") -> tuple[Cost, float]:
        """What rendering it costs, and the peak memory in MB."""
        words = (self.script, self.folder / output, f"{self.minutes}m", ambience, self.cache)
        cost = run(sys.executable, "-c", _RENDER, *words)
        return cost, int(cost.said) / 1024

    def floor(self) -> float:
        """The CPU (s) of encoding its finished PCM with the same encoder and arguments."""
        pcm = self.folder / "floor.wav"
        self.render("floor.wav")
        arguments = encoder_arguments(preset_for("podcast"))
        return median_cpu_s(3, ffmpeg_path(), "-y", "-v", "error", "-i", pcm, *arguments, self.folder / "floor.mp3")

    def tutorial(self) -> float:
        """The CPU (s) of the way that tutorials show: whole tracks in memory, ``overlay``, ``normalize``."""
        laid_out = self.plan()
        rate_hz = laid_out.timeline.rate_hz
        work = {
            "ffmpeg": str(ffmpeg_path()),
            "bed": str(find_ambience("soft-rain").path),
            "length_ms": round(laid_out.timeline.duration_s * 1000),
            "clips": [
                (str(laid_out.clips[spoken.utterance].path), spoken.start_frame * 1000 // rate_hz)
                for spoken in laid_out.timeline.speech
            ],
        }
        (self.folder / "work.json").write_text(json.dumps(work), encoding="utf-8")
        return run(sys.executable, "-c", _TUTORIAL, self.folder / "work.json", self.folder / "tutorial.mp3").cpu_s

    def filter_graph(self) -> float:
        """The CPU (s) of an ffmpeg filter graph: concat, a pass of ebur128, then volume, a looped bed and alimiter."""
        speech = self._concat_list()
        ffmpeg, bed = ffmpeg_path(), find_ambience("soft-rain").path
        read = (ffmpeg, "-y", "-nostats", "-f", "concat", "-safe", "0", "-i", speech)
        measure = run(*read, "-af", "aresample=44100,ebur128=peak=true", "-f", "null", "-").cpu_s
        graph = (
            "[0]aresample=44100,volume=4dB,pan=stereo|c0=c0|c1=c0[v];[1]volume=-10dB[b];"
            "[v][b]amix=inputs=2:duration=first:normalize=0,alimiter=limit=0.84[o]"
        )
        mixed = run(
            *read, "-stream_loop", "-1", "-i", bed, "-filter_complex", graph, "-map", "[o]",
            *encoder_arguments(preset_for("podcast")), self.folder / "graph.mp3",
        ).cpu_s  # fmt: skip
        return measure + mixed

    def _concat_list(self) -> Path:
        laid_out = self.plan()
        lines, at = [], 0
        for i, spoken in enumerate(laid_out.timeline.speech):
            silence = self.folder / f"silence-{i}.wav"
            with wave.open(str(silence), "wb") as file:
                file.setparams((1, 2, 22_050, 0, "NONE", ""))
                file.writeframes(bytes(2 * ((spoken.start_frame - at) // 2)))
            lines += [f"file '{silence}'", f"file '{laid_out.clips[spoken.utterance].path}'"]
            at = spoken.start_frame + spoken.frames
        (path := self.folder / "speech.txt").write_text("\n".join(lines), encoding="utf-8")
        return path


def rendering(folder: Path, minutes: int, tutorial_least: float) -> list[Row]:
    """A render with its voice cached, beside the encode alone and the two peers."""
    session = Session(folder, minutes)
    session.plan()
    ours = statistics.median(session.render("ours.mp3")[0].cpu_s for _ in range(3))
    floor = session.floor()
    rows = [at_most(f"render {minutes} min / encode alone, CPU", ours / floor, 1.3)]
    rows.append(at_least(f"tutorial pydub / render, {minutes} min, CPU", session.tutorial() / ours, tutorial_least))
    rows.append(at_least(f"ffmpeg filter graph / render, {minutes} min, CPU", session.filter_graph() / ours, 1.5))
    return rows


def memory(folder: Path, *, long: int) -> list[Row]:
    """Peak memory of short and long renders, also over a track of one hour."""
    hour = folder / "hour.mp3"
    noise = "anoisesrc=d=3600:c=pink:a=0.1:r=44100"
    run(ffmpeg_path(), "-y", "-v", "error", "-f", "lavfi", "-i", noise, "-ac", "2", "-b:a", "128k", hour)
    short, longer = Session(folder, 10), Session(folder, long)
    longer.plan()
    _, ten = short.render("m.mp3")
    _, many = longer.render("m.mp3")
    _, own = longer.render("m.mp3", hour)
    return [
        at_most("render 10 min, peak MB", ten, 150),
        at_most(f"render {long} min, peak MB", many, 150),
        at_most(f"render {long} min over an hour's MP3, peak MB", own, 150),
        at_most(f"peak memory {long} min / 10 min", many / ten, 1.1),
    ]


def first_run(folder: Path) -> list[Row]:
    """Speaking a shipped session with Piper from nothing, on all cores and on one."""

    def speak(jobs: str) -> float:
        cache = folder / f"piper-{jobs}"
        words = ("plan", COURSE / "06-three-small-steps.yaml", "--voice", "piper", "--cache", cache, "--length", "10m")
        return run(sys.executable, "-m", "breathmark", *words, *(("--jobs", jobs) if jobs else ())).wall_s

    return [at_least("first run with Piper, one process / all cores, wall", speak("1") / speak(""), 1.6)]


def start_up(folder: Path) -> list[Row]:
    """The shortest commands beside the imports that any such program needs."""
    script = COURSE / "06-three-small-steps.yaml"
    base = median_cpu_s(7, sys.executable, "-c", "import click, yaml, jinja2")
    breathmark = (sys.executable, "-m", "breathmark")
    checked = (*breathmark, "check", script, "--voice", "tone", "--cache", folder / "tone")
    run(*checked)
    return [
        told("breathmark --help / three imports, CPU", median_cpu_s(7, *breathmark, "--help") / base),
        told(
            "check --estimate / three imports, CPU", median_cpu_s(5, *breathmark, "check", script, "--estimate") / base
        ),
        told("check, spoken before / three imports, CPU", median_cpu_s(5, *checked) / base),
    ]


def at_most(name: str, value: float, limit: float) -> Row:
    """A row whose value is to stay at or under ``limit``."""
    return Row(name=name, value=value, target=f"≤ {limit:g}", good=value <= limit)


def at_least(name: str, value: float, limit: float) -> Row:
    """A row whose value is to reach ``limit``."""
    return Row(name=name, value=value, target=f"≥ {limit:g}", good=value >= limit)


def told(name: str, value: float) -> Row:
    """A row without a target."""
    return Row(name=name, value=value, target="", good=True)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out the sessions of an hour and more")
    quick = parser.parse_args().quick
    with TemporaryDirectory() as name:
        folder = Path(name)
        rows = [*start_up(folder), *rendering(folder, 10, 2)]
        rows += first_run(folder)
        rows += [] if quick else [*rendering(folder, 60, 8), *memory(folder, long=90)]
    for row in rows:
        print(f"{row.name:<58} {row.value:8.2f}  {row.target:<6} {'' if row.good else 'MISSED'}")
    Path("dist").mkdir(exist_ok=True)
    Path("dist/bench.json").write_text(json.dumps([asdict(row) for row in rows], indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
