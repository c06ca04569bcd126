"""Inputs of artefacts: every file that is read for a session, as whatever opens it reports it, and the program itself.

Files are hashed by their content, and noted with the metadata; so that a build in which none of them has changed reads
no script at all. A file that was looked for and is not there is an input, too.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from breathmark.base.errors import AssetError, BreathmarkError, ScriptError
from breathmark.base.files import file_sha256, is_regular
from breathmark.base.inputs import files_read, note_read
from breathmark.base.plugins import suppliers
from breathmark.course.values import ScriptMetadata, SessionRecord, VariableSpec
from breathmark.formats.registry import GROUP
from breathmark.languages.words import spoken_contents
from breathmark.mix.assets import find_sound
from breathmark.mix.mixdown import chosen_sound
from breathmark.mix.stillness import ROOM_TONE
from breathmark.model import utterances
from breathmark.script.parse import parse
from breathmark.script.segments import segments_of
from breathmark.speech.narrate import recordings

if TYPE_CHECKING:
    from breathmark.course.course import Session
    from breathmark.script.document import Document
    from breathmark.script.project import Project
    from breathmark.script.terms import NamedSound


_ABSENT: Final = "absent"


def read_session(session: Session, project: Project) -> SessionRecord:
    """Read a session's script and what it names, whatever values its variables have.

    Raises ScriptError with the faults of its form; others are reported when its sentences are looked up.
    """
    from breathmark.script.expand import expand  # noqa: PLC0415 - it loads Jinja2, and most builds read no script

    sounds: set[NamedSound] = set()
    with files_read() as files:
        document = parse(session.script)
        if document.cover:
            note_read(document.cover)
        with suppress(ScriptError):
            expand(document, sounds=sounds)
        for kind, name in sounds:
            with suppress(AssetError):
                find_sound(kind, ROOM_TONE if (kind, name) == ("ambience", "none") else name, document.project.root)
    return SessionRecord(metadata=_metadata(document, project), inputs=_states(files, project))


def sound_inputs(ambience: str, project: Project) -> dict[str, str]:
    """What a sound that the course chooses, by name or by path, depends on in the project."""
    with files_read() as files, suppress(AssetError):
        chosen_sound(ambience_asked(ambience, project), project.root)
    return _states(files, project)


def ambience_asked(ambience: str, project: Project) -> str:
    """The course's choice as a render is asked for it: a file of the project by its path, anything else by its name."""
    file = project.root / ambience
    note_read(file)
    return os.fspath(file) if is_regular(file) else ambience


def recordings_state(script: Path, voice: str, values: Mapping[str, str]) -> str:
    """A hash of all recordings that speak a sentence of the script; what is at fault is reported when it is spoken."""
    from breathmark.script.expand import expand  # noqa: PLC0415 - as above

    with suppress(BreathmarkError):
        document = parse(script)
        filled = expand(document, {name: value for name, value in values.items() if name in document.variables})
        found = recordings(
            utterances(filled), voice=voice or document.voice.name, settings=document.project.settings.narrators
        )
        return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:32]
    return _ABSENT


def are_current(inputs: Mapping[str, str], root: Path, states: dict[Path, str]) -> bool:
    """Whether every input is what it was; ``states`` remembers what was looked at."""
    for name, state in inputs.items():
        file = root / name
        if file not in states:
            states[file] = file_state(file)
        if states[file] != state:
            return False
    return True


def file_state(file: Path) -> str:
    """The first half of the SHA-256 of a file's content, or ``absent``."""
    try:
        return file_sha256(file)[:32]
    except OSError:
        return _ABSENT


def _states(files: Iterable[Path], project: Project) -> dict[str, str]:
    """The files by their paths from the project's root. Others are the program's own, or would move the root."""
    names = {file.relative_to(project.root).as_posix(): file for file in files if file.is_relative_to(project.root)}
    return {name: file_state(names[name]) for name in sorted(names)}


def _metadata(document: Document, project: Project) -> ScriptMetadata:
    cast = {name: choice.name or document.voice.name for name, choice in document.cast.items()}
    chosen = (block.voice.name for block in segments_of(document.segments) if block.voice and block.voice.name)
    named = (document.voice.name, *chosen, *cast)
    main, *others = (cast.get(voice, voice) for voice in named)
    return ScriptMetadata(
        title=document.title.raw.strip(),
        summary=document.summary.raw.strip() if document.summary else "",
        level=document.level,
        concepts=document.concepts,
        language=document.language,
        voice=main,
        other_voices=tuple(dict.fromkeys(voice for voice in others if voice)),
        variables={
            name: VariableSpec(type=variable.type, max_length=variable.max_length, choices=variable.choices)
            for name, variable in document.variables.items()
        },
        cover=_name(document.cover, project) if document.cover else "",
    )


def _name(file: Path, project: Project) -> str:
    return file.relative_to(project.root).as_posix() if file.is_relative_to(project.root) else str(file)


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
