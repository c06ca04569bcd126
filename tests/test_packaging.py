"""What is published works where there is no repository."""

from __future__ import annotations

import json
import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from breathmark.synthesis.catalogue import BEDS, BELLS
from tests.course.browser import needs_chromium, opened
from tests.end_to_end.measure import frames_by_ffmpeg
from tests.studio.serving import PYTHON, WAIT_S, until
from tests.studio.test_page import axe, desk, show

REPOSITORY = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_wheel_holds_what_a_render_needs(wheel: Path) -> None:
    """Sounds with their provenance, the starter, the marker of types; and nothing of the repository's own."""
    names = zipfile.ZipFile(wheel).namelist()
    sounds = [name for name in names if name.startswith("breathmark/audio_assets/")]
    assert "breathmark/audio_assets/bells/singing-bowl.flac" in sounds
    assert "breathmark/audio_assets/provenance.yaml" in sounds
    assert "breathmark/starters/meditation.yaml" in names
    assert "breathmark/py.typed" in names
    site = "breathmark/course/publishers/site"
    assert {f"{site}/assets/site.css", f"{site}/templates/session.html"} <= set(names)
    assert {"breathmark/languages/de/language.yaml", "breathmark/checker/rules.yaml"} <= set(names)
    assert {f"breathmark/course/fonts/{name}" for name in ("AlegreyaSans-Medium.ttf", "OFL.txt")} <= set(names)
    studio = [name.removeprefix("breathmark/studio/") for name in names if name.startswith("breathmark/studio/")]
    page = {f"static/{name}" for name in ("index.html", "app.js", "microphone.js", "style.css", "LICENSES.txt")}
    assert {name for name in studio if not name.endswith(".py")} == page
    assert {name.split("/")[0] for name in names} == {"breathmark", f"{wheel.name.split('-py3')[0]}.dist-info"}


def test_the_page_has_the_licence_of_each_package_in_it() -> None:
    """Whoever gets the wheel gets the licences of Preact and CodeMirror with it, all MIT."""
    studio = REPOSITORY / "src" / "breathmark" / "studio"
    named = re.findall(
        r"^(\S+) [\d.]+ \((.+)\)$", (studio / "static" / "LICENSES.txt").read_text("utf-8"), re.MULTILINE
    )
    lock = json.loads((studio / "web" / "package-lock.json").read_text("utf-8"))["packages"]
    assert {"preact", "@preact/signals", "@codemirror/state", "@codemirror/view"} <= {name for name, _ in named}
    assert {licence for _, licence in named} == {"MIT"}
    assert {f"node_modules/{name}" for name, _ in named} <= lock.keys()


@pytest.mark.slow
def test_an_installed_wheel_renders(installed: Path, tmp_path: Path) -> None:
    """In an environment of its own, from a folder of its own: new, check, render."""
    work = tmp_path / "work"
    work.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["BREATHMARK_CACHE"] = str(tmp_path / "cache")

    def run(*line: str) -> str:
        words = [str(installed), *line]
        done = subprocess.run(words, cwd=work, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("-c", "import breathmark; print(breathmark.__file__)").strip().startswith(str(installed.parents[1]))
    run("-m", "breathmark", "new", "meditation", "evening.yaml")
    run("-m", "breathmark", "check", "evening.yaml", "--voice", "tone")
    for voice in ("tone", "pyttsx3"):
        words = ["render", "evening.yaml", "--length", "7m", "--voice", voice, "-o", f"{voice}.mp3", "--json"]
        assert json.loads(run("-m", "breathmark", *words))["frames"] == 7 * 60 * 44_100
    assert len(json.loads(run("-m", "breathmark", "sounds", "list", "--json"))) == len(BEDS) + len(BELLS)


@pytest.mark.slow
@needs_chromium
def test_the_studio_of_an_installed_wheel(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From its starter to an MP3 of 7:30, with words of one's own, measured, without touching a file by hand."""
    monkeypatch.setenv("BREATHMARK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv(PYTHON, str(installed))
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "breathmark.yaml").write_text("voice: tone\n", encoding="utf-8")
    with opened() as browser, desk(browser, folder) as page:
        page.get_by_label("A new meditation").fill("Good night")
        page.get_by_role("button", name="Create").click()
        words = page.get_by_role("article", name="The script").get_by_role("textbox", name=re.compile("^Words of"))
        words.first.click()
        page.keyboard.press("Control+Home")
        page.keyboard.type("The day is over. ")
        script = folder / "good-night.yaml"
        until(lambda: "The day is over. " in (now := script.read_text("utf-8")) and "\ntitle: Good night\n" in now)
        show(page, "Time")
        page.get_by_label("Exactly").fill("7:30")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="about 7:30").wait_for()
        page.get_by_label("Ambience").select_option("none")
        show(page, "Finish")
        page.get_by_role("button", name="Make the file").click()
        page.get_by_role("link", name="Download").wait_for(timeout=WAIT_S * 1000)
        page.get_by_role("button", name="Verify").click()
        page.get_by_role("table").wait_for(timeout=WAIT_S * 1000)
        assert page.locator("tr.fail").count() == 0
        axe(page)
    assert frames_by_ffmpeg(folder / "dist" / "good-night-7m30s.mp3") == 450 * 44_100
