"""The executor ``dask``: a cluster of machines, or processes of this one under Dask's care.

The clip cache and the output folder lie where all workers see them at the same path. A worker that dies is replaced by
its nanny.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from concurrent.futures import wait as wait_for
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, ParamSpec, TypeVar

import dask.config
from distributed import Client, LocalCluster, Status, get_worker
from distributed import Future as DaskFuture

from breathmark.base.errors import BuildError, RequestError
from breathmark.base.files import scratch
from breathmark.base.interrupts import check
from breathmark.base.pool import WorkerError
from breathmark.base.worker import reporting_to
from breathmark.course.executors.base import ExecutorSettings, Rendering

P = ParamSpec("P")
R = TypeVar("R")

_TOPIC: Final = "breathmark"
_SECONDS: Final = "30s"
"""How long a scheduler may take to answer."""
_ATTEMPTS: Final = 3
_LOOK_S: Final = 1.0
"""How often the size of a cluster is looked at."""
_PATIENCE: Final = 5
"""How many looks in a row find a cluster without workers before that is reported."""
_CLOSING: Final = (AttributeError, RuntimeError, OSError, ValueError, TimeoutError)
"""What a client raises that is closing, and has no scheduler then."""
_SETTINGS: Final = {
    # Dask counts a death against every call queued on the worker; each may be counted this many more.
    "distributed.scheduler.allowed-failures": 1,
    "distributed.scheduler.worker-saturation": 1.0,  # no call is queued there where a thread is busy
    "distributed.worker.daemon": True,
    # What Dask does else costs a render a quarter of its time: giving freed memory back at once, which arrays need
    # again, and looking a hundred times a second what a worker is at.
    "distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": 1, "MKL_NUM_THREADS": 1, "OPENBLAS_NUM_THREADS": 1},
    "distributed.worker.profile.enabled": False,
    "distributed.comm.timeouts.connect": _SECONDS,
    "distributed.admin.log-length": 0,
}


def dask_workers(settings: ExecutorSettings) -> DaskExecutor:
    """The cluster at ``settings.scheduler``, or one of ``settings.jobs`` processes here, which ends with the build.

    Raises:
        RequestError: no scheduler answers there.
        BuildError: no process can be started here.
    """
    for name in ("distributed", "asyncio"):  # a killed worker is reported in our own words, also by a task of asyncio
        logging.getLogger(name).setLevel(logging.CRITICAL)
    dask.config.set(_SETTINGS)
    if not settings.scheduler:
        with ExitStack() as stack:
            # It would leave files in the folder that the build was started in, or in the one for temporary files.
            try:
                folder = stack.enter_context(scratch())
            except OSError as exc:
                hint = "make room, or name another place by the environment variable TMPDIR"
                raise BuildError(f"no folder for temporary files can be made: {exc.strerror or exc}", hint) from exc
            stack.enter_context(dask.config.set({"temporary-directory": os.fspath(folder)}))
            cluster = _own_cluster(settings.jobs)
            stack.callback(_close, cluster)
            stack.enter_context(_repeated(partial(_replace_lost, cluster, settings.jobs)))
            client = Client(cluster, set_as_default=False)
            return DaskExecutor(client, settings.on_progress, stack.pop_all())
    try:
        client = Client(settings.scheduler, timeout=_SECONDS, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as exc:
        hint = "start one with `dask scheduler`, and workers with `dask worker ADDRESS --nthreads 1`"
        raise RequestError(f"no Dask scheduler answers at {settings.scheduler}: {exc}", hint) from exc
    with ExitStack() as stack:
        stack.enter_context(_repeated(_EmptinessWarning(client, settings)))
        return DaskExecutor(client, settings.on_progress, stack.pop_all())


def _own_cluster(jobs: int) -> LocalCluster:
    """Processes of this machine; where one dies while it starts, all are started once more."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return LocalCluster(
                n_workers=jobs,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",  # Dask's own port may be another build's, which it would warn of
                scheduler_kwargs={"dashboard": False},
                silence_logs=logging.CRITICAL,
                memory_limit=0,
            )
        except (OSError, RuntimeError, TimeoutError) as exc:
            check()
            if attempt == _ATTEMPTS:
                raise BuildError(f"no Dask cluster can be started here: {exc}", "try --executor local") from exc
    raise AssertionError


@contextmanager
def _repeated(action: Callable[[], None]) -> Iterator[None]:
    """Meanwhile, call ``action`` once a second in a thread."""
    over = threading.Event()

    def repeat() -> None:
        while not over.wait(_LOOK_S):
            action()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _replace_lost(cluster: LocalCluster, jobs: int) -> None:
    """Replace workers that Dask gives up, or a build could wait for none.

    A nanny does not restart a worker that dies at its first call, before the nanny has heard that it has started; after
    ``distributed.deploy.lost-worker-timeout`` the cluster drops both.
    """
    for name, nanny in tuple(cluster.workers.items()):
        if nanny.status in {Status.closed, Status.failed}:
            cluster.workers.pop(name, None)
    if len(cluster.workers) < jobs:
        cluster.scale(jobs)


