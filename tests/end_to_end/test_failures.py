"""What can fail on a user's machine: the message says what to do, the exit code is of its kind, nothing is left."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import psutil
import pytest

from tests.full_disk import full_disk
from tests.profiles import quick_only

from .material import REPOSITORY, SMALL, clip_files, small

if TYPE_CHECKING:
    from pathlib import Path

Breathmark: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]


def refused(done: subprocess.CompletedProcess[str], code: int, *pieces: str) -> None:
    """It ended with this code, an error of at least two lines that holds these pieces, and no traceback."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    error = done.stderr[done.stderr.lower().index("error: ") :]
    assert len(error.strip().splitlines()) >= 2, error
    for piece in pieces:
        assert piece in error, error


def empty(folder: Path) -> bool:
    """Whether nothing is there, hidden or not."""
    return not folder.exists() or not any(folder.iterdir())


@pytest.mark.parametrize(
    ("suffix", "limit", "place"),
    [
        pytest.param("m4a", 50_000, "-o", id="while encoding", marks=pytest.mark.slow),
        pytest.param("m4a", 400_000, "-o", id="late", marks=pytest.mark.slow),
        pytest.param("mp3", 50_000, "TMPDIR", id="of temporary files", marks=pytest.mark.slow),
    ],
)
def test_a_full_disk(
    suffix: str, limit: int, place: str, breathmark: Breathmark, command: Breathmark, tmp_path: Path
) -> None:
    """Exit 5, and the folder is as it was. The parts of an MP3 are temporary files, which meet the limit first."""
    script, out = small(tmp_path), tmp_path / "out"
    words = ("render", script, "--voice", "tone", "-o", out / f"a.{suffix}")
    # The clips and the ambience are there already, and nothing that an encoder made of them.
    assert command("render", script, "--voice", "tone", "-o", tmp_path / "whole" / "a.flac").returncode == 0
    with full_disk(limit):
        done = breathmark(*words)
    refused(done, 5, place)
    assert empty(out)
    assert command(*words).returncode == 0


def test_a_full_disk_while_speaking(breathmark: Breathmark, tmp_path: Path) -> None:
    """The cache can't be written: exit 4, and what to do."""
    script, cache = small(tmp_path), tmp_path / "cache"
    with full_disk(10_000):
        done = breathmark("render", script, "--voice", "tone", "--cache", cache, "-o", tmp_path / "out" / "a.wav")
    refused(done, 4, "cache")
    assert empty(tmp_path / "out")
    assert [path for path in cache.rglob("*") if path.is_file()] == []


def test_folders_that_can_not_be_written(command: Breathmark, tmp_path: Path) -> None:
    """A file in the way of a folder, and a file system that takes none: for the output and for the cache."""
    script = small(tmp_path)
    words = ("render", script, "--voice", "tone")
    refused(command(*words, "-o", script / "out" / "a.mp3"), 5, "choose another with -o")
    refused(command(*words, "-o", "/proc/a.mp3"), 5, "-o")
    refused(command(*words, "--cache", script / "cache", "-o", tmp_path / "a.mp3"), 4, "--cache")
    refused(command(*words, "--cache", "/proc/cache", "-o", tmp_path / "a.mp3"), 4, "--cache")
    refused(command("plan", script, "--voice", "tone", "--svg", "/proc/a.svg"), 5, "can't be written")
    assert not (tmp_path / "a.mp3").exists()


def test_the_output_is_a_folder(command: Breathmark, tmp_path: Path) -> None:
    """Exit 5, and it still is one."""
    (tmp_path / "a.mp3").mkdir()
    refused(command("render", small(tmp_path), "--voice", "tone", "-o", tmp_path / "a.mp3"), 5, "folder")
    assert empty(tmp_path / "a.mp3")


