"""One YAML file from outside: read, composed, validated; whatever is wrong with it comes back as problems."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, RootModel, ValidationError

from breathmark.base.errors import Problem, ScriptError, near_miss
from breathmark.script.budget import Budget
from breathmark.script.faults import MOST_REPORTED, short
from breathmark.script.reader.adapters import REPORTED
from breathmark.script.reader.nodes import ListNode, MapNode, Node, ScalarNode, compose, plain
from breathmark.script.reader.source import read_source
from breathmark.script.segments import SEGMENT_KEYS, SEGMENT_SHAPES

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


_MOST_READ = 5 * MOST_REPORTED
"""More than are reported in the end, because pydantic's order isn't that of the text."""
_ITEMS = ("has to be a list", "write each item on a line of its own that begins with `- `")
_PAIRS = ("needs `key: value` pairs", "write them in braces, or one on each line below it")
_WORDING = {
    "missing": ("is missing", "write `{0}:` with a value"),
    "string_type": ("has to be a text", "use `{0}: |` and write the text on the next line"),
    "list_type": _ITEMS,
    "tuple_type": _ITEMS,
    "dict_type": _PAIRS,
    "model_type": _PAIRS,
    "too_short": ("is empty", "write at least one item, or leave the key out"),
    "too_long": ("has too many items", "split the file"),
}
"""By pydantic's name for the fault: what follows the key's name, and the hint."""


def problems_of(error: ValidationError, root: Node, shape: type[BaseModel]) -> list[Problem]:
    """Every fault that pydantic found in ``root`` while it validated ``shape``."""
    details = error.errors(include_url=False, include_input=False)[:_MOST_READ]
    faults = [_Fault(detail, root, shape) for detail in details if detail["type"] != REPORTED]
    meant = {(id(fault.node), fault.suggestion) for fault in faults if fault.type == "extra_forbidden"}
    return [
        fault.problem() for fault in faults if not (fault.type == "missing" and (id(fault.node), fault.name) in meant)
    ]


class _Fault:
    """One of pydantic's errors, brought together with the node that it is about."""

    def __init__(self, detail: ErrorDetails, root: Node, shape: type[BaseModel]) -> None:
        self.detail = detail
        self.type = detail["type"]
        loc = [step for step in detail["loc"] if step not in SEGMENT_SHAPES]
        if loc and loc[-1] == "[key]":
            loc, self.type = loc[:-1], "bad_key"
        about_key = self.type in ("extra_forbidden", "missing", "bad_key")
        self.node, self.key = _walk(root, loc[:-1] if about_key else loc)
        self.name = str(loc[-1]) if about_key else self.key
        self.known = _keys(_shape_at(shape, detail["loc"][:-1])) if self.type == "extra_forbidden" else ()
        self.suggestion = near_miss(self.name, self.known)

    def problem(self) -> Problem:
        """The fault in an author's words."""
        message, hint = self._wording()
        place: Node = self.node
        if self.type in ("extra_forbidden", "bad_key") and isinstance(place, MapNode):
            place = place.key(self.name) or place
        return place.problem(message, hint)

    def _wording(self) -> tuple[str, str]:
        match self.type:
            case "extra_forbidden":
                return self._unknown_key()
            case "union_tag_not_found" | "union_tag_invalid":
                return _segment_wording(self.node)
            case "literal_error":
                return self._unknown_word()
            case "model_type" if not self.key:
                return "this file has to be made of lines like `key: value`", "begin with `title:`"
        if self.type not in _WORDING:
            return self._refused_value()
        message, hint = _WORDING[self.type]
        return f"`{short(self.name)}` {message}{self._where()}", hint.format(self.name)

    def _unknown_key(self) -> tuple[str, str]:
        name = short(self.name)
        if self.suggestion:
            return f"`{name}` is not a known key here", f"`{name}`: did you mean `{self.suggestion}`?"
        owner = next((key for key in SEGMENT_KEYS if self.name in _keys(SEGMENT_SHAPES[f"{key} segment"])), "")
        if owner and set(self.known) & set(SEGMENT_KEYS):
            return f"`{name}` is not allowed here", f"`{name}` goes with `{owner}`"
        return f"`{name}` is not a known key here", f"available: {', '.join(self.known)}"

    def _where(self) -> str:
        inside = self.type == "missing" and self.key and self.key != "segments"
        return f" in `{self.key}`" if inside else ""

    def _unknown_word(self) -> tuple[str, str]:
        choices = re.findall(r"'([^']+)'", str(self.detail.get("ctx", {}).get("expected", "")))
        value = self.node.value if isinstance(self.node, ScalarNode) else ""
        meant = near_miss(value, choices)
        hint = f"did you mean `{meant}`?" if meant else f"available: {', '.join(choices)}"
        return f"`{self.key}: {short(value)}` isn't known", hint

    def _refused_value(self) -> tuple[str, str]:
        error = self.detail.get("ctx", {}).get("error")
        name = short(self.name)
        return f"`{name}`: {error or self.detail['msg'].lower()}", ""


