"""The pages for listeners, in a real browser, from the disk: they play, they can be read, and they ask nobody."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import stat
import threading
import time
from contextlib import contextmanager, nullcontext
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from breathmark.base.errors import RequestError
from breathmark.course.build import build
from breathmark.course.options import BuildOptions
from breathmark.course.publishers.site.pages import companion_html
from breathmark.course.publishers.site.recording import length_words
from breathmark.languages.words import site_words

from .browser import needs_chromium, opened, picture, visit
from .material import REPOSITORY, course

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.usefixtures("in_this_process")

ARTEFACTS = Path(os.environ.get("BREATHMARK_TEST_ARTEFACTS", REPOSITORY / "dist" / "test-artefacts")) / "site"
"""Where pictures of the pages are kept; git ignores it."""

MANIFEST = """\
title: Small Steps
summary: Two of them, for a day with little room.
author: Somebody
lengths: [30s, 45s]
ambiences: [none, soft-rain]
concepts: {C1: Kindness, S2: Practice}
blocks:
  first:
    title: First
    summary: Arriving.
    sessions:
      - {script: 01-one, tags: [calm], companion: docs/one.md}
  second:
    title: Second & last
    sessions: [{script: 02-two, lengths: [30s], companion: docs/one.md}]
paths:
  short: {title: The short way, sessions: [01-one]}
notes: [Please do not listen while driving.]
help: help.yaml
publish: [folder, site]
"""
HELP = """\
owner: Somebody
reviewed: 2026-11-24
regions:
  everywhere: {name: Everywhere, text: "In danger, call the emergency number.", verified: yes}
"""
COMPANION = """\
# Session 1

*For a notebook.*

## Before <script>alert(1)</script>

