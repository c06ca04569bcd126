"""The folder of a session's stems: what was written into it, and what may be written over.

``stems.json`` lists the files with their SHA-256. Only what it lists, and is as it was written, is replaced: a project
that somebody has worked in since is theirs.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter, ValidationError

from breathmark.base.errors import RequestError
from breathmark.base.files import file_sha256, read_regular
from breathmark.base.writing import delivery_errors

if TYPE_CHECKING:
    from collections.abc import Iterable

MANIFEST: Final = "stems.json"
OPTION: Final = "--stems"
BEDS: Final = "beds"
"""The folder of what does not belong to the sum."""
PROJECT: Final = ".rpp"
TIMELINE: Final = ".otio"
CUE: Final = ".cue"
_SOUND: Final = re.compile(rf"((voice|ambience|bells)(-[\w-]+)?|{BEDS}/[\w-]+)(\.[0-9]+)?\.wav")
"""The names of the sound files, from the folder."""
_MOST_BYTES: Final = 1_000_000
_FORMAT: Final = 1
_ELSEWHERE: Final = f"choose another folder with {OPTION}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StemFile:
    """What is known of one sound file."""

    file: str
    """From the folder, with slashes."""
    kind: str
    """``voice``, ``ambience`` and ``bells`` sum to the mix; a ``bed`` is one sound of the ambience, not yet moved."""
    name: str = ""
    """Of a voice its whole name, of a bed the name of its sound."""
    peak_dbfs: float | None = None
    """Its highest sample; None for silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StemsManifest:
    """What ``stems.json`` says."""

    format: int = _FORMAT
    script: str
    """The name of the script's file."""
    title: str
    versions: Mapping[str, str]
    rate_hz: int
    channels: int
    bits: int
    frames: int
    gain_db: float
    """How much softer than in the mix all files are: 0, or a multiple of -6.02 where one would have been clipped."""
    sum_true_peak_dbtp: float
    """Of the sum, at the level of the mix, before the limiter."""
    stems: tuple[StemFile, ...]
    files: Mapping[str, str]
    """The SHA-256 of each file by its name."""


def manifest_json(manifest: StemsManifest) -> str:
    """The text of ``stems.json``."""
    return json.dumps(asdict(manifest), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def read_manifest(folder: Path) -> StemsManifest | None:
    """That of ``folder``; None where there is none. Raises RequestError where it can't be read, or isn't one."""
    path = folder / MANIFEST
    try:
        manifest = _reader().validate_json(read_regular(path, _MOST_BYTES))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValidationError) as error:
        raise _no_manifest(path) from error
    stem = PurePath(manifest.script).stem
    if not all(_is_ours(name, stem) for name in manifest.files):
        raise _no_manifest(path)
    return manifest


def project_names(stem: str) -> tuple[str, ...]:
    """The names of the projects and the cue sheet of a script whose file is called ``stem``."""
    return tuple(stem + ending for ending in (PROJECT, TIMELINE, CUE))


def _is_ours(name: str, stem: str) -> bool:
    """Whether a file of that name is ever written beside such a list: what is listed is removed, whoever listed it."""
    return name in project_names(stem) or _SOUND.fullmatch(name) is not None


def _no_manifest(path: Path) -> RequestError:
    return RequestError(f"{path} is in the way: it does not list stems of Breathmark", _ELSEWHERE)


@cache
def _reader() -> TypeAdapter[StemsManifest]:
    return TypeAdapter(StemsManifest)


def check_folder(folder: Path, script: str) -> None:
    """Raise RequestError where the stems of the file ``script`` can't be written without a loss to the user.

    Files that were written before are read through, to see whether they are as they were written.
    """
    if os.path.lexists(folder) and not folder.is_dir():
        raise RequestError(f"{folder} is not a folder", _ELSEWHERE)
    _check_beds(folder / BEDS)
    known = read_manifest(folder)
    if known is None:
        return
    if known.script != script:
        raise RequestError(f"{folder} holds the stems of {known.script}, and those of {script} differ", _ELSEWHERE)
    with delivery_errors(folder, OPTION):
        for name, sha256 in known.files.items():
            if os.path.lexists(folder / name) and file_sha256(folder / name) != sha256:
                raise RequestError(
                    f"{folder / name} has been changed since Breathmark wrote it, and would be written over",
                    f"save it under another name and remove it here, or {_ELSEWHERE}",
                )


def _check_beds(beds: Path) -> None:
    """Raise RequestError where there can't be a folder ``beds``: asked before anything is removed for new stems."""
    if os.path.lexists(beds) and (beds.is_symlink() or not beds.is_dir()):
        raise RequestError(f"{beds} is in the way: it is not a folder, or a link to one", f"move it, or {_ELSEWHERE}")
    if beds.is_dir() and not os.access(beds, os.W_OK | os.X_OK):
        raise RequestError(f"{beds} can't be written to", f"change its permissions, or {_ELSEWHERE}")


def check_names(folder: Path, names: Iterable[str]) -> None:
    """Raise RequestError where one of ``names`` is taken by a file that is not listed as written by Breathmark."""
    known = read_manifest(folder)
    own = {MANIFEST, *known.files} if known else {MANIFEST}
    with delivery_errors(folder, OPTION):
        for name in names:
            if name not in own and os.path.lexists(folder / name):
                raise RequestError(
                    f"{folder / name} is in the way: Breathmark would write over it, and didn't make it",
                    f"move it, or {_ELSEWHERE}",
                )


def remove_listed(folder: Path) -> None:
    """Remove what an earlier run has written, but for the list of it, so that what is there is always listed.

    Raises DeliveryError.
    """
    known = read_manifest(folder)
    for name in known.files if known else ():
        with delivery_errors(folder / name, OPTION):
            (folder / name).unlink(missing_ok=True)
        parent = (folder / name).parent
        if parent != folder:
            with suppress(OSError):  # somebody else's files may lie in it
                parent.rmdir()
