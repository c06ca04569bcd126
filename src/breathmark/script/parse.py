"""Parsing: from a script's file to its Document, or to every fault of it and of the files that it includes."""

from __future__ import annotations

import os
from pathlib import Path

from breathmark.base.errors import Problem, ScriptError
from breathmark.base.files import is_utf8
from breathmark.script.budget import Budget
from breathmark.script.document import Document
from breathmark.script.faults import in_order
from breathmark.script.opening import open_project
from breathmark.script.reader.reading import read_shape
from breathmark.script.reader.references import References


def parse(path: Path, budget: Budget | None = None) -> Document:
    """Read a script, the settings of its project, and all the parts and macros that it names.

    The ``budget`` is what reading it draws on; hand the same one to ``expand``. None is one for reading alone.

    Raises:
        ScriptError: with all faults that can be found without filling in templates: the script's own first.
    """
    file = path.absolute()
    if not is_utf8(file.name):  # what is written beside a session, and about it, names its script
        hint = "rename it, with letters and digits"
        raise ScriptError(
            (Problem(path=str(path), line=1, column=1, message="this file's name is not UTF-8 text", hint=hint),)
        )
    budget = budget or Budget()
    project, more = open_project(path)
    above = [Path(os.path.realpath(file))]  # `resolve` raises at a circle of links, which reading the file reports
    references = References(project=project, budget=budget, above=above)
    document, problems = read_shape(file, str(path), Document, budget, context=references)
    problems = (*problems, *references.problems, *more)
    if problems or document is None:
        raise ScriptError(in_order(problems))
    return document
