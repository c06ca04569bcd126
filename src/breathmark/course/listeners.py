"""The listeners of a course and their values: a CSV file with a row for each, or a YAML file.

No message repeats a value.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from breathmark.course.values import Listener
from breathmark.errors import Problem, ScriptError, near_miss
from breathmark.script.faults import in_order, short
from breathmark.script.yaml.lines import ListNode, MapNode, ScalarNode
from breathmark.script.yaml.reading import read_node
from breathmark.script.yaml.source import read_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from breathmark.script.yaml.lines import Node

__all__ = ["find_listener", "read_listeners"]

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_ADVICE: Final = "an id is lower-case letters, digits and `-`, at most 40, and tells nothing private: it names a folder"


def read_listeners(file: Path, shown: str, known: Iterable[str]) -> tuple[Listener, ...]:
    """All listeners. ``known`` are the variables that the sessions have.

    Raises:
        ScriptError: the file can't be read, an id is missing or comes twice, or a variable is unknown.
    """
    reader = _Reader(shown, tuple(dict.fromkeys(known)))
    rows = _yaml_rows(file, shown) if file.suffix.lower() in {".yaml", ".yml", ".json"} else _csv_rows(file, shown)
    for row in rows:
        reader.add(row)
    if reader.problems:
        raise ScriptError(in_order(reader.problems))
    return tuple(reader.listeners.values())


def find_listener(file: Path, name: str) -> Listener:
    """One of them, in a process that makes an artefact; the file was checked before. Raises as above."""
    rows = (
        _yaml_rows(file, file.name) if file.suffix.lower() in {".yaml", ".yml", ".json"} else _csv_rows(file, file.name)
    )
    for row in rows:
        if row.id == name:
            return Listener(id=name, values={key: value for key, value, _ in row.cells if value})
    raise ScriptError((Problem(path=file.name, line=1, column=1, message=f"the listener {name} is gone"),))


class _Row:
    """One listener as it was written."""

    def __init__(self, name: str, place: tuple[int, int], cells: list[tuple[str, str, tuple[int, int]]]) -> None:
        self.id = name
        self.place = place
        self.cells = cells
        """Variable, value, and the place of the variable's name."""


class _Reader:
    def __init__(self, shown: str, known: tuple[str, ...]) -> None:
        self._shown = shown
        self._known = known
        self.listeners: dict[str, Listener] = {}
        self.problems: list[Problem] = []

    def add(self, row: _Row) -> None:
        if not _ID.fullmatch(row.id):
            self._report(row.place, "this is no id of a listener", _ADVICE)
        elif row.id in self.listeners:
            self._report(row.place, f"the listener {row.id} stands here twice", "keep one of them")
        for name, _, place in row.cells:
            if name not in self._known:
                self._report(place, f"no session has a variable `{short(name)}`", self._hint(name))
        self.listeners[row.id] = Listener(id=row.id, values={name: value for name, value, _ in row.cells if value})

    def _hint(self, name: str) -> str:
        meant = near_miss(name, self._known)
        return f"did you mean `{meant}`?" if meant else f"there are {', '.join(self._known) or 'none'}"

    def _report(self, place: tuple[int, int], message: str, hint: str) -> None:
        self.problems.append(Problem(path=self._shown, line=place[0], column=place[1], message=message, hint=hint))


def _csv_rows(file: Path, shown: str) -> Iterator[_Row]:
    text = read_source(file, shown).text
    head = text.split("\n", 1)[0]
    delimiter = (
        ";" if head.count(";") > head.count(",") else ","
    )  # what spreadsheets write where a comma parts decimals
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    names = [name.strip() for name in next(reader, [])]
    if "id" not in names:
        hint = "the first line names the columns: `id,name,anchor`"
        raise ScriptError((Problem(path=shown, line=1, column=1, message="there is no column `id`", hint=hint),))
    columns = [head.find(name) + 1 for name in names]
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(names):
            message = f"this line has {len(cells)} cells, and there are {len(names)} columns"
            raise ScriptError((Problem(path=shown, line=reader.line_num, column=1, message=message),))
        row = dict(zip(names, (cell.strip() for cell in cells), strict=False))
        name = row.pop("id", "")
        places = ((1, column) for key, column in zip(names, columns, strict=True) if key != "id")
        known = zip(row.items(), places, strict=False)
        yield _Row(name, (reader.line_num, 1), [(key, value, place) for (key, value), place in known])


def _yaml_rows(file: Path, shown: str) -> Iterator[_Row]:
    node, problems = read_node(file, shown)
    if problems:
        raise ScriptError(problems)
    if not isinstance(node, MapNode):
        hint = "write each listener's id, and under it lines like `name: Ana`"
        raise ScriptError((Problem(path=shown, line=1, column=1, message="this file needs `id: …` pairs", hint=hint),))
    for key, values in node.entries:
        entries = values.entries if isinstance(values, MapNode) else ()
        cells = [(name.value, _value(value), (name.line, name.column)) for name, value in entries]
        yield _Row(key.value, (key.line, key.column), cells)


def _value(node: Node) -> str:
    if isinstance(node, ListNode):
        return "; ".join(item.value for item in node.items if isinstance(item, ScalarNode))
    return node.value if isinstance(node, ScalarNode) else ""
