"""The pages as text: the course's, and one for each session."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from breathmark.base.errors import AssetError
from breathmark.course.artwork import draw
from breathmark.course.covers import course_cover, course_picture, session_cover, session_picture
from breathmark.course.publishers.base import Library, LibraryEntry, offers
from breathmark.course.publishers.site.player import MANIFEST_FILE, PlayerData, web_manifest
from breathmark.course.publishers.site.recording import Recording, length_words, read_recording, recording_data
from breathmark.course.publishers.site.stamp import DAY_FILE, FOLDER
from breathmark.languages.words import site_words

if TYPE_CHECKING:
    from breathmark.formats.cover import Cover


_TOP: Final = 3
"""The highest heading that a companion page has in the page around it."""
_BLANK: Final = re.compile("(_{5,})")
_ELSEWHERE: Final = ("https://", "http://", "mailto:", "tel:")


def companion_html(text: str, title: str) -> Markup:
    """``text`` as HTML: without the heading that repeats ``title``, and with all others under the page's own.

    HTML in it is shown as text. A picture is replaced by its words, since most would be fetched from somewhere; so is a
    link to a file, which isn't there. A row of underscores is a line to write on, which never breaks in two.
    """
    parser = _parser()
    tokens = list(_below(_without_title(parser.parse(text), title)))
    for token in tokens:
        if token.children:
            token.children = list(_offline(token.children))
    html: str = parser.renderer.render(tokens, parser.options, {})
    return Markup(html)  # noqa: S704 - the parser has escaped all that isn't its own


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _without_title(tokens: Sequence[Token], title: str) -> Sequence[Token]:
    is_title = len(tokens) > 2 and tokens[0].tag == "h1" and tokens[1].content.strip() == title.strip()
    return tokens[3:] if is_title else tokens


def _below(tokens: Sequence[Token]) -> Iterator[Token]:
    """Headings further down, and cells that say which column they are in, for pages too narrow for a table."""
    columns: list[str] = []
    cell = 0
    for token, inside in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, max(_TOP, int(token.tag[1]) + 1))}"
        if token.tag == "th" and token.nesting == 1:
            token.attrSet("scope", "col")
            columns.append("".join(each.content for each in inside.children or ()) if inside else "")
        if token.type == "table_open":
            columns = []
        if token.type == "tr_open":
            cell = 0
        if token.type == "td_open":
            if columns[cell]:
                token.attrSet("data-column", columns[cell])
            cell += 1
        yield token


def _offline(tokens: Sequence[Token]) -> Iterator[Token]:
    kept = True
    for token in tokens:
        match token.type:
            case "link_open":
                kept = str(token.attrGet("href")).lower().startswith(_ELSEWHERE)
                token.attrSet("rel", "noreferrer")
                if kept:
                    yield token
            case "link_close":
                if kept:
                    yield token
            case "image":
                token.type, token.tag = "text", ""
                yield token
            case "text":
                yield from _ruled(token)
            case _:
                yield token


def _ruled(token: Token) -> Iterator[Token]:
    for piece in filter(None, _BLANK.split(token.content)):
        if _BLANK.fullmatch(piece):
            line = f'<span class="blank" style="width: {len(piece) / 2:g}em"></span>'
            yield Token("html_inline", "", 0, content=line)
        else:
            yield token.copy(content=piece)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Length:
    mark: str
    """The fragment of a link, after ``#``."""
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """A session as lists and its own page show it."""

    id: str
    title: str
    summary: str
    level: str
    picture: str
    """A link to its own from the folder of the pages; empty where it has the course's."""
    lengths: tuple[_Length, ...]

    @property
    def file(self) -> str:
        """The page's name in the folder of the pages."""
        return f"{self.id}.html"

    @property
    def page(self) -> str:
        """A link from the folder of the pages."""
        return f"./{quote(self.file)}"

    @property
    def href(self) -> str:
        """A link from the first page."""
        return f"{FOLDER}/{quote(self.file)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    title: str
    summary: str
    items: tuple[_Item, ...]


