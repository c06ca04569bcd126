"""Checks of the options that a Python caller gives: what is of another type is reported by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, Final

from breathmark.base.errors import RequestError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


_KINDS: Final[Mapping[str, tuple[str, tuple[type, ...]]]] = {
    "str": ("a text", (str,)),
    "float": ("a number", (int, float)),
    "int": ("a whole number", (int,)),
    "bool": ("True or False", (bool,)),
    "Path": ("a path", (str, Path)),
    "None": ("None", (NoneType,)),
    "tuple": ("a tuple", (tuple, list)),
    "Mapping": ("a mapping of names", (Mapping,)),
}
"""By the name of a type in an annotation: how messages call it, and what is taken for it."""


def check_options(options: object, wanted: type) -> None:
    """Raise TypeError where a caller gave something else, such as a dict."""
    if not isinstance(options, wanted):
        given = type(options).__name__
        raise TypeError(f"options must be breathmark.{wanted.__name__}(...), not {given}")


def check_fields(options: DataclassInstance) -> None:
    """Check each field by its annotation; None is its default, and a text where a path belongs becomes one.

    Raises:
        RequestError: names the first field that has a value of another type.
    """
    for each in fields(options):
        value = getattr(options, each.name)
        kinds = [kind.strip() for kind in str(each.type).split("|")]
        if value is None and "None" not in kinds:
            object.__setattr__(options, each.name, _default(each))
        elif not any(_is(value, kind) for kind in kinds):
            expected = " or ".join(_name(kind) for kind in kinds if kind != "None")
            raise RequestError(
                f"the option `{each.name}` has to be {expected}, not {_given(value)}",
                f"see help(breathmark.{type(options).__name__})",
            )
        elif isinstance(value, str) and "Path" in kinds and "str" not in kinds:
            object.__setattr__(options, each.name, Path(value))


def _is(value: object, kind: str) -> bool:
    """Whether ``value`` is of the type that an annotation names; a class of elsewhere is known by its name."""
    outer, _, inner = kind.removesuffix("]").partition("[")
    if outer not in _KINDS:
        return callable(value) or any(each.__name__ == outer for each in type(value).__mro__)
    if isinstance(value, bool) and outer != "bool":
        return False
    if not isinstance(value, _KINDS[outer][1]):
        return False
    return outer != "tuple" or all(_is(each, inner.partition(",")[0]) for each in value)  # type: ignore[attr-defined]


def _name(kind: str) -> str:
    outer, _, inner = kind.removesuffix("]").partition("[")
    of = {"str": " of texts", "float": " of numbers"}.get(inner.partition(",")[0], "") if outer == "tuple" else ""
    return f"{_KINDS[outer][0] if outer in _KINDS else f'a {outer}'}{of}"


def _given(value: object) -> str:
    return f"a {type(value).__name__}"


def _default(each: Field[Any]) -> object:
    return each.default if each.default_factory is MISSING else each.default_factory()
