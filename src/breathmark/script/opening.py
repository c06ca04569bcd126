"""Opening a project: its settings and its lexicon, read and validated."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from breathmark.base.errors import ScriptError
from breathmark.script.faults import in_order
from breathmark.script.project import LEXICON_FILE, SETTINGS_FILE, Project
from breathmark.script.reader.choices import (
    ambience_choice,
    cast_of,
    lexicon_of,
    note_names,
    path_problems,
    voice_choice,
)
from breathmark.script.reader.reading import read_shape
from breathmark.script.reader.shapes import LexiconShape, SettingsShape
from breathmark.script.settings import BUILT_IN_AMBIENCE, BUILT_IN_PACING, Settings
from breathmark.script.terms import VoiceSetting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from breathmark.base.errors import Problem
    from breathmark.model import Place
    from breathmark.script.lexicon import Pronunciation
    from breathmark.script.terms import Named


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
    node, shape, problems = read_shape(file, project.shown(file), SettingsShape)
    if node is None or shape is None:
        return Settings(), problems
    outside = tuple(path_problems(node, project))
    if outside:
        return Settings(), (*problems, *outside)
    named: dict[Named, dict[Place, Place]] = {}
    note_names(node, project, named)
    settings = Settings(
        named=named,
        voice=voice_choice(shape.voice).over(VoiceSetting()),
        cast=cast_of(shape.voices),
        preset=shape.preset or "",
        ambience=ambience_choice(shape.ambience, project, file).over(BUILT_IN_AMBIENCE),
        pacing={**BUILT_IN_PACING, **shape.pacing},
        narrators={name: _rooted(given, project.root) for name, given in shape.narrators.items()},
        output=shape.folders.output,
    )
    return settings, problems


def _rooted(given: Mapping[str, str], root: Path) -> dict[str, str]:
    """A narrator's settings, its ``folder`` from the project's root on, wherever the command is run."""
    return {key: str(root / Path(value).expanduser()) if key == "folder" else value for key, value in given.items()}


def _lexicon(project: Project) -> tuple[Mapping[str, Mapping[str, Pronunciation]], tuple[Problem, ...]]:
    file = project.root / LEXICON_FILE
    if not _is_there(file):
        return {}, ()
    _, shape, problems = read_shape(file, project.shown(file), LexiconShape)
    if shape is None:
        return {}, problems
    return {language.lower(): lexicon_of(words) for language, words in shape.root.items()}, problems


def _is_there(file: Path) -> bool:
    """Whether anything has that name: something that can't be read as a file is a fault, and is not ignored."""
    return os.path.lexists(file)