- One [link](https://example.org/), one [file](other.md), ![a hand](https://example.org/hand.png)

| what | how long |
|---|---|
| a hand | a minute |

____________________________________________________________________________________________________
My line: __________________________________________________________________________________________
"""
SCRIPT = """\
title: Session {number}
summary: Arrive with <two> sentences.
level: beginner
concepts: [C1]
length: 10s..30s..60s
variables:
  name: {{default: "", max_length: 60}}
segments:
  - title: Welcome
    kind: opening
    say: |
      Welcome{{% if name %}}, {{{{ name }}}}{{% endif %}}. Here is the first & <3 sentence of session {number}.
      [pause 2s..5s..30s]
  - title: A rest
    kind: practice
    say: |
      Rest & be as you are. [pause 2s..6s..30s]
      You might stay a moment longer. [pause 1s..3s..20s]
  - title: Back again
    kind: ground
    say: Let a sound in the room reach you. [pause 1s..5s..20s]
"""


def material(folder: Path) -> Path:
    """A course of two sessions with all that a site can show."""
    course(folder, MANIFEST)
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "docs" / "one.md").write_text(COMPANION, encoding="utf-8")
    (folder / "help.yaml").write_text(HELP, encoding="utf-8")
    (folder / "03-three.yaml").unlink()
    for number, name in enumerate(("01-one", "02-two"), start=1):
        (folder / f"{name}.yaml").write_text(SCRIPT.format(number=number), encoding="utf-8")
    return folder


def make(folder: Path, **request: object) -> Path:
    """The library of that course, at one place or the other."""
    options: dict[str, object] = {"output": folder / "out", "cache": folder.parent / "cache", "jobs": 1, **request}
    build(folder, BuildOptions(**options))  # type: ignore[arg-type]
    return folder / "out"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The published library; tests read it only."""
    return make(material(tmp_path_factory.mktemp("site") / "Small Steps #1"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all tests here."""
    with opened() as running:
        yield running


def session(site: Path, name: str = "01-one") -> str:
    """The address of a session's page."""
    return (site / "site" / f"{name}.html").as_uri()


def playing(page: Page) -> bool:
    """Whether sound comes, rather than only the wish for it."""
    ready: bool = page.evaluate(
        "(() => { const a = document.querySelector('audio'); return !a.paused && a.currentTime > 0.2 })()"
    )
    return ready


def until(told: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


def at(page: Page) -> float:
    """Where the recording is, in seconds."""
    place: float = page.evaluate("document.querySelector('audio').currentTime")
    return place


def begin_of(site: Path, chapter: str, length: str = "30s", name: str = "01-one") -> float:
    """Where a chapter begins, by the file beside the recording."""
    told = json.loads((site / name / f"{name}-00m{length}.chapters.json").read_text(encoding="utf-8"))
    (mark,) = (each for each in told["chapters"] if each["title"] == chapter)
    begin: float = mark["startTime"]
    return begin


@pytest.mark.slow
@needs_chromium
def test_a_session_plays_with_its_captions(site: Path, browser: Browser) -> None:
    """From the disk: the sound moves on, and the sentence that sounds is shown as its WebVTT has it."""
    with visit(browser, session(site)) as visited:
        page = visited.page
        assert page.get_by_role("button", name="Play").is_visible()
        page.get_by_role("button", name="Play").click()
        until(lambda: playing(page))
        until(lambda: "the first & <3 sentence of session 1" in " ".join(page.inner_text("#caption").split()))
        page.get_by_role("button", name="Pause").click()
        assert page.evaluate("document.querySelector('audio').paused")
        page.get_by_label("Show captions").uncheck()
        assert not page.locator("#caption").is_visible()
        assert visited.complaints == []


@pytest.mark.slow
@needs_chromium
def test_a_chapter_can_be_jumped_to(site: Path, browser: Browser) -> None:
    """It plays from where the chapter begins, and the list says which one sounds."""
    with visit(browser, session(site)) as visited:
        page = visited.page
        page.get_by_role("button", name=re.compile("A rest")).click()
        begin = begin_of(site, "A rest")
        until(lambda: begin - 0.1 <= at(page) < begin + 4)
        assert page.locator("#chapters [aria-current]").inner_text().startswith("A rest")
        until(lambda: "Rest & be as you are" in page.inner_text("#caption"))
        assert "A rest" in str(page.get_by_label("Position").get_attribute("aria-valuetext"))


@pytest.mark.slow
@needs_chromium
def test_length_and_ambience_can_be_switched_while_it_plays(site: Path, browser: Browser) -> None:
    """Another length goes on with the same chapter, another ambience at the same moment; both still play."""
    with visit(browser, session(site)) as visited:
        page = visited.page
        page.get_by_role("button", name=re.compile("A rest")).click()
        until(lambda: playing(page))
        page.get_by_role("radio", name="45 s").check(force=True)
        begin = begin_of(site, "A rest", "45s")
        assert begin != begin_of(site, "A rest")
        until(lambda: playing(page) and begin - 0.1 <= at(page) < begin + 4)
        assert page.inner_text("#total") == "0:45"
        assert abs(page.evaluate("document.querySelector('audio').duration") - 45) < 0.1
        before = at(page)
        page.get_by_label("Sound around the voice").select_option("Soft rain")
        until(lambda: playing(page) and "soft-rain" in page.evaluate("document.querySelector('audio').currentSrc"))
        assert before - 0.1 <= at(page) < before + 4
        assert page.get_by_role("radio", name="45 s").is_checked()
        assert page.url.endswith("#45s")
        assert [
            each for each in visited.complaints if "ERR_ABORTED" not in each
        ] == []  # what was left is not loaded on


@pytest.mark.slow
@needs_chromium
def test_the_keyboard_is_enough(site: Path, browser: Browser) -> None:
    """From the course to a session, a length, the sound and a chapter, with Tab, arrows, Enter and Space."""
    with visit(browser, (site / "index.html").as_uri()) as visited:
        page = visited.page
        tab_to(page, "Skip to the content")
        page.keyboard.press("Enter")
        tab_to(page, "Session 1")
        page.keyboard.press("Enter")
        page.wait_for_url("**/site/01-one.html")
        tab_to(page, "30 s")
        page.keyboard.press("ArrowRight")
        assert page.inner_text("#total") == "0:45"
        tab_to(page, "Play")
        page.keyboard.press("Space")
        until(lambda: playing(page))
        tab_to(page, "Position")
        page.keyboard.press("ArrowRight")
        tab_to(page, "Back again")
        page.keyboard.press("Enter")
        until(lambda: at(page) >= begin_of(site, "Back again", "45s") - 0.1)
        tab_to(page, "Read what is said")
        page.keyboard.press("Enter")
        assert page.get_by_text("Let a sound in the room reach you.").first.is_visible()


NAME_IN_FOCUS = """(() => {
  const e = document.activeElement;
  return [e.getAttribute('aria-label'), e.labels?.[0]?.innerText, e.innerText].filter(Boolean).join(' ');
})()"""
OUTLINE = """(() => {
  const e = document.activeElement;
  return getComputedStyle(e.type === 'radio' ? e.nextElementSibling : e).outlineStyle;
})()"""


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has that name is in focus, and can be seen to be."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in page.evaluate(NAME_IN_FOCUS):
            assert page.evaluate(OUTLINE) == "solid"
            return
    pytest.fail(f"{name} is not reached with Tab")


@needs_chromium
@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("index", 1100, "light"),
        *(pytest.param("index", 360, scheme, marks=pytest.mark.slow) for scheme in ("light", "dark")),
        *(pytest.param("01-one", 360, scheme, marks=pytest.mark.slow) for scheme in ("light", "dark")),
        pytest.param("01-one", 1100, "light", marks=pytest.mark.slow),
    ],
)
def test_pages_are_accessible_and_fit(name: str, width: int, scheme: str, site: Path, browser: Browser) -> None:
    """axe-core finds nothing, nothing is wider than the window, nothing is complained about or asked from elsewhere."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - as Playwright

    address = (site / "index.html").as_uri() if name == "index" else session(site, name)
    with visit(browser, address, width=width, scheme=scheme) as visited:  # type: ignore[arg-type]
        page = visited.page
        if name != "index":
            page.get_by_text("Read what is said").click()
            page.get_by_role("button", name=re.compile("Welcome")).click()
            until(lambda: page.inner_text("#caption") != "")
        found = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})  # it would fetch
        picture(page, ARTEFACTS, f"{name}-{width}-{scheme}")
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0] < 128")
        assert dark == (scheme == "dark")
        assert visited.complaints == []
        assert all(each.startswith((site.as_uri(), "blob:", "data:")) for each in visited.asked)


@pytest.mark.slow
@needs_chromium
def test_without_a_program_it_can_be_heard_and_read(site: Path, browser: Browser) -> None:
    """With JavaScript off, the browser's own player is there, with the transcript and every file."""
    with visit(browser, session(site), script=False) as visited:
        page = visited.page
        assert page.locator("audio[controls]").is_visible()
        assert not page.locator("#play").is_visible()
        assert page.get_by_role("link", name=re.compile("^Sound, ")).count() == 4
        assert "Let a sound in the room reach you." in str(page.locator("#transcript").text_content())


@needs_chromium
@pytest.mark.slow
def test_a_length_can_be_linked_to(site: Path, browser: Browser) -> None:
    """From the course's page, and by a link that somebody kept."""
    with visit(browser, (site / "index.html").as_uri()) as visited:
        visited.page.get_by_role("link", name="Session 1, 45 s").click()
        visited.page.wait_for_url("**/01-one.html#45s")
        assert visited.page.inner_text("#total") == "0:45"
        assert visited.page.get_by_role("radio", name="45 s").is_checked()


def test_the_course_s_page_says_all_that_listeners_need(site: Path) -> None:
    """Blocks, summaries, levels, ways, notes and help, with what the author wrote escaped."""
    page = (site / "index.html").read_text(encoding="utf-8")
    for words in (
        "Small Steps",
        "Second &amp; last",
        "Arrive with &lt;two&gt; sentences.",
        "For beginners",
        "The short way",
        "Please do not listen while driving.",
        "In danger, call the emergency number.",
        "Last reviewed on 2026-11-24 by Somebody.",
    ):
        assert words in page
    assert "http://" not in page
    assert "https://" not in page


def test_every_link_leads_to_a_file(site: Path) -> None:
    """On every page, also where a folder's name needs escapes."""
    for page in (site / "index.html", *(site / "site").glob("*.html")):
        for target in re.findall(r'(?:href|src)="([^"#]+)', page.read_text(encoding="utf-8")):
            if not target.startswith("https://example.org/"):
                assert (page.parent / unquote(target)).is_file(), (page.name, target)


@pytest.mark.slow
def test_the_whole_course_is_offered_where_there_is_a_book_or_a_feed(site: Path, tmp_path: Path) -> None:
    """Wherever the manifest names the pages: they come last, and the next build has nothing to do."""
    assert "The whole course" not in (site / "index.html").read_text(encoding="utf-8")
    folder = material(tmp_path / "Small Steps #2")
    feed = "feed: {url: https://example.org/steps/, published: 2026-11-24}\naudiobook: {length: 30s}\n"
    manifest = (folder / "course.yaml").read_text(encoding="utf-8").replace("lengths: [30s, 45s]", "lengths: [30s]")
    manifest = manifest.replace("[folder, site]", "[site, feed, audiobook]").replace("[none, soft-rain]", "[none]")
    (folder / "course.yaml").write_text(manifest + feed, encoding="utf-8")
    out = make(folder)
    page = (out / "index.html").read_text(encoding="utf-8")
    size = (out / "Small-Steps-2.m4b").stat().st_size
    assert f'<a href="Small-Steps-2.m4b" download>Audiobook <span class="quiet">{size / 1e6:.1f} MB' in page
    assert '<a href="feed.xml">Podcast' in page
    assert '<link rel="alternate" type="application/rss+xml" title="Small Steps" href="feed.xml">' in page
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()}
    make(folder)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.is_file()} == before
    (out / "feed.xml").unlink()
    make(folder, publish=("site",))
    assert "feed.xml" not in (out / "index.html").read_text(encoding="utf-8")


