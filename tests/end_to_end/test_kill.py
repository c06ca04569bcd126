"""Killed at any moment: never half a file under the final name, and the next run does only what was left to do."""

from __future__ import annotations

import hashlib
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pytest

from breathmark.speech.clips.clip_file import unpack
from tests.profiles import count

from .material import clip_files, small, stored
from .measure import frames_by_libsndfile, session

if TYPE_CHECKING:
    from pathlib import Path

SENTENCES = 12
SCRIPT = (
    "title: Twelve Sentences\npacing: {segment: 300ms..500ms..4s}\nambience: {sound: soft-rain}\nsegments:\n"
    + "".join(
        f"  - title: Part {number}\n    say: Here is the quiet sentence {number}, with some more words in it.\n"
        for number in range(SENTENCES)
    )
    + "  - silence: 1s..5s..2m\n"
)
BESIDE = {"a.labels.txt", "a.chapters.json", "a.txt", "a.vtt", "a.session.json"}
END_S = 60.0
"""How long workers and encoders may outlive the run that was killed: a worker ends its sentence first, for which 5 s
were once too few on a machine with much else to do."""


def start(script: Path, cache: Path, output: Path, voice: str, jobs: int) -> subprocess.Popen[bytes]:
    """A render by the command."""
    words = ("render", script, "--voice", voice, "--jobs", str(jobs), "--cache", cache, "-o", output, "-q")
    return subprocess.Popen([sys.executable, "-m", "breathmark", *map(str, words)], stderr=subprocess.PIPE)


def finish(process: subprocess.Popen[bytes]) -> int:
    """Wait for its end."""
    _, said = process.communicate(timeout=400)
    assert b"Traceback" not in said, said.decode()
    return process.returncode


def offspring(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Its workers and encoders."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(process.pid).children(recursive=True)
    return []


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all have ended within the time that they may take."""
    ends = time.monotonic() + END_S
    while any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes):
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)
    return True


def is_whole(folder: Path, expected: dict[str, bytes]) -> bool:
    """Whether the finished file is there; then it and all that belongs to it have to be whole.

    ``expected`` are the bytes of an undisturbed run; empty for a voice that sounds a little different in another order.
    """
    audio = folder / "a.mp3"
    if not audio.exists():
        return False
    assert {path.name for path in folder.iterdir() if not path.name.startswith(".")} == {"a.mp3", *BESIDE}
    said = session(audio)
    assert said["file"]["sha256"] == hashlib.sha256(audio.read_bytes()).hexdigest()
    assert said["frames"] == frames_by_libsndfile(audio)
    assert [name for name, data in expected.items() if (folder / name).read_bytes() != data] == []
    return True


def killed(tmp_path: Path, voice: str, kills: int, seed: int) -> None:
    """Kill renders at random moments, sometimes their workers alone; after each, let the next run end."""
    script = small(tmp_path)
    script.write_text(SCRIPT, encoding="utf-8")
    began = time.monotonic()
    assert finish(start(script, tmp_path / "whole-cache", tmp_path / "whole" / "a.mp3", voice, 2)) == 0
    takes_s = time.monotonic() - began
    assert is_whole(tmp_path / "whole", {})
    whole = {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir()} if voice == "hibari" else {}
    names = set(stored(tmp_path / "whole-cache"))
    moments = random.Random(seed)  # noqa: S311 — moments, not secrets
    for number in range(kills):
        cache, folder = tmp_path / f"cache{number}", tmp_path / f"out{number}"
        process = start(script, cache, folder / "a.mp3", voice, jobs=1 + number % 2)
        time.sleep(moments.uniform(0.1, 1.1) * takes_s)
        helpers = offspring(process)
        victims = helpers if number % 5 == 4 and helpers else [process]
        for victim in victims:
            with suppress(psutil.NoSuchProcess):
                victim.send_signal(signal.SIGKILL)
        assert finish(process) in {0, 3, 4, 5, -signal.SIGKILL}, f"seed {seed}, kill {number}"
        assert gone(helpers), f"seed {seed}, kill {number}: {helpers}"
        is_whole(folder, whole)
        before = stored(cache) if cache.exists() else {}
        assert all(unpack(path.read_bytes(), path.stem) for path in clip_files(cache)), f"seed {seed}, kill {number}"
        assert finish(start(script, cache, folder / "a.mp3", voice, 1)) == 0, f"seed {seed}, kill {number}"
        assert is_whole(folder, whole), f"seed {seed}, kill {number}"
        assert {path.name for path in folder.iterdir()} == {"a.mp3", *BESIDE}, f"seed {seed}, kill {number}"
        after = stored(cache)
        assert set(after) == names, f"seed {seed}, kill {number}"
        assert before.items() <= after.items(), f"seed {seed}, kill {number}: spoken again"


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("voice", "kills"),
    [("pyttsx3", count(quick=1, ci=3, nightly=30)), ("hibari", count(quick=1, ci=2, nightly=20))],
)
def test_killed_renders_are_taken_up_where_they_stopped(voice: str, kills: int, tmp_path: Path) -> None:
    """By the system's voice and by a natural one, on one process and on two."""
    seed = random.randrange(2**32)  # noqa: S311 — for moments, not for secrets
    print("seed", seed)  # noqa: T201 — shown where the test fails
    killed(tmp_path, voice, kills, seed)
