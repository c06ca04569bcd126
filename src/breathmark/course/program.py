"""Which program makes the artefacts: what its stages are made of."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["program_state"]

_PACKAGE: Final = Path(__file__).parents[1]
_STAGES: Final = ("arrange", "deliver", "narrators", "script", "sound", "errors.py", "model.py", "pipeline.py")


@cache
def program_state() -> str:
    """A hash of the code of all stages, and of the list of built-in sounds with their hashes.

    It is the code itself, not a number that somebody has to remember to raise: an artefact that an older or a newer
    program made is never taken for current.
    """
    whole = hashlib.sha256()
    for file in sorted(file for stage in _STAGES for file in _sources(_PACKAGE / stage)):
        whole.update(file.relative_to(_PACKAGE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    for folder in (_PACKAGE, _PACKAGE.parents[1]):
        provenance = folder / "audio_assets" / "provenance.yaml"
        if provenance.is_file():
            whole.update(provenance.read_bytes())
            break
    return whole.hexdigest()[:32]


def _sources(path: Path) -> list[Path]:
    return [path] if path.is_file() else list(path.rglob("*.py"))
