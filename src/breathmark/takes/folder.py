"""A folder of recorded sentences: which file is a take of which sentence."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from breathmark.base.errors import VoiceError
from breathmark.speech.contract import sentence_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


FOLDER_HINT: Final = "name the folder in breathmark.yaml: `narrators: {recorded: {folder: takes}}`"
_ID: Final = re.compile(r"(?<![0-9a-z])[0-9a-f]{10}(?![0-9a-z])")
_BEST: Final = re.compile(r"\.best(\.|$)", re.IGNORECASE)
_NO_SOUND: Final = frozenset({".txt", ".md", ".html", ".pdf", ".json", ".yaml", ".csv", ".part", ".tmp"})
_SLUG_WORDS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One recording of one sentence."""

    path: Path
    sentence: str
    """The sentence's id."""
    best: bool
    """Marked by its name: ``….best.wav``."""
    changed_ns: int
    """When the file was last changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFolder:
    """The contents of a folder of takes."""

    path: Path
    chosen: Mapping[str, Take]
    """By the sentence's id, the take that counts: the newest one, but the newest of those marked as best."""
    takes: tuple[Take, ...]
    """All of them, by name."""
    strangers: tuple[Path, ...]
    """Files whose names hold no id, by name."""

    def stale(self, wanted: Iterable[str]) -> tuple[Take, ...]:
        """The takes of sentences that are not among the ids ``wanted``."""
        known = frozenset(wanted)
        return tuple(take for take in self.takes if take.sentence not in known)


def take_name(number: int, text: str, *, reading: int = 1, private: bool = False) -> str:
    """A take's file name without its suffix: ``012-3f9a0c41be-let-your-weight-settle``.

    The number is for people; only the id identifies the sentence. The name of a private sentence's take has no words.
    """
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = [] if private else re.findall("[a-z0-9]+", folded.replace("'", ""))[:_SLUG_WORDS]
    again = [f"take{reading}"] if reading > 1 else []
    return "-".join([f"{number:03d}", sentence_id(text), *words, *again])


def read_folder(path: Path) -> TakeFolder:
    """The takes in the folder itself; subfolders are left alone. A missing folder is empty.

    Raises:
        VoiceError: it can't be read.
    """
    takes: list[Take] = []
    strangers: list[Path] = []
    try:
        files = sorted((file for file in path.iterdir() if _may_be_sound(file)), key=_by_name) if path.is_dir() else []
        for file in files:
            found = _ID.search(file.stem.lower())
            if found:
                best, changed_ns = bool(_BEST.search(file.stem)), file.stat().st_mtime_ns
                takes.append(Take(path=file, sentence=found[0], best=best, changed_ns=changed_ns))
            else:
                strangers.append(file)
    except OSError as exc:
        raise VoiceError(f"the folder of takes {path} can't be read: {exc.strerror or exc}", FOLDER_HINT) from exc
    chosen: dict[str, Take] = {}
    for take in sorted(takes, key=lambda one: (one.best, one.changed_ns)):
        chosen[take.sentence] = take
    return TakeFolder(path=path, chosen=chosen, takes=tuple(takes), strangers=tuple(strangers))


def _may_be_sound(file: Path) -> bool:
    return file.is_file() and not file.name.startswith(".") and file.suffix.lower() not in _NO_SOUND


def _by_name(file: Path) -> list[tuple[int, str]]:
    """Numbers in a name count as numbers: ``take10`` comes after ``take9``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split("([0-9]+)", file.name.lower())]
