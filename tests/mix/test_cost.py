"""What a mix costs: memory that does not grow, and little work beside the encoder's."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from breathmark.audio.ffmpeg import ffmpeg_path
from measuring import BREATHMARK, run
from tests.profiles import count

from .material import noise, spoken_clips, write_wav

PROGRAM = Path(__file__).with_name("mix_once.py")


def _run(minutes: float, folder: Path, ambience: str = "", output: str = "/dev/null") -> dict[str, float]:
    """Mix a session in a process of its own; its peak memory (MB) and processor time (s)."""
    command = [sys.executable, str(PROGRAM), str(minutes), str(folder), ambience, output]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.mark.slow
@pytest.mark.timeout(3 * 3600)  # eight hours of rain take half an hour to make on a quiet machine
def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    """5 and 15 minutes (at night eight hours) take the same memory within 10 %, 150 MB at most.

    Over a bed that is made, and over a long MP3, at night of an hour.
    """
    spoken_clips(tmp_path)
    track = tmp_path / "track.mp3"
    track_s = count(quick=1200, ci=1200, nightly=3600)
    source = ["-f", "lavfi", "-i", f"anoisesrc=c=pink:d={track_s}:a=0.2:r=24000"]
    subprocess.run(
        [str(ffmpeg_path()), "-v", "error", *source, "-b:a", "48k", "-compression_level", "9", str(track)], check=True
    )
    for ambience in ("", str(track)):
        peaks = [_run(minutes, tmp_path, ambience)["mb"] for minutes in (5, count(quick=15, ci=15, nightly=480))]
        assert max(peaks) < min(150, 1.1 * min(peaks)), (ambience, peaks)


@pytest.mark.slow
def test_the_command_takes_little_memory(tmp_path: Path) -> None:
    """With its sentences in the cache, however many minutes of sound wait for their encoders: five of six here."""
    script = tmp_path / "six.yaml"
    said = "".join(f"      This is sentence number {number}. [pause 6s]\n" for number in range(40))
    script.write_text(f"title: Six\nsegments:\n  - bell: chime\n  - say: |\n{said}", encoding="utf-8")
    words = (*BREATHMARK, "render", script, "--voice", "tone", "--ambience", "soft-rain", "--jobs", "4")
    run(*words, "--cache", tmp_path / "cache", "-o", tmp_path / "six.flac")
    assert run(*words, "--cache", tmp_path / "cache", "-o", tmp_path / "six.mp3").peak_mb < 150


@pytest.mark.slow
def test_mixing_costs_little_beside_the_encoder(tmp_path: Path) -> None:
    """Measuring and mixing 10 minutes takes under a quarter of the processor time of encoding them as MP3."""
    spoken_clips(tmp_path)
    output = tmp_path / "session.pcm"
    costs, encodes = [], []
    for _ in range(2):
        costs.append(_run(10, tmp_path, output=str(output))["cpu_s"])
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        source = ["-f", "s16le", "-ar", "44100", "-ac", "2", "-i", str(output)]
        command = [
            str(ffmpeg_path()),
            "-y",
            "-v",
            "error",
            *source,
            "-c:a",
            "libmp3lame",
            "-b:a",
            "128k",
            str(tmp_path / "a.mp3"),
        ]
        subprocess.run(command, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        encodes.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(costs) / min(encodes) < 0.25


def test_a_minute_takes_little_memory(tmp_path: Path) -> None:
    """The program that the slow tests run mixes a minute in under 150 MB."""
    spoken_clips(tmp_path)
    track = write_wav(tmp_path / "track.wav", noise(5))
    assert _run(1, tmp_path, str(track))["mb"] < 150
