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
from breathmark.course.shapes import CourseShape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


_PREFIX: Final = "section_"
"""Of the fields, whose aliases are the names: a name may hold what no field of Python can."""


def shape_for(keys: Iterable[str]) -> type[CourseShape]:
    """The shape of a manifest with these keys. Raises RequestError where a plug-in that it names can't be loaded."""
    found = {name: section for name in keys if (section := _section(name)) is not None}
    return _extended(found) if found else CourseShape


def every_shape() -> type[CourseShape]:
    """The shape with the sections of all that is installed, for editors; what can't be loaded is left out."""
    found: dict[str, type[BaseModel]] = {}
    for name in sorted({*third_parties(PUBLISHERS), *third_parties(EXECUTORS)}):
        with suppress(RequestError):
            if section := _section(name):
                found[name] = section
    return _extended(found) if found else CourseShape


def sections_of(shape: CourseShape) -> dict[str, BaseModel]:
    """The validated sections of plug-ins by their names."""
    fields = {name: field.alias or "" for name, field in type(shape).model_fields.items() if name.startswith(_PREFIX)}
    values = {alias: getattr(shape, name) for name, alias in fields.items()}
    return {alias: value for alias, value in values.items() if isinstance(value, BaseModel)}


def _section(name: str) -> type[BaseModel] | None:
    """The model that a third-party publisher or executor has for its section; None where it has none."""
    if name in CourseShape.model_fields:
        return None
    for group in (PUBLISHERS, EXECUTORS):
        if name in third_parties(group):
            section = getattr(load(group, name), "section", None)
            if isinstance(section, type) and issubclass(section, BaseModel):
                return section
    return None


def _extended(sections: Mapping[str, type[BaseModel]]) -> type[CourseShape]:
    fields: dict[str, tuple[object, object]] = {
        f"{_PREFIX}{number}": (
            section | None,
            Field(None, alias=name, description=f"What the plug-in `{name}` has to know."),
        )
        for number, (name, section) in enumerate(sections.items())
    }
    extended: type[CourseShape] = create_model("CourseShape", __base__=CourseShape, **fields)  # type: ignore[call-overload]
    return extended
