"""What rendering a session costs, beside the encoder alone and beside other ways to mix one."""

from __future__ import annotations

import json
import shutil
import sys
import wave
from typing import TYPE_CHECKING, Literal

from breathmark import Options, Plan, plan
from breathmark.audio.ffmpeg import ffmpeg_path
from breathmark.formats.presets import preset_for
from breathmark.mix.assets import find_bell
from breathmark.mix.pieces import PIECE_S, PieceStore
from breathmark.synthesis.catalogue import bed_recipe
from breathmark.synthesis.source import RATE_HZ
from building import COURSE, MEDITATIONS
from measuring import BREATHMARK, Cost, Row, at_least, at_most, by_turns, run, told
from sentences import SENTENCES, script_of

if TYPE_CHECKING:
    from pathlib import Path

HIBARI = "hibari:heart"
SHIPPED = MEDITATIONS / COURSE / "06-three-small-steps.yaml"
SENTENCES_A_MINUTE = 6
"""Of 4 s each: two fifths of a session are speech, as in the shipped ones."""
RESAMPLED = "aresample=44100:filter_size=64:cutoff=0.95"
_PYDUB = """
import json, sys, warnings
warnings.simplefilter("ignore")
from pydub import AudioSegment
from pydub.effects import normalize
work = json.load(open(sys.argv[1]))
AudioSegment.converter = work["ffmpeg"]
length_ms = work["length_ms"]
bed = AudioSegment.from_wav(work["bed"]) - 20
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
    """A session of up to eighty different sentences, two fifths of it speech, with every sentence in the cache.

    The ambience is made by the first render, and then in the cache, too.
    """

    def __init__(self, folder: Path, minutes: int) -> None:
        self.folder, self.minutes = folder, minutes
        self.script, self.cache = folder / f"{minutes}.yaml", folder / "cache"
        spoken = [SENTENCES[i % len(SENTENCES)] for i in range(minutes * SENTENCES_A_MINUTE)]
        self.script.write_text(script_of(f"{minutes} minutes", spoken), encoding="utf-8")
        self.plan = self._planned()

    def _planned(self) -> Plan:
        return plan(self.script, Options(length=f"{self.minutes}m", voice=HIBARI, cache=self.cache))

    def render(self, output: str = "ours.mp3", ambience: str | Path = "soft-rain") -> Cost:
        """Render it, with the preset that is the default."""
        to = ("-o", self.folder / output, "--length", f"{self.minutes}m", "--voice", HIBARI, "--cache", self.cache)
        return run(*BREATHMARK, "render", self.script, *to, "--ambience", ambience)

    def render_anew(self) -> Cost:
        """Render it without what was encoded before."""
        shutil.rmtree(self.cache / "encoded", ignore_errors=True)
        return self.render()

    def encode(self) -> Cost:
        """Encode its finished PCM, which was rendered as ``pcm.wav``, with the same encoder and arguments."""
        source = ("-y", "-v", "error", "-i", self.folder / "pcm.wav")
        return run(ffmpeg_path(), *source, *preset_for("podcast").encoder_arguments, self.folder / "floor.mp3")

    def pydub(self, way: Literal["overlay", "append"]) -> Cost:
        """What tutorials show: whole tracks in memory, each sentence laid over them or appended, ``normalize``."""
        work = {
            "ffmpeg": str(ffmpeg_path()),
            "bed": str(self._bed()),
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
        sounds = ("-stream_loop", "-1", "-i", self._bed(), "-i", find_bell("singing-bowl").path)
        mixed = ("-filter_complex", graph, "-map", "[o]", "-t", str(60 * self.minutes))
        encoder = preset_for("podcast").encoder_arguments
        return run(ffmpeg_path(), *self._voice_for_ffmpeg(), *sounds, *mixed, *encoder, self.folder / "graph.mp3")

    def _bed(self) -> Path:
        """Two minutes of rain as a file, which the others play again and again."""
        path = self.folder / "rain.wav"
        if not path.exists():
            recipe, store = bed_recipe("soft-rain"), PieceStore(root=self.cache)
            with wave.open(str(path), "wb") as file:
                file.setparams((2, 2, RATE_HZ, 0, "NONE", ""))
                for number in range(120 // PIECE_S):
                    file.writeframes(store.piece(recipe, number).samples.tobytes())
        return path

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
    ours, floor = by_turns(3, session.render_anew, session.encode)
    again = session.render()
    overlaid, appended = session.pydub("overlay"), session.pydub("append")
    graph_cpu_s = session.measure_by_ffmpeg().cpu_s + session.mix_by_ffmpeg().cpu_s
    cpu = f"{minutes} min, CPU"
    return [
        told(f"render, {cpu} s for a minute", ours.cpu_s / minutes),
        at_most(f"render / encode alone, {cpu}", ours.cpu_s / floor.cpu_s, 1.2),
        at_most(f"render / encode alone, {minutes} min, wall", ours.wall_s / floor.wall_s, 0.65),
        told(f"render, its sound encoded before / render, {cpu}", again.cpu_s / ours.cpu_s),
        at_least(f"pydub, overlay / render, {cpu}", overlaid.cpu_s / ours.cpu_s, overlay_least),
        told(f"pydub, append / render, {cpu}", appended.cpu_s / ours.cpu_s),
        at_least(f"ffmpeg filter graph / render, {cpu}", graph_cpu_s / ours.cpu_s, 1.5),
        told(f"pydub, overlay, {minutes} min, peak MB", overlaid.peak_mb),
        told(f"the encoder's process, {minutes} min, peak MB", floor.peak_mb),
    ]


def memory(folder: Path) -> list[Row]:
    """Peak memory of short and long renders, over an ambience that is made and over a track of one hour."""
    hour = folder / "hour.mp3"
    noise = "anoisesrc=d=3600:c=pink:a=0.1:r=44100"
    run(ffmpeg_path(), "-y", "-v", "error", "-f", "lavfi", "-i", noise, "-ac", "2", "-compression_level", "9", hour)
    short, long = Session(folder, 10), Session(folder, 90)
    rows = []
    for ambience, name in (("soft-rain", "rain"), (hour, "an hour's MP3")):
        ten, ninety = (session.render(ambience=ambience).peak_mb for session in (short, long))
        rows += [
            at_most(f"render over {name}, 10 min, peak MB", ten, 150),
            at_most(f"render over {name}, 90 min, peak MB", ninety, 150),
            at_most(f"render over {name}, 90 min / 10 min, memory", ninety / ten, 1.1),
        ]
    return rows


def eight_hours(folder: Path) -> list[Row]:
    """A night's length. Its ambience takes 5 GB of the cache."""
    ten, night = (Session(folder, minutes).render().peak_mb for minutes in (10, 480))
    return [
        at_most("render over rain, 8 h, peak MB", night, 150),
        at_most("render over rain, 8 h / 10 min, memory", night / ten, 1.1),
    ]


