"""Values of variables: ``--set name=Ana`` and files of values, checked against the variables of a script.

No message repeats a value, because it may be private.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from breathmark.base.errors import Problem, RequestError, ScriptError, near_miss
from breathmark.base.inputs import note_read
from breathmark.script.faults import in_order, short
from breathmark.script.reader.nodes import ListNode, MapNode, Node, ScalarNode, is_null
from breathmark.script.reader.reading import read_node
from breathmark.script.variables import canonical

if TYPE_CHECKING:
    from breathmark.script.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class FileValue:
    """A value as a file of values has it: what is wrong with it is reported at its place."""

    key: ScalarNode = field(repr=False)
    node: Node = field(repr=False)


Given: TypeAlias = "str | float | bool | Sequence[str] | FileValue"
"""What a value may be in Python."""


class FileValues(dict[str, "Given"]):
    """The values of a file, and what is set over them."""

    def __init__(self, values: Mapping[str, Given], file: Path) -> None:
        super().__init__(values)
        self.file = file


def read_values(file: Path) -> FileValues:
    """The values that a YAML or JSON file gives; raises ScriptError where it can't be read."""
    node, problems = read_node(file.absolute(), str(file), private=True, if_empty="write a line such as `name: Ana`")
    if isinstance(node, MapNode) and not problems:
        return FileValues({key.value: FileValue(key=key, node=value) for key, value in node.entries}, file)
    if node is not None and not isinstance(node, MapNode):
        message = "a file of values is made of lines like `name: Ana`"
        problems = (*problems, node.source.problem(1, 1, message))
    raise ScriptError(in_order(problems))


def values_of_settings(written: Iterable[str]) -> dict[str, Given]:
    """The values that ``NAME=VALUE`` settings give; raises RequestError where one is written in another way."""
    values: dict[str, Given] = {}
    for each in written:
        name, equals, value = each.partition("=")
        if not (equals and name.strip()):
            raise RequestError("--set takes NAME=VALUE", "for example --set name=Ana")
        values[name.strip()] = value
    return values


def check_values(document: Document, values: Mapping[str, Given]) -> dict[str, str]:
    """Values as ``variables.typed`` takes them. Numbers, truth values and lists are taken for what they are in a file.

    Raises:
        ScriptError: with every value of a file that doesn't fit, at its place.
        RequestError: with every other value that doesn't fit.
    """
    if not isinstance(values, Mapping):
        raise RequestError("the values are not a mapping of names", 'give a dict, such as {"name": "Ana"}')
    if isinstance(values, FileValues):
        note_read(values.file)
    checked: dict[str, str] = {}
    faults: list[str] = []
    problems: list[Problem] = []
    for name, value in values.items():
        if isinstance(value, FileValue) and is_null(value.node) and name in document.variables:
            continue
        try:
            checked[name] = _checked(document, name, _as_text(name, value))
        except ValueError as exc:
            if isinstance(value, FileValue):
                problems.append(value.key.problem(str(exc)))
            else:
                faults.append(str(exc))
    if problems:
        raise ScriptError(in_order(problems))
    if faults:
        raise RequestError("\n".join(faults), "")
    return checked


def _as_text(name: str, value: Given) -> str:
    """A value of Python as text."""
    match value:
        case str():
            return value
        case FileValue():
            return _text(value.node)
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


def _text(node: Node) -> str:
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, ListNode) and all(isinstance(item, ScalarNode) for item in node.items):
        return "; ".join(item.value for item in node.items if isinstance(item, ScalarNode) and not is_null(item))
    raise ValueError("a value is a word, a number, yes or no, or a list of texts")
