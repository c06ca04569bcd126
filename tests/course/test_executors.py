"""What is asked of every executor; what `local` promises beyond is in `test_pool`."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import dask.config
import pytest
from distributed import LocalCluster

from breathmark.base.errors import RequestError, VoiceError
from breathmark.base.plugins import EXECUTORS, PUBLISHERS, load
from breathmark.base.pool import Pool, WorkerError
from breathmark.course.executors import dask as dask_module
from breathmark.course.executors.base import ExecutorSettings, Rendering, local_workers
from breathmark.course.executors.dask import DaskExecutor, dask_workers
from breathmark.course.publishing import run_all
from tests import failing
from tests.profiles import quick_only

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor, Future
    from pathlib import Path

HEARD: list[Rendering] = []


@pytest.fixture(scope="module", params=[local_workers, dask_workers], ids=["local", "dask"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    """Two processes, by each way."""
    made: Executor = request.param(ExecutorSettings(jobs=2, on_progress=HEARD.append))
    yield made
    made.shutdown()


def test_results_come_back(executor: Executor) -> None:
    """Of many calls, on processes other than this one."""
    assert [each.result(60) for each in [executor.submit(failing.double, number) for number in range(20)]] == [
        2 * number for number in range(20)
    ]
    assert executor.submit(os.getpid).result(60) != os.getpid()


@pytest.mark.slow
def test_two_clusters_do_not_meet(tmp_path: Path) -> None:
    """A build on Dask says nothing of another on the same machine, and shares no port with it; no file is left."""
    lines = (
        "from breathmark.course.executors.base import ExecutorSettings\n"
        "from breathmark.course.executors.dask import DaskExecutor, dask_workers"
    )
    script = tmp_path / "two.py"
    script.write_text(
        f"""{lines}
if __name__ == "__main__":
    both = [dask_workers(ExecutorSettings(jobs=1, on_progress=print)) for _ in range(2)]
    print([each.submit(abs, -2).result(60) for each in both])
    for each in both:
        each.shutdown()
""",
        encoding="utf-8",
    )
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-W", "always", str(script)],
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "[2, 2]\n"), done.stderr
    assert "already in use" not in done.stderr
    assert {*tmp_path.iterdir()} == {script, temporary}
    assert [*temporary.iterdir()] == []


def test_errors_come_back(executor: Executor) -> None:
    """As they were raised; one that can't travel is told in words."""
    with pytest.raises(VoiceError, match="no voice") as caught:
        executor.submit(failing.fail, "no voice").result(60)
    assert caught.value.hint == "try another voice"
    with pytest.raises(Exception, match="it broke badly"):
        executor.submit(failing.unpicklable).result(60)


@pytest.mark.parametrize("executor", [dask_workers], ids=["dask"], indirect=True)
def test_a_call_that_the_scheduler_loses_fails(executor: DaskExecutor, tmp_path: Path) -> None:
    """As by a death, so that the build makes it again. Dask cancels a call whose result is gone with its worker."""
    call = executor.submit(failing.sleep_and_write, str(tmp_path / "note"), 1.0)
    while not (tmp_path / "note.begun").exists():
        time.sleep(0.02)
    executor._client.cancel([*executor._tasks.values()])
    assert isinstance(call.exception(60), WorkerError)


def test_workers_tell_how_far_they_are(executor: Executor) -> None:
    """And whatever a library prints does no harm."""
    HEARD.clear()
    assert executor.submit(failing.print_and_tell, "a job").result(60) == "a job"
    ends = time.monotonic() + 60
    while not HEARD and time.monotonic() < ends:
        time.sleep(0.05)
    assert [(each.job, each.done) for each in HEARD] == [("a job", 0.5)]
    assert HEARD[0].worker


