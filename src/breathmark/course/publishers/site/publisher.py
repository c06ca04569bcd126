"""The publisher ``site``: ``index.html`` in the library's folder, and all else under ``site/``.

The pages ask nothing of any other place, and work from a disk as they do from a server.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from breathmark.course.publishers.site.stamp import FOLDER, is_current, stamp
from breathmark.deliver.write import delivery_errors, write_changed, write_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from breathmark.course.publishers.base import Library

__all__ = ["INDEX_FILE", "SitePublisher"]

INDEX_FILE: Final = "index.html"
_ASSETS: Final = Path(__file__).parent / "assets"
_OWN: Final = b'<meta name="generator" content="Breathmark">'
"""By this a page is known to be Breathmark's."""


class SitePublisher:
    """Writes the pages."""

    for_listeners: ClassVar[bool] = True
    comes_last: ClassVar[bool] = True

    def publish(self, library: Library) -> tuple[Path, ...]:
        """Write what has changed; the first page last. Remove the pages of sessions that are no more.

        Raises:
            AssetError: an author's cover or companion page can't be used.
            DeliveryError: the folder can't be written.
        """
        if is_current(library):
            return ()
        from breathmark.course.publishers.site.pages import Pages  # noqa: PLC0415 - most builds change nothing
        from breathmark.course.publishers.site.pictures import pictures_of  # noqa: PLC0415 - as above

        pictures = pictures_of(library)
        pages = Pages(library, pictures)
        folder = library.folder / FOLDER
        with delivery_errors(folder):
            texts = {name: text.encode() for name, text in pages.sessions().items()}
            assets = {file.name: file.read_bytes() for file in sorted(_ASSETS.iterdir())}
        private = bool(library.listener)
        files = {**assets, **pictures.files, **texts}
        written = write_changed(folder, files, private=private)
        written += write_changed(library.folder, {INDEX_FILE: pages.index().encode()}, private=private)
        with delivery_errors(folder):
            for file in _stale(folder, files):
                file.unlink(missing_ok=True)
        path, text = stamp(library, [*(folder / name for name in files), library.folder / INDEX_FILE])
        write_text(path, text, private=private)
        return written


def _stale(folder: Path, files: Mapping[str, bytes]) -> Iterator[Path]:
    """Breathmark's own pages of sessions that are no more, with their pictures."""
    for page in sorted(folder.glob("*.html")):
        if page.name not in files and _OWN in page.read_bytes():
            yield page
            yield from folder.glob(f"{page.stem}-cover.*")
