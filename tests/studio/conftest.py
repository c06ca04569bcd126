"""A studio that is served to a client without a network."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from breathmark.studio.app import Studio, studio_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOST = "127.0.0.1:8000"
SCRIPT = """\
# Kept
title: Evening
length: 1m..2m..3m
voice: tone
segments:
  - title: Welcome
    kind: opening
    say: |
      Hello there. [pause 3s]
      You might rest now. [long]
  - silence: 10s..20s..60s
  - bell: singing-bowl
"""


@dataclass
class Page:
    """What the page does: requests of its own origin, with the cookie."""

    client: TestClient
    folder: Path

    def post(self, route: str, **body: Any) -> Any:  # noqa: ANN401 - whatever JSON takes, and of either httpx
        """Send JSON."""
        return self.client.post(f"/api/{route}", json=body)

    def script(self, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON takes
        """The script with what else a request says."""
        return {"path": "evening.yaml", "text": (self.folder / "evening.yaml").read_text(encoding="utf-8"), **more}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, TestClient]]:
    """One studio for the tests of a module, since its processes take a second to start."""
    folder = tmp_path_factory.mktemp("studio")
    with pytest.MonkeyPatch.context() as patch, contextlib.closing(Studio(folder)) as studio:
        patch.setenv("BREATHMARK_CACHE", str(tmp_path_factory.mktemp("cache")))
        app = studio_app(studio, hosts={HOST}, token="once")  # noqa: S106 - of this test
        client = TestClient(app, base_url=f"http://{HOST}", headers={"Origin": f"http://{HOST}"})
        assert client.get("/?token=once", follow_redirects=False).status_code == 303
        yield folder, client


@pytest.fixture
def page(served: tuple[Path, TestClient]) -> Page:
    """The page, with one script in its folder."""
    folder, client = served
    for each in folder.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    (folder / "evening.yaml").write_text(SCRIPT, encoding="utf-8")
    return Page(client=client, folder=folder)
