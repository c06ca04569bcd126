"""The publisher ``feed``: ``feed.xml``, the course as a podcast, for those who lay the folder into the web.

RSS 2.0 with the tags of Apple Podcasts (https://podcasters.apple.com/support/823-podcast-requirements) and of
Podcasting 2.0 (https://podcasting2.org/docs/podcast-namespace). Its dates come from the manifest, and nothing in it
depends on when or where it is made: the same library gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import quote
from uuid import UUID, uuid5

from feedgen.feed import FeedGenerator
from lxml import etree

from breathmark.base.errors import RequestError
from breathmark.base.writing import write_changed
from breathmark.course.manifest import FEED_ADVICE
from breathmark.course.publishers.base import FEED_FILE, Claim, Library, LibraryEntry, chosen
from breathmark.course.publishers.picture import check_cover, cover_name, publish_cover
from breathmark.course.publishers.site.stamp import FOLDER
from breathmark.course.shapes import CATEGORIES, FeedShape

if TYPE_CHECKING:
    from breathmark.course.course import Course


_ATOM: Final = "http://www.w3.org/2005/Atom"
_ITUNES: Final = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_PODCAST: Final = "https://podcastindex.org/namespace/1.0"
_PODCASTS: Final = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
"""The UUID that every podcast's guid is made under (Podcasting 2.0, ``podcast:guid``)."""
_LINKED: Final = (
    (".vtt", f"{{{_PODCAST}}}transcript", "url", {"type": "text/vtt", "rel": "captions"}),
    (".txt", f"{{{_PODCAST}}}transcript", "url", {"type": "text/plain"}),
    (".chapters.json", f"{{{_PODCAST}}}chapters", "url", {"type": "application/json+chapters"}),
    (".labels.txt", f"{{{_ATOM}}}link", "href", {"type": "text/plain", "rel": "related"}),
)
"""The files beside an artefact: how their names end, the tag that links them, and its attributes."""
_TYPES: Final = {"mp3": "audio/mpeg", "m4a": "audio/x-m4a"}


class FeedPublisher:
    """Writes the feed."""

    for_listeners: ClassVar[bool] = False

    def check(self, course: Course) -> None:
        """Check for what directories would refuse.

        Raises:
            RequestError: nothing says where the feed will lie.
            AssetError: the author's cover is none that directories take.
        """
        if course.feed is None:
            raise RequestError(f"{course.shown} doesn't say where the feed will be published", FEED_ADVICE)
        check_cover(course)

    def claims(self, course: Course) -> tuple[Claim, ...]:  # noqa: ARG002 - one file, whatever the course
        """The feed; the cover has a name that nothing else has."""
        return (Claim(name=FEED_FILE, mark=b"<generator>Breathmark</generator>"),)

    def publish(self, library: Library) -> tuple[Path, ...]:
        """Write ``feed.xml`` and the cover where they have changed.

        Raises:
            AssetError: the author's cover can't be used.
            DeliveryError: the folder can't be written.
        """
        feed = library.course.feed
        entries = chosen(library, library.course.choice(feed)) if feed and not library.listener else ()
        if feed is None or not entries:
            return ()
        text = _xml(library.course, feed, entries, cover_name(library))
        return (*publish_cover(library), *write_changed(library.folder, {FEED_FILE: text}))


class _FeedTags:
    """Tags that feedgen has no method for, as an extension of its own; on the channel and on each item."""

    def __init__(self) -> None:
        self._tags: list[tuple[str, str, dict[str, str]]] = []

    def add(self, name: str, text: str = "", attributes: dict[str, str] | None = None) -> None:
        """One tag by its whole name."""
        self._tags.append((name, text, attributes or {}))

    def extend_ns(self) -> dict[str, str]:
        """The namespaces that the feed's root declares."""
        return {"itunes": _ITUNES, "podcast": _PODCAST}

    def extend_rss(self, root: etree._Element) -> etree._Element:
        """Put the tags into the channel or the item."""
        parent = root.find("channel")
        for name, text, attributes in self._tags:
            etree.SubElement(root if parent is None else parent, name, attributes).text = text or None
        return root


@dataclass(frozen=True, slots=True, kw_only=True)
class _Episode:
    """An artefact as an item of the feed."""

    entry: LibraryEntry
    guid: str
    date: datetime
    """A minute after the session before it, so that apps keep their order."""
    number: int
    """Its place in the course; 0 for what is beside it."""


