"""The system's Chromium, driven by Playwright; tests are skipped, with what to do, where there is none."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page, Request

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS: Final = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)


@cache
def chromium() -> str:
    """Where the system's Chromium is; empty where there is none. ``BREATHMARK_CHROMIUM`` names another one."""
    named = os.environ.get("BREATHMARK_CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), "")


needs_chromium = pytest.mark.skipif(
    not chromium(), reason="there is no Chromium: scripts/install-readers, or name one in BREATHMARK_CHROMIUM"
)


@contextmanager
def opened(*more: str) -> Iterator[Browser]:
    """A headless browser with a profile of its own, which is gone at the end; ``more`` are options of Chromium."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - tests that are skipped do without

    options = [*OPTIONS, *more, *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), headless=True, args=options)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """A page that is looked at, and all that it complained about or asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type != "log" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._failed)
        page.on("request", lambda request: self.asked.append(request.url))

    def _failed(self, request: Request) -> None:
        """Sound that is not loaded any further, because there is enough or something else was chosen, is no fault."""
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")


@contextmanager
def visit(
    browser: Browser,
    address: str,
    *,
    width: int = 1100,
    scheme: Literal["light", "dark"] = "light",
    script: bool = True,
    prepared: str = "",
) -> Iterator[Visit]:
    """``address`` in a window of its own; what is ``prepared`` runs in it before the page's own scripts."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        java_script_enabled=script,
        reduced_motion="reduce",
    )
    if prepared:
        context.add_init_script(prepared)
    try:
        visited = Visit(context.new_page())
        visited.page.set_default_timeout(15_000)
        visited.page.goto(address)
        yield visited
    finally:
        context.close()


def picture(page: Page, folder: Path, name: str) -> None:
    """Keep a picture of the whole page, for people to look at."""
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png", full_page=True)