def test_no_ffmpeg(breathmark: Breathmark, tmp_path: Path) -> None:
    """Neither the one that is set, nor a wheel, nor the system's: exit 3, and how to install it."""
    script, out = small(tmp_path, SMALL.replace("{sound: soft-rain, below_voice: 20}", "none")), tmp_path / "out"
    words = ("render", script, "--voice", "tone", "--no-bell", "-o", out / "a.mp3")
    refused(breathmark(*words, env=os.environ | {"BREATHMARK_FFMPEG": "/no/such"}), 3, "BREATHMARK_FFMPEG")
    (tmp_path / "site" / "imageio_ffmpeg").mkdir(parents=True)
    (tmp_path / "site" / "imageio_ffmpeg" / "__init__.py").write_text("raise ImportError\n")
    paths = os.pathsep.join(filter(None, [str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")]))
    without = os.environ | {"PYTHONPATH": paths, "PATH": str(tmp_path)}
    refused(breathmark(*words, env=without), 3, "pip install")
    assert empty(out)


@pytest.mark.parametrize("voice", ["piper:jo", "pipre", "nobody:at-home", "pyttsx3:xx-yy"])
def test_a_missing_voice(voice: str, command: Breathmark, tmp_path: Path) -> None:
    """Exit 4, and where the others are listed; by the flag and in the script."""
    words = ("-o", tmp_path / "out" / "a.mp3")
    refused(command("render", small(tmp_path), "--voice", voice, *words), 4, "breathmark voices list")
    named = small(tmp_path, f"voice: {voice}\n" + SMALL)
    refused(command("render", named, *words), 4, "breathmark voices list")
    assert empty(tmp_path / "out")


def test_a_voice_of_another_language(command: Breathmark, tmp_path: Path) -> None:
    """Exit 4 before anything is spoken."""
    script = small(tmp_path, SMALL.replace("language: en", "language: de"))
    words = ("--voice", "piper:joe", "--cache", tmp_path / "cache", "-o", tmp_path / "out" / "a.mp3")
    refused(command("render", script, *words), 4, "de")
    assert empty(tmp_path / "out")
    assert empty(tmp_path / "cache")


def test_a_missing_sound(command: Breathmark, tmp_path: Path) -> None:
    """An ambience or a bell: exit 2 and what there is for a wrong name, exit 3 for a file that is missing."""
    words = ("--voice", "tone", "-o", tmp_path / "out" / "a.mp3")
    script = small(tmp_path)
    refused(command("render", script, "--ambience", "soft-rian", *words), 2, "soft-rain")
    refused(command("render", script, "--ambience", tmp_path / "none.mp3", *words), 3, "none.mp3")
    refused(command("render", small(tmp_path, SMALL.replace("soft-rain", "soft-rian")), *words), 2, "soft-rain")
    refused(command("render", small(tmp_path, SMALL.replace("chime", "chmie")), *words), 2, "chime")
    assert empty(tmp_path / "out")


def test_a_damaged_sound(command: Breathmark, tmp_path: Path) -> None:
    """An empty file, no sound at all, one with a hole in its middle: exit 3, and the file is named."""
    script, track = small(tmp_path), tmp_path / "track.flac"
    assert command("render", script, "--voice", "tone", "-o", tmp_path / "good.flac").returncode == 0
    good = (tmp_path / "good.flac").read_bytes()
    for damaged in (b"", b"no sound" * 1000, good[:60_000] + bytes(40_000) + good[100_000:]):
        track.write_bytes(damaged)
        words = ("--voice", "tone", "--ambience", track, "-o", tmp_path / "out" / "a.mp3")
        refused(command("render", script, *words), 3, "track.flac")
        assert empty(tmp_path / "out")


def test_a_project_s_sound_without_provenance(command: Breathmark, tmp_path: Path) -> None:
    """Exit 3, and which file to write."""
    script = small(tmp_path, SMALL.replace("soft-rain", "audio_assets/mine.flac"))
    (tmp_path / "audio_assets").mkdir()
    shutil.copy(REPOSITORY / "audio_assets" / "bells" / "chime.flac", tmp_path / "audio_assets" / "mine.flac")
    done = command("render", script, "--voice", "tone", "-o", tmp_path / "out" / "a.mp3")
    refused(done, 3, "provenance.yaml")
    assert empty(tmp_path / "out")


@pytest.mark.parametrize("spoken", [0, *(pytest.param(number, marks=pytest.mark.slow) for number in (1, 20))])
@pytest.mark.parametrize("how", quick_only(["Ctrl-C"], ["Ctrl-C", "kill -INT", "kill -TERM"]))
def test_an_interrupted_render(how: str, spoken: int, tmp_path: Path) -> None:
    """Exit 130, one line, nothing in the folder, no process left. A terminal's Ctrl-C reaches the workers, too."""
    sentences = "".join(f"      This is the sentence of number {number}, one of many.\n" for number in range(400))
    script = small(tmp_path, "title: Long\nsegments:\n  - say: |\n" + sentences)
    words = ("render", script, "--voice", "pyttsx3", "--jobs", "2", "--cache", tmp_path / "cache")
    out = tmp_path / "out"
    process = subprocess.Popen(
        [sys.executable, "-m", "breathmark", *map(str, words), "-o", str(out / "a.mp3")],
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    while not (tmp_path / "cache").exists() or len(list(clip_files(tmp_path / "cache"))) < spoken:
        assert process.poll() is None
        time.sleep(0.02)
    helpers = psutil.Process(process.pid).children(recursive=True)
    if how == "Ctrl-C":
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT if how == "kill -INT" else signal.SIGTERM)
    _, said = process.communicate(timeout=120)
    # Python ends by the signal itself where it came while an import ran a text as code; a shell reports 130 for both.
    assert process.returncode in {130, -signal.SIGINT}, said
    assert "Interrupted." in said
    assert "Traceback" not in said
    assert empty(out)
    _, left = psutil.wait_procs(helpers, timeout=60)  # a worker ends when it finds its pipe closed
    assert not left


def test_whoever_reads_the_output_may_go(tmp_path: Path) -> None:
    """As ``head`` does: no message, exit 0."""
    script = small(tmp_path)
    line = f'"{sys.executable}" -m breathmark plan "{script}" --voice tone --json -q | head -c 20'
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_whoever_reads_the_messages_may_go(tmp_path: Path) -> None:
    """The render goes on without them, and its file is whole; a pipe that broke is not taken for the encoder's."""
    script = small(tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-m", "breathmark", "render", script, "--voice", "tone", "-o", tmp_path / "a.wav"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stderr.close()
    process.stdout.read()
    process.stdout.close()
    assert process.wait(timeout=300) == 0
    assert (tmp_path / "a.wav").stat().st_size > 100_000
