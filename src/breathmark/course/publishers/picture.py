"""The picture of a course, for those publishers that show one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.deliver.cover import read_cover

if TYPE_CHECKING:
    from breathmark.course.course import Course
    from breathmark.deliver.cover import Cover

__all__ = ["course_cover"]


def course_cover(course: Course) -> Cover | None:
    """The author's; None where there is none. Raises AssetError where it is damaged."""
    return read_cover(course.cover) if course.cover else None
