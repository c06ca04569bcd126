"""Builds that are killed, interrupted, or run twice at once."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import psutil
import pytest

from breathmark.course.build import build
from breathmark.course.options import BuildOptions
from breathmark.speech.clips.clip_file import unpack
from tests.profiles import count

from .material import course

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAMES: Final = ("01-one", "02-two", "03-three")
ALL: Final = {f"{name}/{name}-00m{length}s.mp3" for name in NAMES for length in (15, 20)}
END_S: Final = 60.0
"""How long workers may outlive a build on a machine with much else to do."""
OWN: Final = {"library.json", "breathmark.lock", ".breathmark-build.lock"}


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """A build by the command, in a group of its own."""
    line = [
        sys.executable,
        "-m",
        "breathmark",
        "build",
        str(folder),
        "-o",
        str(folder / "out"),
        "--json",
        "--jobs",
        "2",
    ]
    environment = os.environ | {"BREATHMARK_CACHE": str(folder / "cache")}
    return subprocess.Popen(
        [*line, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


def finish(process: subprocess.Popen[bytes]) -> tuple[int, dict[str, list[str]]]:
    """Its exit code, and its report where it got to one."""
    said, complained = process.communicate(timeout=180)
    assert b"Traceback" not in complained, complained.decode()
    lines = said.splitlines()
    report = json.loads(lines[-1]) if lines and lines[-1].endswith(b"}") else {}
    return process.returncode, report if report.get("event") == "report" else {}


def sounds(folder: Path) -> dict[str, bytes]:
    """The finished artefacts."""
    out = folder / "out"
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*.mp3")}


def check_whole(folder: Path, expected: dict[str, bytes]) -> set[str]:
    """What is finished: every file that has its final name has the bytes of an undisturbed build."""
    found = sounds(folder)
    assert [name for name, data in found.items() if data != expected[name]] == []
    for name in found:
        told = (folder / "out" / name).with_suffix(".session.json").read_text(encoding="utf-8")
        assert json.loads(told)["file"]["sha256"] == hashlib.sha256(found[name]).hexdigest()
    clips = (path for path in (folder / "cache").rglob("*.wav"))
    assert all(unpack(path.read_bytes(), path.stem) for path in clips)
    return set(found)


def check_finished(folder: Path, expected: dict[str, bytes]) -> None:
    """All of it, and nothing else: no leftovers, and a lock and an index that tell the same."""
    assert check_whole(folder, expected) == set(expected)
    lock = json.loads((folder / "out" / "breathmark.lock").read_text(encoding="utf-8"))
    assert set(lock["artefacts"]) == set(expected)
    listed = {f"{name.rpartition('/')[0]}/{file}" for name, each in lock["artefacts"].items() for file in each["files"]}
    out = folder / "out"
    there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert there == listed | OWN


def built_now(folder: Path) -> set[str]:
    """What a build in this process makes."""
    return set(build(folder, BuildOptions(output=folder / "out", cache=folder / "cache")).built)


@pytest.fixture(scope="module")
def undisturbed(in_this_process: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:  # noqa: ARG001 - as used
    """What a build makes that nobody disturbs."""
    folder = course(tmp_path_factory.mktemp("undisturbed"))
    assert built_now(folder) == ALL
    return sounds(folder)


@pytest.fixture(scope="module")
def takes_s(tmp_path_factory: pytest.TempPathFactory) -> float:
    """How long the command takes for it."""
    folder = course(tmp_path_factory.mktemp("measured"))
    began = time.monotonic()
    code, report = finish(start(folder))
    assert (code, set(report["built"])) == (0, ALL)
    return time.monotonic() - began


def offspring(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Its workers and their encoders."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(process.pid).children(recursive=True)
    return []


def workers(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Its workers alone."""
    found = []
    for each in offspring(process):
        with suppress(psutil.NoSuchProcess):
            line = " ".join(each.cmdline())
            if "base.worker" in line or "spawn_main" in line:
                found.append(each)
    return found


def kill_build(folder: Path, expected: dict[str, bytes], moment_s: float, *words: str) -> None:
    """Kill a build after a while, and let the next one end: nothing is torn or stale, nothing is done again."""
    process = start(folder, *words)
    time.sleep(moment_s)
    process.send_signal(signal.SIGSTOP)  # so that it starts no worker that isn't seen here
    helpers = offspring(process)
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(helpers, timeout=END_S)
    assert alive == []
    done = check_whole(folder, expected) if (folder / "out").exists() else set()
    before = {name: (folder / "out" / name).stat().st_ino for name in done}
    clips = {path: path.stat().st_ino for path in (folder / "cache").rglob("*.wav")}
    assert built_now(folder) == ALL - done
    check_finished(folder, expected)
    assert {name: (folder / "out" / name).stat().st_ino for name in done} == before
    assert {path: path.stat().st_ino for path in clips} == clips