def change(folder: Path) -> list[Row]:
    """A shipped session of half an hour from an empty cache; then with one other sentence, or with another summary."""
    shutil.copytree(MEDITATIONS, folder / "changed")
    script = folder / "changed" / COURSE / SHIPPED.name

    def rendered(old: str = "", new: str = "") -> Cost:
        text = script.read_text(encoding="utf-8")
        assert text.count(old) == 1 or not old, old  # noqa: S101 - the session has been reworded
        script.write_text(text.replace(old, new) if old else text, encoding="utf-8")
        to = ("-o", folder / "changed.mp3", "--length", "30m", "--voice", HIBARI, "--cache", folder / "changed-cache")
        return run(*BREATHMARK, "render", script, *to)

    first = rendered()
    second = rendered("On a very bad day, one step is plenty.", "On a very bad day, one single step is plenty.")
    third = rendered("summary: Three steps for", "summary: Some steps for")
    return [
        at_most("render with another sentence / the first, 30 min, CPU", second.cpu_s / first.cpu_s, 0.35),
        told("render with another summary / the first, 30 min, CPU", third.cpu_s / first.cpu_s),
        told("the first render, 30 min, CPU s", first.cpu_s),
    ]


def cold(folder: Path) -> list[Row]:
    """A shipped session of ten minutes from an empty cache, ambience and all, by Hibari and by Piper."""

    def rendered(voice: str) -> Cost:
        cache = folder / f"cold-{voice.partition(':')[0]}"
        to = ("-o", folder / "cold.mp3", "--length", "10m", "--voice", voice, "--cache", cache)
        return run(*BREATHMARK, "render", SHIPPED, *to)

    hibari, piper = rendered(HIBARI), rendered("piper:joe")
    return [
        at_most("first render by Hibari / by Piper, 10 min, CPU", hibari.cpu_s / piper.cpu_s, 0.4),
        told("first render by Hibari / by Piper, 10 min, wall", hibari.wall_s / piper.wall_s),
        told("first render by Hibari, 10 min, CPU s", hibari.cpu_s),
        told("first render by Hibari, 10 min, wall s", hibari.wall_s),
    ]