class Pages:
    """All pages of a library."""

    def __init__(self, library: Library, pictures: _Pictures) -> None:
        self._library = library
        self._pictures = pictures
        self._wording = site_words(library.course.language)
        self._entries = {
            key: tuple(found) for key, found in groupby(library.entries, key=lambda entry: entry.session.id)
        }
        self._items = {key: self._item(entries) for key, entries in self._entries.items()}
        self._player = PlayerData(library, self._wording)

    @property
    def has_packs(self) -> bool:
        """Whether listeners can choose any length."""
        return bool(self._player.note.packs)

    def index(self) -> str:
        """The first page."""
        page = _environment().get_template("index.html")
        shared = self._shared(f"{FOLDER}/")
        groups, trails = tuple(self._groups()), tuple(self._trails())
        return page.render(
            shared,
            groups=groups,
            trails=trails,
            offers=offers(self._library),
            has_app=self.has_packs,
            has_day=bool(self._in_a_row()),
        )

    def beside(self) -> dict[str, bytes]:
        """The page for several sessions in a row, and what a home screen needs; nothing where there are no packs."""
        if not self.has_packs:
            return {}
        day, _ = draw(self._library.course.title).accents
        manifest = web_manifest(self._library, self._pictures.course, day)
        text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        day_page = {DAY_FILE: self._day(items).encode()} if (items := self._in_a_row()) else {}
        return {**day_page, MANIFEST_FILE: text.encode()}

    def _in_a_row(self) -> tuple[_Item, ...]:
        """The sessions that can have a share of some whole minutes."""
        return tuple(item for key, item in self._items.items() if self._player.has_whole_minutes(key))

    def _day(self, items: tuple[_Item, ...]) -> str:
        titles = {item.id: item.title for item in items}
        data = self._player.data("day", titles, picture=self._pictures.course, keep=self._keep(DAY_FILE, ""))
        page = _environment().get_template("day.html")
        return page.render(
            self._shared(""),
            **self._offered(items[0].id),
            is_day=True,
            items=items,
            lengths=(),
            first=None,
            pack_voices=self._player.all_voices,
            data={**data, "day": True, "title": self._wording.words["day"], "recordings": []},
        )

    def _offered(self, session: str) -> dict[str, object]:
        """What the player of packs offers."""
        return {
            "packs": bool(self._player.note.of(session)),
            "loops": self._player.loops(),
            "own_loop": self._player.own_loop(session),
        }

    def _keep(self, page: str, picture: str) -> list[str]:
        """The files that a page needs without a connection, from its folder."""
        programs = ("site.css", "site.js", "compose.js", "ambience.js", "keep.js")
        pictures = filter(None, (self._pictures.course, picture))
        return ["../index.html", quote(page), *programs, MANIFEST_FILE, *pictures]

    def sessions(self) -> dict[str, str]:
        """The sessions' pages, by their names in the folder.

        Raises:
            AssetError: a companion page can't be read.
            OSError: something that belongs to an artefact can't be read.
        """
        return {self._items[key].file: self._session(entries) for key, entries in self._entries.items()}

    def _shared(self, base: str) -> dict[str, object]:
        course = self._library.course
        day, night = draw(course.title).accents
        return {
            "base": base,
            "course": course,
            "course_language": course.language,
            "day": day,
            "language": course.language,
            "night": night,
            "policy": _POLICY,
            "picture": self._pictures.course,
            "words": self._wording.words,
            "words_language": self._wording.language,
        }

    def _item(self, entries: tuple[LibraryEntry, ...]) -> _Item:
        metadata, session = entries[0].metadata, entries[0].session
        lengths = sorted({entry.record.length_s for entry in entries})
        return _Item(
            id=session.id,
            title=metadata.title,
            summary=metadata.summary,
            level=self._wording.words.get(metadata.level, metadata.level),
            picture=quote(self._pictures.sessions.get(session.id, "")),
            lengths=tuple(
                _Length(mark=_mark(length_s), words=length_words(length_s, self._wording.words)) for length_s in lengths
            ),
        )

    def _groups(self) -> Iterator[_Group]:
        course, words = self._library.course, self._wording.words
        sessions = [entries[0].session for entries in self._entries.values()]
        for name, block in course.blocks.items():
            items = tuple(self._items[each.id] for each in sessions if each.block == name)
            if items:
                yield _Group(title=block.title, summary=block.summary, items=items)
        loose = tuple(self._items[each.id] for each in sessions if not each.block and not each.extra)
        if loose:
            yield _Group(title=words["sessions"], summary="", items=loose)
        extras = tuple(self._items[each.id] for each in sessions if each.extra)
        if extras:
            yield _Group(title=words["extras"], summary="", items=extras)

    def _trails(self) -> Iterator[_Group]:
        for trail in self._library.course.paths.values():
            items = tuple(self._items[key] for key in trail.sessions if key in self._items)
            if items:
                yield _Group(title=trail.title, summary="", items=items)

    def _session(self, entries: tuple[LibraryEntry, ...]) -> str:
        course, item = self._library.course, self._items[entries[0].session.id]
        recordings = tuple(read_recording(self._library, entry, self._wording.words) for entry in entries)
        before, after = self._around(item)
        page = _environment().get_template("session.html")
        return page.render(
            self._shared(""),
            item=item,
            item_picture=item.picture or self._pictures.course,
            **self._offered(item.id),
            is_day=False,
            pack_voices=self._player.voices(item.id),
            lengths=item.lengths,
            voices=_different(each.voice for each in recordings),
            ambiences=_different(each.ambience for each in recordings),
            presets=_different(each.preset for each in recordings),
            recordings=recordings,
            first=recordings[0],
            concepts=tuple(course.concepts.get(mark, mark) for mark in entries[0].metadata.concepts),
            companion=self._companion(entries[0]),
            before=before,
            after=after,
            data=self._data(recordings, item),
        )

    def _data(self, recordings: tuple[Recording, ...], item: _Item) -> Mapping[str, object]:
        picture = item.picture or self._pictures.course
        return {
            **self._player.data(
                item.id, {item.id: item.title}, picture=picture, keep=self._keep(item.file, item.picture)
            ),
            "title": item.title,
            "day": False,
            "recordings": [{**recording_data(each), "mark": _mark(each.length_s)} for each in recordings],
        }

    def _companion(self, entry: LibraryEntry) -> str:
        file = entry.session.companion
        if not file:
            return ""
        try:
            return companion_html(file.read_text(encoding="utf-8"), entry.metadata.title)
        except (OSError, UnicodeDecodeError) as error:
            raise AssetError(f"the companion page {file} can't be read: {error}", "save it as UTF-8 text") from error

    def _around(self, item: _Item) -> tuple[_Item | None, _Item | None]:
        items = list(self._items.values())
        place = items.index(item)
        return items[place - 1] if place else None, items[place + 1] if place + 1 < len(items) else None


