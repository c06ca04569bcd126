"""The pictures of docs/studio.md, taken of a studio with a new meditation. Run it by ``scripts/studio-pictures``."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.course.browser import opened, visit  # noqa: E402 - the tests know where Chromium is


def main() -> None:
    """Take all pictures."""
    with TemporaryDirectory() as folder, studio(folder) as server:
        lines = iter(server.stdout.readline if server.stdout else str, "")
        address = next(filter(None, (re.search(r"http://\S+\?token=\S+", line) for line in lines)))[0]
        try:
            take(address)
        finally:
            server.terminate()


def studio(folder: str) -> subprocess.Popen[str]:
    """The studio in a process of its own."""
    words = [sys.executable, "-m", "breathmark", "studio", folder, "--no-open"]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def take(address: str) -> None:
    """Write a meditation, and keep what Words, Time and Listen show."""
    with opened() as browser, visit(browser, address, width=1280) as visited:
        page = visited.page
        page.set_default_timeout(120_000)
        page.get_by_label("A new meditation").fill("Evening")
        page.get_by_role("button", name="Create").click()
        page.get_by_role("heading", name=re.compile("to fix|Nothing")).wait_for()
        page.get_by_role("textbox", name="Words of Settling").scroll_into_view_if_needed()
        page.get_by_role("button", name=re.compile("^Pause of about 6 s")).click()
        page.screenshot(path=ROOT / "docs" / "studio-words.png")
        page.get_by_role("button", name="Time", exact=True).click()
        page.get_by_label("Exactly").fill("7:30")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="about 7:30").wait_for()
        page.locator("img.plan").scroll_into_view_if_needed()
        page.screenshot(path=ROOT / "docs" / "studio-time.png")
        page.get_by_role("button", name="Listen", exact=True).click()
        page.get_by_role("button", name="Play from here: You can sit or lie down").click()
        page.locator("li.sounding mark").wait_for()
        page.screenshot(path=ROOT / "docs" / "studio-listen.png")


if __name__ == "__main__":
    main()