def _segment_wording(node: Node) -> tuple[str, str]:
    """For a segment with none or several of the six keys."""
    listed = ", ".join(f"`{key}`" for key in SEGMENT_KEYS)
    if not isinstance(node, MapNode):
        return "a segment begins with what it is", f"such as `- say: |`; available: {listed}"
    names = [key.value for key, _ in node.entries]
    found = [f"`{name}`" for name in names if name in SEGMENT_KEYS]
    if found:
        return f"a segment has one of {listed}; here are {' and '.join(found)}", "begin a new segment with `- `"
    known = set(_keys(SEGMENT_SHAPES["say segment"]))
    pairs = ((name, near_miss(name, SEGMENT_KEYS)) for name in names if name not in known)
    hint = next((f"`{short(name)}`: did you mean `{meant}`?" for name, meant in pairs if meant), "")
    return f"this segment has none of {listed}", hint or "add one of them"


def _walk(node: Node, loc: Sequence[int | str]) -> tuple[Node, str]:
    """The deepest node that ``loc`` leads to, and the last key on the way."""
    name = ""
    for step in loc:
        found: Node | None = None
        if isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
            found = node.items[step]
        elif isinstance(node, MapNode):
            found = node.get(str(step))
            name = str(step) if found else name
        if found is None:
            break
        node = found
    return node, name


def _shape_at(shape: type[BaseModel], loc: Sequence[int | str]) -> type[BaseModel] | None:
    """The model that validates the value at ``loc``."""
    root: Any = shape.model_fields["root"].annotation if issubclass(shape, RootModel) else shape
    current: type[BaseModel] | None = next(_models(root), None)
    names = _depth(root)
    for step in loc:
        if step in SEGMENT_SHAPES:
            current = SEGMENT_SHAPES[str(step)]
        elif names:
            names -= 1
        elif isinstance(step, str) and current is not None:
            field = next((field for name, field in current.model_fields.items() if (field.alias or name) == step), None)
            annotation = field.annotation if field else None
            current = next(_models(annotation), None)
            names = _depth(annotation)
    return current


def _depth(annotation: Any) -> int:  # noqa: ANN401 (annotations have no type of their own)
    """How many names of an author's choice lead to a model, as in a lexicon the language and the word."""
    inner = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return _depth(inner[0])
    return 1 + _depth(inner[1]) if get_origin(annotation) is dict else 0


def _models(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 (annotations have no type of their own)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _keys(shape: type[BaseModel] | None) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in shape.model_fields.items()) if shape else ()


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


def validate(node: Node, shape: type[ShapeT], context: object = None) -> tuple[ShapeT | None, list[Problem]]:
    """The node as ``shape``, or its faults; ``context`` is what the shape's fields look files up with."""
    try:
        return shape.model_validate(plain(node), context=context), []
    except ValidationError as exc:
        return None, problems_of(exc, node, shape)


def read_shape(
    file: Path, path: str, shape: type[ShapeT], budget: Budget | None = None, context: object = None
) -> tuple[ShapeT | None, tuple[Problem, ...]]:
    """Both in one; a fault that the parser found already is not reported again at the same place.

    A file may be empty where the shape asks for no key.
    """
    asked = [field.alias or name for name, field in shape.model_fields.items() if field.is_required()]
    free = not asked or issubclass(shape, RootModel)
    node, problems = read_node(file, path, budget, if_empty=None if free else f"begin with `{asked[0]}:`")
    if node is None:
        return None, problems
    found, more = validate(node, shape, context)
    seen = {(problem.line, problem.column) for problem in problems}
    fresh = (problem for problem in more if (problem.line, problem.column) not in seen)
    return found, (*problems, *fresh)
