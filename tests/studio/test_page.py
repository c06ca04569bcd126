"""The studio's page in a real browser: a session is written, timed, heard, recorded and finished by hand."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import wave
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from breathmark.api.render import verify
from tests.course.browser import needs_chromium, opened, visit
from tests.end_to_end.measure import frames_by_ffmpeg
from tests.studio.conftest import SCRIPT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from playwright.sync_api import Browser, Locator, Page

pytestmark = needs_chromium

SOURCE = SCRIPT.replace("voice: tone\n", "").replace("10s..20s..60s", "10s..70s..3m")
VIEWS = ("Words", "Source", "Time", "Listen", "Record", "Finish")


@contextmanager
def studio(folder: Path) -> Iterator[str]:
    """``breathmark studio FOLDER`` in a process of its own; the address that it prints."""
    words = [sys.executable, "-m", "breathmark", "studio", str(folder), "--no-open"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        assert server.stdout is not None
        said = ""
        while not (found := re.search(r"http://\S+\?token=\S+", said)):
            line = server.stdout.readline()
            assert line, said
            said += line
        try:
            yield found[0]
        finally:
            server.terminate()


@pytest.fixture
def folder(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose voice is `tone`, with one script."""
    monkeypatch.setenv("BREATHMARK_CACHE", str(tmp_path_factory.mktemp("cache")))
    (tmp_path / "breathmark.yaml").write_text("voice: tone\n", encoding="utf-8")
    (tmp_path / "evening.yaml").write_text(SOURCE, encoding="utf-8")
    return tmp_path


@contextmanager
def desk(
    folder: Path, *, browser: Browser | None = None, width: int = 1280, scheme: Literal["light", "dark"] = "light"
) -> Iterator[Page]:
    """The page, opened; at the end nothing was complained about and nothing asked from elsewhere."""
    with (
        studio(folder) as address,
        opened() if browser is None else nullcontext(browser) as at,
        visit(at, address, width=width, scheme=scheme) as visited,
    ):
        visited.page.set_default_timeout(30_000)
        visited.page.get_by_role("heading", name="Scripts").wait_for()
        yield visited.page
        assert [each for each in visited.complaints if "422" not in each and "412" not in each] == []
        origin = address.partition("?")[0]
        assert all(each.startswith((origin, "blob:", "data:")) for each in visited.asked)


def until(done: Callable[[], bool], within_s: float = 30) -> None:
    """Wait until ``done``."""
    end = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def begin(page: Page) -> None:
    """Open the script of the folder."""
    page.get_by_role("button", name="Evening").click()
    page.get_by_role("article", name="The script").wait_for()


def show(page: Page, view: str) -> None:
    """Change to a view."""
    page.get_by_role("navigation").get_by_role("button", name=view, exact=True).click()


def text(folder: Path) -> str:
    """The script on the disk."""
    return (folder / "evening.yaml").read_text(encoding="utf-8")


def written(folder: Path, words: str) -> None:
    """Wait until the script on the disk holds ``words``."""
    end = time.monotonic() + 30
    while words not in (now := text(folder)):
        assert time.monotonic() < end, now
        time.sleep(0.05)


