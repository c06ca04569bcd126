"""The cover of a course as a file of its own, drawn only where it isn't there yet."""

from __future__ import annotations

import hashlib
import re
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from breathmark.deliver.cover import read_cover
from breathmark.deliver.write import delivery_errors, write_changed

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.course.publishers.base import Library

__all__ = ["cover_name", "publish_cover"]

_OURS: Final = re.compile(r"cover-[0-9a-f]{12}\.(?:jpg|png)", re.ASCII)


def cover_name(library: Library) -> str:
    """The name of the cover's file, another one for another picture: directories look at a picture once for each name.

    Raises AssetError where the author's own can't be used.
    """
    course = library.course
    if course.cover:
        cover = read_cover(course.cover)
        return f"cover-{hashlib.sha256(cover.data).hexdigest()[:12]}{cover.suffix}"
    drawn_from = "\0".join((version("breathmark"), course.title, course.author))
    return f"cover-{hashlib.sha256(drawn_from.encode()).hexdigest()[:12]}.jpg"


def publish_cover(library: Library) -> tuple[Path, ...]:
    """Write the cover where it isn't there, and remove an earlier one.

    Raises:
        AssetError: the author's own can't be used.
        DeliveryError: the folder can't be written.
    """
    path = library.folder / cover_name(library)
    if path.is_file():
        return ()
    from breathmark.course.covers import course_cover  # noqa: PLC0415 - it loads what draws, and most builds draw nothing

    written = write_changed(path.parent, {path.name: course_cover(library).data})
    for other in library.folder.glob("cover-*"):
        if other != path and _OURS.fullmatch(other.name):
            with delivery_errors(other):
                other.unlink(missing_ok=True)
    return written
