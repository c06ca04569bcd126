"""Parsing: from a script's file to its Document, or to every fault of it and of the files that it includes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from breathmark.base.errors import ScriptError
from breathmark.script.budget import Budget
from breathmark.script.faults import in_order
from breathmark.script.opening import open_project
from breathmark.script.reader.build import Builder
from breathmark.script.reader.reading import read_shape
from breathmark.script.reader.references import References
from breathmark.script.reader.shapes import ScriptShape

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.script.document import Document


def parse(path: Path, budget: Budget | None = None) -> Document:
    """Read a script, the settings of its project, and all the parts and macros that it names.

    The ``budget`` is what reading it draws on; hand the same one to ``expand``. None is one for reading alone.

    Raises:
        ScriptError: with all faults that can be found without filling in templates: the script's own first.
    """
    file = path.absolute()
    budget = budget or Budget()
    node, shape, problems = read_shape(file, str(path), ScriptShape, budget)
    if node is None:
        raise ScriptError(in_order(problems))
    project, more = open_project(path)
    references = References(project=project, budget=budget)
    references.follow(node, (file.resolve(),))
    problems = (*problems, *references.problems, *more)
    if problems or shape is None:
        raise ScriptError(in_order(problems))
    builder = Builder(project=project, loaded=references.parts, texts=references.texts, named=references.named)
    return builder.document(node, shape, str(path))