def test_only_what_changed_is_written(site: Path) -> None:
    """A second build writes nothing; a file that somebody broke is mended."""
    folder = site.parent
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()}
    make(folder)
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()} == before
    whole = (site / "site" / "site.css").read_bytes()
    (site / "site" / "site.css").write_bytes(whole[:-9])
    make(folder)
    assert (site / "site" / "site.css").read_bytes() == whole
    changed = {path for path, stamp in before.items() if path.stat().st_mtime_ns != stamp}
    assert {path.name for path in changed} <= {"site.css", ".breathmark-site.json", ".breathmark-build.lock"}


def test_the_pages_of_sessions_that_are_no_more_go(site: Path, tmp_path: Path) -> None:
    """With their pictures; a copy that somebody made of a page, and its picture, stay."""
    folder = shutil.copytree(site.parent, tmp_path / "c")
    pages = folder / "out" / "site"
    for name, copy in (("01-one.html", "mine.html"), ("02-two-cover.svg", "mine-cover.svg")):
        shutil.copy(pages / name, pages / copy)
    manifest = (folder / "course.yaml").read_text(encoding="utf-8")
    begin, end = manifest.index("  second:"), manifest.index("paths:")
    (folder / "course.yaml").write_text(manifest[:begin] + manifest[end:], encoding="utf-8")
    make(folder)
    assert not list(pages.glob("02-two*"))
    assert {"01-one.html", "mine.html", "mine-cover.svg"} <= {path.name for path in pages.iterdir()}


