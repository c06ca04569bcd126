"""The command `breathmark studio` in a process of its own, and a client that opened its address."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx
import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Served:
    """A studio that runs."""

    address: str
    """With the token that works once."""
    process: subprocess.Popen[str]

    @property
    def origin(self) -> str:
        """The address of its pages."""
        return self.address.partition("/?")[0]

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """What a page can ask for, once the address was opened."""
        headers = {"Origin": self.origin}
        with httpx.Client(base_url=self.origin, headers=headers, timeout=600, trust_env=False) as client:
            assert client.get(self.address.removeprefix(self.origin)).status_code == 303
            yield client


WAIT_S: Final = 180
"""How long a page or a file may take to change, on a machine with ten times as much to do as it has cores."""
PYTHON: Final = "BREATHMARK_TEST_STUDIO_PYTHON"
"""Names the Python of an installed Breathmark whose studio is served, in place of the source tree's."""


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """``breathmark studio FOLDER``, until the block is left."""
    python = os.environ.get(PYTHON)
    words = [python or sys.executable, "-m", "breathmark", "studio", str(folder), "--no-open"]
    own = {name: value for name, value in os.environ.items() if not (python and name.startswith("PYTHON"))}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=own) as server:
        assert server.stdout is not None
        said = ""
        while not (found := re.search(r"http://\S+\?token=\S+", said)):
            line = server.stdout.readline()
            assert line, said
            said += line
        try:
            yield Served(address=found[0], process=server)
        finally:
            server.terminate()


def until(done: Callable[[], bool], within_s: float = WAIT_S) -> None:
    """Wait until ``done``."""
    end = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def killed(served: Served) -> list[psutil.Process]:
    """End the server at once; the processes that it has started."""
    children = psutil.Process(served.process.pid).children(recursive=True)
    served.process.kill()
    served.process.wait()
    return children
