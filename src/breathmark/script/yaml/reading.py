"""One YAML file from outside: read, composed, validated; whatever is wrong with it comes back as problems."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, RootModel, ValidationError

from breathmark.errors import ScriptError
from breathmark.script.budget import Budget
from breathmark.script.yaml.lines import compose, plain
from breathmark.script.yaml.source import read_source
from breathmark.script.yaml.wording import problems_of

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.errors import Problem
    from breathmark.script.yaml.lines import Node

__all__ = ["read_node", "read_shape", "validate"]

ShapeT = TypeVar("ShapeT", bound=BaseModel)


def read_node(
    file: Path,
    path: str,
    budget: Budget | None = None,
    *,
    private: bool = False,
    if_empty: str | None = "begin with `title:`",
) -> tuple[Node | None, tuple[Problem, ...]]:
    """The file's nodes, or None where it can't be read as YAML; ``path`` is how messages name it.

    Of a ``private`` file no message quotes a value. The ``budget`` is that of the script that it belongs to, or one of
    its own; for ``if_empty`` see ``compose``.
    """
    try:
        return compose(read_source(file, path, private=private), budget or Budget(), if_empty=if_empty)
    except ScriptError as exc:
        return None, exc.problems


def validate(node: Node, shape: type[ShapeT]) -> tuple[ShapeT | None, list[Problem]]:
    """The node as ``shape``, or its faults."""
    try:
        return shape.model_validate(plain(node)), []
    except ValidationError as exc:
        return None, problems_of(exc, node, shape)


def read_shape(
    file: Path, path: str, shape: type[ShapeT], budget: Budget | None = None
) -> tuple[Node | None, ShapeT | None, tuple[Problem, ...]]:
    """Both in one; a fault that the parser saw already is not told a second time at the same place.

    A file may be empty where the shape asks for no key.
    """
    asked = [field.alias or name for name, field in shape.model_fields.items() if field.is_required()]
    free = not asked or issubclass(shape, RootModel)
    node, problems = read_node(file, path, budget, if_empty=None if free else f"begin with `{asked[0]}:`")
    if node is None:
        return None, None, problems
    found, more = validate(node, shape)
    seen = {(problem.line, problem.column) for problem in problems}
    fresh = (problem for problem in more if (problem.line, problem.column) not in seen)
    return node, found, (*problems, *fresh)
