"""The feed: read back by two parsers that know nothing of it, and held against what directories require."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote
from uuid import UUID

import feedparser
import podcastparser
import pytest
from lxml import etree
from PIL import Image

from breathmark.base.errors import AssetError, RequestError, ScriptError
from breathmark.course.build import build
from breathmark.course.manifest import read_course
from breathmark.course.options import BuildOptions, BuildReport
from breathmark.course.publishers.feed import podcast_guid

from .material import COURSE, course, script

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("in_this_process")

URL: Final = "https://example.org/small%20steps/"
FEED: Final = """\
publish: [folder, feed]
feed:
  url: https://example.org/small steps
  published: 2026-11-24
  length: 20s
  email: hello@example.org
  categories: [Health & Fitness > Mental Health, Education > Self-Improvement]
extras:
  - {script: 04-four & more, lengths: [15s, 18s]}
"""
NAMES: Final = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
    "atom": "http://www.w3.org/2005/Atom",
}


def make(folder: Path, manifest: str = COURSE + FEED) -> Path:
    """A course with a session beside it whose name isn't plain."""
    course(folder, manifest)
    (folder / "04-four & more.yaml").write_text(script(4).replace("Session 4", "Four & <more>"), encoding="utf-8")
    return folder


def run(folder: Path, **options: Any) -> BuildReport:  # noqa: ANN401 - whatever a build takes
    """A build into the course's own `out`."""
    return build(folder, BuildOptions(output=folder / "out", cache=folder / "cache", jobs=2, **options))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that was built once."""
    folder = make(tmp_path_factory.mktemp("feed"))
    run(folder)
    return folder


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    """The same for one test to change."""
    return shutil.copytree(finished, tmp_path / "course")


@pytest.fixture(scope="module")
def channel(finished: Path) -> etree._Element:
    """The feed's one channel."""
    root = etree.fromstring((finished / "out" / "feed.xml").read_bytes())
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    (found,) = root
    return found


def text(node: etree._Element, path: str) -> str:
    """What stands in the one tag of that name, which has to be there."""
    (found,) = node.findall(path, NAMES)
    assert found.text
    assert found.text == found.text.strip()
    return str(found.text)


def one(node: etree._Element, path: str) -> dict[str, str]:
    """The attributes of the one tag of that name."""
    (found,) = node.findall(path, NAMES)
    return dict(found.attrib)


def items(channel: etree._Element) -> list[etree._Element]:
    """The episodes."""
    found: list[etree._Element] = channel.findall("item")
    assert [text(item, "title") for item in found] == ["Session 1", "Session 2", "Session 3", "Four & <more>"]
    return found


def file_at(out: Path, url: str) -> Path:
    """The file that lies at an address, once the folder lies in the web."""
    assert url.startswith(URL)
    assert re.fullmatch(r"[A-Za-z0-9_.~%/:-]+", url), "an address has only plain characters (RFC 3986)"
    file = out / unquote(url.removeprefix(URL))
    assert file.is_file()
    return file


def check_rss_channel(channel: etree._Element, _out: Path) -> None:
    """RSS 2.0: title, link, description; language; dates; an image with a url, and title and link as the channel's."""
    assert text(channel, "title") == "Small Steps"
    assert text(channel, "link") == URL
    assert text(channel, "description") == "Three of them.\n\nPlease do not listen while driving."
    assert text(channel, "language") == "en"
    assert parsedate_to_datetime(text(channel, "lastBuildDate")) == parsedate_to_datetime(text(channel, "pubDate"))
    assert (text(channel, "image/title"), text(channel, "image/link")) == ("Small Steps", URL)
    assert text(channel, "image/url") == one(channel, "itunes:image")["href"]


def check_rss_items(channel: etree._Element, out: Path) -> None:
    """RSS 2.0: title or description; enclosure with url, length in bytes and type; guid unlike all others; pubDate."""
    for item in items(channel):
        assert text(item, "description")
        enclosure = one(item, "enclosure")
        assert int(enclosure["length"]) == file_at(out, enclosure["url"]).stat().st_size
        assert enclosure["type"] == "audio/mpeg"
        assert one(item, "guid") == {"isPermaLink": "false"}
    assert len({text(item, "guid") for item in items(channel)}) == 4


def check_rss_dates(channel: etree._Element, _out: Path) -> None:
    """RFC 822 with a zone; each item after the one before; the channel's is the last one."""
    dates = [parsedate_to_datetime(text(item, "pubDate")) for item in items(channel)]
    assert dates == [datetime(2026, 11, 24, 0, minute, tzinfo=UTC) for minute in range(4)]
    assert parsedate_to_datetime(text(channel, "pubDate")) == dates[-1]


