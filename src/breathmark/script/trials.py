"""The values that a checker tries a script with: its defaults, every choice of every variable, and the worst cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from breathmark.script.document import Document, Variable

__all__ = ["trials"]

_SAMPLES = ("Robin", "Al")
"""What a free text is tried with, the longest that the variable takes; blank is tried too."""
_NAME_CHARACTERS = 30
_LONG_NAME = "Marie-Thérèse O'Sullivan"
_LONG_TEXT = "May I be as patient with myself as I am with good friends, and take this day one step at a time"


def trials(document: Document) -> Iterator[Mapping[str, str]]:
    """Sets of values for ``document``: none at all, then each other value of one variable at a time.

    Last come the worst cases: every free text blank, and every free text as long and as odd as it can be.
    """
    yield {}
    for variable in document.variables.values():
        for value in _others(variable):
            yield {variable.name: value}
    texts = [variable for variable in document.variables.values() if variable.type in ("text", "list")]
    if len(texts) > 1:
        yield {variable.name: "" for variable in texts}
    if texts:
        yield {variable.name: _longest(variable) for variable in texts}


def _longest(variable: Variable) -> str:
    """The longest text that fits: of names for what is as short as a name, of plain words for the rest."""
    words = _LONG_NAME if variable.max_length <= _NAME_CHARACTERS else _LONG_TEXT
    if len(words) <= variable.max_length:
        return words
    return words[: variable.max_length + 1].rpartition(" ")[0] or words[: variable.max_length].rstrip("-' ")


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