def test_a_page_of_somebody_else_is_never_written_over(tmp_path: Path) -> None:
    """The build ends before anything is made; also where it takes the place of a page of an earlier build."""
    folder = material(tmp_path / "c")
    out = folder / "out"
    (out / "site").mkdir(parents=True)
    theirs = [out / "index.html", out / "site" / "01-one.html", out / "site" / "site.css", out / "library.json"]
    for file in theirs:
        file.write_text("<h1>Mine</h1>", encoding="utf-8")
    with pytest.raises(RequestError, match=r"library\.json is in the way: the publisher folder would write over it"):
        make(folder)
    with pytest.raises(RequestError, match=r"index\.html, .*01-one\.html, .*site\.css are in the way"):
        make(folder, publish=("site",))
    with pytest.raises(RequestError, match="are in the way"):
        make(folder, publish=("site",), dry_run=True)
    assert {path for path in out.rglob("*") if path.is_file()} == set(theirs)
    assert {file.read_text(encoding="utf-8") for file in theirs} == {"<h1>Mine</h1>"}
    for file in theirs:
        file.unlink()
    make(folder, select=("01-one length:30s ",))
    theirs[0].write_text("<h1>Mine</h1>", encoding="utf-8")
    with pytest.raises(RequestError, match=r"index\.html is in the way"):
        make(folder)
    theirs[0].unlink()
    (out / "site" / ".breathmark-site.json").unlink()
    (out / "breathmark.lock").unlink()  # pages tell who made them, and site.css is in the way then
    with pytest.raises(RequestError, match=r"site\.css, .*site\.js, .*course-cover\.svg and 1 more are in the way"):
        make(folder)