def test_a_death_fails_one_call(executor: Executor, tmp_path: Path) -> None:
    """The worker is replaced, and the others' calls are not touched. Dask itself tries the call again."""
    doomed = executor.submit(failing.die_once, str(tmp_path / "note"))
    others = [executor.submit(failing.double, number) for number in range(6)]
    if isinstance(executor, Pool):
        with pytest.raises(WorkerError):
            doomed.result(60)
    else:
        assert doomed.result(60)
    assert [each.result(60) for each in others] == [0, 2, 4, 6, 8, 10]


@pytest.mark.parametrize("executor", quick_only([local_workers], [local_workers, dask_workers]), indirect=True)
def test_a_call_that_dies_is_tried_once_more_and_then_told(executor: Executor, tmp_path: Path) -> None:
    """By the build, whatever the executor: twice is enough."""
    calls: dict[str, Callable[[], Future[Any]]] = {
        "once": partial(executor.submit, failing.die_once, str(tmp_path / "note")),
        "always": partial(executor.submit, failing.die),
        "never": partial(executor.submit, failing.double, 4),
    }
    outcomes = list(run_all(calls, keep_going=True))
    assert [each.again for each in outcomes if each.key == "always"] == [True, False]
    assert {each.key for each in outcomes if each.error is None} == {"once", "never"}
    assert [each.key for each in outcomes if each.error and not each.again] == ["always"]


def test_the_first_failure_cancels_what_has_not_begun() -> None:
    """Without `keep_going`; what has begun is finished."""
    with Pool(1) as local:
        calls: dict[str, Callable[[], Future[Any]]] = {"bad": partial(local.submit, failing.refuse)}
        calls |= {str(number): partial(local.submit, time.sleep, 0.2) for number in range(20)}
        keys = [outcome.key for outcome in run_all(calls, keep_going=False)]
    assert keys.count("bad") == 1
    assert len(keys) < 10


@pytest.mark.slow
def test_a_worker_that_dask_gives_up_is_replaced() -> None:
    """As one that dies at its first call; and the build's folder is named to Dask no longer than it is there."""
    before = dask.config.get("temporary-directory")
    with dask.config.set({"distributed.deploy.lost-worker-timeout": "100ms"}):
        alone = dask_workers(ExecutorSettings(jobs=1, on_progress=HEARD.append))
        assert isinstance(alone, DaskExecutor)
        cluster = alone._client.cluster
        assert isinstance(cluster, LocalCluster)
        (nanny,) = cluster.workers.values()
        cluster.sync(nanny.close)
        assert alone.submit(failing.double, 4).result(120) == 8
        alone.shutdown()
    assert dask.config.get("temporary-directory") == before


def test_a_cluster_without_workers_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """That the build waits, for what, and how to start it; once."""
    monkeypatch.setattr(dask_module, "_LOOK_S", 0.05)
    warnings: list[str] = []
    with LocalCluster(n_workers=0, dashboard_address=":0", scheduler_kwargs={"dashboard": False}) as cluster:
        address = cluster.scheduler_address
        executor = dask_workers(
            ExecutorSettings(jobs=1, scheduler=address, on_progress=HEARD.append, on_warning=warnings.append)
        )
        executor.submit(failing.double, 2)
        while not warnings:
            time.sleep(0.05)
        time.sleep(0.5)
        executor.shutdown(wait=False, cancel_futures=True)
    start = f"start one with `dask worker {address} --nthreads 1`"
    assert warnings == [f"the Dask cluster at {address} has no workers; waiting for one ({start})"]


@pytest.mark.parametrize(
    ("group", "name", "hint"), [(EXECUTORS, "locla", "did you mean local?"), (PUBLISHERS, "zzzz", "available:")]
)
def test_an_unknown_name_is_an_error(group: str, name: str, hint: str) -> None:
    """With those that there are."""
    with pytest.raises(RequestError) as caught:
        load(group, name)
    assert hint in caught.value.hint


def test_no_scheduler_is_an_error() -> None:
    """With how to start one."""
    with pytest.raises(RequestError) as caught:
        dask_workers(ExecutorSettings(jobs=1, scheduler="nowhere", on_progress=HEARD.append))
    assert "dask scheduler" in caught.value.hint
