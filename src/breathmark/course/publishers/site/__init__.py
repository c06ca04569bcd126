"""The publisher ``site``: ``index.html`` in the library's folder, and all else under ``site/``.

The pages ask nothing of any other place, and work from a disk as they do from a server.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from breathmark.base.writing import delivery_errors, write_changed, write_text
from breathmark.course.publishers.base import Claim, Library
from breathmark.course.publishers.site.packs import check_names, make_packs, pack_claims
from breathmark.course.publishers.site.player import WORKER_FILE, worker_text
from breathmark.course.publishers.site.stamp import DAY_FILE, FOLDER, NOTE, is_current, noted_files, stamp
from breathmark.course.sources import ambience_asked
from breathmark.mix.mixdown import chosen_sound

if TYPE_CHECKING:
    from breathmark.course.course import Course


INDEX_FILE: Final = "index.html"
_ASSETS: Final = Path(__file__).parent / "assets"
_OWN: Final = b'<meta name="generator" content="Breathmark">'
"""By this a page is known to be Breathmark's."""
_WORKER: Final = b"// Breathmark's service worker"
_PICTURES: Final = (".svg", ".jpg", ".png")


class SitePublisher:
    """Writes the pages."""

    for_listeners: ClassVar[bool] = True
    comes_last: ClassVar[bool] = True

    def check(self, course: Course) -> None:
        """Look for the sounds that the pages are to offer, where listeners may choose any length.

        Raises:
            AssetError: one is missing.
            RequestError: two files would have one name.
        """
        if not course.site.any_length:
            return
        check_names(course)
        for sound in course.site.ambiences:
            if sound != "none":
                chosen_sound(ambience_asked(sound, course.project), course.project.root)

    def claims(self, course: Course) -> tuple[Claim, ...]:
        """The pages, known by their first lines, and what belongs to them, known by the note beside them."""
        ids = [session.id for session in course.sessions]
        any_length = course.site.any_length
        pictures = [f"{name}-cover{suffix}" for name in ("course", *ids) for suffix in _PICTURES]
        beside = [*(file.name for file in _assets(packs=any_length)), *pictures]
        return (
            Claim(name=INDEX_FILE, mark=_OWN),
            *(Claim(name=f"{FOLDER}/{name}.html", mark=_OWN) for name in ids),
            *(Claim(name=f"{FOLDER}/{name}", record=f"{FOLDER}/{NOTE}") for name in beside),
            *(
                (Claim(name=f"{FOLDER}/{DAY_FILE}", mark=_OWN), Claim(name=WORKER_FILE, mark=_WORKER))
                if any_length
                else ()
            ),
            *pack_claims(course),
        )

    def prepare(self, library: Library) -> tuple[Path, ...]:
        """Make packs and loops, where listeners may choose any length. Raises as ``make_packs`` does."""
        return make_packs(library)

    def publish(self, library: Library) -> tuple[Path, ...]:
        """Write what has changed; the first page last. Remove the pages of sessions that no longer exist.

        Raises:
            AssetError: an author's cover or companion page can't be used.
            DeliveryError: the folder can't be written.
        """
        if is_current(library):
            return ()
        from breathmark.course.publishers.site.pages import Pages, pictures_of  # noqa: PLC0415 - seldom needed

        pictures = pictures_of(library)
        pages = Pages(library, pictures)
        folder = library.folder / FOLDER
        with delivery_errors(folder):
            texts = {name: text.encode() for name, text in pages.sessions().items()}
            assets = {file.name: file.read_bytes() for file in _assets(packs=pages.has_packs)}
        private = bool(library.listener)
        files = {**assets, **pictures.files, **texts, **pages.beside()}
        first = {INDEX_FILE: pages.index().encode()}
        if pages.has_packs:
            first = {WORKER_FILE: worker_text().encode(), **first}
        written = write_changed(folder, files, private=private)
        written += write_changed(library.folder, first, private=private)
        kept = [*(folder / name for name in files), *(library.folder / name for name in first)]
        with delivery_errors(folder):
            for file in _stale(library, kept):
                file.unlink(missing_ok=True)
        path, text = stamp(library, kept)
        write_text(path, text, private=private)
        return written


def _assets(*, packs: bool) -> list[Path]:
    """The files that every page has, and those that only pages with ``packs`` need."""
    return [file for file in sorted(_ASSETS.iterdir()) if packs or file.stem == "site"]


def _stale(library: Library, kept: list[Path]) -> Iterator[Path]:
    """What the last build noted as its own and this one does not write: pages of sessions that no longer exist."""
    for name in noted_files(library):
        file = library.folder / name
        if file not in kept and (file.parent == library.folder / FOLDER or name == WORKER_FILE):
            yield file