class _EmptinessWarning:
    """Report, once each time, that a cluster has had no workers for some seconds: a build waits for one."""

    def __init__(self, client: Client, settings: ExecutorSettings) -> None:
        self._client = client
        self._settings = settings
        self._empty = 0

    def __call__(self) -> None:
        with suppress(*_CLOSING):
            self._empty = 0 if self._client.nthreads() else self._empty + 1
            if self._empty == _PATIENCE:
                address = self._settings.scheduler
                how = f"start one with `dask worker {address} --nthreads 1`"
                self._settings.on_warning(f"the Dask cluster at {address} has no workers; waiting for one ({how})")


def _close(cluster: LocalCluster) -> None:
    with suppress(OSError, TimeoutError):
        cluster.close(timeout=5)


@dataclass(slots=True, kw_only=True)
class _Call:
    """A function to be called elsewhere, and the future of its result."""

    future: Future[Any]
    perform: Callable[[], DaskFuture[Any]]


class DaskExecutor(Executor):
    """An executor on a Dask client.

    It hands over a call when a worker is free for it. Dask would give all of them to workers at once, by a guess of
    how long each takes, and count the death of a worker against all that were queued on it. Dask's own executor
    (``Client.get_executor``) is not used for another reason, too: its futures never end where a worker dies between the
    end of a call and the way of its result to the client.
    """

    def __init__(self, client: Client, on_progress: Callable[[Rendering], None], own: ExitStack | None = None) -> None:
        """``own`` is what ends with this executor: its cluster, where it has one."""
        self._client = client
        self._own = own or ExitStack()
        self._on_progress = on_progress
        self._lock = threading.Lock()
        self._waiting: deque[_Call] = deque()
        self._running: set[Future[Any]] = set()
        self._tasks: dict[Future[Any], DaskFuture[Any]] = {}  # Dask forgets a task whose future is not held
        self._slots = 0
        self._looked_s = 0.0
        client.subscribe_topic(_TOPIC, self._on_event)

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Have a worker call ``fn``."""
        future: Future[R] = Future()
        # Not pure: a name made from the arguments would be a hash of them, and a second try would not run.
        perform = partial(self._client.submit, _perform, fn, args, kwargs, pure=False)
        with self._lock:
            self._waiting.append(_Call(future=future, perform=perform))
        self._fill()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - the base's
        """Accept no further calls. The executor's own cluster ends; workers of another cluster finish their calls."""
        with self._lock:
            waiting, running, tasks = tuple(self._waiting), tuple(self._running), tuple(self._tasks.values())
            if cancel_futures:
                self._waiting.clear()
        if cancel_futures:
            for call in waiting:
                call.future.cancel()
            with suppress(OSError, TimeoutError):
                self._client.cancel(list(tasks))
        elif wait:
            wait_for({*running, *(call.future for call in waiting)})
        with suppress(OSError, TimeoutError):
            self._client.unsubscribe_topic(_TOPIC)
            self._client.close(timeout=5)
        self._own.close()

    def _fill(self) -> None:
        """Hand over as many calls as there are workers free."""
        slots = self._free_for()
        while True:
            with self._lock:
                if not self._waiting or len(self._running) >= slots:
                    return
                call = self._waiting.popleft()
                if not call.future.set_running_or_notify_cancel():
                    continue
                self._running.add(call.future)
            task = call.perform()
            with self._lock:
                if call.future in self._running:
                    self._tasks[call.future] = task
            task.add_done_callback(partial(self._done, call.future))

    def _free_for(self) -> int:
        """How many calls all workers together can be at; a cluster may grow and shrink."""
        now_s = time.monotonic()
        if not self._slots or now_s - self._looked_s > _LOOK_S:
            self._looked_s = now_s
            with suppress(OSError, TimeoutError):
                self._slots = max(1, sum(self._client.nthreads().values()))
        return self._slots

    def _done(self, future: Future[R], task: DaskFuture[R]) -> None:
        """Give a finished task's outcome to ``future``; called in a thread of Dask's."""
        try:
            future.set_result(task.result())
        except CancelledError as exc:  # by a scheduler that lost the task; nobody here gave it up
            future.set_exception(WorkerError(f"the Dask scheduler lost the call: {exc}"))
        except BaseException as exc:  # noqa: BLE001 - whatever it is, somebody waits for it
            future.set_exception(exc)
        with self._lock:
            self._running.discard(future)
            self._tasks.pop(future, None)
        with suppress(*_CLOSING):
            self._fill()

    def _on_event(self, event: tuple[float, dict[str, str | float]]) -> None:
        message = event[1]
        self._on_progress(
            Rendering(worker=str(message["worker"]), job=str(message["job"]), done=float(message["done"]))
        )


def _perform(fn: Callable[..., R], args: tuple[object, ...], kwargs: dict[str, object]) -> R:
    """What a worker runs."""
    worker = get_worker()

    def report(job: str, done: float) -> None:
        worker.log_event(_TOPIC, {"worker": str(worker.name), "job": job, "done": done})

    with reporting_to(report):
        return fn(*args, **kwargs)
