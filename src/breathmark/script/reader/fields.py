"""Field types of scripts: each parses the string that YAML gave, and gives editors the schema of what is allowed.

Editors type plain scalars by themselves (``2024`` is a number to them), so every text field admits those too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, ValidationInfo, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue  # noqa: TC002 (pydantic reads the annotations when it builds the schema)

from breathmark.model import Count, Range
from breathmark.script.lexicon import read_ipa
from breathmark.script.ranges import parse_count, parse_duration, parse_range
from breathmark.script.reader.adapters import (
    FLAG_SCHEMA,
    SCALAR_SCHEMA,
    TEXT_SCHEMA,
    OrItem,
    Reader,
    Reads,
    flag,
    looked_up,
    not_blank,
    parsed,
    written,
)
from breathmark.script.reader.nodes import Written, is_null
from breathmark.script.terms import Text
from breathmark.script.variables import FLAG_WORDS, canonical, check_name

_TIME = r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_OFF_OR_DB: JsonSchemaValue = {"type": "string", "pattern": r"^(?:off|no|-[0-9]+(?:\.[0-9]+)?\s*(?:dB|db)?)$"}
_SECRETS = ("key", "token", "secret", "password")
_UNIT = r"\s*[A-Za-z]*"
_CLOCK = r"[0-9]{1,4}:[0-5][0-9](?::[0-5][0-9])?"
_ONE = rf"(?:{_CLOCK}|{_TIME}{_UNIT}(?:\s*{_TIME}\s*[A-Za-z]+)*)"
_WHOLE = r"[0-9]{1,4}"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", re.ASCII)
_REST_NAME = re.compile(r"[a-z][a-z_-]{0,29}", re.ASCII)
_RULE_NAME = re.compile(r"[A-Z]{3}-[0-9]{2}", re.ASCII)
VOICE_PATTERN = r"^[A-Za-z0-9_-]+(?::[^\s:].*)?$"
"""``NARRATOR`` or ``NARRATOR:NAME``, for editors."""
_VOICE = re.compile(r"[A-Za-z0-9_-]+(?::[^\s:][^\n]*)?", re.ASCII)


def _number(low: float, high: float, unit: str) -> Callable[[str], float]:
    """A reader of decimal numbers between two bounds."""

    def read(text: str) -> float:
        plain = text.strip().lower().removesuffix(unit).rstrip() if unit else text.strip()
        value = float(plain) if re.fullmatch(r"[-+]?[0-9]{1,9}(?:\.[0-9]{1,9})?", plain, re.ASCII) else None
        if value is None or not low <= value <= high:
            raise ValueError(f"write a number from {low:g} to {high:g}")
        return value

    return read


def _unless_off(read: Callable[[str], float]) -> Callable[[str], float]:
    """A reader of levels that can be switched off, which is minus infinity."""

    def read_or_off(text: str) -> float:
        if FLAG_WORDS.get(text.strip().lower()) == "no":
            return -math.inf
        try:
            return read(text)
        except ValueError as exc:
            raise ValueError(f"{exc}, or off") from exc

    return read_or_off


def _whole(low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers between two bounds."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text.strip(), re.ASCII) or not low <= int(text) <= high:
            raise ValueError(f"write a whole number from {low} to {high}")
        return int(text)

    return read


def matching(pattern: re.Pattern[str], advice: str) -> Callable[[str], str]:
    """A reader of words of one form."""

    def read(text: str) -> str:
        if not pattern.fullmatch(text.strip()):
            raise ValueError(advice)
        return text.strip()

    return read


def _phase(text: str) -> float:
    value_s = parse_duration(text)
    if value_s > 60:
        raise ValueError(f"`{text.strip()}`: one phase of a breath can be 60 seconds at most")
    return value_s


def _value(value: object, _: ValidationInfo) -> str | None:
    """A default: a text, a list of texts, or nothing."""
    if isinstance(value, Written) and is_null(value.node):
        return None
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        if any(";" in item for item in value):
            raise ValueError("an item of a list can't hold `;`")
        return ItemsText("; ".join(value))
    if not isinstance(value, str):
        raise ValueError("write a word, a number, yes or no, or a list of texts")  # noqa: TRY004 (pydantic reports ValueError)
    return value


class ItemsText(str):
    """A default that was written as a list."""

    __slots__ = ()


def _numeric(pattern: str, low: float, high: float, *, number: str = "number") -> JsonSchemaValue:
    return {"anyOf": [{"type": number, "minimum": low, "maximum": high}, {"type": "string", "pattern": pattern}]}


def _word(text: str) -> str:
    """A word of a lexicon, in lower case."""
    return _spoken(text).lower()


def _spoken(text: str) -> str:
    try:
        return canonical(text, kind="text", max_length=100)
    except ValueError as exc:
        raise ValueError(f"this word {exc}") from exc


def _letters(text: str) -> str:
    spoken = _spoken(text)
    if not any(map(str.isalnum, spoken)):
        raise ValueError("there is nothing to say in it: write how the word sounds in letters")
    return spoken


def _ipa(text: str) -> str:
    return read_ipa(_spoken(text))


def _setting_name(text: str) -> str:
    """The name of a narrator's setting; never that of a secret, since settings lie in git."""
    if re.split(r"[-_ ]", text.strip().lower())[-1] in _SECRETS:
        raise ValueError("keys and passwords belong in the environment, never in a file")
    return text.strip()


