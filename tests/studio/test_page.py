"""The studio's page in a real browser: a session is written, timed, heard, recorded and finished by hand."""

from __future__ import annotations

import re
import time
import wave
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from tests.course.browser import needs_chromium, opened, visit
from tests.studio.conftest import SOURCE
from tests.studio.serving import PYTHON, WAIT_S, killed, serving, until
from tests.studio.test_app import COURSE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from playwright.sync_api import Browser, Locator, Page, Route

pytestmark = needs_chromium

VIEWS = ("Words", "Source", "Time", "Listen", "Record", "Finish")


@pytest.fixture(params=["source", pytest.param("wheel", marks=pytest.mark.nightly)], autouse=True)
def _program(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is of the source tree's studio, and at night of an installed wheel's, too."""
    if request.param == "wheel":
        monkeypatch.setenv(PYTHON, str(request.getfixturevalue("installed")))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sound that comes into the browser's microphone, once."""
    return noise(tmp_path_factory.mktemp("sound") / "microphone.wav")


@pytest.fixture(scope="module")
def browser(played: Path) -> Iterator[Browser]:
    """One browser for all tests; each page has a profile of its own."""
    microphone = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")
    with opened(*microphone, f"--use-file-for-fake-audio-capture={played}%noloop") as found:
        yield found


@contextmanager
def desk(
    browser: Browser,
    folder: Path,
    *,
    width: int = 1280,
    scheme: Literal["light", "dark"] = "light",
    prepared: str = "",
) -> Iterator[Page]:
    """The page, opened; at the end nothing was complained about and nothing asked from elsewhere."""
    with (
        serving(folder) as served,
        visit(browser, served.address, width=width, scheme=scheme, prepared=prepared) as visited,
    ):
        visited.page.set_default_timeout(WAIT_S * 1000)
        visited.page.get_by_role("heading", name="Scripts").wait_for()
        yield visited.page
        assert [each for each in visited.complaints if "422" not in each and "412" not in each] == []
        assert all(each.startswith((served.origin, "blob:", "data:")) for each in visited.asked)


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
    end = time.monotonic() + WAIT_S
    while words not in (now := text(folder)):
        assert time.monotonic() < end, now
        time.sleep(0.05)


def axe(page: Page) -> None:
    """axe-core finds nothing, nothing is wider than the window, and nothing moves for who asked for less motion."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - as Playwright

    found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("() => document.getAnimations().length") == 0
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def test_words_are_typed_and_saved(browser: Browser, folder: Path) -> None:
    """What is typed is in the file a moment later, with its comment and its layout; Undo takes it back."""
    with desk(browser, folder) as page:
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
def test_segments_and_pauses_are_edited(browser: Browser, folder: Path) -> None:
    """A pause gets other bounds, also behind words that were just typed; a segment comes, moves and goes.

    Each step can be undone, to the first bytes. A space that does not break is kept.
    """
    before = SOURCE.replace("might rest", "might\u00a0rest")
    (folder / "evening.yaml").write_text(before, encoding="utf-8")
    with desk(browser, folder) as page:
        begin(page)
        type_first(page, "Good evening. ")
        written(folder, "Good evening. Hello there.")
        page.get_by_role("button", name=re.compile("^Pause of about 3 s")).click()
        page.get_by_label("About", exact=True).fill("4.5")
        page.get_by_role("button", name="Set", exact=True).click()
        written(folder, "Good evening. Hello there. [pause 1.5s..4.5s..9s]\n      You might\u00a0rest now. [long]\n")
        adder = page.get_by_role("group", name="Add at the end")
        adder.get_by_role("button", name="+ Words").click()
        page.get_by_role("textbox", name="Words of New part").wait_for()
        page.get_by_role("button", name="Move New part up").click()
        until(lambda: text(folder).find("New part") < text(folder).find("- bell:"))
        page.get_by_role("button", name="Remove Silence").click()
        until(lambda: "silence:" not in text(folder))
        while (now := text(folder)) != before:
            page.get_by_role("button", name="Undo").click()
            until(lambda now=now: text(folder) != now)  # type: ignore[misc]
        page.get_by_role("button", name="Redo").click()
        written(folder, "Good evening. Hello there. [pause 3s]")
        words = page.get_by_role("textbox", name="Words of Welcome")
        words.filter(has_text="Good evening.").wait_for()
        words.click(position={"x": 30, "y": 15})
        page.keyboard.press("End")  # behind a pill, which takes no key itself
        page.keyboard.type(" Slowly.")
        written(folder, "Good evening. Hello there. [pause 3s] Slowly.\n")


@pytest.mark.slow
def test_a_finding_leads_to_its_place(browser: Browser, folder: Path) -> None:
    """A marker gone wrong is reported beside the words; a click puts the cursor at it."""
    with desk(browser, folder) as page:
        begin(page)
        page.get_by_role("textbox", name="Words of Welcome").click()
        page.keyboard.press("Control+End")
        page.keyboard.type(" [puase 3s]")
        findings = page.get_by_role("complementary", name="Findings")
        findings.get_by_role("button").filter(has_text="puase").click()
        page.locator("[aria-label='The script as YAML']:focus").wait_for()
        page.keyboard.type("X")
        written(folder, "X[puase 3s]")


@pytest.mark.slow
def test_the_slider_sets_the_length(browser: Browser, folder: Path) -> None:
    """By the keyboard, within what is possible; a length that is not gives its reason."""
    with desk(browser, folder) as page:
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
        page.get_by_role("img", name="The plan of the session: Welcome", exact=True).wait_for()
        axe(page)


@pytest.mark.slow
def test_a_sentence_and_the_mix_are_heard(browser: Browser, folder: Path) -> None:
    """A sentence by a click; the mix from a later one, whose sentence is marked; its levels follow the sliders."""
    (folder / "evening.yaml").write_text(SOURCE.replace("title: E", "ambience: brown-noise\ntitle: E"), "utf-8")
    with desk(browser, folder, prepared=OVERHEARD) as page:
        begin(page)
        show(page, "Listen")
        page.get_by_role("button", name="Hear: Hello there.").click()
        alone = page.get_by_label("A sentence", exact=True)
        until(lambda: alone.evaluate("each => each.currentTime") > 0)
        first = alone.evaluate("each => each.src")
        held: list[Route] = []
        page.route("**/api/plan", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks it
        page.route("**/api/speaking*", lambda route: route.fulfill(json={"share": 0.4}))
        page.get_by_label("Compare with").select_option("tone:tone")
        page.get_by_role("progressbar", name="Spoken so far").wait_for()
        timed_alike(held.pop())
        page.get_by_role("button", name="Hear in the other voice: Hello there.").click()
        until(lambda: alone.evaluate("each => each.src") not in (first, ""))
        page.locator("li.sounding mark", has_text="there").wait_for()
        page.unroute("**/api/plan")
        page.get_by_role("button", name="Play from here: You might rest now.").click()
        page.locator("li.sounding", has_text="You might rest now.").wait_for()
        axe(page)
        page.locator("li.sounding").wait_for(state="detached")
        until(lambda: page.evaluate(LOUDNESS) > -70)
        before = page.evaluate(LOUDNESS)
        page.get_by_label("Ambience", exact=True).fill("-24")
        until(lambda: page.evaluate(LOUDNESS) < before - 15)
        page.get_by_label("Ambience", exact=True).fill("3")
        page.get_by_role("button", name="Keep: ambience 17 LU under the voice").click()
        written(folder, "ambience: {sound: brown-noise, below_voice: 17}")


def timed_alike(route: Route) -> None:
    """The plan with one word in each sentence, which sounds all the time."""
    plan = route.fetch().json()
    for each in plan["clips"]:
        each["words"] = [{"word": "there", "start_s": -1, "end_s": 99}]
    route.fulfill(json=plan)


OVERHEARD = """
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...more) {
  if (to === this.context.destination) {
    window.overheard ??= this.context.createAnalyser();
    connect.call(this, window.overheard);
  }
  return connect.call(this, to, ...more);
};
"""
"""Whatever the page plays by way of its levels is also measured."""

LOUDNESS = """() => {
  const samples = new Float32Array(window.overheard.fftSize);
  window.overheard.getFloatTimeDomainData(samples);
  return 10 * Math.log10(samples.reduce((sum, each) => sum + each * each, 0) / samples.length + 1e-12);
}"""


@pytest.mark.slow
def test_what_is_typed_while_the_studio_is_away(browser: Browser, folder: Path) -> None:
    """It is saved when a studio is there again, by a page that stayed open and by one that was closed meanwhile."""
    with serving(folder) as first, visit(browser, first.address) as visited:
        page = visited.page
        page.set_default_timeout(WAIT_S * 1000)
        begin(page)
        killed(first)
        type_first(page, "One. ")
        page.get_by_role("alert").filter(has_text="not answering").wait_for()
        show(page, "Time")
        show(page, "Words")
        with serving(folder) as second:
            assert second.origin == first.origin
            other = page.context.new_page()
            other.goto(second.address)
            written(folder, "One. Hello there.")
            page.get_by_role("alert").wait_for(state="detached")
            killed(second)
            show(page, "Source")
            page.get_by_role("textbox", name="The script as YAML").get_by_text("Kept").click()
            page.keyboard.type("Two. ")
            page.get_by_role("status").filter(has_text="…").wait_for()
            page.close()
        with serving(folder) as third:
            other.goto(third.address)
            begin(other)
            written(folder, "Two. ")


@pytest.mark.slow
def test_two_pages_of_one_script(browser: Browser, folder: Path) -> None:
    """What one saves comes to the other; where both have changed it, the second is asked and overwrites nothing."""
    with desk(browser, folder) as page:
        other = page.context.new_page()
        other.set_default_timeout(WAIT_S * 1000)
        other.goto(page.url)
        for each in (page, other):
            begin(each)
        type_first(page, "One. ")
        written(folder, "One. Hello there.")
        until(lambda: "One. " in other.get_by_role("textbox", name="Words of Welcome").inner_text())
        type_first(page, "Two. ")
        type_first(other, "Three. ")
        until(lambda: any(conflict(each).is_visible() for each in (page, other)) or both_are_there(folder))
        for each in (page, other):
            if conflict(each).is_visible():
                gives_way(each, folder)


def gives_way(page: Page, folder: Path) -> None:
    """Take what the other page has saved, which stays as it is, also where one types on and opens the page again."""
    now = text(folder)
    assert ("Two. " in now) != ("Three. " in now)
    type_first(page, "Four. ")
    page.reload()
    conflict(page).wait_for()
    until(lambda: "Four. " in page.get_by_role("textbox", name="Words of Welcome").inner_text())
    assert text(folder) == now
    page.get_by_role("button", name="Use the other version").click()
    words = page.get_by_role("textbox", name="Words of Welcome")
    until(lambda: ("Two. " in now) == ("Two. " in words.inner_text()))
    assert text(folder) == now


def both_are_there(folder: Path) -> bool:
    """Whether one page took over what the other one had saved before its own words were ready."""
    return all(words in text(folder) for words in ("Two. ", "Three. "))


def type_first(page: Page, words: str) -> None:
    """Type at the beginning of the first words."""
    page.get_by_role("textbox", name="Words of Welcome").click()
    page.keyboard.press("Control+Home")
    page.keyboard.type(words)


def conflict(page: Page) -> Locator:
    """The button of a page that has changed what another one has changed, too."""
    return page.get_by_role("button", name="Keep my version")


@pytest.mark.slow
def test_home_shows_what_is_known_of_each_script(browser: Browser, folder: Path) -> None:
    """Its lengths, what is to fix, and the newest finished file; several lengths, and a course, are made in one go."""
    (folder / "course.yaml").write_text(COURSE, encoding="utf-8")
    (folder / "broken.yaml").write_text("title: Broken\nsegments:\n  - say: Oh [puase 3s]\n", "utf-8")
    with desk(browser, folder) as page:
        listed = page.get_by_role("listitem")
        listed.filter(has_text="Broken").get_by_text("1 to fix").wait_for()
        listed.filter(has_text="Evening").get_by_text(re.compile(r"^about \d")).wait_for()
        begin(page)
        show(page, "Finish")
        page.get_by_label("Other lengths, separated by commas").fill("1:10, 80s")
        page.get_by_role("button", name="Make the 2 files").click()
        page.get_by_role("link", name="Download").nth(1).wait_for(timeout=WAIT_S * 1000)
        page.get_by_role("button", name="All scripts").click()
        listed.filter(has_text="Evening").get_by_role("link", name="evening-80s.mp3").wait_for()
        page.get_by_role("button", name="Build course.yaml").click()
        page.get_by_role("button", name="Open the site").wait_for(timeout=WAIT_S * 1000)
        page.get_by_role("row", name="evening 1m, 1m10s").wait_for()
        axe(page)
        for _ in range(2):  # the second time it is there already
            page.get_by_role("button", name="Open an example").click()
            page.get_by_role("heading", name="The Day Put Down").wait_for()
            page.get_by_role("button", name="All scripts").click()
        build_is_shown_while_it_runs(page)
    assert {file.name for file in (folder / "dist").glob("*.mp3")} == {"evening-1m10s.mp3", "evening-80s.mp3"}


def build_is_shown_while_it_runs(page: Page) -> None:
    """Also where another look at what needs building came after it: it can be cancelled."""
    build = {
        "kind": "build",
        "title": "build course.yaml",
        "stage": "",
        "share": 0,
        "left_s": None,
        "result": {},
        "error": None,
    }
    jobs = [{**build, "id": "99", "state": "done"}, {**build, "id": "98", "state": "running"}]
    page.route("**/api/jobs*", lambda route: route.fulfill(json=jobs))
    page.add_init_script("window.EventSource = class { close() {} }")  # no news of them
    page.reload()
    builds = page.get_by_role("list", name="Builds")
    builds.get_by_text("Done", exact=True).wait_for()
    builds.get_by_role("button", name="Cancel").wait_for()


@pytest.mark.slow
def test_the_source_is_completed_and_mended(browser: Browser, folder: Path) -> None:
    """Keys as the schema has them where the cursor is; a finding that proposes something writes it at a click."""
    with desk(browser, folder) as page:
        begin(page)
        show(page, "Source")
        source = page.get_by_role("textbox", name="The script as YAML")
        source.get_by_text("kind", exact=True).click()
        page.keyboard.press("End")
        page.keyboard.press("Enter")
        page.keyboard.type("opt")
        offered = page.get_by_role("option", name="optional")
        offered.wait_for()
        assert page.get_by_role("option", name="summary").count() == 0
        offered.click()  # Enter does nothing in the first moment, lest it be meant for the text
        page.keyboard.type("{from: 70s}")
        written(folder, "    kind: opening\n    optional: {from: 70s}\n")
        source.get_by_text("title", exact=True).first.click()
        page.keyboard.press("Home")
        page.keyboard.type("levl: beginner\n")
        page.get_by_role("button", name="Change to level").click()
        written(folder, "\nlevel: beginner\n")
        source.get_by_text("You might rest now.").click()
        page.keyboard.press("End")
        page.keyboard.type(" (pause)")
        page.get_by_role("button", name="Change to [pause]").click()
        written(folder, "You might rest now. [long] [pause]\n")


@pytest.mark.slow
def test_words_of_the_lexicon(browser: Browser, folder: Path) -> None:
    """A word gets its letters and its sounds, is heard, and goes again."""
    with desk(browser, folder) as page:
        begin(page)
        show(page, "Listen")
        page.get_by_text("How words are said").click()
        form = page.get_by_role("form", name="Another word")
        form.get_by_label("Word", exact=True).fill("metta")
        form.get_by_label("Letters of the new word").fill("met-tah")
        form.get_by_role("button", name="Hear").click()
        until(lambda: page.get_by_label("A word", exact=True).evaluate("each => each.duration") > 0.1)
        form.get_by_role("button", name="Add the word").click()
        written(folder, "metta: met-tah")
        own = page.get_by_role("form", name="metta")
        own.get_by_label("IPA of metta").fill("mɛtə")
        own.get_by_role("button", name="Set metta").click()
        written(folder, "ipa: mɛtə")
        axe(page)
        own.get_by_role("button", name="Remove metta").click()
        until(lambda: "lexicon" not in text(folder))


@pytest.mark.slow
def test_a_recorded_take_is_what_the_microphone_heard(browser: Browser, folder: Path, played: Path) -> None:
    """48 kHz, mono, and where both are laid over each other 50 dB of difference: nothing was done to the sound."""
    with desk(browser, folder) as page:
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
    """Ten seconds of noise up to 8 kHz, rising and falling, at 48 kHz: no resampler takes anything from that."""
    spectrum = np.fft.rfft(np.random.default_rng(2).normal(0, 1, 480_000))
    samples = np.fft.irfft(np.where(np.fft.rfftfreq(480_000, 1 / 48_000) < 8_000, spectrum, 0))
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
    """What a quarter of a second of the take differs from what was played, beside its own level: the least of all.

    Both are laid over each other to a thousandth of a sample, as the browser resamples what its fake microphone plays;
    nothing else is fitted. A busy machine lets that microphone stumble, which is not a fault of the take and spoils the
    quarters that it falls into. What a browser does to a voice would be in every one.
    """
    from scipy.signal import correlate  # noqa: PLC0415 - loads half a second

    source, heard = _samples(played), _samples(take)
    padded = np.pad(source, 1_000)
    found = []
    for piece in heard[: len(heard) // 12_000 * 12_000].reshape(-1, 12_000)[1:-1]:
        begin = int(np.argmax(correlate(source, piece, mode="valid")))
        found.append(_difference_db(padded[begin : begin + len(piece) + 2_000], piece))
    assert len(found) > 4
    return min(found)


def _difference_db(around: NDArray[np.float64], piece: NDArray[np.float64]) -> float:
    def difference(shift: float) -> float:
        same = _shifted(around, shift)[1_000:-1_000]
        return float(10 * np.log10(np.mean((piece - same) ** 2) / np.mean(same**2) + 1e-12))

    shift = 0.0
    for step in (0.1, 0.01, 0.001):
        shift = min((shift + step * each for each in range(-10, 11)), key=difference)
    return difference(shift)


def _shifted(samples: NDArray[np.float64], shift: float) -> NDArray[np.float64]:
    """A sound that comes earlier by so many samples, or by a part of one."""
    turned = np.exp(2j * np.pi * np.fft.rfftfreq(len(samples)) * shift)
    return np.asarray(np.fft.irfft(np.fft.rfft(samples) * turned, len(samples)))


@pytest.mark.slow
def test_a_file_that_another_program_changed(browser: Browser, folder: Path) -> None:
    """Unedited, the page takes it over; edited, it shows both ways, and writes over nothing unasked."""
    with desk(browser, folder) as page:
        begin(page)
        (folder / "evening.yaml").write_text(text(folder).replace("Hello there", "Hello you"), encoding="utf-8")
        words = page.get_by_role("textbox", name="Words of Welcome")
        until(lambda: "Hello you" in words.inner_text())
        words.click()
        page.keyboard.press("Control+Home")
        page.keyboard.type("Mine. ", delay=5)
        other = text(folder).replace("Hello you", "Hello all")
        (folder / "evening.yaml").write_text(other, encoding="utf-8")
        page.get_by_role("button", name="Keep my version").wait_for()
        assert text(folder) == other
        axe(page)
        page.get_by_role("button", name="Keep my version").click()
        written(folder, "Mine. Hello you")


@pytest.mark.slow
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_is_accessible(browser: Browser, folder: Path, width: int, scheme: Literal["light", "dark"]) -> None:
    """axe-core finds nothing on any view, in either scheme, on a desk or on a telephone."""
    (folder / "course.yaml").write_text(COURSE, encoding="utf-8")
    with desk(browser, folder, width=width, scheme=scheme) as page:
        page.get_by_role("button", name="What needs building in course.yaml?").click()
        page.get_by_role("rowheader", name="evening").wait_for(timeout=WAIT_S * 1000)
        axe(page)
        begin(page)
        page.get_by_role("button", name="Pause of about 3 s, from 1.5 s to 9 s").wait_for()
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
def test_the_whole_way_by_keyboard(browser: Browser, folder: Path) -> None:
    """From the first page to the finished file with Tab, Enter and letters alone."""
    with desk(browser, folder) as page:
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
        page.get_by_role("link", name="Download").wait_for(timeout=WAIT_S * 1000)
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