def kill_worker(folder: Path, expected: dict[str, bytes], moment_s: float, *words: str) -> None:
    """Kill one of its workers after a while: the build replaces it and ends well."""
    process = start(folder, *words)
    time.sleep(moment_s)
    victims = workers(process)
    if victims:
        with suppress(psutil.NoSuchProcess):
            random.choice(victims).kill()  # noqa: S311 - no secret
    code, _ = finish(process)
    assert code == 0
    check_finished(folder, expected)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kill", [kill_build, kill_worker])
@pytest.mark.parametrize("executor", ["local", "dask"])
def test_killed_builds_are_taken_up_where_they_stopped(
    kill: Callable[..., None], executor: str, undisturbed: dict[str, bytes], takes_s: float, tmp_path: Path
) -> None:
    """At random moments, on either executor; the seed is printed."""
    seed = random.randrange(2**32)  # noqa: S311 - moments, not secrets
    print("seed", seed)  # noqa: T201 - shown where the test fails
    moments = random.Random(seed)  # noqa: S311 - as above
    for number in range(count(quick=1, ci=3, nightly=30)):
        folder = course(tmp_path / str(number))
        kill(folder, undisturbed, moments.uniform(0.1, 1.0) * takes_s, "--executor", executor)
        shutil.rmtree(folder)


@pytest.mark.slow
def test_two_builds_at_once(undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    """Both end well; what one has made, the other doesn't make again."""
    folder = course(tmp_path)
    both = [start(folder), start(folder)]
    reports = [finish(process) for process in both]
    assert [code for code, _ in reports] == [0, 0]
    assert sorted(key for _, report in reports for key in report["built"]) == sorted(ALL)
    check_finished(folder, undisturbed)


def interrupt_cluster(folder: Path, number: int, delay_s: float) -> None:
    """Interrupt a build while its Dask cluster starts."""
    process = start(folder, "--executor", "dask")
    while not offspring(process) and process.poll() is None:
        time.sleep(0.01)
    time.sleep(delay_s)
    process.send_signal(number)
    said, complained = process.communicate(timeout=120)
    assert process.returncode == 130, (delay_s, said, complained.decode())
    assert b"Traceback" not in complained, complained.decode()


def test_a_cluster_that_starts_can_be_interrupted(tmp_path: Path) -> None:
    """With 130, and without a traceback of Dask's."""
    interrupt_cluster(course(tmp_path), signal.SIGTERM, 0.3)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
def test_many_clusters_that_start_can_be_interrupted(tmp_path: Path) -> None:
    """At random moments."""
    seed = random.randrange(2**32)  # noqa: S311 - moments, not secrets
    print("seed", seed)  # noqa: T201 - shown where the test fails
    moments = random.Random(seed)  # noqa: S311 - as above
    for number in range(20):
        signals = (signal.SIGTERM, signal.SIGINT)
        interrupt_cluster(course(tmp_path / str(number)), signals[number % 2], moments.uniform(0, 2))


@pytest.mark.slow
def test_ctrl_c_stops_and_says_what_was_finished(undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    """With 130, with no process and nothing half-written left; the next build makes the rest."""
    folder = course(tmp_path)
    process = start(folder)
    assert process.stdout is not None
    lines: list[bytes] = []
    while not (lines and b'"finished"' in lines[-1]):
        lines.append(process.stdout.readline())
    helpers = offspring(process)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of the group
    said, complained = process.communicate(timeout=END_S)
    assert process.returncode == 130, complained.decode()
    assert b"Traceback" not in complained
    events = [json.loads(line) for line in (*lines, *said.splitlines())]
    (stopped,) = (event for event in events if event["event"] == "stopped")
    _, alive = psutil.wait_procs(helpers, timeout=END_S)
    assert alive == []
    done = check_whole(folder, undisturbed)
    assert set(stopped["finished"]) <= done
    assert stopped["left"] == 6 - len(stopped["finished"])
    assert list((folder / "out").rglob("*.part")) == []
    assert built_now(folder) == ALL - done
    check_finished(folder, undisturbed)
