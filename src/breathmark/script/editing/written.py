"""Values as YAML that an author would have written: plain where that is safe, else in quotes, lines under ``|``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import yaml

from breathmark.script.reader.nodes import NULLS

if TYPE_CHECKING:
    from breathmark.script.editing.tree import Data

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STEP: Final = 2
"""Spaces that a level is indented by, as in all shipped scripts."""
_WIDEST: Final = 100
"""Characters of a mapping or list that is still written on one line."""


def scalar(value: str, indent: int, *, flow: bool = False) -> str:
    """A scalar behind ``key: ``; ``indent`` is the column of its key. In brackets (``flow``) it stays on its line."""
    if "\n" in value.strip("\n") or (value.endswith("\n") and value.strip()):
        return _quoted(value) if flow else _block(value, indent)
    if "\n" in value:
        return _quoted(value)
    return value if _is_plain(value) else "'" + value.replace("'", "''") + "'"


def mapping(data: dict[str, Data], indent: int) -> str:
    """The keys and values of a mapping, each on its line, without the first line's indentation and the last break."""
    return f"\n{' ' * indent}".join(f"{scalar(key, indent)}:{_behind(value, indent)}" for key, value in data.items())


def value(data: Data, indent: int) -> str:
    """Any value behind ``key:`` with the space or line break that parts them; ``indent`` is the column of the key."""
    return _behind(data, indent)


def flow(data: Data) -> str:
    """Any value on one line."""
    if isinstance(data, dict):
        return "{" + ", ".join(f"{scalar(key, 0, flow=True)}: {flow(each)}" for key, each in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(flow(each) for each in data) + "]"
    return scalar(data, 0, flow=True)


def _behind(data: Data, indent: int) -> str:
    if isinstance(data, str):
        written = scalar(data, indent)
        return f" {written}" if written else ""
    inner = indent + _STEP
    if all(isinstance(each, str) for each in (data.values() if isinstance(data, dict) else data)):
        line = flow(data)
        if "\n" not in line and len(line) + indent <= _WIDEST:
            return f" {line}"
    if isinstance(data, dict):
        return f"\n{' ' * inner}{mapping(data, inner)}"
    return "".join(f"\n{' ' * inner}- {item(each, inner)}" for each in data)


def item(data: Data, dash: int) -> str:
    """A list's item behind its ``- ``; ``dash`` is the column of the dash."""
    return mapping(data, dash + _STEP) if isinstance(data, dict) and data else flow(data)


def _block(text: str, indent: int) -> str:
    margin = " " * (indent + _STEP)
    body = text.rstrip("\n") + "\n" if text.endswith("\n") else text
    kept = len(text) - len(body)
    header = "|"
    if re.match(r"\n*[ \t]", text):
        header += str(_STEP)
    header += "+" if kept else "" if text.endswith("\n") else "-"
    lines = text.removesuffix("\n").split("\n")
    return "\n".join([header, *(margin + line if line else "" for line in lines)])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def _is_plain(text: str) -> bool:
    """Whether YAML reads it as the same text without quotes, in brackets as well."""
    if text in NULLS or not text:
        return False
    try:
        node = yaml.compose(f"[{text}]", Loader=_LOADER)
        alone = yaml.compose(f"key: {text}", Loader=_LOADER)
    except yaml.YAMLError:
        return False
    return (
        isinstance(node, yaml.SequenceNode)
        and len(node.value) == 1
        and _reads(node.value[0], text)
        and isinstance(alone, yaml.MappingNode)
        and _reads(alone.value[0][1], text)
    )


def _reads(node: yaml.Node, text: str) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == text and not node.style
