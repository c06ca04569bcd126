"""The listeners of a course and their values: a CSV file with a row for each, or a YAML file.

No message repeats a value.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from breathmark.base.errors import Problem, ScriptError, near_miss
from breathmark.course.values import Listener, VariableSpec
from breathmark.script.faults import in_order
from breathmark.script.reader.nodes import ListNode, MapNode, Node, ScalarNode, is_null
from breathmark.script.reader.reading import read_node
from breathmark.script.reader.source import read_source
from breathmark.script.variables import canonical

_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_ADVICE: Final = "an id is lower-case letters, digits and `-`, at most 40, and nothing private: it names a folder"
_SEVERAL: Final = "a value is a word, a number, yes or no, or a list of texts"


def read_listeners(file: Path, shown: str, known: Iterable[str]) -> tuple[Listener, ...]:
    """All listeners. ``known`` are the variables that the sessions have.

    Raises:
        ScriptError: the file can't be read, an id is missing or comes twice, or a variable is unknown.
    """
    reader = _ListenersReader(shown, tuple(dict.fromkeys(known)))
    for row in _rows(file, shown):
        reader.add(row)
    if reader.problems:
        raise ScriptError(in_order(reader.problems))
    return tuple(reader.listeners.values())


def find_listener(file: Path, name: str) -> Listener:
    """One of them, in a process that makes an artefact; the file was checked before. Raises as above."""
    for row in _rows(file, file.name):
        if row.id == name:
            return row.listener()
    raise ScriptError((Problem(path=file.name, line=1, column=1, message=f"the listener {name} is gone"),))


def value_problems(listener: Listener, specs: Mapping[str, VariableSpec], shown: str) -> Iterator[Problem]:
    """The values that a session's variables refuse, each at its place in the file that messages call ``shown``."""
    for name, spec in specs.items():
        if name not in listener.values:
            continue
        try:
            canonical(listener.values[name], kind=spec.type, choices=spec.choices, max_length=spec.max_length)
        except ValueError as exc:
            line, column = listener.places.get(name, (1, 1))
            yield Problem(path=shown, line=line, column=column, message=f"`{name}` {exc}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cell:
    """One value as it was written."""

    name: str
    """The variable's."""
    named_at: tuple[int, int]
    value: str = field(repr=False)
    place: tuple[int, int]
    fault: str = ""
    """Why it is not a value at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListenerRow:
    """One listener as it was written."""

    id: str
    place: tuple[int, int]
    cells: tuple[_Cell, ...] = ()
    fault: str = ""
    """Why it is not a listener at all."""

    def listener(self) -> Listener:
        """Without what is left empty."""
        written = [cell for cell in self.cells if cell.value]
        return Listener(
            id=self.id,
            values={cell.name: cell.value for cell in written},
            places={cell.name: cell.place for cell in written},
        )


class _ListenersReader:
    def __init__(self, shown: str, known: tuple[str, ...]) -> None:
        self._shown = shown
        self._known = known
        self.listeners: dict[str, Listener] = {}
        self.problems: list[Problem] = []

    def add(self, row: _ListenerRow) -> None:
        if not _ID.fullmatch(row.id):
            self._report(row.place, "this is not a listener's id", _ADVICE)
        elif row.id in self.listeners:
            self._report(row.place, f"the listener {row.id} appears twice", "keep one of them")
        if row.fault:
            self._report(row.place, row.fault, "write lines like `name: Ana` under the id")
        for cell in row.cells:
            if cell.name not in self._known:
                self._unknown(cell)
            if cell.fault:
                self._report(cell.place, cell.fault, "write one text, or a list of them")
        self.listeners[row.id] = row.listener()

    def _unknown(self, cell: _Cell) -> None:
        """A name unlike every variable may be a value in the wrong place, and is not repeated."""
        meant = near_miss(cell.name, self._known)
        if meant:
            self._report(cell.named_at, f"no session has a variable `{cell.name}`", f"did you mean `{meant}`?")
        else:
            hint = f"they have {', '.join(f'`{each}`' for each in self._known) or 'none'}"
            self._report(cell.named_at, "no session has a variable of this name", hint)

    def _report(self, place: tuple[int, int], message: str, hint: str) -> None:
        self.problems.append(Problem(path=self._shown, line=place[0], column=place[1], message=message, hint=hint))


def _rows(file: Path, shown: str) -> Iterator[_ListenerRow]:
    if file.suffix.lower() in {".yaml", ".yml", ".json"}:
        return _yaml_rows(file, shown)
    return _csv_rows(file, shown)


def _csv_rows(file: Path, shown: str) -> Iterator[_ListenerRow]:
    text = read_source(file, shown).text
    lines = text.split("\n")
    # Spreadsheets write semicolons where a comma parts decimals.
    delimiter = ";" if lines[0].count(";") > lines[0].count(",") else ","
    table = _table(text, delimiter, shown)
    names = [name.strip() for name in next(table, (1, []))[1]]
    columns = _columns(lines[0], delimiter)
    _check_names(names, columns, shown)
    for line, cells in table:
        if len(cells) > len(names):
            message = f"this line has {len(cells)} cells, and there are {len(names)} columns"
            raise ScriptError((Problem(path=shown, line=line, column=1, message=message),))
        places = [*_columns(lines[line - 1], delimiter), *(1 for _ in cells)]
        written = [
            _Cell(name=name, named_at=(1, at), value=cell.strip(), place=(line, place))
            for name, at, cell, place in zip(names, columns, cells, places, strict=False)
        ]
        own = next((cell.value for cell in written if cell.name == "id"), "")
        yield _ListenerRow(id=own, place=(line, 1), cells=tuple(cell for cell in written if cell.name != "id"))


def _table(text: str, delimiter: str, shown: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that are not blank, each with the number of the line that it begins in."""
    reader, line = csv.reader(io.StringIO(text), delimiter=delimiter), 1
    try:
        for cells in reader:
            if line == 1 or any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as exc:
        message = "this line can't be read as a line of a table"
        hint = "look for a quotation mark that is never closed"
        raise ScriptError((Problem(path=shown, line=line, column=1, message=message, hint=hint),)) from exc


def _check_names(names: list[str], columns: list[int], shown: str) -> None:
    if "id" not in names:
        hint = "the first line names the columns: `id,name,anchor`"
        raise ScriptError((Problem(path=shown, line=1, column=1, message="there is no column `id`", hint=hint),))
    for index, name in enumerate(names):
        if name in names[:index]:
            message = f"this column has the name of column {names.index(name) + 1}"
            place = Problem(path=shown, line=1, column=columns[index], message=message, hint="keep one of them")
            raise ScriptError((place,))


def _columns(line: str, delimiter: str) -> list[int]:
    """Where the cells of a line begin, counted from 1."""
    found, quoted = [1], False
    for index, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == delimiter and not quoted:
            found.append(index + 2)
    return found


def _yaml_rows(file: Path, shown: str) -> Iterator[_ListenerRow]:
    node, problems = read_node(file, shown, private=True)
    if problems:
        raise ScriptError(problems)
    if not isinstance(node, MapNode):
        hint = "write each listener's id, and under it lines like `name: Ana`"
        raise ScriptError((Problem(path=shown, line=1, column=1, message="this file needs `id: …` pairs", hint=hint),))
    for key, values in node.entries:
        place = (key.line, key.column)
        if isinstance(values, MapNode):
            yield _ListenerRow(
                id=key.value,
                place=place,
                cells=tuple(_cell(name, value) for name, value in values.entries if not is_null(value)),
            )
        elif isinstance(values, ScalarNode) and not values.value.strip():
            yield _ListenerRow(id=key.value, place=place)
        else:
            yield _ListenerRow(id=key.value, place=place, fault="each value of a listener needs a name")


def _cell(name: ScalarNode, node: Node) -> _Cell:
    items = node.items if isinstance(node, ListNode) else (node,)
    fault = "" if all(isinstance(item, ScalarNode) for item in items) else _SEVERAL
    texts = [item.value for item in items if isinstance(item, ScalarNode) and not is_null(item)]
    return _Cell(
        name=name.value,
        named_at=(name.line, name.column),
        value="; ".join(texts),
        place=(node.line, node.column),
        fault=fault,
    )
