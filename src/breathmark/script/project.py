"""The folder that a script belongs to: its settings, its lexicon, and the only files that a script can reach."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from breathmark.base.errors import ScriptError, near_miss
from breathmark.base.files import names_beside, read_regular
from breathmark.base.inputs import note_read
from breathmark.languages.words import respellings
from breathmark.script.faults import short
from breathmark.script.lexicon import Pronunciation, Spoken, layered
from breathmark.script.reader.positions import whole_file_anchors
from breathmark.script.reader.source import read_source
from breathmark.script.settings import Settings
from breathmark.script.terms import Text

SETTINGS_FILE = "breathmark.yaml"
LEXICON_FILE = "lexicon.yaml"

_MOST_LOOKED_AT = 16 * 2**20
"""In bytes; a longer file counts as a script, and is refused as one."""
_LOOKS_LIKE_PATH = re.compile(r"[/\\]|\.[A-Za-z0-9]{1,5}$", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project, as a value; its files are read through ``ProjectFiles``."""

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

    def words(self, language: str) -> dict[str, Pronunciation]:
        """How words are spoken in ``en-GB``: by Breathmark's lexicon, over it the project's of ``en`` and ``en-GB``."""
        whole = language.lower()
        primary = whole.partition("-")[0]
        starter = {word: Pronunciation(say=say) for word, say in respellings(primary).items()}
        return layered(starter, self.lexicon.get(primary, {}), self.lexicon.get(whole, {}))


@dataclass(frozen=True, slots=True)
class ProjectFiles:
    """Reads the files of a project; nothing outside of its root can be reached through it."""

    project: Project

    def locate(self, written: str, beside: Path) -> Path:
        """Where ``written`` in the file ``beside`` points, links resolved; the file need not be there.

        Raises:
            ValueError: it leaves the project, or is not a path that works on every computer.
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
        if not found.is_relative_to(self.project.root):
            folder = self.project.shown_root or "."
            raise ValueError(f"`{short(written, 60)}` is outside the project, whose folder is {folder}")
        link = Path(os.path.normpath(beside.parent / written))
        if link != found:
            note_read(link)  # whoever reads the file reports only that
        return found

    def resolve(self, written: str, beside: Path) -> Path:
        """The file that ``written`` names in the file ``beside``, links resolved; ``ValueError`` for the author."""
        found = self.locate(written, beside)
        try:
            mode = found.stat().st_mode
        except (FileNotFoundError, NotADirectoryError) as exc:
            meant = near_miss(found.name, names_beside(found))
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
        return self.locate(written.strip(), beside).relative_to(self.project.root).as_posix()

    def text_of(self, file: Path) -> Text:
        """A whole file of the project as a template (macros, imports), with its places. Raises ``ScriptError``."""
        source = read_source(file, self.project.shown(file))
        return Text(raw=source.text, path=source.path, anchors=whole_file_anchors(source.text))

    def read_text(self, written: str, beside: Path) -> Text:
        """The same, as the file ``beside`` names it; ``ValueError`` for the author."""
        file = self.resolve(written, beside)
        try:
            return self.text_of(file)
        except ScriptError as exc:
            raise ValueError(f"`{short(written, 60)}`: {exc.problems[0].message}") from exc


def looks_like_script(file: Path) -> bool:
    """Whether a YAML file has what a session has; parts have no title, manifests, settings and lexicons no segments.

    So has one that can't be read, so that its fault is reported.
    """
    try:
        text = read_regular(file, _MOST_LOOKED_AT).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return True
    keys = {line.split(":")[0] for line in text.splitlines() if line[:1].isalpha()}
    return {"title", "segments"} <= keys
