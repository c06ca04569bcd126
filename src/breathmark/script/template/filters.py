"""The filters and tests that templates may use.

What they make is counted where the sandbox calls them; those that can multiply a text say beforehand how long it gets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from jinja2 import TemplateRuntimeError, Undefined, pass_environment
from jinja2.filters import do_default
from jinja2.tests import test_defined, test_undefined

from breathmark.script.text.sentinels import BLANK, VALUE_END, VALUE_START, plain

_MAX_NUMBER = 1e12


class Value(str):
    """Text that a variable holds: spoken verbatim, and one word when text is cut into sentences."""

    __slots__ = ()


def output(value: object) -> str:
    """What ``{{ value }}`` puts into the text. Raises ``TemplateRuntimeError`` for what is not text."""
    if isinstance(value, Undefined):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise TemplateRuntimeError(f"{_named(value)} can't be spoken")
    if isinstance(value, str) and not isinstance(value, Value):
        return value or BLANK
    text = str(value)
    return f"{VALUE_START}{text}{VALUE_END}" if text.strip() else BLANK


def _named(value: object) -> str:
    names: Sequence[tuple[type, str]] = ((bool, "a yes or no"), (tuple, "a list"), (list, "a list"))
    return next((name for kind, name in names if isinstance(value, kind)), "this")


def listed(value: object) -> tuple[object, ...] | list[object]:
    """``value``, if ``for`` may go over it, or it is a list of plain values. Raises ``TemplateRuntimeError``."""
    if isinstance(value, Undefined):
        str(value)
    if not isinstance(value, tuple | list):
        raise TemplateRuntimeError("`for` goes over a list, and this is not one")
    for item in value:
        if isinstance(item, Undefined):
            str(item)
        if not isinstance(item, str | int | float):
            raise TemplateRuntimeError("a list holds texts and numbers only")
    return value


class _Counting(Protocol):
    """What filters ask of their environment."""

    def make(self, characters: int) -> None:
        """Draw on the budget for a text. Raises ``TooLongError``."""


@pass_environment
def joined(sandbox: _Counting, items: object, separator: object = "") -> str:
    """The items of a list, with ``separator`` between them; also what ``a ~ b`` is."""
    parts = [output(item) for item in listed(items)]
    between = _text(separator)
    sandbox.make(sum(map(len, parts)) + len(between) * len(parts))
    return between.join(parts)


def add(left: object, right: object, *, sign: int = 1) -> object:
    """``left + right`` (or minus) of two numbers, or of two texts. Raises ``TemplateRuntimeError``."""
    if isinstance(left, str) and isinstance(right, str) and sign > 0:
        return output(left) + output(right)
    if isinstance(left, int | float) and isinstance(right, int | float):
        total = left + sign * right
        if abs(total) > _MAX_NUMBER:
            raise TemplateRuntimeError("the number grows beyond a million millions")
        return total
    raise TemplateRuntimeError("`+` and `-` are for two numbers, and `+` for two texts")


def _text(value: object) -> str:
    if isinstance(value, Undefined) or (isinstance(value, str | int | float) and not isinstance(value, bool)):
        return value if isinstance(value, str) else str(value)
    raise TemplateRuntimeError(f"{_named(value)} is not a text")


def _like(value: object, text: str) -> str:
    """``text``, as verbatim as the ``value`` that it was made from."""
    return Value(text) if isinstance(value, Value) else text


def _capitalize(value: object) -> str:
    """The first letter large, the others small."""
    text = _text(value).lower()
    first = next((index for index, letter in enumerate(text) if letter.isalnum()), 0)
    return _like(value, text[:first] + text[first : first + 1].upper() + text[first + 1 :])


@pass_environment
def _replace(sandbox: _Counting, value: object, old: object, new: object) -> str:
    """Every ``old`` in it becomes ``new``."""
    text, before, after = _text(value), _text(old), _text(new)
    sandbox.make(len(text) + text.count(before) * max(len(after) - len(before), 0))
    return _like(value, text.replace(before, after))


def _length(value: object) -> int:
    return len(value) if isinstance(value, tuple | list) else len(plain(_text(value)))


def _item(value: object, index: int) -> object:
    if isinstance(value, tuple | list):
        if not value:
            raise TemplateRuntimeError("this list is empty")
        return value[index]
    return _like(value, plain(_text(value))[index:][:1])


def _default(value: object, fallback: object = "", boolean: object = False) -> object:  # noqa: FBT002 (Jinja2's own signature)
    return do_default(value, fallback, bool(boolean))


FILTERS: Mapping[str, Callable[..., object]] = {
    "capitalize": _capitalize,
    "count": _length,
    "d": _default,
    "default": _default,
    "first": lambda value: _item(value, 0),
    "join": joined,
    "last": lambda value: _item(value, -1),
    "length": _length,
    "lower": lambda value: _like(value, _text(value).lower()),
    "replace": _replace,
    "title": lambda value: _like(value, _text(value).title()),
    "trim": lambda value: _like(value, _text(value).strip()),
    "upper": lambda value: _like(value, _text(value).upper()),
}
"""By the name that a template uses."""

TESTS: Mapping[str, Callable[..., bool]] = {
    "defined": test_defined,
    "eq": lambda value, other: value == other,
    "equalto": lambda value, other: value == other,
    "even": lambda value: value % 2 == 0,
    "in": lambda value, among: value in among,
    "ne": lambda value, other: value != other,
    "none": lambda value: value is None,
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "odd": lambda value: value % 2 == 1,
    "string": lambda value: isinstance(value, str),
    "undefined": test_undefined,
}
"""By the name that a template uses."""
