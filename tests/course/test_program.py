"""What counts as another program."""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

import pytest

from breathmark.audio.ffmpeg import ffmpeg_path
from breathmark.course import sources
from breathmark.course.sources import program_parts, program_state

from .material import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

ENGINES: Final = {"espeakng-loader", "httpx", "pyobjc-framework-cocoa", "pyttsx3", "tenacity"}
SURROUNDINGS: Final = {"click", "filelock", "markdown-it-py", "platformdirs", "pydantic", "pyebur128", "rich", "rpp"}
SURROUNDINGS_OF_MACS: Final = {"pyobjc-core", "pyobjc-framework-cocoa"}
SHAPES_NO_BYTES: Final = ENGINES | SURROUNDINGS | SURROUNDINGS_OF_MACS
"""Dependencies that shape no artefact, or (the narrators' engines) that the voices' fingerprints tell of."""


@pytest.mark.parametrize("library", ["numpy", "soxr", "pydub", "mutagen", "jinja2", "sentencex", "breathmark"])
def test_another_version_of_a_library_is_another_program(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each that shapes the bytes."""
    before = program_state()
    monkeypatch.setattr(sources, "version", lambda name: "0.0.1" if name == library else version(name))
    assert program_state.__wrapped__() != before


def test_another_ffmpeg_is_another_program_and_another_place_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The encoder is told by what it is, not by where it lies; no ffmpeg is another one, too, and no error here."""
    before = program_parts()
    copy = tmp_path / "ffmpeg"
    shutil.copy(ffmpeg_path(), copy)
    monkeypatch.setenv("BREATHMARK_FFMPEG", str(copy))
    assert program_parts() == before
    with copy.open("ab") as file:
        file.write(b"\0")
    assert {name for name, state in program_parts().items() if state != before[name]} == {"ffmpeg"}
    monkeypatch.setenv("BREATHMARK_FFMPEG", str(tmp_path / "gone"))
    assert program_parts()["ffmpeg"] == ""


def test_every_dependency_is_either_counted_or_known_to_shape_nothing() -> None:
    """So that nobody forgets a new one."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {re.match(r"[\w.-]+", each)[0] for each in project["dependencies"]}  # type: ignore[index]
    assert needed - SHAPES_NO_BYTES <= program_parts().keys()
    assert not SHAPES_NO_BYTES & program_parts().keys()
    assert program_parts()["python"] == f"{sys.version_info.major}.{sys.version_info.minor}"
