"""Plug-in sections: those of ``course.yaml`` that belong to a third-party publisher or executor.

Such a plug-in has an attribute ``section``, a pydantic model; what the manifest has under the plug-in's name is
validated by it, with the manifest's other faults and at the same places.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, Field, create_model

from breathmark.base.errors import RequestError
from breathmark.base.plugins import EXECUTORS, PUBLISHERS, load, third_parties
from breathmark.course.course import Course

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


_PREFIX: Final = "section_"
"""Of the fields, whose aliases are the names: a name may hold what no field of Python can."""


def shape_for(keys: Iterable[str]) -> type[Course]:
    """The shape of a manifest with these keys. Raises RequestError where a plug-in that it names can't be loaded."""
    found = {name: section for name in keys if (section := _section(name)) is not None}
    return _extended(found) if found else Course


def every_shape() -> type[Course]:
    """The shape with the sections of all that is installed, for editors; what can't be loaded is left out."""
    found: dict[str, type[BaseModel]] = {}
    for name in sorted({*third_parties(PUBLISHERS), *third_parties(EXECUTORS)}):
        with suppress(RequestError):
            if section := _section(name):
                found[name] = section
    return _extended(found) if found else Course


def _section(name: str) -> type[BaseModel] | None:
    """The model that a third-party publisher or executor has for its section; None where it has none."""
    if name in Course.model_fields:
        return None
    for group in (PUBLISHERS, EXECUTORS):
        if name in third_parties(group):
            section = getattr(load(group, name), "section", None)
            if isinstance(section, type) and issubclass(section, BaseModel):
                return section
    return None


def _extended(sections: Mapping[str, type[BaseModel]]) -> type[Course]:
    fields: dict[str, tuple[object, object]] = {
        f"{_PREFIX}{number}": (
            section | None,
            Field(None, alias=name, description=f"What the plug-in `{name}` has to know."),
        )
        for number, (name, section) in enumerate(sections.items())
    }
    extended: type[Course] = create_model("Course", __base__=Course, **fields)  # type: ignore[call-overload]
    return extended
