"""Long work of the studio: renders, verdicts and builds, each in a process of its own, with progress and an end.

A job goes on when the page is closed or loaded again; the page asks what there is, and follows from where it was.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from breathmark.base.errors import BreathmarkError
from breathmark.base.pool import Pool
from breathmark.studio.work import Json, error_data

if TYPE_CHECKING:
    from concurrent.futures import Future

JobKind: TypeAlias = Literal["render", "speak", "verify", "build"]
State: TypeAlias = Literal["waiting", "running", "done", "failed", "cancelled"]

_KEPT: Final = 50
"""Jobs that are remembered; the oldest finished ones are forgotten first."""
_QUIET_S: Final = 0.25
"""How often a follower looks for news: a bar that moves four times a second looks alive."""
_HELLO_S: Final = 15.0
"""A comment this often keeps what is between the page and the program from closing the stream."""


@dataclass(slots=True)
class LongJob:
    """One piece of long work."""

    id: str
    kind: JobKind
    title: str
    """What it makes, for the list: ``evening.yaml, 12m, mp3``."""
    state: State = "waiting"
    stage: str = ""
    share: float = 0.0
    """From 0 to 1, of the present stage."""
    started_s: float = 0.0
    result: Json = field(default_factory=dict)
    error: Json | None = None
    version: int = 0
    """Grows with each change."""

    def data(self) -> Json:
        """The job for the page."""
        running_s = time.monotonic() - self.started_s if self.started_s else 0.0
        left_s = running_s / self.share * (1 - self.share) if self.share > 0.05 else None
        return {
            "id": self.id,
            "kind": self.kind,
            "title": self.title,
            "state": self.state,
            "stage": self.stage,
            "share": round(self.share, 3),
            "left_s": None if left_s is None or self.state != "running" else round(left_s, 1),
            "result": self.result,
            "error": self.error,
        }


class Jobs:
    """All jobs of one studio."""

    def __init__(self) -> None:
        self._jobs: dict[str, LongJob] = {}
        self._pools: dict[str, Pool] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def start(self, kind: JobKind, title: str, work: Callable[..., Json], *arguments: object) -> LongJob:
        """Begin a job: ``work`` is called in a new process, with the arguments and a last one, the job's key."""
        job = LongJob(id=str(next(self._numbers)), kind=kind, title=title)
        pool = Pool(1, on_progress=lambda _worker, stage, share: self._progress(job, stage, share))
        with self._lock:
            self._jobs[job.id], self._pools[job.id] = job, pool
            finished = [each.id for each in self._jobs.values() if each.state in ("done", "failed", "cancelled")]
            for old in finished[: max(len(self._jobs) - _KEPT, 0)]:
                del self._jobs[old]
        self._change(job, state="running", started_s=time.monotonic())
        future = pool.submit(work, *arguments)
        future.add_done_callback(lambda done: self._finish(job, done))
        return job

    def listed(self) -> list[Json]:
        """All jobs, the newest first."""
        return [job.data() for job in reversed(self._jobs.values())]

    def get(self, number: str) -> LongJob | None:
        """A job by its id."""
        return self._jobs.get(number)

    def cancel(self, number: str) -> None:
        """End a job; what it had begun is removed as after an interrupt."""
        job, pool = self._jobs.get(number), self._pools.get(number)
        if job is not None and pool is not None and job.state in ("waiting", "running"):
            self._change(job, state="cancelled")
            threading.Thread(target=pool.close, daemon=True).start()

    def close(self) -> None:
        """End all that runs."""
        for pool in tuple(self._pools.values()):
            pool.close()

    async def follow(self, number: str) -> AsyncIterator[Json | None]:
        """What is new of a job until it ends; None now and then while nothing is."""
        seen, quiet_s = -1, 0.0
        while (job := self._jobs.get(number)) is not None:
            if job.version != seen:
                seen, quiet_s = job.version, 0.0
                news = job.data()
                yield news
                if news["state"] not in ("waiting", "running"):  # the job may have ended while this was sent
                    return
            await asyncio.sleep(_QUIET_S)
            quiet_s += _QUIET_S
            if quiet_s >= _HELLO_S:
                quiet_s = 0.0
                yield None

    def _progress(self, job: LongJob, stage: str, share: float) -> None:
        self._change(job, stage=stage, share=share)

    def _change(self, job: LongJob, **news: object) -> None:
        with self._lock:
            if job.state in ("done", "failed", "cancelled"):
                return
            for name, value in news.items():
                setattr(job, name, value)
            job.version += 1

    def _finish(self, job: LongJob, done: Future[Json]) -> None:
        error = None if done.cancelled() else done.exception()
        if error is None and not done.cancelled():
            self._change(job, result=done.result(), share=1.0, state="done")
        elif isinstance(error, BreathmarkError):
            self._change(job, error=error_data(error), state="failed")
        else:
            self._change(job, error={"message": f"{error!r}", "hint": "", "problems": []}, state="failed")
        pool = self._pools.pop(job.id, None)
        if pool is not None:
            threading.Thread(target=pool.close, daemon=True).start()