_POLICY: Final = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file: 'unsafe-inline'; img-src 'self' file:; "
    "media-src 'self' file: blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
"""What a page may load: what lies beside it, on a server or on a disk, where browsers differ in what ``self`` is.

Styles may be attributes, since the colours of a course and the alignment of a table are; captions are a blob, since
they lie in the page. A pack is asked for where there is a host; from a disk it comes in a program.
"""


def _mark(length_s: float) -> str:
    return f"{length_s:g}s"


def _different(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates", encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pictures:
    """_Pictures by name, in the folder of the pages."""

    course: str
    sessions: Mapping[str, str]
    """By session; only of those that have one of their own."""
    files: Mapping[str, bytes]


def pictures_of(library: Library) -> _Pictures:
    """All of them. Raises AssetError where an author's cover can't be used."""
    drawn = course_picture(library)
    course, data = _named("course-cover", drawn or course_cover(library))
    files, sessions = {course: data}, {}
    for entry in {entry.session.id: entry for entry in library.entries}.values():
        if entry.metadata.cover or drawn:
            picture = session_picture(library, entry) or session_cover(library, entry)
            name, data = _named(f"{entry.session.id}-cover", picture)
            sessions[entry.session.id], files[name] = name, data
    return _Pictures(course=course, sessions=sessions, files=files)


def _named(stem: str, picture: str | Cover) -> tuple[str, bytes]:
    if isinstance(picture, str):
        return f"{stem}.svg", picture.encode()
    return stem + picture.suffix, picture.data
