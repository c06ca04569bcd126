"""Whatever becomes of the server or its clients: nothing is lost that was saved, and no file is half."""

from __future__ import annotations

import random
import re
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count as numbers
from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from tests.end_to_end.measure import frames_by_ffmpeg
from tests.profiles import count
from tests.studio.conftest import SOURCE
from tests.studio.serving import killed, serving
from tests.studio.test_app import wav

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.studio.serving import Served

END_S = 60.0
"""How long workers may outlive a killed server, on a machine with much else to do."""


@dataclass
class Work:
    """What the page asks for until the server is gone: saves and takes as fast as it can, and a render."""

    client: httpx.Client
    life: int
    sent: list[str] = field(default_factory=list)
    saved: int = 0
    """How many of the texts were acknowledged."""
    takes: dict[str, bytes] = field(default_factory=dict)
    """The takes that were acknowledged."""
    recorded: set[bytes] = field(default_factory=set)
    """All that were sent."""

    def begin(self) -> list[threading.Thread]:
        """Each kind of work in a thread of its own."""
        threads = [threading.Thread(target=self._until_gone, args=(each,)) for each in (self._save, self._record)]
        choices = {"length": f"{100 + self.life}s", "ambience": "none"}
        body = {"path": "evening.yaml", "text": SOURCE, "choices": choices, "files": [{"output": self.output}]}
        self.client.post("/api/jobs", json=body | {"kind": "render"})
        for thread in threads:
            thread.start()
        return threads

    @property
    def output(self) -> str:
        """The file that is rendered in this life."""
        return f"dist/evening-{self.life}.mp3"

    def _until_gone(self, work: Callable[[], None]) -> None:
        with suppress(httpx.TransportError):
            work()

    def _save(self) -> None:
        seen = self.client.get("/api/file", params={"path": "evening.yaml"}).json()["mark"]
        for number in numbers():
            self.sent.append(SOURCE.replace("# Kept", f"# {self.life} {number} {20_000 * 'x'}"))
            body = {"path": "evening.yaml", "text": self.sent[-1], "seen": seen}
            answer = self.client.put("/api/file", json=body)
            assert answer.status_code == 200, answer.text
            seen = answer.json()["mark"]
            self.saved = len(self.sent)

    def _record(self) -> None:
        for number in numbers():
            sound = wav(0.5 + 0.001 * (100 * self.life + number))
            self.recorded.add(sound)
            lines = self.client.post("/api/takes", json={"path": "evening.yaml", "text": SOURCE}).json()["lines"]
            sent = {"path": "evening.yaml", "sentence": lines[1]["id"]}
            answer = self.client.put("/api/takes", params=sent, content=sound)
            assert answer.status_code == 201, answer.text
            self.takes[answer.json()["take"]] = sound


@pytest.mark.slow
def test_a_server_that_is_killed_loses_nothing(folder: Path) -> None:
    """At any moment of saving, recording and rendering; the next one goes on, and leaves nothing behind."""
    moments = random.Random(7)  # noqa: S311 - not for secrets
    takes: dict[str, bytes] = {}
    recorded: set[bytes] = set()
    for life in range(count(quick=1, ci=5, nightly=30)):
        with serving(folder) as served, served.client() as client:
            before = (folder / "evening.yaml").read_text(encoding="utf-8")
            work = Work(client=client, life=life)
            threads = work.begin()
            time.sleep(moments.uniform(0.2, 3))
            left = killed(served)
            for thread in threads:
                thread.join()
        takes |= work.takes
        recorded |= work.recorded
        now = (folder / "evening.yaml").read_text(encoding="utf-8")
        assert now in ([before, *work.sent][work.saved :])
        assert {name: take.read_bytes() for take in folder.rglob("*.wav") if (name := take.name) in takes} == takes
        assert {take.read_bytes() for take in folder.rglob("*.wav")} <= recorded
        if (file := folder / work.output).exists():
            assert frames_by_ffmpeg(file) == (100 + life) * 44_100
        _, alive = psutil.wait_procs(left, timeout=END_S)
        assert alive == []
    with serving(folder) as served, served.client() as client:
        opened = client.get("/api/file", params={"path": "evening.yaml"}).json()
        saved = client.put("/api/file", json={"path": "evening.yaml", "text": SOURCE, "seen": opened["mark"]})
        assert saved.status_code == 200
    assert [each.name for each in folder.iterdir() if each.name.startswith(".")] == []


LONG = """\
title: An hour
length: 55m..60m..65m
ambience: none
segments:
  - say: Hello there.
  - silence: 50m..58m..65m
"""


@pytest.mark.slow
def test_a_client_that_never_reads_holds_nothing_up(folder: Path) -> None:
    """Neither a job's events nor an hour of sound pile up for it, and others are answered meanwhile."""
    (folder / "evening.yaml").write_text(LONG, encoding="utf-8")
    with serving(folder) as served, served.client() as client:
        plan = client.post("/api/plan", json={"path": "evening.yaml", "text": LONG}).json()
        body = {"kind": "render", "path": "evening.yaml", "text": LONG, "files": [{"output": "dist/hour.flac"}]}
        job = client.post("/api/jobs", json=body).json()
        silent = [unread(served, client, f"/api/jobs/{job['id']}/events") for _ in range(20)]
        silent += [unread(served, client, f"/api/session/{plan['session']}/mix") for _ in range(3)]
        time.sleep(1)
        before = memory_mb(served)
        time.sleep(2)
        assert memory_mb(served) < before + 60  # of an hour's 1,270 MB
        assert client.get("/api/file", params={"path": "evening.yaml"}).status_code == 200
        assert client.get(f"/api/session/{plan['session']}/mix", params={"from": "3590"}).status_code == 200
        client.delete(f"/api/jobs/{job['id']}")
        for each in silent:
            each.close()


def unread(served: Served, client: httpx.Client, route: str) -> socket.socket:
    """A connection that has asked for something and reads none of it."""
    host, _, port = served.origin.removeprefix("http://").partition(":")
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    connection = socket.create_connection((host, int(port)))
    connection.sendall(f"GET {route} HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookies}\r\n\r\n".encode())
    return connection


def memory_mb(served: Served) -> float:
    """What the server itself holds."""
    return psutil.Process(served.process.pid).memory_info().rss / 2**20


@pytest.mark.slow
def test_an_upload_of_a_gigabyte_is_refused(folder: Path) -> None:
    """Before any of it is read where it says its length, and at the bound where it does not."""
    with serving(folder) as served, served.client() as client:
        before = memory_mb(served)
        connection = unread(served, client, "/api/project")
        host = served.origin.removeprefix("http://")
        cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        head = f"Host: {host}\r\nOrigin: {served.origin}\r\nCookie: {cookies}\r\n"
        connection.sendall(f"PUT /api/takes HTTP/1.1\r\n{head}Content-Length: {1 << 30}\r\n\r\n".encode())
        answered = b""
        while len(codes := re.findall(rb"HTTP/1.1 (\d+)", answered)) < 2:
            more = connection.recv(1 << 16)
            assert more
            answered += more
        assert codes == [b"200", b"413"]
        connection.close()

        def endless() -> Iterator[bytes]:
            for _ in range(1 << 10):
                yield bytes(1 << 20)

        with suppress(httpx.TransportError):  # it hangs up while we are still sending
            answer = client.post("/api/outline", content=endless())
            assert answer.status_code == 413
        assert client.get("/api/project").status_code == 200
        assert memory_mb(served) < before + 40