STRANGE = ("javascript:alert(1)", "a#b?c%20 d", "x&y")


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with a page and an episode for each of these names."""
    folder = material(tmp_path_factory.mktemp("strange") / "c")
    (folder / "02-two.yaml").unlink()
    text = (folder / "01-one.yaml").read_text(encoding="utf-8")
    (folder / "01-one.yaml").unlink()
    for name in STRANGE:
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    (folder / "course.yaml").write_text(
        f"title: Strange\nlengths: [30s]\nambiences: [none]\nsessions: {json.dumps(STRANGE)}\n"
        "publish: [folder, site, feed]\nfeed: {url: https://example.org/steps/, published: 2026-11-24}\n",
        encoding="utf-8",
    )
    return make(folder)


def test_names_that_mean_something_in_an_address_make_whole_links(strange: Path) -> None:
    """No link is a program, and each leads to its file, also from the feed."""
    links = 0
    for page in (strange / "index.html", *(strange / "site").glob("*.html")):
        for target in re.findall(r'(?:href|src)="([^"]+)', page.read_text(encoding="utf-8")):
            address = urlsplit(html.unescape(target))
            assert (address.scheme, address.netloc, address.query) == ("", "", ""), target
            if address.path:
                assert (page.parent / unquote(address.path)).is_file(), target
                links += 1
    assert links > 40
    feed = (strange / "feed.xml").read_text(encoding="utf-8")
    addresses = [urlsplit(html.unescape(found)) for found in re.findall(r'url="([^"]+)"', feed)]
    addresses += [urlsplit(html.unescape(found)) for found in re.findall(r"<link>([^<]+)</link>", feed)]
    assert len(addresses) > 12
    for each in addresses:
        assert (each.query, each.fragment) == ("", "")
        assert (strange / unquote(each.path.removeprefix("/steps/"))).exists()


@needs_chromium
@pytest.mark.slow
@pytest.mark.parametrize("served", [False, True])
def test_pages_of_strange_names_work_and_run_nothing_foreign(served: bool, strange: Path, browser: Browser) -> None:  # noqa: FBT001 - both
    """From a disk and from a server, from one page to the next; a program in the page would not run."""
    with (
        on_loopback(strange) if served else nullcontext(strange.as_uri()) as base,
        visit(browser, f"{base}/index.html") as visited,
    ):
        page = visited.page
        page.get_by_role("link", name="Session 1", exact=True).first.click()
        page.get_by_role("link", name="Next").click()
        page.wait_for_url("**/a%23b%3Fc%2520%20d.html")
        page.get_by_role("button", name="Play").click()
        until(lambda: playing(page))
        until(lambda: "sentence of session 1" in page.inner_text("#caption"))
        assert visited.complaints == []
        page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
        )
        assert page.evaluate("window.ran") is None


@contextmanager
def on_loopback(folder: Path) -> Iterator[str]:
    """The folder as a static host serves it."""
    handler = partial(SimpleHTTPRequestHandler, directory=os.fspath(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


@needs_chromium
@pytest.mark.slow
def test_a_narrow_table_keeps_its_headings(site: Path, browser: Browser) -> None:
    """On a phone each cell says which column it is in."""
    for width, content in ((360, '"how long: "'), (1100, "none")):
        with visit(browser, session(site), width=width) as visited:
            cell = visited.page.locator(".companion td").nth(1)
            assert cell.evaluate("e => getComputedStyle(e, '::before').content").startswith(content)


def test_pages_change_with_what_they_show(tmp_path: Path) -> None:
    """A companion page's words, the course's notes and its blocks, though no sound is made anew."""
    folder = material(tmp_path / "c")
    out = make(folder, select=("01-one length:30s",), publish=("site",))
    page, index = out / "site" / "01-one.html", out / "index.html"
    (folder / "docs" / "one.md").write_text("# Session 1\n\nOther words.\n", encoding="utf-8")
    make(folder, select=("01-one length:30s",), publish=("site",))
    assert "Other words." in page.read_text(encoding="utf-8")
    manifest = (folder / "course.yaml").read_text(encoding="utf-8")
    (folder / "course.yaml").write_text(manifest.replace("while driving", "on a ladder"), encoding="utf-8")
    make(folder, select=("01-one length:30s",), publish=("site",))
    for each in (page, index):
        assert "on a ladder" in each.read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_listener_s_pages_are_private(tmp_path: Path) -> None:
    """They lie in the private folder, readable by nobody else, and the shared ones know nothing of the values."""
    folder = material(tmp_path / "c")
    (folder / "people.csv").write_text("id,name\nl-1,Zyxwillow\n", encoding="utf-8")
    out = make(folder, listeners=folder / "people.csv", select=("01-one length:30s",))
    own = out / "listeners" / "l-1"
    pages = [own / "index.html", *(own / "site").iterdir()]
    assert len(pages) == 7
    assert all(stat.S_IMODE(page.stat().st_mode) == 0o600 for page in pages)
    assert "Zyxwillow" in (own / "site" / "01-one.html").read_text(encoding="utf-8")
    for shared in [out / "index.html", *(out / "site").iterdir()]:
        assert b"Zyxwillow" not in shared.read_bytes()
        assert b"l-1" not in shared.read_bytes()


def test_a_companion_page_is_safe_and_stays_at_home() -> None:
    """HTML is shown, not run; pictures and links to files are their words; headings stand below those of the page."""
    made = companion_html(COMPANION, "Session 1")
    assert "<h1" not in made
    assert "<h3>Before &lt;script&gt;" in made
    assert "<img" not in made
    assert "a hand" in made
    assert '<a href="https://example.org/" rel="noreferrer">link</a>, one file,' in made
    assert '<th scope="col">what</th>' in made
    assert '<td data-column="what">a hand</td>' in made
    assert 'My line: <span class="blank" style="width: 45em"></span></p>' in made
    assert "__" not in made
    assert "Session 1" in companion_html("# Session 1\n", "Another")


def test_lengths_in_words() -> None:
    """With what is needed, and no more."""
    words = {"minutes": "min", "seconds": "s"}
    assert [length_words(each, words) for each in (30, 60, 90, 600)] == ["30 s", "1 min", "1 min 30 s", "10 min"]


def test_both_languages_have_the_same_words() -> None:
    """So that no page lacks one."""
    english, german = site_words("en"), site_words("de-AT")
    assert (english.language, german.language) == ("en", "de")
    assert list(english.words) == list(german.words)
