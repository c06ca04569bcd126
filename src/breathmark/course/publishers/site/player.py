"""What the page's program has to know, as JSON in the page: recordings, packs, loops and words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from breathmark.course.course import AS_SCRIPTED
from breathmark.course.publishers.site.packs import LoopRecord, PackNote, PackRecord, has_any_length, read_note
from breathmark.course.publishers.site.recording import in_words
from breathmark.speech.registry import display_name

if TYPE_CHECKING:
    from breathmark.course.publishers.base import Library
    from breathmark.languages.words import SiteWords


WORKER_FILE: Final = "breathmark-worker.js"
_WORKER: Final = Path(__file__).parent / "worker" / WORKER_FILE
_HEARD_LUFS: Final = -16.0 + 3.01
"""A voice of -16 LUFS in mono, as it is heard from two loudspeakers, and so as a loop in stereo is measured."""
_WORDS: Final = (
    *("play", "pause", "of", "unplayable", "captions", "minutes", "seconds", "quiet", "going_on", "possible"),
    *("damaged", "mixed", "outdated", "unreachable", "keep", "kept", "not_kept", "forget", "old_worker"),
    *("recordings_left", "day_up", "day_remove"),
)


class PlayerData:
    """Gives each page its part of what was made."""

    def __init__(self, library: Library, wording: SiteWords) -> None:
        self._library = library
        self._words = wording.words
        self.note = read_note(library) if has_any_length(library) else PackNote()

    def voices(self, session: str) -> tuple[str, ...]:
        """Who speaks in the packs of a session."""
        return tuple(dict.fromkeys(self._voice(each) for each in self.note.of(session)))

    @property
    def all_voices(self) -> tuple[str, ...]:
        """The same of all sessions."""
        return tuple(dict.fromkeys(self._voice(each) for each in self.note.packs))

    def has_whole_minutes(self, session: str) -> bool:
        """Whether a session can have a share of some whole minutes, by each voice."""
        packs = self.note.of(session)
        return bool(packs) and all(any(length_s % 60 == 0 for length_s in each.lengths_s) for each in packs)

    def loops(self) -> tuple[str, ...]:
        """The ambiences in words, in their order."""
        return tuple(in_words(PurePosixPath(each.sound).stem) for each in self.note.loops)

    def own_loop(self, session: str) -> int:
        """The number of the session's own ambience among them; -1 where it has none."""
        return next((self._own(each) for each in self.note.of(session)), -1)

    def data(self, page: str, titles: Mapping[str, str], *, picture: str, keep: Sequence[str]) -> dict[str, object]:
        """All but the recordings. ``titles`` are those of the sessions that the page can play, by their ids."""
        packs = [each for session in titles for each in self.note.of(session)]
        course = self._library.course
        return {
            "key": hashlib.sha256(course.title.encode()).hexdigest()[:12],
            "page": page,
            "course": course.title,
            "picture": picture,
            "language": course.language,
            "words": {key: self._words[key] for key in _WORDS},
            "packs": [self._pack(each, titles[each.session]) for each in packs],
            "ambiences": [
                {"name": name, "src": f"ambience/{quote(each.name)}", "lufs": each.lufs}
                for name, each in zip(self.loops(), self.note.loops, strict=True)
            ],
            "below_lu": packs[0].below_voice_lu if packs else 20.0,
            "voice_lufs": _HEARD_LUFS,
            "worker": worker_version(),
            "base": "../",
            "keep": [*keep, *self._kept(packs)],
        }

    def _pack(self, record: PackRecord, title: str) -> dict[str, object]:
        return {
            "session": record.session,
            "title": title,
            "voice": self._voice(record),
            "base": f"packs/{quote(record.name)}",
            "lengths_s": [_whole(each) for each in record.lengths_s],
            "ideal_s": _whole(record.ideal_s),
        }

    def _kept(self, packs: Iterable[PackRecord]) -> list[str]:
        """What has to be kept so that a session plays without a connection."""
        files = [f"packs/{quote(each.name)}{end}" for each in packs for end in (".pack", ".plans.json")]
        return [*files, *(f"ambience/{quote(each.name)}" for each in self.note.loops)]

    def _voice(self, record: PackRecord) -> str:
        return display_name(record.voice, self._library.course.project.settings.narrators)

    def _own(self, record: PackRecord) -> int:
        """What the course chooses first, where it is not left to the script."""
        asked = self._library.course.ambiences[0]
        sound = record.sound if asked == AS_SCRIPTED else asked
        sounds: list[LoopRecord] = list(self.note.loops)
        return next((number for number, each in enumerate(sounds) if each.sound == sound), -1)


def _whole(seconds: float) -> float | int:
    return int(seconds) if seconds == int(seconds) else seconds


@cache
def worker_text() -> str:
    """The service worker, with its version in it."""
    return _WORKER.read_text(encoding="utf-8").replace("{{ version }}", worker_version())


@cache
def worker_version() -> str:
    """By which a page finds that an older worker is in charge."""
    return hashlib.sha256(_WORKER.read_bytes()).hexdigest()[:12]


def web_manifest(library: Library, picture: str, colour: str) -> dict[str, object]:
    """What lets the pages be put on a home screen."""
    suffix = PurePosixPath(picture).suffix
    kinds = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}
    return {
        "name": library.course.title,
        "short_name": library.course.title[:24],
        "start_url": "../index.html",
        "scope": "../",
        "display": "standalone",
        "background_color": "#faf8f3",
        "theme_color": colour,
        "icons": [{"src": picture, "type": kinds[suffix], "sizes": "any" if suffix == ".svg" else "512x512"}],
    }


MANIFEST_FILE: Final = "app.webmanifest"
