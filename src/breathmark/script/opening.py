"""Opening a project: its settings and its lexicon, read and validated."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from breathmark.base.errors import Problem, ScriptError
from breathmark.base.inputs import note_read
from breathmark.script.faults import in_order
from breathmark.script.project import LEXICON_FILE, SETTINGS_FILE, Project
from breathmark.script.reader.reading import read_shape
from breathmark.script.reader.references import References
from breathmark.script.settings import Lexicon, Settings

if TYPE_CHECKING:
    from breathmark.script.reader.shapes import SpokenShape


def find_project(path: Path) -> Project:
    """The project of a script or a folder; raises ``ScriptError`` for its settings and its lexicon."""
    project, problems = open_project(path)
    if problems:
        raise ScriptError(in_order(problems))
    return project


def open_project(path: Path) -> tuple[Project, tuple[Problem, ...]]:
    """The same, with the faults beside it: what is at fault is as if it were not there."""
    folder = path if os.path.isdir(path) else path.parent  # noqa: PTH112 - no name is too long for it
    start = folder.absolute()
    root = next((each for each in (start, *start.parents) if _is_there(each / SETTINGS_FILE)), start)
    up = "/".join([".."] * (len(start.parts) - len(root.parts)))
    shown = os.path.normpath(folder / up)
    project = Project(root=root.resolve(), shown_root="" if shown == "." else shown)
    settings, problems = _settings(project)
    lexicon, more = _lexicon(project)
    project = Project(root=project.root, shown_root=project.shown_root, settings=settings, lexicon=lexicon)
    return project, (*problems, *more)


def _settings(project: Project) -> tuple[Settings, tuple[Problem, ...]]:
    file = project.root / SETTINGS_FILE
    if not _is_there(file):
        return Settings(), ()
    references = References(project=project)
    settings, problems = read_shape(file, project.shown(file), Settings, context=references)
    problems = (*problems, *references.problems)
    return (Settings() if references.problems or settings is None else settings), problems


def _lexicon(project: Project) -> tuple[Mapping[str, Mapping[str, SpokenShape]], tuple[Problem, ...]]:
    file = project.root / LEXICON_FILE
    if not _is_there(file):
        return {}, ()
    lexicon, problems = read_shape(file, project.shown(file), Lexicon)
    return {language.lower(): words for language, words in lexicon.root.items()} if lexicon else {}, problems


def _is_there(file: Path) -> bool:
    """Whether anything has that name: something that can't be read as a file is a fault, and is not ignored."""
    note_read(file)
    return os.path.lexists(file)
