"""What the studio lets one wait for, and what it holds: by a client that asks as its page does."""

from __future__ import annotations

import gzip
import os
import re
import statistics
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psutil

from measuring import BREATHMARK, at_most, told
from sentences import SENTENCES, script_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from measuring import Row

STATIC = Path("src/breathmark/studio/static")
VOICE = "hibari:heart"
HEARD_BYTES = 64_000
"""Of a stream: what a browser begins to play with, 0.2 s of it."""
_numbers = count(1)


@dataclass(frozen=True)
class Desk:
    """A studio that runs, and its page."""

    client: httpx.Client
    process: psutil.Process
    opened_s: float
    """The server's own processor time from the command to the page with what is in the folder."""

    def post(self, route: str, **body: Any) -> Any:  # noqa: ANN401 - JSON
        """Ask for something."""
        answer = self.client.post(f"/api/{route}", json=body)
        answer.raise_for_status()
        return answer.json()

    def begins(self, session: str, from_s: float) -> None:
        """Return when the mix from a moment on begins to come."""
        with self.client.stream("GET", f"/api/session/{session}/mix", params={"from": str(from_s)}) as stream:
            stream.raise_for_status()
            got = 0
            for piece in stream.iter_raw():
                got += len(piece)
                if got >= HEARD_BYTES:
                    return

    def cpu_s(self) -> float:
        """The processor time of all of its processes until now."""
        found = 0.0
        for each in [self.process, *self.process.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):  # its parent counts it now, among its children
                times = each.cpu_times()
                found += times.user + times.system + times.children_user + times.children_system
        return found

    def memory_mb(self) -> float:
        """What all of its processes hold now."""
        all_of_them = [self.process, *self.process.children(recursive=True)]
        return sum(_held(each) for each in all_of_them) / 2**20


def _held(process: psutil.Process) -> int:
    """The bytes of a process; what several share counts once where the system tells."""
    held = process.memory_full_info()
    return int(getattr(held, "pss", held.rss))


@contextmanager
def open_desk(folder: Path, cache: Path) -> Iterator[Desk]:
    """``breathmark studio FOLDER``, opened as a browser opens it."""
    command = [*BREATHMARK, "studio", str(folder), "--no-open"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=os.environ | {"BREATHMARK_CACHE": str(cache)}
    ) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            found = re.search(r"(http://\S+)/\?token=\S+", process.stdout.readline())
            if found is None:
                raise RuntimeError("the studio printed no address")
            with httpx.Client(
                base_url=found[1], headers={"Origin": found[1]}, timeout=300, trust_env=False, follow_redirects=True
            ) as client:
                client.get(found[0].removeprefix(found[1])).raise_for_status()
                client.get("/api/project").raise_for_status()
                server = psutil.Process(process.pid)
                times = server.cpu_times()
                yield Desk(client=client, process=server, opened_s=times.user + times.system)
        finally:
            process.terminate()


def waited_ms(desk: Desk, work: Callable[[], object], times: int = 7) -> float:
    """The processor time of the studio for something, the middle of several: what one waits on a quiet machine."""
    taken = []
    for _ in range(times):
        before = desk.cpu_s()
        work()
        taken.append(desk.cpu_s() - before)
    return 1000 * statistics.median(taken)


def studio(folder: Path) -> Iterator[Row]:
    """The figures of the studio; milliseconds are of the processor."""
    project, cache = folder / "studio", folder / "studio-cache"
    project.mkdir()
    (project / "breathmark.yaml").write_text(f"voice: {VOICE}\n", encoding="utf-8")
    with open_desk(project, cache):
        pass  # compiles its modules
    with open_desk(project, cache) as desk:
        yield at_most("first page, empty folder, ms", 1000 * desk.opened_s, 1500)
    for number in range(50):
        (project / f"{number:02d}.yaml").write_text(script_of(f"Session {number}", SENTENCES[:20]), encoding="utf-8")
    with open_desk(project, cache) as desk:
        yield at_most("first page, 50 scripts, ms", 1000 * desk.opened_s, 2500)
        yield from typing(desk)
        for minutes in (10, 60):
            yield from hearing(desk, minutes=minutes)
        yield at_most("memory of all processes then, MB", desk.memory_mb(), 400)
    bundle = sum(len(gzip.compress(file.read_bytes())) for file in STATIC.iterdir() if file.suffix != ".txt")
    yield at_most("the page, gzip, kB", bundle / 1000, 350)


def changed(text: str) -> str:
    """The script after another key."""
    return text.replace("near or far", f"near or far {next(_numbers)}", 1)


def typing(desk: Desk) -> Iterator[Row]:
    """The plan and the findings as one types in a script of half an hour."""
    text = script_of("Half an hour", [SENTENCES[i % len(SENTENCES)] for i in range(180)])

    def ask(route: str) -> float:
        choices = {"length": "30m"}
        return waited_ms(
            desk, lambda: desk.post(route, path="00.yaml", text=changed(text), choices=choices, estimate=True)
        )

    ask("plan")
    yield at_most("plan as one types, 30 min, ms", ask("plan"), 150)
    yield at_most("findings as one types, 30 min, ms", ask("check"), 1000)


def hearing(desk: Desk, *, minutes: int) -> Iterator[Row]:
    """A sentence, and the mix from anywhere; its ambience is not made when it is first asked for."""
    spoken = [SENTENCES[i % len(SENTENCES)] for i in range(6 * minutes)]
    text = f"ambience: soft-rain\n{script_of(f'{minutes} minutes', spoken)}"
    asked = {"path": "00.yaml", "choices": {"length": f"{minutes}m"}}
    session = desk.post("plan", text=text, **asked)["session"]
    first_ms = waited_ms(desk, lambda: desk.begins(session, 0), times=1)

    def hear_new() -> None:
        new = desk.post("plan", text=changed(text), **asked)["session"]
        desk.client.get(f"/api/session/{new}/clip/0").raise_for_status()

    name, places = f"{minutes} min", iter(range(1, 60 * minutes, 60 * minutes // 8))
    yield at_most(f"play, just laid out, ambience not made, {name}, ms", first_ms, 700)
    yield at_most(f"play from anywhere, {name}, ms", waited_ms(desk, lambda: desk.begins(session, next(places))), 700)
    yield at_most(f"a spoken sentence, {name}, ms", spoken_ms(desk, session), 100)
    new_ms = waited_ms(desk, hear_new)
    yield (
        at_most(f"a new sentence, {name}, ms", new_ms, 400) if minutes == 10 else told(f"the same, {name}, ms", new_ms)
    )


def spoken_ms(desk: Desk, session: str) -> float:
    """How long a sentence takes that was spoken before."""
    return waited_ms(desk, lambda: desk.client.get(f"/api/session/{session}/clip/3").raise_for_status())