def check_rss_board(channel: etree._Element, _out: Path) -> None:
    """RSS Advisory Board's profile: the feed names its own address; no two enclosures in one item."""
    link = one(channel, "atom:link")
    assert link == {"href": f"{URL}feed.xml", "rel": "self", "type": "application/rss+xml"}


def check_apple_show(channel: etree._Element, _out: Path) -> None:
    """Apple, required: description up to 4000 bytes, language, category, explicit; recommended: author."""
    assert len(text(channel, "description").encode()) <= 4000
    assert re.fullmatch(r"[a-z]{2}(-[a-z]{2})?", text(channel, "language").lower())
    names = [(each.get("text"), each[0].get("text")) for each in channel.findall("itunes:category", NAMES)]
    assert names == [("Health & Fitness", "Mental Health"), ("Education", "Self-Improvement")]
    assert text(channel, "itunes:explicit") == "false"
    assert text(channel, "itunes:author") == "Somebody"
    assert text(channel, "itunes:owner/itunes:name") == "Somebody"
    assert text(channel, "itunes:owner/itunes:email") == "hello@example.org"


def check_apple_image(channel: etree._Element, out: Path) -> None:
    """Apple: square, 1400 to 3000 pixels, JPEG or PNG with its suffix, RGB; a name of its own for each picture."""
    file = file_at(out, one(channel, "itunes:image")["href"])
    with Image.open(file) as image:
        assert (image.format, image.mode, file.suffix) == ("JPEG", "RGB", ".jpg")
        assert image.width == image.height
        assert 1400 <= image.width <= 3000


def check_apple_serial(channel: etree._Element, _out: Path) -> None:
    """Apple: a show to be heard in order is serial, and then every full episode has its number."""
    assert text(channel, "itunes:type") == "serial"
    *full, bonus = items(channel)
    assert [text(item, "itunes:episode") for item in full] == ["1", "2", "3"]
    assert {text(item, "itunes:episodeType") for item in full} == {"full"}
    assert text(bonus, "itunes:episodeType") == "bonus"
    assert bonus.find("itunes:episode", NAMES) is None


def check_apple_episodes(channel: etree._Element, _out: Path) -> None:
    """Apple: a title without number and show; duration in seconds; explicit; a type and suffix that it plays."""
    for item, seconds in zip(items(channel), (20, 20, 20, 18), strict=True):
        assert "Small Steps" not in text(item, "title")
        assert text(item, "itunes:duration") == str(seconds)
        assert text(item, "itunes:explicit") == "false"
        assert one(item, "enclosure")["url"].endswith(".mp3")


def check_podcasting_channel(channel: etree._Element, _out: Path) -> None:
    """Podcasting 2.0: guid as UUIDv5 of the address without scheme; locked yes or no, with its owner; medium."""
    assert text(channel, "podcast:guid") == podcast_guid("https://example.org/small%20steps/feed.xml")
    assert UUID(text(channel, "podcast:guid")).version == 5
    assert (text(channel, "podcast:locked"), one(channel, "podcast:locked")) == ("yes", {"owner": "hello@example.org"})
    assert text(channel, "podcast:medium") == "course"


def check_podcasting_transcripts(channel: etree._Element, out: Path) -> None:
    """Podcasting 2.0: transcripts with url and type; the timed one is for captions."""
    for item in items(channel):
        timed, plain = (dict(each.attrib) for each in item.findall("podcast:transcript", NAMES))
        assert (timed["type"], timed["rel"], plain["type"]) == ("text/vtt", "captions", "text/plain")
        assert file_at(out, timed["url"]).read_text("utf-8").startswith("WEBVTT\n")
        assert "Let a sound in the room reach you." in file_at(out, plain["url"]).read_text("utf-8")


def check_podcasting_chapters(channel: etree._Element, out: Path) -> None:
    """Podcasting 2.0: one chapters file with url and type, JSON of version 1.2.0, chapters with their start."""
    for item in items(channel):
        chapters = one(item, "podcast:chapters")
        assert chapters["type"] == "application/json+chapters"
        told = json.loads(file_at(out, chapters["url"]).read_text("utf-8"))
        assert told["version"] == "1.2.0"
        assert all({"startTime", "title"} <= set(chapter) for chapter in told["chapters"])


def check_label_track(channel: etree._Element, out: Path) -> None:
    """The Audacity label track has no tag of its own; it is linked as related, and begins with a chapter's start."""
    for item in items(channel):
        link = one(item, "atom:link")
        assert (link["rel"], link["type"]) == ("related", "text/plain")
        assert re.match(r"0\.000000\t\d+\.\d{6}\t\S", file_at(out, link["href"]).read_text("utf-8"))


