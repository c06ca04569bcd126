"""The JSON Schema that editors complete and validate scripts with, made from the shapes that parsing uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from pydantic.json_schema import GenerateJsonSchema

from breathmark.script.document import Document
from breathmark.script.segments import Part
from breathmark.script.settings import Lexicon, Settings

if TYPE_CHECKING:
    from pydantic import BaseModel


SchemaName: TypeAlias = Literal["script", "part", "settings", "lexicon"]

_DIALECT = "http://json-schema.org/draft-07/schema#"
"""What YAML language servers read best; nothing here needs a later one but ``$defs``, which all of them follow."""
_SHAPES: Mapping[SchemaName, type[BaseModel]] = {
    "script": Document,
    "part": Part,
    "settings": Settings,
    "lexicon": Lexicon,
}
_TITLES: Mapping[SchemaName, str] = {
    "script": "Breathmark script",
    "part": "Breathmark part",
    "settings": "Breathmark project settings",
    "lexicon": "Breathmark lexicon",
}


def json_schema(which: SchemaName = "script") -> dict[str, Any]:
    """The schema of scripts, of parts that scripts include, of ``breathmark.yaml``, or of ``lexicon.yaml``."""
    return schema_of(_SHAPES[which], _TITLES[which])


def schema_of(shape: type[BaseModel], title: str) -> dict[str, Any]:
    """The schema of files of any ``shape``, for editors."""
    schema = shape.model_json_schema(by_alias=True, schema_generator=GenerateJsonSchema)
    return {"$schema": _DIALECT, **_tidy(schema), "title": title}


def _tidy(value: Any) -> Any:  # noqa: ANN401 (a JSON value)
    """The schema as editors want it.

    pydantic allows ``null`` for keys that may be left out, which nobody writes; and it puts descriptions beside a
    ``$ref``, where draft 7 doesn't look. Keys of another form than the pattern are faults.
    """
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    if not isinstance(value, dict):
        return value
    tidy = {key: _tidy(item) for key, item in value.items() if not (key == "default" and item is None)}
    if "anyOf" in tidy:
        options = [option for option in tidy.pop("anyOf") if option != {"type": "null"}]
        tidy = {**options[0], **tidy} if len(options) == 1 else {**tidy, "anyOf": options}
    if "patternProperties" in tidy:
        tidy.setdefault("additionalProperties", False)
    if "$ref" in tidy and len(tidy) > 1:
        tidy["allOf"] = [{"$ref": tidy.pop("$ref")}]
    return tidy
