"""Jinja2's and Python's messages about a template, in an author's words."""

from __future__ import annotations

import re

_LONGEST = 200
_INNERMOST = re.compile(r"innermost block that needs to be closed is '(\w+)'")
_UNKNOWN_TAG = re.compile(r"encountered unknown tag '(\w+)'", re.IGNORECASE)
_CLOSERS = (("'end of print statement'", "`}}`"), ("'end of statement block'", "`%}`"))
_COMPARED = re.compile(r"not supported between instances of '(\w+)' and '(\w+)'")
_TYPES = {"int": "a number", "float": "a number", "bool": "a yes or no", "tuple": "a list", "list": "a list"}


def first_line(message: str) -> str:
    """A message of ours, which Jinja2 has passed on."""
    return message.split("\n", 1)[0][:_LONGEST]


def syntax_message(message: str) -> str:
    """What is wrong with the grammar of a template."""
    open_block = _INNERMOST.search(message)
    unknown = _UNKNOWN_TAG.match(message)
    if open_block:
        return f"`{{% {open_block[1]} %}}` isn't closed: `{{% end{open_block[1]} %}}` is missing"
    if unknown and unknown[1].startswith("end"):
        return f"`{{% {unknown[1]} %}}` closes, but nothing is open"
    if unknown:
        return f"there is no `{{% {unknown[1]} %}}`"
    for theirs, ours in _CLOSERS:
        message = message.replace(theirs, ours)
    first = first_line(message).rstrip(".")
    return first[:1].lower() + first[1:]


def type_message(message: str) -> str:
    """Why an expression can't be worked out."""
    compared = _COMPARED.search(message)
    if compared:
        left, right = (_TYPES.get(name, "a text") for name in compared.groups())
        return f"{left} can't be compared with {right}"
    return f"this can't be worked out: {first_line(message)}"
