"""Values of variables: ``--set name=Ana`` and files of values, checked against the variables of a script.

No message repeats a value, because it may be private.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from breathmark.base.errors import RequestError, ScriptError, near_miss
from breathmark.script.faults import in_order, short
from breathmark.script.reader.nodes import ListNode, MapNode, ScalarNode, is_null
from breathmark.script.reader.reading import read_node
from breathmark.script.variables import canonical

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from breathmark.script.document import Document
    from breathmark.script.reader.nodes import Node


Given: TypeAlias = "str | float | bool | Sequence[str]"
"""What a value may be in Python."""


def read_values(
    document: Document, set_options: Sequence[str] = (), vars_file: Path | None = None
) -> Mapping[str, str]:
    """The values of the file, and over them those of the ``name=value`` options; what is not set is not in it.

    Raises:
        ScriptError: the file can't be read, or a value in it doesn't fit, each with its place.
        RequestError: an option is not ``name=value``, or its value doesn't fit.
    """
    values = {} if vars_file is None else _from_file(document, vars_file)
    given: dict[str, str] = {}
    for option in set_options:
        name, equals, value = option.partition("=")
        if not (equals and name.strip()):
            raise RequestError("--set takes NAME=VALUE", "for example --set name=Ana")
        given[name.strip()] = value
    return {**values, **check_values(document, given)}


def check_values(document: Document, values: Mapping[str, Given]) -> dict[str, str]:
    """Values as ``document.typed`` takes them; raises a ``RequestError`` that reports every fault.

    Numbers, truth values and lists are taken for what they would be in a file of values.
    """
    if not isinstance(values, Mapping):
        raise RequestError("the values are not a mapping of names", 'give a dict, such as {"name": "Ana"}')
    checked: dict[str, str] = {}
    faults: list[str] = []
    for name, value in values.items():
        try:
            checked[name] = _checked(document, name, _as_text(name, value))
        except ValueError as exc:
            faults.append(str(exc))
    if faults:
        raise RequestError("\n".join(faults), "")
    return checked


def _as_text(name: str, value: Given) -> str:
    """A value of Python as text."""
    match value:
        case str():
            return value
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return str(value)
        case list() | tuple() if all(isinstance(item, str) for item in value):
            if any(";" in item for item in value):
                raise ValueError(f"`{short(str(name))}`: an item of a list can't hold `;`, which parts the items")
            return "; ".join(value)
    raise ValueError(
        f"`{short(str(name))}` is a {type(value).__name__}, not a text, a number, True, False or a list of texts"
    )


def _checked(document: Document, name: str, value: str) -> str:
    variable = document.variables.get(name)
    if variable is None:
        raise ValueError(_unknown(document, name))
    try:
        return canonical(value, kind=variable.type, choices=variable.choices, max_length=variable.max_length)
    except ValueError as exc:
        raise ValueError(f"`{name}` {exc}") from exc


def _unknown(document: Document, name: str) -> str:
    meant = near_miss(name, document.variables)
    if meant:
        return f"this script has no variable `{short(name)}`: did you mean `{meant}`?"
    known = ", ".join(document.variables)
    return f"this script has no variable `{short(name)}`; " + (f"available: {known}" if known else "it has none at all")


def _from_file(document: Document, file: Path) -> dict[str, str]:
    node, problems = read_node(file.absolute(), str(file), private=True, if_empty="write a line such as `name: Ana`")
    found = list(problems)
    values: dict[str, str] = {}
    if isinstance(node, MapNode):
        for key, value in node.entries:
            try:
                if is_null(value) and key.value in document.variables:
                    continue
                values[key.value] = _checked(document, key.value, _text(value))
            except ValueError as exc:
                found.append(key.source.problem(key.line, key.column, str(exc)))
    elif node is not None:
        found.append(node.source.problem(1, 1, "a file of values is made of lines like `name: Ana`"))
    if found:
        raise ScriptError(in_order(found))
    return values


def _text(node: Node) -> str:
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, ListNode) and all(isinstance(item, ScalarNode) for item in node.items):
        return "; ".join(item.value for item in node.items if isinstance(item, ScalarNode) and not is_null(item))
    raise ValueError("a value is a word, a number, yes or no, or a list of texts")