def _given(value: object, _: ValidationInfo) -> Text | None:
    """What ``with`` gives: a template, or nothing."""
    node = written(value, blank=True).node
    return None if is_null(node) else node.text


def _sound(reader: Reader, written: Written) -> Written:
    """A sound's name or path, at the place where it is written."""
    return Written(reader.sound(written), written.node)


def _output(reader: Reader, written: Written) -> str:
    """A folder in the project, as it is written."""
    reader.sound(written)
    return str(written)


Word: TypeAlias = Annotated[str, parsed(_word, "Metta", {"type": "string"})]
Respelling: TypeAlias = Annotated[str, parsed(_letters, "metta", TEXT_SCHEMA)]
IpaField: TypeAlias = Annotated[str, parsed(_ipa, "mɛtə", {"type": "string", "pattern": r"\S"})]
SettingName: TypeAlias = Annotated[str, parsed(_setting_name, "noise", {"type": "string"})]
AnyText: TypeAlias = Annotated[str, WithJsonSchema(SCALAR_SCHEMA)]
TextField: TypeAlias = Annotated[str, AfterValidator(not_blank), WithJsonSchema(TEXT_SCHEMA)]
PlacedText: TypeAlias = Annotated[Written, Reads(lambda value, _: written(value), TEXT_SCHEMA)]
Template: TypeAlias = Annotated[Text, Reads(lambda value, _: written(value).node.text, TEXT_SCHEMA)]
GivenText: TypeAlias = Annotated[Text | None, Reads(_given, SCALAR_SCHEMA)]
SoundField: TypeAlias = Annotated[Written, looked_up(_sound)]
BellName: TypeAlias = Annotated[str, looked_up(_sound, blank=True)]
OutputField: TypeAlias = Annotated[str, looked_up(_output)]
CoverField: TypeAlias = Annotated[Path, looked_up(lambda reader, value: reader.cover(value))]
Files: TypeAlias = Annotated[
    tuple[Annotated[Text, looked_up(lambda reader, value: reader.macros(value))], ...],
    OrItem,
    AfterValidator(lambda found: tuple(dict.fromkeys(found))),
]
"""Files of macros, each once."""
RangeField: TypeAlias = Annotated[
    Range,
    parsed(parse_range, "3s..5s..12s", _numeric(rf"^\s*{_ONE}(?:\s*!|(?:\s*\.\.\s*{_ONE}){{0,2}})\s*$", 0, 86400)),
]
DurationField: TypeAlias = Annotated[float, parsed(parse_duration, "8m", _numeric(rf"^\s*{_ONE}\s*$", 0, 86400))]
PhaseField: TypeAlias = Annotated[float, parsed(_phase, "4s", _numeric(rf"^\s*{_ONE}\s*$", 0, 60))]
CountField: TypeAlias = Annotated[
    Count,
    parsed(
        parse_count,
        "3..6..12",
        _numeric(rf"^\s*{_WHOLE}(?:\s*!|(?:\s*\.\.\s*{_WHOLE}){{0,2}})\s*$", 1, 1000, number="integer"),
    ),
]
FlagField: TypeAlias = Annotated[bool, parsed(flag, "yes", FLAG_SCHEMA)]
SpeedField: TypeAlias = Annotated[
    float, parsed(_number(0.5, 2.0, ""), "0.9", _numeric(r"^[0-9]+(?:\.[0-9]+)?$", 0.5, 2))
]
LevelField: TypeAlias = Annotated[
    float, parsed(_number(-6, 6, "db"), "-3", _numeric(r"^[-+]?[0-9]+(?:\.[0-9]+)?\s*(?:dB|db)?$", -6, 6))
]
TakeField: TypeAlias = Annotated[int, parsed(_whole(1, 99), "2", {"type": "integer", "minimum": 1, "maximum": 99})]
SpeedFallField: TypeAlias = Annotated[
    float, parsed(_number(0, 0.3, ""), "0.1", _numeric(r"^[0-9]+(?:\.[0-9]+)?$", 0, 0.3))
]
LevelFallField: TypeAlias = Annotated[
    float, parsed(_number(0, 6, "db"), "3", _numeric(r"^[0-9]+(?:\.[0-9]+)?\s*(?:dB|db)?$", 0, 6))
]
PitchFallField: TypeAlias = Annotated[float, parsed(_number(0, 4, ""), "1", _numeric(r"^[0-9]+(?:\.[0-9]+)?$", 0, 4))]
BelowVoiceField: TypeAlias = Annotated[
    float, parsed(_number(10, 60, "lu"), "20", _numeric(r"^[0-9]+(?:\.[0-9]+)?\s*(?:LU|lu)?$", 10, 60))
]
SwellField: TypeAlias = Annotated[
    float, parsed(_number(0, 12, "lu"), "4", _numeric(r"^[0-9]+(?:\.[0-9]+)?\s*(?:LU|lu)?$", 0, 12))
]
RoomToneField: TypeAlias = Annotated[
    float,
    parsed(
        _unless_off(_number(-80, -50, "db")),
        "-75",
        {"anyOf": [{"type": "number", "minimum": -80, "maximum": -50}, {"const": False}, _OFF_OR_DB]},
    ),
]
"""Minus infinity where it is off."""
PriorityField: TypeAlias = Annotated[int, parsed(_whole(1, 99), "1", {"type": "integer", "minimum": 1, "maximum": 99})]
MaxLengthField: TypeAlias = Annotated[
    int, parsed(_whole(1, 1000), "24", {"type": "integer", "minimum": 1, "maximum": 1000})
]
LanguageField: TypeAlias = Annotated[
    str,
    parsed(
        matching(_LANGUAGE, "a language is written like `en`, `de` or `en-GB`"),
        "en",
        {"type": ["string", "boolean"], "pattern": f"^{_LANGUAGE.pattern}$"},
    ),
]
RestName: TypeAlias = Annotated[
    str,
    parsed(
        matching(_REST_NAME, "the name of a rest is a lower-case word, such as `long`"),
        "long",
        {"type": "string", "pattern": f"^{_REST_NAME.pattern}$"},
    ),
]
RuleName: TypeAlias = Annotated[
    str,
    parsed(
        matching(_RULE_NAME, "a rule is written like `SAF-22`; `breathmark check --rules` lists all"),
        "SAF-22",
        {"type": "string", "pattern": f"^{_RULE_NAME.pattern}$"},
    ),
]
VariableName: TypeAlias = Annotated[str, parsed(check_name, "name", {"type": "string"})]
CastName: TypeAlias = Annotated[
    str,
    parsed(
        matching(_REST_NAME, "the name of a speaker is a lower-case word, such as `guide`"),
        "guide",
        {"type": "string", "pattern": f"^{_REST_NAME.pattern}$"},
    ),
]
VoiceName: TypeAlias = Annotated[
    str,
    parsed(
        matching(_VOICE, "a voice is written `NARRATOR` or `NARRATOR:NAME`, such as `hibari:heart`"),
        "hibari:heart",
        {"type": "string", "pattern": VOICE_PATTERN},
    ),
]
ValueField: TypeAlias = Annotated[
    str | None,
    Reads(_value, {"anyOf": [SCALAR_SCHEMA, {"type": "null"}, {"type": "array", "items": SCALAR_SCHEMA}]}),
]
