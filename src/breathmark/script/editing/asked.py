"""What an edit asks of a script's data: other words, another value, a segment more, fewer or elsewhere."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Literal, TypeAlias

from breathmark.base.errors import RequestError
from breathmark.script.editing.tree import Data, KeyPath  # noqa: TC001 - the page's requests are validated by them


@dataclass(frozen=True, slots=True, kw_only=True)
class SetText:
    """Other characters in a text: those from ``start`` to ``end`` of the text as YAML reads it become ``text``."""

    path: KeyPath
    start: int
    end: int
    text: str
    op: Literal["text"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetValue:
    """A value under a key of a mapping, which is added where it was not."""

    path: KeyPath
    """The mapping, and last the key."""
    value: Data
    op: Literal["set"] = "set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """A key with its value, or an item of a list, gone."""

    path: KeyPath
    op: Literal["remove"] = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """An item more in a list, before the one that has this number now; behind the last one where there is none."""

    path: KeyPath
    """The list, and last the number."""
    value: Data
    op: Literal["insert"] = "insert"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """An item of a list elsewhere, in the same list or in another."""

    path: KeyPath
    to: KeyPath
    """The list, and last the number of the item that it comes before, both as they are now."""
    op: Literal["move"] = "move"


Edit: TypeAlias = SetText | SetValue | Remove | Insert | Move


def asked(data: Data, edit: Edit) -> Data:
    """The data as the edit wants it; raises RequestError where it is not about this data."""
    wanted = deepcopy(data)
    match edit:
        case SetText():
            before = _at(wanted, edit.path)
            if not isinstance(before, str) or not 0 <= edit.start <= edit.end <= len(before):
                raise outdated(edit.path)
            _put(wanted, edit.path, before[: edit.start] + edit.text + before[edit.end :])
        case SetValue():
            _put(wanted, edit.path, edit.value)
        case Remove():
            _take(wanted, edit.path)
        case Insert():
            _insert(wanted, edit.path, edit.value)
        case Move():
            source, number = _list(wanted, edit.path)
            target, place = _list(wanted, edit.to)
            moved = _take(wanted, edit.path)
            target.insert(place - (target is source and place > number), moved)
    return wanted


def outdated(path: KeyPath) -> RequestError:
    """The error for an edit of something that has gone."""
    return RequestError(f"`{'.'.join(map(str, path))}` is not in the script any more", "look at it again")


def _at(data: Data, path: KeyPath) -> Data:
    for step in path:
        found = None
        if isinstance(data, dict):
            found = data.get(str(step))
        elif isinstance(data, list) and isinstance(step, int) and 0 <= step < len(data):
            found = data[step]
        if found is None:
            raise outdated(path)
        data = found
    return data


def _put(data: Data, path: KeyPath, value: Data) -> None:
    within, key = _at(data, path[:-1]), path[-1]
    if isinstance(within, dict):
        within[str(key)] = value
    elif isinstance(within, list) and isinstance(key, int) and 0 <= key < len(within):
        within[key] = value
    else:
        raise outdated(path)


def _take(data: Data, path: KeyPath) -> Data:
    taken, within = _at(data, path), _at(data, path[:-1])
    if isinstance(within, dict):
        del within[str(path[-1])]
    elif isinstance(within, list):
        del within[int(path[-1])]
    return taken


def _list(data: Data, path: KeyPath) -> tuple[list[Data], int]:
    within, number = _at(data, path[:-1]), path[-1]
    if not isinstance(within, list) or not isinstance(number, int) or not 0 <= number <= len(within):
        raise outdated(path)
    return within, number


def _insert(data: Data, path: KeyPath, value: Data) -> None:
    within, number = _list(data, path)
    within.insert(number, value)
