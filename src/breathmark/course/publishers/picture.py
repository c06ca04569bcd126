"""The cover of a course as a file of its own, drawn only where it isn't there yet."""

from __future__ import annotations

import hashlib
import re
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from breathmark.base.errors import AssetError
from breathmark.base.writing import delivery_errors, write_changed
from breathmark.formats.cover import read_cover

if TYPE_CHECKING:
    from breathmark.course.course import Course
    from breathmark.course.publishers.base import Library


_OURS: Final = re.compile(r"cover-[0-9a-f]{12}\.(?:jpg|png)", re.ASCII)
_LEAST_PX: Final = 1400
_MOST_PX: Final = 3000
_RGB_BITS: Final = 24
"""What Apple Podcasts asks of a show's cover, and other directories with it: square, RGB, without transparency."""


def check_cover(course: Course) -> None:
    """Raise AssetError where podcast directories would refuse the author's cover, with all that they would refuse."""
    if course.cover is None:
        return
    cover = read_cover(course.cover)
    faults = []
    if cover.width != cover.height or not _LEAST_PX <= cover.width <= _MOST_PX:
        faults.append(f"is {cover.width} x {cover.height} pixels")
    if cover.depth != _RGB_BITS:
        faults.append(f"has {cover.depth} bits a pixel")
    if faults:
        hint = (
            f"save it as a square of {_LEAST_PX} to {_MOST_PX} pixels, as RGB of 8 bits without transparency; or leave "
            "`cover` out, and one is drawn"
        )
        shown = course.project.shown(course.cover)
        raise AssetError(f"podcast directories refuse the cover {shown}: it {' and '.join(faults)}", hint)


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
