"""How a field's value comes of what YAML gave: read from a text, looked up, or written in a short form.

Each adapter also gives what is allowed as JSON Schema, for editors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pydantic import BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.json_schema import JsonSchemaValue  # noqa: TC002 (pydantic reads the annotations when it builds the schema)
from pydantic_core import PydanticCustomError, PydanticKnownError, core_schema

from breathmark.script.reader.nodes import Node, Written
from breathmark.script.variables import FLAG_WORDS

if TYPE_CHECKING:
    from breathmark.script.terms import Text


S = TypeVar("S", bound=str)
T = TypeVar("T")

SCALAR_SCHEMA: JsonSchemaValue = {"type": ["string", "number", "boolean"]}
TEXT_SCHEMA: JsonSchemaValue = {"type": ["string", "number", "boolean"], "pattern": r"\S"}
FLAG_SCHEMA: JsonSchemaValue = {"anyOf": [{"type": "boolean"}, {"enum": sorted({*FLAG_WORDS} - {"0", "1"})}]}


class Reader(Protocol):
    """Validation context: it looks up what a file names, reports what is wrong with that, and raises ``reported``."""

    def report(self, node: Node, message: str, hint: str = "") -> None:
        """Add a fault at the place of ``node``."""

    def sound(self, written: Written) -> str:
        """A built-in sound's name, or a file's path from the project's root."""

    def cover(self, written: Written) -> Path:
        """Where a picture is."""

    def macros(self, written: Written) -> Text:
        """The text of a file of macros."""


REPORTED = "reported"
"""pydantic's type of a fault that the context has reported already."""


def reported() -> PydanticCustomError:
    """What refuses a value whose fault the validation context has reported."""
    return PydanticCustomError(REPORTED, "it was reported")


@dataclass(frozen=True, slots=True, eq=False)
class Reads:
    """A field's value as ``reader`` makes it of what was written, and the ``schema`` by which editors check that."""

    reader: Callable[[object, ValidationInfo], object]
    schema: JsonSchemaValue

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:  # noqa: ANN401 (pydantic's own signature)
        """Nothing is asked of the type itself, which may be any."""
        return core_schema.with_info_plain_validator_function(self.reader)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """What editors check."""
        return dict(self.schema)


def parsed(reader: Callable[[str], object], example: str, schema: JsonSchemaValue) -> Reads:
    """A value that ``reader`` makes of a string; lists, mappings and blanks are refused with the ``example``."""

    def read(value: object, _: ValidationInfo) -> object:
        if not isinstance(value, str) or not value.strip():
            raise ValueError(f"write a value such as `{example}`")
        return reader(value)

    return Reads(read, schema)


def context(info: ValidationInfo) -> Any:  # noqa: ANN401 - a ``Reader``, and more to those who look up more with it
    """What looks up files."""
    return info.context


def looked_up(reader: Callable[[Any, Written], T], *, blank: bool = False) -> Reads:
    """What the validation context makes of a text."""

    def read(value: object, info: ValidationInfo) -> T:
        return reader(context(info), written(value, blank=blank))

    return Reads(read, SCALAR_SCHEMA if blank else TEXT_SCHEMA)


def written(value: object, *, blank: bool = False) -> Written:
    """The value, where it is a text, and not a ``blank`` one unless that is allowed."""
    if not isinstance(value, Written):
        raise PydanticKnownError("string_type")
    return value if blank else not_blank(value)


def not_blank(text: S) -> S:
    """The text, which has to say something."""
    if not text.strip():
        raise ValueError("there is nothing here; write a text, or leave the key out")
    return text


def flag(text: str) -> bool:
    """Yes or no, in the words that YAML has for them."""
    if text.strip().lower() not in FLAG_WORDS:
        raise ValueError("write yes or no")
    return FLAG_WORDS[text.strip().lower()] == "yes"


@dataclass(frozen=True, slots=True)
class OrScalar:
    """A mapping, or in short the one value that matters: ``voice: tone`` for ``voice: {name: tone}``."""

    key: str
    blank: bool = False
    """Whether the value may be left out altogether, as in ``- bell:``."""
    pattern: str = r"\S"
    """What editors take for the one value."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:  # noqa: ANN401 (pydantic's own signature)
        """Widen the short form before the mapping is validated."""
        return core_schema.no_info_before_validator_function(self._widen, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Both forms."""
        anything = {"type": ["string", "number", "boolean", "null"]}
        short = anything if self.blank else {"type": "string", "pattern": self.pattern}
        return {"anyOf": [short, handler(schema)]}

    def _widen(self, value: object) -> object:
        return {self.key: value} if isinstance(value, str) else value


class OrNone:
    """A mapping, or in short none: the mapping with nothing in it."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:  # noqa: ANN401 (pydantic's own signature)
        """Widen the short form before the mapping is validated."""
        return core_schema.no_info_before_validator_function(self._widen, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Both forms."""
        return {"anyOf": [{"const": "none"}, handler(schema)]}

    def _widen(self, value: object) -> object:
        return {} if isinstance(value, str) and value.strip().lower() == "none" else value


class OrFlag:
    """A mapping, or in short yes (all of its defaults) or no (as if it were not there)."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:  # noqa: ANN401 (pydantic's own signature)
        """Widen the short form before the mapping is validated."""
        return core_schema.no_info_before_validator_function(self._widen, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Both forms."""
        return {"anyOf": [dict(FLAG_SCHEMA), handler(schema)]}

    def _widen(self, value: object) -> object:
        if not isinstance(value, str):
            return value
        return {} if flag(value) else None


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


OrItem = BeforeValidator(_listed, json_schema_input_type=str | list[str])
"""A list, or in short its only item."""
