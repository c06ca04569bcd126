"""The folder that a script belongs to: its settings, its lexicon, and the only files that a script can reach."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from breathmark.errors import ScriptError, near_miss
from breathmark.files import read_regular
from breathmark.script.document import Text, Voice
from breathmark.script.faults import in_order, short
from breathmark.script.lexicon import STARTER, Spoken, layered
from breathmark.script.settings import BUILT_IN_AMBIENCE, BUILT_IN_PACING, Settings
from breathmark.script.yaml.choices import ambience_choice, cast_of, lexicon_of, note_names, path_problems, voice_choice
from breathmark.script.yaml.positions import whole_file_anchors
from breathmark.script.yaml.reading import read_shape
from breathmark.script.yaml.shapes import LexiconShape, SettingsShape
from breathmark.script.yaml.source import read_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from breathmark.errors import Problem
    from breathmark.model import Place
    from breathmark.script.document import Named

__all__ = ["LEXICON_FILE", "SETTINGS_FILE", "Project", "find_project", "looks_like_script", "open_project"]

SETTINGS_FILE = "breathmark.yaml"
LEXICON_FILE = "lexicon.yaml"

_MOST_LOOKED_AT = 16 * 2**20
"""Bytes of a file that may be a script; what is longer counts as one, and is refused as such."""
_LOOKS_LIKE_PATH = re.compile(r"[/\\]|\.[A-Za-z0-9]{1,5}$", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project; nothing outside ``root`` is read through it."""

    root: Path
    """Absolute, links resolved."""
    shown_root: str = ""
    """The root as it is reached from where the user is; empty for the current folder."""
    settings: Settings = field(default_factory=Settings)
    lexicon: Mapping[str, Mapping[str, Spoken]] = field(default_factory=dict)
    """Language, then word, both in lower case, then how it is spoken."""

    def shown(self, file: Path) -> str:
        """How messages name a file of the project."""
        return os.path.join(self.shown_root, file.relative_to(self.root).as_posix())  # noqa: PTH118 (a Path would drop the user's own spelling)

    def words(self, language: str) -> dict[str, Spoken]:
        """How words are spoken in ``en-GB``: by Breathmark's lexicon, over it the project's of ``en`` and ``en-GB``."""
        whole = language.lower()
        primary = whole.partition("-")[0]
        starter = {word: Spoken(say=say) for word, say in STARTER.get(primary, {}).items()}
        return layered(starter, self.lexicon.get(primary, {}), self.lexicon.get(whole, {}))

    def locate(self, written: str, beside: Path) -> Path:
        """Where ``written`` in the file ``beside`` points, links resolved; the file need not be there.

        Raises:
            ValueError: it leaves the project, or is no path that works on every computer.
        """
        if "\\" in written:
            raise ValueError(f"`{short(written, 60)}`: write paths with `/`")
        if PurePosixPath(written).is_absolute() or re.match("[A-Za-z]:", written) or written.startswith("~"):
            raise ValueError(f"`{short(written, 60)}`: write the path as it goes on from this file's folder")
        try:
            found = (beside.parent / written).resolve()
        except UnicodeEncodeError as exc:
            raise ValueError(f"`{short(written, 60)}`: no file can have this name on this system") from exc
        except (OSError, RuntimeError, ValueError) as exc:  # a loop of links is a RuntimeError up to Python 3.12
            raise ValueError(f"`{short(written, 60)}`: this path can't be followed") from exc
        if not found.is_relative_to(self.root):
            raise ValueError(
                f"`{short(written, 60)}` lies outside the project, whose folder is {self.shown_root or '.'}"
            )
        return found

    def resolve(self, written: str, beside: Path) -> Path:
        """The file that ``written`` names in the file ``beside``, links resolved; ``ValueError`` for the author."""
        found = self.locate(written, beside)
        try:
            mode = found.stat().st_mode
        except (FileNotFoundError, NotADirectoryError) as exc:
            meant = near_miss(found.name, _neighbours(found))
            hint = f"; did you mean `{meant}`?" if meant else ""
            raise ValueError(f"there is no file `{short(written, 60)}` in the project{hint}") from exc
        except OSError as exc:
            reason = (exc.strerror or str(exc)).lower()
            raise ValueError(f"`{short(written, 60)}` can't be read: {reason}") from exc
        if stat.S_ISDIR(mode):
            raise ValueError(f"`{short(written, 60)}` is a folder; name a file in it")
        if not stat.S_ISREG(mode):
            raise ValueError(f"`{short(written, 60)}` is a pipe or a device; name a file")
        return found

    def sound(self, written: str, beside: Path) -> str:
        """A built-in sound's name as it is, or a file's path from the root; raises as ``locate`` does."""
        if not _LOOKS_LIKE_PATH.search(written.strip()):
            return written.strip()
        return self.locate(written.strip(), beside).relative_to(self.root).as_posix()

    def text_of(self, file: Path) -> Text:
        """A whole file of the project as a template (macros, imports), with its places. Raises ``ScriptError``."""
        source = read_source(file, self.shown(file))
        return Text(raw=source.text, path=source.path, anchors=whole_file_anchors(source.text))

    def read_text(self, written: str, beside: Path) -> Text:
        """The same, as the file ``beside`` names it; ``ValueError`` for the author."""
        file = self.resolve(written, beside)
        try:
            return self.text_of(file)
        except ScriptError as exc:
            raise ValueError(f"`{short(written, 60)}`: {exc.problems[0].message}") from exc


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
        voice=voice_choice(shape.voice).over(Voice()),
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


def _lexicon(project: Project) -> tuple[Mapping[str, Mapping[str, Spoken]], tuple[Problem, ...]]:
    file = project.root / LEXICON_FILE
    if not _is_there(file):
        return {}, ()
    _, shape, problems = read_shape(file, project.shown(file), LexiconShape)
    if shape is None:
        return {}, problems
    return {language.lower(): lexicon_of(words) for language, words in shape.root.items()}, problems


def _is_there(file: Path) -> bool:
    """Whether there is anything of that name: what is no file that can be read is a fault, and not passed over."""
    return os.path.lexists(file)


def _neighbours(file: Path) -> list[str]:
    """The names beside a file that may be missing, for a near miss."""
    try:
        return [each.name for each in islice(file.parent.iterdir(), 1000) if each != file]
    except OSError:
        return []


def looks_like_script(file: Path) -> bool:
    """Whether a YAML file has what a session has; parts have no title, manifests, settings and lexicons no segments.

    So has one that can't be read, so that its fault is told.
    """
    try:
        text = read_regular(file, _MOST_LOOKED_AT).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return True
    keys = {line.split(":")[0] for line in text.splitlines() if line[:1].isalpha()}
    return {"title", "segments"} <= keys