REQUIREMENTS: Final = [value for name, value in sorted(globals().items()) if name.startswith("check_")]


@pytest.mark.parametrize("requirement", REQUIREMENTS, ids=lambda each: each.__name__)
def test_the_feed_is_as_directories_require(
    requirement: Callable[[etree._Element, Path], None], channel: etree._Element, finished: Path
) -> None:
    """Each of the requirements above, of RSS 2.0, of Apple Podcasts and of Podcasting 2.0."""
    requirement(channel, finished / "out")


def test_feedparser_reads_it(finished: Path) -> None:
    """Without a complaint, and finds what a podcast app needs."""
    found = feedparser.parse((finished / "out" / "feed.xml").read_bytes())
    assert (found.bozo, found.version) == (False, "rss20")
    assert (found.feed.title, found.feed.link, found.feed.language) == ("Small Steps", URL, "en")
    assert found.feed.image.href.startswith(f"{URL}cover-")
    assert [tag.term for tag in found.feed.tags] == [
        *("Health & Fitness", "Mental Health"),
        *("Education", "Self-Improvement"),
    ]
    assert [entry.title for entry in found.entries] == ["Session 1", "Session 2", "Session 3", "Four & <more>"]
    assert [entry.itunes_duration for entry in found.entries] == ["20", "20", "20", "18"]
    assert all(entry.enclosures[0].type == "audio/mpeg" for entry in found.entries)
    assert found.entries[0].podcast_chapters["url"] == f"{URL}01-one/01-one-00m20s.chapters.json"


def test_podcastparser_reads_it(finished: Path) -> None:
    """The same by another program, which shares no code with the first."""
    found = podcastparser.parse(f"{URL}feed.xml", BytesIO((finished / "out" / "feed.xml").read_bytes()))
    assert (found["title"], found["link"], found["language"]) == ("Small Steps", URL, "en")
    assert (found["type"], found["explicit"], found["itunes_author"]) == ("serial", False, "Somebody")
    assert found["itunes_owner"] == {"name": "Somebody", "email": "hello@example.org"}
    assert found["itunes_categories"] == [["Health & Fitness", "Mental Health"], ["Education", "Self-Improvement"]]
    assert found["cover_url"].startswith(f"{URL}cover-")
    episodes = sorted(found["episodes"], key=lambda episode: episode["published"])
    assert [episode["title"] for episode in episodes] == ["Session 1", "Session 2", "Session 3", "Four & <more>"]
    assert [episode["total_time"] for episode in episodes] == [20, 20, 20, 18]
    assert [(episode["type"], episode["explicit"]) for episode in episodes] == [("full", False)] * 3 + [
        ("bonus", False)
    ]
    for episode in episodes:
        (enclosure,) = episode["enclosures"]
        assert enclosure["file_size"] == file_at(finished / "out", enclosure["url"]).stat().st_size


@pytest.mark.parametrize(
    ("url", "guid"),
    [
        ("https://mp3s.nashownotes.com/pc20rss.xml", "917393e3-1b1e-5cef-ace4-edaa54e1f810"),
        ("http://podnews.net/rss/", "9b024349-ccf0-5f69-a609-6b82873eab3c"),
    ],
)
def test_the_guid_is_the_one_of_the_namespace(url: str, guid: str) -> None:
    """The two examples of the Podcasting 2.0 namespace, docs/tags/guid.md."""
    assert podcast_guid(url) == guid


