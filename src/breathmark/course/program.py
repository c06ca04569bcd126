"""Fingerprint of the program: its code, libraries and sounds, which artefacts depend on."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from breathmark.base.errors import AssetError
from breathmark.base.files import file_sha256
from breathmark.base.plugins import suppliers
from breathmark.formats.registry import GROUP
from breathmark.languages.words import spoken_contents

_PACKAGE: Final = Path(__file__).parents[1]
_STAGES: Final = (
    *(
        "api",
        "audio",
        "base",
        "formats",
        "languages",
        "mix",
        "model.py",
        "script",
        "solver",
        "speech",
        "synthesis",
        "takes",
        "timeline",
    ),
    *("course/artwork.py", "course/covers.py", "course/fonts/AlegreyaSans-Medium.ttf"),
)
_LIBRARIES: Final = (
    "breathmark",  # its version is in the tags
    "audioop-lts",  # pydub's arithmetic; up to Python 3.12 that is the interpreter's own
    "jinja2",
    "mutagen",
    "numpy",
    "pillow",
    "pydub",
    "pyyaml",
    "sentencex",
    "soxr",
)
"""Libraries that an artefact's bytes depend on, beside the narrators' engines, which the voices' fingerprints cover."""


@cache
def program_state() -> str:
    """A hash of all ``program_parts``: an artefact that another program made is never taken for current."""
    whole = hashlib.sha256()
    for name, state in sorted(program_parts().items()):
        whole.update(f"{name}\0{state}\0".encode())
    return whole.hexdigest()[:32]


def program_parts() -> dict[str, str]:
    """What the program is made of, by name: the code of all stages, the libraries, ffmpeg, and the built-in sounds.

    It is the code itself, not a number that somebody has to remember to raise, and no path: the same program is the
    same on every machine.
    """
    return {
        "code": _code(),
        "sounds": _sounds(),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "ffmpeg": _ffmpeg(),
        **{name: _version(name) for name in _LIBRARIES},
        **{f"the format {name}": package for name, package in suppliers(GROUP).items()},
    }


def _code() -> str:
    whole = hashlib.sha256()
    for file in sorted(file for stage in _STAGES for file in _sources(_PACKAGE / stage)):
        whole.update(file.relative_to(_PACKAGE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    for content in spoken_contents():
        whole.update(content)
    return whole.hexdigest()


def _sources(path: Path) -> list[Path]:
    return [path] if path.is_file() else list(path.rglob("*.py"))


def _sounds() -> str:
    """Of the list of built-in sounds, which holds the hash of each."""
    for folder in (_PACKAGE, _PACKAGE.parents[1]):
        provenance = folder / "audio_assets" / "provenance.yaml"
        if provenance.is_file():
            return hashlib.sha256(provenance.read_bytes()).hexdigest()
    return ""


def _ffmpeg() -> str:
    """The hash of the program, which brings the encoders along."""
    from breathmark.audio.ffmpeg import ffmpeg_path  # noqa: PLC0415 - it loads numpy

    try:
        return file_sha256(ffmpeg_path())
    except (AssetError, OSError):
        return ""  # a render reports it


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return ""
