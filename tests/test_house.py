"""The shape of the code: no circle of files, one meaning of a class name, and bounds of a file and of a function."""

from __future__ import annotations

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src"
MOST_LINES_OF_A_FILE = 400
MOST_LINES_OF_A_FUNCTION = 40


def test_no_files_import_each_other() -> None:
    """Imports inside functions and those for type checkers count, too."""
    files = {_name(path): path for path in SOURCE.rglob("*.py")}
    assert len(files) > 100
    found = {name: _imports(path) & files.keys() - _around(name) for name, path in files.items()}
    try:
        TopologicalSorter(found).prepare()
    except CycleError as circle:
        raise AssertionError(" imports ".join(circle.args[1][::-1])) from None


def test_a_class_name_has_one_meaning() -> None:
    """A private name, too: who reads `_Part` in a message or a trace has to know which one it is."""
    found: dict[str, list[str]] = {}
    for path in SOURCE.rglob("*.py"):
        for node in _nodes(path):
            if isinstance(node, ast.ClassDef):
                found.setdefault(node.name.lstrip("_"), []).append(f"{_name(path)}.{node.name}")
    assert len(found) > 300
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_files_and_functions_are_short() -> None:
    """A file is about one thing, and a function can be read at once; what grows beyond that is divided by meaning."""
    long: list[str] = []
    for path in SOURCE.rglob("*.py"):
        if path.read_text(encoding="utf-8").count("\n") > MOST_LINES_OF_A_FILE:
            long.append(_name(path))
        for node in _nodes(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > MOST_LINES_OF_A_FUNCTION:
                    long.append(f"{_name(path)}.{node.name}")
    assert long == []


@cache
def _nodes(path: Path) -> list[ast.AST]:
    return [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]


def _name(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


def _around(name: str) -> set[str]:
    """A module and the packages that it lies in, whose ``__init__`` may import it."""
    parts = name.split(".")
    return {".".join(parts[:length]) for length in range(1, len(parts) + 1)}


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names
