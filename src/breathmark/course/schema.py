"""The JSON Schemas of a course's own files, beside those of its scripts."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from breathmark.course.plugin_sections import every_shape
from breathmark.course.shapes import HelpText
from breathmark.script import schema

SchemaName: TypeAlias = Literal["course", "help"] | schema.SchemaName


def json_schema(which: SchemaName) -> dict[str, Any]:
    """The schema of ``course.yaml``, of its help file, or of one of the files that scripts need."""
    match which:
        case "course":
            return schema.schema_of(every_shape(), "Breathmark course")
        case "help":
            return schema.schema_of(HelpText, "Breathmark help by region")
        case _:
            return schema.json_schema(which)
