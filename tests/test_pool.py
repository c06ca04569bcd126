"""What both rooms that use the pool rely on."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import closing
from typing import TYPE_CHECKING

import psutil
import pytest

from breathmark.base.errors import VoiceError
from breathmark.base.pool import Pool, WorkerError, WorkerStartError
from tests import failing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def wait_for(condition: Callable[[], object]) -> None:
    """Until it is true; pytest's own limit is the only one."""
    while not condition():
        time.sleep(0.02)


def workers() -> list[psutil.Process]:
    """The worker processes of this one."""
    return [each for each in psutil.Process().children() if "breathmark.base.worker" in " ".join(each.cmdline())]


@pytest.mark.parametrize("threads", [False, True])
def test_calls_run_at_once_and_results_come_back(threads: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """In processes other than this one, or in threads of it; none is started before it is needed, none is left."""
    with closing(Pool(2, threads=threads)) as pool:
        assert workers() == []
        assert [each.result(60) for each in [pool.submit(failing.double, number) for number in range(20)]] == [
            2 * number for number in range(20)
        ]
        assert (pool.submit(os.getpid).result(60) == os.getpid()) is threads
    assert workers() == []
    with pytest.raises(RuntimeError, match="closed"):
        pool.submit(failing.double, 1)


def test_few_workers_are_started_where_few_are_needed() -> None:
    """Each costs the processor a second until it can render: one that is idle goes before a new one."""
    with closing(Pool(3)) as pool:
        assert len({pool.submit(os.getpid).result(60) for _ in range(5)}) == 1
        assert len(workers()) == 1


def test_errors_come_back() -> None:
    """A bug with its traceback as a note; an error for users without one, since that could hold a private value."""
    with closing(Pool(1)) as pool:
        with pytest.raises(VoiceError, match="no voice") as refused:
            pool.submit(failing.fail, "no voice").result(60)
        assert refused.value.hint == "try another voice"
        assert not hasattr(refused.value, "__notes__")
        with pytest.raises(ValueError, match="nothing") as bug:
            pool.submit(failing.blunder).result(60)
        assert "failing.py" in bug.value.__notes__[0]
        with pytest.raises(RuntimeError, match="it broke badly"):
            pool.submit(failing.unpicklable).result(60)
        with pytest.raises(Exception, match="pickle"):
            pool.submit(lambda: threading.Lock()).result(60)  # noqa: PLW0108 - nothing that could be sent
        assert pool.submit(failing.double, 2).result(60) == 4


def test_progress_is_reported() -> None:
    """With the worker's name; and whatever a library prints does no harm."""
    reports: list[tuple[str, str, float]] = []
    with closing(Pool(1, on_progress=lambda *report: reports.append(report))) as pool:
        assert pool.submit(failing.print_and_tell, "a job").result(60) == "a job"
    assert reports == [("1", "a job", 0.5)]


def test_a_death_fails_one_call_and_says_how_it_ended() -> None:
    """The worker is replaced; its last output is kept, but not a part of the message."""
    with closing(Pool(1)) as pool:
        with pytest.raises(WorkerError, match=r"died \(exit code 9\)\ntry fewer") as caught:
            pool.submit(failing.die_loudly).result(60)
        assert caught.value.last_output == "out of memory"
        assert "memory" not in str(caught.value)
        with pytest.raises(WorkerError, match="SIGKILL"):
            pool.submit(failing.die).result(60)
        assert pool.submit(failing.double, 2).result(60) == 4


def test_a_call_can_have_another_attempt(tmp_path: Path) -> None:
    """On a new worker; where that dies, too, the call fails."""
    with closing(Pool(1, attempts=2)) as pool:
        assert pool.submit(failing.die_once, str(tmp_path / "note")).result(60)
        with pytest.raises(WorkerError):
            pool.submit(failing.die).result(60)


@pytest.mark.parametrize(
    ("program", "why"), [("/no/such/program", "No such file or directory"), ("/bin/false", "exit code 1")]
)
def test_a_process_that_can_not_be_started_is_reported(program: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system's reason, or how it ended."""
    monkeypatch.setattr(sys, "executable", program)
    with closing(Pool(1)) as pool, pytest.raises(WorkerStartError, match=rf"could not be started \({why}\)"):
        pool.submit(failing.double, 2).result(60)


@pytest.mark.parametrize("threads", [False, True])
def test_closing_gives_running_calls_their_time(tmp_path: Path, threads: bool) -> None:  # noqa: FBT001 - as above
    """They end as ever; what has not begun is cancelled."""
    pool = Pool(1, threads=threads, finish_s=500.0)
    running, waiting = (pool.submit(failing.sleep_and_write, str(tmp_path / name), 0.3) for name in ("one", "two"))
    wait_for((tmp_path / "one.begun").exists)
    pool.close()
    assert running.result(0) is None
    assert waiting.cancelled()
    assert (tmp_path / "one").exists()


def test_a_call_that_is_stopped_cleans_up(tmp_path: Path) -> None:
    """It leaves through its `with` blocks, without a signal; nothing of its work appears, and no process is left."""
    pool = Pool(1, stop_s=500.0)  # however busy the machine is
    stopped = pool.submit(failing.sleep_and_write, str(tmp_path / "note"), 300.0)
    wait_for((tmp_path / "note.begun").exists)
    pool.close()
    assert isinstance(stopped.exception(60), WorkerError)
    assert (tmp_path / "note.tidied").exists()
    assert not (tmp_path / "note").exists()
    assert workers() == []


def test_workers_that_do_not_stop_are_killed(tmp_path: Path) -> None:
    """All of them at once, when their time is over; no call is begun meanwhile, and no worker is started."""
    pool = Pool(2, attempts=2, stop_s=1.0)
    futures = [pool.submit(failing.compute, str(tmp_path / str(number))) for number in range(3)]
    wait_for(lambda: len([*tmp_path.iterdir()]) == 2)
    pool.close()
    assert futures[2].cancelled()
    assert all(isinstance(future.exception(60), WorkerError) for future in futures[:2])
    assert workers() == []


def test_no_worker_outlives_a_program_that_is_killed(tmp_path: Path) -> None:
    """It stops what it is at, which could else overwrite what the next run makes, and cleans up."""
    program = (
        "import time; from breathmark.base.pool import Pool\n"
        "from tests import failing\n"
        f"Pool(1).submit(failing.sleep_and_write, {str(tmp_path / 'note')!r}, 300.0)\n"
        "time.sleep(300)\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    process = subprocess.Popen([sys.executable, "-c", program], env=environment)
    wait_for((tmp_path / "note.begun").exists)
    (worker,) = psutil.Process(process.pid).children()
    process.kill()
    process.communicate()
    worker.wait(60)
    assert (tmp_path / "note.tidied").exists()
    assert not (tmp_path / "note").exists()