def podcast_guid(url: str) -> str:
    """The identity of a feed by its address (Podcasting 2.0: without scheme and slashes at the end)."""
    return str(uuid5(_PODCASTS, url.partition("://")[2].rstrip("/")))


def _xml(course: Course, feed: FeedShape, entries: tuple[LibraryEntry, ...], image: str) -> bytes:
    made = FeedGenerator()
    made.load_extension("podcast", atom=False)
    made.register_extension("tags", _FeedTags, _FeedTags, atom=False)
    guid = feed.guid or podcast_guid(feed.url + FEED_FILE)
    _fill_channel(made, course, feed)
    made.podcast.itunes_image(feed.url + image)
    made.image(feed.url + image, title=course.title, link=feed.url)
    made.tags.add(f"{{{_PODCAST}}}guid", guid)
    episodes = _episodes(course, feed, entries, UUID(guid))
    latest = max(episode.date for episode in episodes)
    made.lastBuildDate(latest)
    made.pubDate(latest)
    for episode in episodes:
        _add_item(made, episode, feed, with_page="site" in course.publish)
    return bytes(made.rss_str(pretty=True))


def _fill_channel(made: FeedGenerator, course: Course, feed: FeedShape) -> None:
    made.title(course.title)
    made.link(href=feed.url + FEED_FILE, rel="self", type="application/rss+xml")
    made.link(href=feed.url)  # behind the other: the last one is the channel's
    made.description("\n\n".join(filter(None, (course.summary or course.title, *course.notes))))
    made.language(course.language)
    made.generator("Breathmark")
    made.podcast.itunes_type("serial")
    made.podcast.itunes_category([_category(name) for name in feed.categories])
    if course.author:
        made.podcast.itunes_author(course.author)
    if feed.email:
        made.podcast.itunes_owner(course.author or course.title, feed.email)
    owner = {"owner": feed.email} if feed.email else {}
    made.tags.add(f"{{{_ITUNES}}}explicit", str(feed.explicit).lower())
    made.tags.add(f"{{{_PODCAST}}}locked", "yes" if feed.locked else "no", owner)
    made.tags.add(f"{{{_PODCAST}}}medium", feed.medium)


def _category(name: str) -> dict[str, str]:
    subject, part = CATEGORIES[name]
    return {"cat": subject, "sub": part} if part else {"cat": subject}


def _add_item(made: FeedGenerator, episode: _Episode, feed: FeedShape, *, with_page: bool) -> None:
    entry = episode.entry
    sound = next(iter(entry.record.files.values()))
    item = made.add_entry(order="append")
    item.title(entry.metadata.title)
    item.description(entry.metadata.summary or entry.metadata.title)
    item.guid(episode.guid, permalink=False)
    item.enclosure(feed.url + quote(entry.path), str(sound.size), _TYPES[entry.record.measures.format])
    item.pubDate(episode.date)
    item.podcast.itunes_duration(round(entry.record.measures.duration_s))
    item.podcast.itunes_episode_type("full" if episode.number else "bonus")
    if episode.number:
        item.podcast.itunes_episode(episode.number)
    item.tags.add(f"{{{_ITUNES}}}explicit", str(feed.explicit).lower())
    stem = entry.path.rpartition(".")[0]
    for ending, tag, key, attributes in _LINKED:
        item.tags.add(tag, attributes={key: feed.url + quote(stem + ending), **attributes})
    if with_page:
        item.link(href=f"{feed.url}{FOLDER}/{quote(entry.session.id)}.html")


def _episodes(course: Course, feed: FeedShape, entries: tuple[LibraryEntry, ...], guid: UUID) -> tuple[_Episode, ...]:
    """Number and date come from the place in the course, so that they hold while other sessions are not built yet.

    What makes an episode the same one after it was built again is its session and its length.
    """
    places = {session.id: place for place, session in enumerate(course.sessions)}
    return tuple(
        _Episode(
            entry=entry,
            guid=str(uuid5(guid, f"{entry.session.id} {entry.record.length_s:g}s")),
            date=_day(entry.session.published or feed.published) + timedelta(minutes=places[entry.session.id]),
            number=0 if entry.session.extra else places[entry.session.id] + 1,
        )
        for entry in entries
    )


def _day(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
