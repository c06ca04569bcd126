"""The values that a checker tries a script with: its defaults, then every choice of every variable."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from breathmark.script.document import Document, Variable

__all__ = ["trials"]

_SAMPLES = ("Robin", "Al")
"""What a free text is tried with, the longest that the variable takes; blank is tried too."""


def trials(document: Document) -> Iterator[Mapping[str, str]]:
    """Sets of values for ``document``: none at all, then each other value of one variable at a time."""
    yield {}
    for variable in document.variables.values():
        for value in _others(variable):
            yield {variable.name: value}


def _others(variable: Variable) -> Iterator[str]:
    """The values of a variable beside its default that can take a template down another path."""
    candidates: tuple[str, ...]
    match variable.type:
        case "choice":
            candidates = variable.choices
        case "flag":
            candidates = ("yes", "no")
        case "text" | "list":
            fitting = [sample for sample in _SAMPLES if len(sample) <= variable.max_length]
            candidates = (*fitting[:1], "")
        case "number":
            candidates = ("0", "1", "2")
        case _:
            assert_never(variable.type)
    yield from (value for value in candidates if value != variable.default)
