"""A studio that is used for long: it writes, plays, seeks, records and renders in turn, and holds what it held."""

from __future__ import annotations

import random
import statistics
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from sentences import SENTENCES, script_of
from tests.studio.serving import serving
from tests.studio.test_app import wav

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.studio.serving import Served

ROUNDS = 200
"""As much as somebody does in an hour."""
NAME = "soak.yaml"
HEARD_BYTES = 500_000
CHOICES = {"length": "3m"}


@dataclass(frozen=True)
class Held:
    """What the studio's processes hold between two rounds."""

    memory_mb: float
    files: int
    threads: int


def held(served: Served) -> Held:
    """What all processes of the studio hold, what several share counted once; those of ended jobs are gone first."""
    time.sleep(0.5)  # memory is given back after the last stream has ended
    server = psutil.Process(served.process.pid)
    psutil.wait_procs([each for each in server.children(recursive=True) if each not in server.children()[:2]], 60)
    memory_mb, files, threads = 0.0, 0, 0
    for each in [server, *server.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            memory_mb += each.memory_full_info().pss / 2**20
            files += each.num_fds()
            threads += each.num_threads()
    return Held(memory_mb=memory_mb, files=files, threads=threads)


@dataclass
class Teacher:
    """Somebody who works at a script: each round changes a sentence, hears it, and makes something of it."""

    client: httpx.Client
    text: str
    mark: str
    luck: random.Random
    typed: str = ""
    """What was typed last, at the beginning."""

    def post(self, route: str, **more: object) -> Any:  # noqa: ANN401 - JSON
        """Ask about the script as it is."""
        answer = self.client.post(f"/api/{route}", json={"path": NAME, "text": self.text, **more})
        assert answer.status_code < 300, answer.text
        return answer.json()

    def write(self, number: int) -> None:
        """Type other words, one key after the other as far as the page asks about them, and save."""
        for words in (f"{number}", f"{number} and", f"{number} and on"):
            (said,) = self.post("outline")["texts"]
            edit = {"op": "text", "path": said["path"], "start": 0, "end": len(self.typed), "text": f"Now {words}. "}
            for change in self.post("edit", edit=edit)["changes"]:
                self.text = self.text[: change["start"]] + change["text"] + self.text[change["end"] :]
            self.typed = edit["text"]
            self.post("check", estimate=True)
            self.post("plan", estimate=True, choices=CHOICES)
        body = {"path": NAME, "text": self.text, "seen": self.mark}
        self.mark = self.client.put("/api/file", json=body).raise_for_status().json()["mark"]

    def listen(self) -> None:
        """Hear sentences, and the mix from several places, of which one hears some seconds."""
        session = f"/api/session/{self.post('plan', choices=CHOICES)['session']}"
        for clip in range(3):
            assert self.client.get(f"{session}/clip/{clip}").status_code == 200
        for _ in range(4):
            asked = {"from": str(self.luck.uniform(0, 170))}
            with self.client.stream("GET", f"{session}/mix", params=asked) as stream:
                got = 0
                for piece in stream.iter_raw():
                    got += len(piece)
                    if got >= HEARD_BYTES:
                        break

    def record(self) -> None:
        """Record a sentence, and look at what there is to record."""
        lines = self.post("takes")["lines"]
        sent = {"path": NAME, "sentence": self.luck.choice(lines)["id"]}
        assert self.client.put("/api/takes", params=sent, content=wav(1.0)).status_code == 201

    def finish(self, preset: str) -> None:
        """Make a file and have it verified."""
        file = f"dist/soak-{preset}.mp3"
        made = {"kind": "render", "choices": CHOICES, "files": [{"output": file, "preset": preset}]}
        self._done(self.post("jobs", **made)["id"])
        asked = {"kind": "verify", "path": file, "preset": preset}
        self._done(self.client.post("/api/jobs", json=asked).raise_for_status().json()["id"])
        self.client.get("/api/state", params={"path": NAME}).raise_for_status()

    def _done(self, number: str) -> None:
        with self.client.stream("GET", f"/api/jobs/{number}/events") as events:
            last = [line for line in events.iter_lines() if line.startswith("data:")][-1]
        assert '"state": "done"' in last, last


@pytest.mark.nightly
@pytest.mark.timeout(7200)
def test_a_studio_in_use_holds_no_more_with_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """400 MB with a neural voice, and after a quarter of the time neither memory nor files nor threads grow."""
    monkeypatch.setenv("BREATHMARK_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "breathmark.yaml").write_text("voice: hibari:heart\nambience: soft-rain\n", encoding="utf-8")
    (folder / NAME).write_text(script_of("Soak", SENTENCES[:12]), encoding="utf-8")
    found: list[Held] = []
    with serving(folder) as served, served.client() as client:
        opened = client.get("/api/file", params={"path": NAME}).json()
        luck = random.Random(3)  # noqa: S311 - not for secrets
        teacher = Teacher(client=client, text=opened["text"], mark=opened["mark"], luck=luck)
        for number in range(ROUNDS):
            teacher.write(number)
            teacher.listen()
            if number % 3 == 0:
                teacher.record()
            if number % 4 == 0:
                teacher.finish("podcast")
            found.append(held(served))
            print(number, found[-1], flush=True)  # noqa: T201 - with -s, for whoever waits for an hour of it
    quarter = ROUNDS // 4
    early, late = found[quarter : 2 * quarter], found[-quarter:]
    assert max(each.memory_mb for each in found) <= 400
    before_mb, after_mb = (statistics.median(each.memory_mb for each in some) for some in (early, late))
    assert after_mb <= before_mb + 15
    for name in ("files", "threads"):  # each quarter has the same brief peaks
        before, after = (max(getattr(each, name) for each in some) for some in (early, late))
        assert after <= before, name