@pytest.mark.slow
def test_a_second_build_writes_nothing_and_draws_nothing(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same library gives the same bytes; so does one that is built again from nothing."""
    monkeypatch.setattr("breathmark.course.covers.jpeg", None)
    feed = copy / "out" / "feed.xml"
    before, when = feed.read_bytes(), feed.stat().st_mtime_ns
    run(copy)
    assert feed.stat().st_mtime_ns == when
    monkeypatch.undo()
    shutil.rmtree(copy / "out")
    run(copy)
    assert feed.read_bytes() == before


def test_a_session_that_was_built_again_is_the_same_episode(copy: Path) -> None:
    """Its guid and its date stay, also when its words, its title and the address have changed."""
    before = feedparser.parse((copy / "out" / "feed.xml").read_bytes())
    session, manifest = copy / "01-one.yaml", copy / "course.yaml"
    session.write_text(session.read_text("utf-8").replace("Session 1", "Another name"), encoding="utf-8")
    moved = f"https://other.org/\n  guid: {podcast_guid(URL + 'feed.xml').upper()}"
    manifest.write_text(manifest.read_text("utf-8").replace("https://example.org/small steps", moved), encoding="utf-8")
    run(copy)
    after = feedparser.parse((copy / "out" / "feed.xml").read_bytes())
    assert after.entries[0].title == "Another name"
    assert after.entries[0].enclosures[0].href.startswith("https://other.org/01-one/")
    assert [(entry.id, entry.published) for entry in after.entries] == [
        (entry.id, entry.published) for entry in before.entries
    ]


def test_a_session_that_is_not_built_yet_leaves_its_place_free(copy: Path) -> None:
    """The others keep their numbers and dates."""
    before = feedparser.parse((copy / "out" / "feed.xml").read_bytes()).entries
    shutil.rmtree(copy / "out" / "02-two")
    (copy / "out" / "breathmark.lock").unlink()
    run(copy, select=("01-one",))
    after = feedparser.parse((copy / "out" / "feed.xml").read_bytes()).entries
    assert [entry.title for entry in after] == ["Session 1"]
    run(copy, select=("03-three",))
    after = feedparser.parse((copy / "out" / "feed.xml").read_bytes()).entries
    assert [(entry.itunes_episode, entry.published) for entry in after] == [
        (before[place].itunes_episode, before[place].published) for place in (0, 2)
    ]


def test_an_episode_leads_to_its_page(copy: Path) -> None:
    """Where the course has pages; else it leads nowhere, rather than to nothing."""
    feed = copy / "out" / "feed.xml"
    assert not any("link" in entry for entry in feedparser.parse(feed.read_bytes()).entries)
    manifest = copy / "course.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("[folder, feed]", "[feed, site]"), encoding="utf-8")
    run(copy)
    found = feedparser.parse(feed.read_bytes())
    assert file_at(copy / "out", found.feed.link + "index.html").name == "index.html"
    pages = [file_at(copy / "out", entry.link).read_text("utf-8") for entry in found.entries]
    assert all(title in page for title, page in zip(("Session 1", "Session 2", "Session 3"), pages, strict=False))


def test_a_session_can_have_its_own_day(copy: Path) -> None:
    """For one that comes later."""
    manifest = copy / "course.yaml"
    text = manifest.read_text("utf-8").replace("[03-three]}", "[03-three]}", 1)
    text = text.replace("sessions: [03-three]", "sessions: [{script: 03-three, published: 2027-01-02}]")
    manifest.write_text(text, encoding="utf-8")
    run(copy)
    dates = [entry.published for entry in feedparser.parse((copy / "out" / "feed.xml").read_bytes()).entries]
    assert dates[2] == "Sat, 02 Jan 2027 00:02:00 +0000"


@pytest.mark.slow
def test_the_author_s_cover_takes_the_place_of_the_drawn_one(copy: Path) -> None:
    """Under another name, and the drawn one is gone."""
    Image.new("RGB", (1400, 1400), "navy").save(copy / "sea.png")
    (drawn,) = (copy / "out").glob("cover-*")
    with (copy / "course.yaml").open("a", encoding="utf-8") as file:
        file.write("cover: sea.png\n")
    run(copy)
    (own,) = (copy / "out").glob("cover-*")
    assert own.read_bytes() == (copy / "sea.png").read_bytes()
    assert own.name != drawn.name
    assert f"{URL}{own.name}" in (copy / "out" / "feed.xml").read_text("utf-8")


@pytest.mark.parametrize(
    ("mode", "size", "fault"),
    [
        ("RGB", (1399, 1399), "it is 1399 x 1399 pixels"),
        ("RGB", (3001, 3001), "it is 3001 x 3001 pixels"),
        ("RGB", (1400, 1500), "it is 1400 x 1500 pixels"),
        ("RGBA", (1400, 1400), "it has 32 bits a pixel"),
        ("L", (1000, 1400), "it is 1000 x 1400 pixels and has 8 bits a pixel"),
    ],
)
def test_a_cover_that_directories_refuse_stops_the_build_before_it_begins(
    mode: str, size: tuple[int, int], fault: str, tmp_path: Path
) -> None:
    """With what is wrong with it, and what to do; without the feed, it may be as it likes."""
    folder = make(tmp_path, COURSE + FEED + "cover: sea.png\n")
    Image.new(mode, size).save(folder / "sea.png")
    with pytest.raises(AssetError, match=re.escape(f"sea.png: {fault}")) as caught:
        run(folder)
    assert "1400 to 3000 pixels" in caught.value.hint
    assert not (folder / "out").exists()
    assert len(run(folder, publish=("folder",), dry_run=True).todo) == 8


@pytest.mark.parametrize(("name", "side"), [("sea.png", 1400), ("sea.jpg", 3000)])
def test_a_cover_that_directories_take_is_taken(name: str, side: int, tmp_path: Path) -> None:
    """The smallest and the largest, as PNG and as JPEG."""
    folder = make(tmp_path, f"{COURSE}{FEED}cover: {name}\n")
    Image.new("RGB", (side, side), "navy").save(folder / name)
    assert len(run(folder, dry_run=True).todo) == 8


def test_listeners_never_come_into_it(copy: Path) -> None:
    """Neither their words nor their ids, and their folders get no feed of their own."""
    (copy / "people.csv").write_text("id,name\nl-0001,Zyxquill\n", encoding="utf-8")
    before = (copy / "out" / "feed.xml").read_bytes()
    report = run(copy, listeners=copy / "people.csv", select=("listener:l-0001 length:20s",))
    assert report.built
    assert (copy / "out" / "feed.xml").read_bytes() == before
    assert [file.parent for file in (copy / "out").rglob("feed.xml")] == [copy / "out"]


def test_what_is_private_is_left_out(copy: Path) -> None:
    """An artefact that tells by itself that it isn't for everybody."""
    lock = copy / "out" / "breathmark.lock"
    told = json.loads(lock.read_text("utf-8"))
    told["artefacts"]["02-two/02-two-00m20s.mp3"]["measures"]["private"] = True
    lock.write_text(json.dumps(told), encoding="utf-8")
    run(copy)
    found = feedparser.parse((copy / "out" / "feed.xml").read_bytes())
    assert [entry.title for entry in found.entries] == ["Session 1", "Session 3", "Four & <more>"]


def faults(folder: Path, manifest: str) -> list[str]:
    """The faults of a manifest, without its path."""
    make(folder, manifest)
    with pytest.raises(ScriptError) as caught:
        read_course(folder)
    return [str(problem).split("course.yaml:")[1].replace(": error: ", ": ", 1) for problem in caught.value.problems]


def test_a_course_says_where_its_feed_will_lie(tmp_path: Path) -> None:
    """At the place that asks for a feed, or where it is asked for on the command line, before anything is built."""
    (fault,) = faults(tmp_path, COURSE + "publish:\n  - folder\n  - feed\n")
    assert fault.startswith("20:5: nothing says where the feed will lie (add to it: `feed: {url: https://example.org")
    make(tmp_path, COURSE)
    with pytest.raises(RequestError, match="doesn't say where the feed will be published") as caught:
        run(tmp_path, publish=("feed",))
    assert "url: https://example.org/" in caught.value.hint
    assert not (tmp_path / "out").exists()


def test_all_faults_of_the_feed_come_at_once(tmp_path: Path) -> None:
    """Each at its place, with what to do."""
    manifest = COURSE + (
        "feed:\n  url: example.org\n  published: soon\n  email: me\n  categories: [Mental Helth]\n  medium: corse\n"
        "  guid: 12\n  lenght: 5s\n"
    )
    found = faults(tmp_path, manifest)
    assert [each.split(": ")[0] for each in found] == ["19:8", "20:14", "21:10", "22:16", "23:11", "24:9", "25:3"]
    assert "`https://example.org/evenings/`" in found[0]
    assert "did you mean `Health & Fitness > Mental Health`" in found[3]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("length: 7m", "the course isn't built at `7m` (add it to the course's `lengths`)"),
        ("voice: tone:hum", "isn't built with the voice `tone:hum` (the course has script)"),
        ("ambience: rain", "isn't built with the ambience `rain`"),
        ("preset: podcats", "isn't built with the preset `podcats` (did you mean `podcast`?)"),
        ("preset: master", "the preset master makes flac files, which podcast apps don't play"),
        ("url: https://me:secret@example.org/", "without a name, a password"),
        ("url: https://example.org/?a=b", "without a name, a password"),
    ],
)
def test_the_feed_fits_the_course(line: str, message: str, tmp_path: Path) -> None:
    """It is one of the artefacts that the course has, in a format that apps play, at an address for everybody."""
    address = "" if line.startswith("url") else "  url: https://example.org/\n"
    manifest = f"{COURSE}presets: [podcast, master]\nfeed:\n{address}  published: 2026-11-24\n  {line}\n"
    (fault,) = faults(tmp_path, manifest)
    assert message in fault
    assert fault.startswith(f"{22 if address else 21}:{len(line.split(':', maxsplit=1)[0]) + 5}: ")
