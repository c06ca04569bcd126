"""A studio that is served to a client without a network."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from breathmark.studio.app import Studio
from breathmark.studio.routes import studio_app

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
SOURCE = SCRIPT.replace("voice: tone\n", "").replace("10s..20s..60s", "10s..70s..3m")
"""The script of the tests in a browser: its project names the voice."""


@dataclass
class Page:
    """What the page does: requests of its own origin, with the cookie."""

    client: TestClient
    folder: Path
    studio: Studio
    opened: list[str] = field(default_factory=list)
    """The addresses that the studio has opened in the browser."""

    def post(self, route: str, **body: Any) -> Any:  # noqa: ANN401 - whatever JSON takes, and of either httpx
        """Send JSON."""
        return self.client.post(f"/api/{route}", json=body)

    def script(self, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever JSON takes
        """The script with what else a request says."""
        return {"path": "evening.yaml", "text": (self.folder / "evening.yaml").read_text(encoding="utf-8"), **more}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """One studio for the tests of a module, since its processes take a second to start."""
    folder = tmp_path_factory.mktemp("studio")
    opened: list[str] = []

    def browse(address: str) -> bool:
        opened.append(address)
        return True

    with pytest.MonkeyPatch.context() as patch, contextlib.closing(Studio(folder, browse)) as studio:
        patch.setenv("BREATHMARK_CACHE", str(tmp_path_factory.mktemp("cache")))
        app = studio_app(studio, hosts={HOST}, token="once")  # noqa: S106 - of this test
        client = TestClient(app, base_url=f"http://{HOST}", headers={"Origin": f"http://{HOST}"})
        assert client.get("/?token=once", follow_redirects=False).status_code == 303
        yield Page(client=client, folder=folder, studio=studio, opened=opened)


@pytest.fixture
def page(served: Page) -> Page:
    """The page, with one script in its folder."""
    for each in served.folder.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    (served.folder / "evening.yaml").write_text(SCRIPT, encoding="utf-8")
    served.opened.clear()
    return served


@pytest.fixture
def folder(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose voice is `tone`, with one script."""
    monkeypatch.setenv("BREATHMARK_CACHE", str(tmp_path_factory.mktemp("cache")))
    (tmp_path / "breathmark.yaml").write_text("voice: tone\n", encoding="utf-8")
    (tmp_path / "evening.yaml").write_text(SOURCE, encoding="utf-8")
    return tmp_path