def axe(page: Page) -> None:
    """axe-core finds nothing, and nothing is wider than the window."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - as Playwright

    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    assert found.violations_count == 0, found.generate_report()
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_words_are_typed_and_saved(folder: Path) -> None:
    """What is typed is in the file a moment later, with its comment and its layout; Undo takes it back."""
    with desk(folder) as page:
        begin(page)
        words = page.get_by_role("textbox", name="Words of Welcome")
        words.click()
        page.keyboard.press("Control+Home")
        page.keyboard.type("Good evening. ")
        written(folder, "      Good evening. Hello there. [pause 3s]\n")
        assert text(folder).startswith("# Kept\n")
        page.get_by_role("button", name="Undo").click()
        until(lambda: "Good evening" not in text(folder))
        assert text(folder) == SOURCE
        axe(page)


@pytest.mark.slow
def test_from_the_starter_to_a_verified_file(folder: Path) -> None:
    """A new meditation, seven and a half minutes long, made and measured without touching a file by hand."""
    with desk(folder) as page:
        page.get_by_label("A new meditation").fill("Good night")
        page.get_by_role("button", name="Begin").click()
        page.get_by_role("article", name="The script").wait_for()
        show(page, "Time")
        page.get_by_label("Exactly").fill("7:30")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="about 7:30").wait_for()
        show(page, "Finish")
        page.get_by_role("button", name="Make the file").click()
        page.get_by_role("link", name="Download").wait_for(timeout=120_000)
        page.get_by_role("button", name="Verify").click()
        page.get_by_role("table").wait_for(timeout=120_000)
        assert page.locator("tr.fail").count() == 0
        axe(page)
    file = folder / "dist" / "good-night-7m30s.mp3"
    assert verify(file, "podcast").passed
    assert frames_by_ffmpeg(file) == 450 * 44_100


@pytest.mark.slow
def test_segments_and_pauses_are_edited(folder: Path) -> None:
    """A pause gets other bounds; a segment comes, moves and goes; each step can be undone, to the first bytes."""
    before = text(folder)
    with desk(folder) as page:
        begin(page)
        page.get_by_role("button", name=re.compile("^Pause of about 3 s")).click()
        page.get_by_label("About", exact=True).fill("4.5")
        page.get_by_role("button", name="Set", exact=True).click()
        written(folder, "[pause 1.5s..4.5s..9s]")
        adder = page.get_by_role("group", name="Add at the end")
        adder.get_by_role("button", name="+ Words").click()
        page.get_by_role("textbox", name="Words of New part").wait_for()
        page.get_by_role("button", name="Move New part up").click()
        until(lambda: text(folder).find("New part") < text(folder).find("- bell:"))
        page.get_by_role("button", name="Take Silence out").click()
        until(lambda: "silence:" not in text(folder))
        for _ in range(4):
            page.get_by_role("button", name="Undo").click()
            page.wait_for_timeout(600)
        until(lambda: text(folder) == before)
        page.get_by_role("button", name="Redo").click()
        written(folder, "[pause 1.5s..4.5s..9s]")


@pytest.mark.slow
def test_a_finding_leads_to_its_place(folder: Path) -> None:
    """A marker gone wrong is reported beside the words; a click puts the cursor at it."""
    with desk(folder) as page:
        begin(page)
        page.get_by_role("textbox", name="Words of Welcome").click()
        page.keyboard.press("Control+End")
        page.keyboard.type(" [puase 3s]")
        findings = page.get_by_role("complementary", name="Findings")
        findings.get_by_role("button").filter(has_text="puase").click()
        page.get_by_role("textbox", name="The script as YAML").wait_for()
        page.keyboard.type("X")
        written(folder, "X[puase 3s]")


@pytest.mark.slow
def test_the_slider_sets_the_length(folder: Path) -> None:
    """By the keyboard, within what is possible; a length that is not gives its reason."""
    with desk(folder) as page:
        begin(page)
        show(page, "Time")
        slider = page.get_by_label("Length")
        slider.focus()
        page.keyboard.press("Home")
        until(
            lambda: slider.get_attribute("aria-valuetext") == "1:" + f"{int(slider.get_attribute('min') or 0) - 60:02}"
        )
        page.get_by_label("Exactly").fill("20m")
        page.keyboard.press("Enter")
        page.get_by_role("alert").filter(has_text="Possible lengths").wait_for()
        axe(page)


@pytest.mark.slow
def test_a_sentence_and_the_mix_are_heard(folder: Path) -> None:
    """A sentence by a click; the mix from a later one, whose sentence is marked as it sounds."""
    with desk(folder) as page:
        begin(page)
        show(page, "Listen")
        page.get_by_role("button", name="Hear: Hello there.").click()
        player = page.get_by_label("The session")
        until(lambda: player.evaluate("each => each.currentTime") > 0)
        alone = player.evaluate("each => each.src")
        page.get_by_label("Compare with").select_option("tone:tone")
        page.get_by_role("button", name="Hear in the other voice: Hello there.").click()
        until(lambda: player.evaluate("each => each.src") not in (alone, ""))
        later = page.get_by_role("button", name="Play from here: You might rest now.")
        later.click()
        until(lambda: "/mix?from=" in player.evaluate("each => each.src"))
        page.locator("li.sounding", has_text="You might rest now.").wait_for()
        axe(page)


@pytest.mark.slow
def test_a_recorded_take_is_what_the_microphone_heard(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """48 kHz, mono, and where both are laid over each other 50 dB of difference: nothing was done to the sound."""
    played = noise(tmp_path_factory.mktemp("sound") / "microphone.wav")
    options = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={played}%noloop",
    )
    with opened(*options) as browser, desk(folder, browser=browser) as page:
        begin(page)
        show(page, "Record")
        button = page.get_by_role("button", name="Record (space)")
        button.wait_for()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Stop (space)").wait_for()
        page.wait_for_timeout(2500)
        page.keyboard.press("Space")
        axe(page)
        page.keyboard.press("k")
        page.get_by_text("1 of 2 sentences are still to be recorded.").wait_for()
    (take,) = folder.rglob("*.wav")
    with wave.open(str(take)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48_000, 1, 3)
    assert difference_db(played, take) <= -50


def noise(path: Path) -> Path:
    """Ten seconds of noise in the band of a voice, rising and falling, at 48 kHz."""
    generator = np.random.default_rng(2)
    samples = np.convolve(generator.normal(0, 1, 480_000), np.ones(24) / 24, "same")
    samples *= 0.5 + 0.4 * np.sin(np.arange(480_000) / 9_000)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes((samples / np.abs(samples).max() * 16_000).astype("<i2").tobytes())
    return path


def _samples(path: Path) -> NDArray[np.float64]:
    with wave.open(str(path)) as file:
        width, data = file.getsampwidth(), file.readframes(1 << 30)
    if width == 2:
        return np.frombuffer(data, "<i2") / 2**15
    triples = np.frombuffer(data, np.uint8).reshape(-1, 3)
    widened = np.zeros((len(triples), 4), np.uint8)
    widened[:, 1:] = triples
    return widened.view("<i4").ravel() / 2**31


def difference_db(played: Path, take: Path) -> float:
    """What a tenth of a second of the take differs from what was played, beside its own level: the median of all.

    The browser's fake microphone has a rate of its own, so both are aligned to a fraction of a sample by the filter of
    65 taps that fits best; a filter can neither hide noise suppression nor a level that moves. A busy machine lets that
    microphone stumble now and then, which is not a fault of the take.
    """
    from scipy.signal import correlate  # noqa: PLC0415 - loads half a second

    source, heard = _samples(played), _samples(take)
    found, gains = [], []
    for start in range(4_800, len(heard) - 9_600, 4_800):
        piece = heard[start : start + 4_800]
        place = int(np.argmax(correlate(source, piece, mode="valid")))
        if not 32 <= place <= len(source) - len(piece) - 32:
            continue
        around = np.lib.stride_tricks.sliding_window_view(source[place - 32 : place + len(piece) + 32], len(piece)).T
        taps = np.linalg.lstsq(around, piece, rcond=None)[0]
        same = around @ taps
        gains.append(float(taps.sum()))
        found.append(10 * np.log10(np.mean((piece - same) ** 2) / np.mean(same**2) + 1e-12))
    assert len(found) > 5
    assert np.median(gains) == pytest.approx(1, abs=0.1)
    return float(np.median(found))


@pytest.mark.slow
def test_a_file_that_another_program_changed(folder: Path) -> None:
    """Unedited, the page takes it over; edited, it shows both ways, and writes over nothing unasked."""
    with desk(folder) as page:
        begin(page)
        (folder / "evening.yaml").write_text(text(folder).replace("Hello there", "Hello you"), encoding="utf-8")
        words = page.get_by_role("textbox", name="Words of Welcome")
        until(lambda: "Hello you" in words.inner_text())
        words.click()
        page.keyboard.press("Control+Home")
        page.keyboard.type("Mine. ", delay=5)
        other = text(folder).replace("Hello you", "Hello all")
        (folder / "evening.yaml").write_text(other, encoding="utf-8")
        page.get_by_role("button", name="Keep what is here").wait_for()
        assert text(folder) == other
        axe(page)
        page.get_by_role("button", name="Keep what is here").click()
        written(folder, "Mine. Hello you")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_is_accessible(folder: Path, width: int, scheme: Literal["light", "dark"]) -> None:
    """axe-core finds nothing on any view, in either scheme, on a desk or on a telephone."""
    with desk(folder, width=width, scheme=scheme) as page:
        axe(page)
        begin(page)
        for view in VIEWS:
            show(page, view)
            ready(page, view)
            axe(page)


def ready(page: Page, view: str) -> None:
    """Wait until a view shows what it is for."""
    shown: dict[str, Locator] = {
        "Words": page.get_by_role("textbox", name="Words of Welcome"),
        "Source": page.get_by_role("textbox", name="The script as YAML"),
        "Time": page.get_by_label("Length"),
        "Listen": page.get_by_role("button", name="Play all"),
        "Record": page.get_by_role("button", name="Record (space)"),
        "Finish": page.get_by_role("button", name="Make the file"),
    }
    shown[view].first.wait_for()


@pytest.mark.slow
def test_the_whole_way_by_keyboard(folder: Path) -> None:
    """From the first page to the finished file with Tab, Enter and letters alone."""
    with desk(folder) as page:
        reach(page, "Evening evening.yaml")
        page.keyboard.press("Enter")
        page.get_by_role("article", name="The script").wait_for()
        reach(page, "Words of Welcome")
        page.keyboard.press("Control+Home")
        page.keyboard.type("By hand. ")
        written(folder, "By hand. Hello there.")
        reach(page, "Time")
        page.keyboard.press("Enter")
        page.get_by_label("Length").wait_for()
        reach(page, "Exactly")
        page.keyboard.type("1:10")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="about 1:10").wait_for()
        reach(page, "Finish")
        page.keyboard.press("Enter")
        reach(page, "Make the file")
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Download").wait_for(timeout=60_000)
    assert (folder / "dist" / "evening-1m10s.mp3").is_file()


FOCUSED = """() => {
  const each = document.activeElement;
  const labels = [...(each.labels ?? [])].map((label) => label.innerText);
  return (each.getAttribute("aria-label") ?? labels[0] ?? each.innerText ?? "").replace(/\\s+/g, " ").trim();
}"""


def reach(page: Page, name: str) -> None:
    """Press Tab until what has the focus is called ``name``."""
    seen = []
    for _ in range(80):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUSED))
        if seen[-1].startswith(name):
            return
    raise AssertionError(f"{name} was not among {seen}")
