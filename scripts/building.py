"""What a build of a course costs: on two cores and on one, on Dask, and where there is nothing to do."""

from __future__ import annotations

import os
import shutil
import wave
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from breathmark.audio.ffmpeg import ffmpeg_path
from breathmark.formats.presets import preset_for
from measuring import BREATHMARK, Cost, at_least, at_most, run, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from measuring import Row

MEDITATIONS = Path("meditations")
COURSE = "being-kind-to-yourself"
SESSIONS = 16
MANIFEST = """\
title: Being Kind to Yourself
lengths: [{lengths}]
voices: [{voice}]
sessions:
"""
SHORT_LENGTHS = ("20s", "25s", "30s", "35s", "40s")
SHORT = """\
title: Session {number}
length: 10s..20s..60s
segments:
  - say: |
      Here is the sentence of session {number}. [pause 1s..5s..40s]
      You might notice the floor. [pause 1s..5s..40s]
"""


class Library:
    """A course whose sentences are all in the cache, and what it is built by."""

    def __init__(self, folder: Path, course: Path) -> None:
        self.folder, self.course, self.cache = folder, course, folder / "cache"

    def build(self, name: str, *words: str) -> Cost:
        """Build it into the folder ``name``."""
        return run(*BREATHMARK, "build", self.course, "-q", "-o", self.folder / name, "--cache", self.cache, *words)

    def build_anew(self, name: str, *words: str) -> Cost:
        """Build all of it, without what was encoded before."""
        for made in (self.folder / name, self.cache / "encoded"):
            shutil.rmtree(made, ignore_errors=True)
        return self.build(name, *words)

    def sounds(self, name: str) -> dict[str, bytes]:
        """What the artefacts in the folder ``name`` hold."""
        return {path.name: path.read_bytes() for path in sorted((self.folder / name).rglob("*.mp3"))}


def building(folder: Path) -> list[Row]:
    """The sixteen shipped sessions at five minutes, and 80 short artefacts of which nothing has changed."""
    library = Library(folder / "building", shipped(folder / "building", "hibari"))
    library.build("spoken")
    with one_core():
        one = library.build_anew("one")
    two = library.build_anew("two", "--jobs", "2")
    dask = library.build_anew("dask", "--jobs", "2", "--executor", "dask")
    local = library.build_anew("local", "--jobs", "2")
    local_s = (two.wall_s + local.wall_s) / 2  # before and after, so that both see the same machine
    known, made = library.sounds("local"), library.sounds("dask")
    differing = sum(made.get(name) != sound for name, sound in known.items()) + len(made.keys() - known.keys())
    return [
        *two_encodes(folder),
        at_least("build, voice cached, one core / two, wall", one.wall_s / two.wall_s, 1.6),
        at_least("build, two processes / two Dask workers, wall", local_s / dask.wall_s, 0.9),
        at_most("build, files that are others on Dask", differing, 0),
        *nothing_to_do(folder),
    ]


def nothing_to_do(folder: Path) -> list[Row]:
    """Sixteen sessions at five lengths, all of them current; how long they are makes no difference to it."""
    library = Library(folder / "nothing", short(folder / "nothing"))
    library.build("out")
    known = len(library.sounds("out"))
    cost = min((library.build("out") for _ in range(5)), key=lambda each: each.wall_s)
    return [
        at_most(f"build, {known} artefacts, nothing to do, wall s", cost.wall_s, 1),
        told(f"build, {known} artefacts, nothing to do, CPU s", cost.cpu_s),
    ]


def two_encodes(folder: Path) -> list[Row]:
    """What two cores of this machine are worth at best: the encoder twice, one after the other and at once."""
    source = folder / "noise.wav"
    with wave.open(str(source), "wb") as file:
        file.setparams((2, 2, 44_100, 0, "NONE", ""))
        file.writeframes(os.urandom(1 << 20) * 100)
    arguments: tuple[str | Path, ...] = ("-y", "-v", "error", "-i", source, *preset_for("podcast").encoder_arguments)
    calls = [partial(run, ffmpeg_path(), *arguments, folder / f"encoded-{number}.mp3") for number in range(2)]
    with one_core():
        one_s = sum(call().wall_s for call in calls)
    walls: list[float] = []
    threads = [Thread(target=lambda call=call: walls.append(call().wall_s)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [told("two encodes, one core / two, wall", one_s / max(walls))]


@contextmanager
def one_core() -> Iterator[None]:
    """Have what is started in here use one core; where the system can't do that, all of them."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def shipped(folder: Path, voice: str) -> Path:
    """The shipped sessions as a course of one length, in a project of its own."""
    shutil.copytree(MEDITATIONS, folder / "meditations")
    course = folder / "meditations" / COURSE
    names = sorted(path.stem for path in course.glob("[0-9][0-9]-*.yaml"))
    return written(course, MANIFEST.format(lengths="5m", voice=voice), names)


def short(folder: Path) -> Path:
    """As many sessions of two sentences."""
    folder.mkdir()
    names = [f"{number:02}-session" for number in range(1, SESSIONS + 1)]
    for number, name in enumerate(names, start=1):
        (folder / f"{name}.yaml").write_text(SHORT.format(number=number), encoding="utf-8")
    return written(folder, MANIFEST.format(lengths=", ".join(SHORT_LENGTHS), voice="tone"), names)


def written(course: Path, manifest: str, names: list[str]) -> Path:
    """The course's folder, with its manifest."""
    (course / "course.yaml").write_text(manifest + "".join(f"  - {name}\n" for name in names), encoding="utf-8")
    return course
