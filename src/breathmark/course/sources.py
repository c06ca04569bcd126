"""What a session is made of: every file that its script reads, and what the script says of itself.

The files are found by reading, hashed by their content, and noted with the facts; so that a build in which none of
them has changed reads no script at all.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from breathmark.course.values import Facts, SessionRecord
from breathmark.narrators.filehash import file_sha256
from breathmark.script.document import IncludeBlock, RepeatBlock
from breathmark.script.parse import parse
from breathmark.script.project import LEXICON_FILE, SETTINGS_FILE
from breathmark.script.yaml.source import files_read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from breathmark.course.course import Session
    from breathmark.script.document import Block, Document
    from breathmark.script.project import Project

__all__ = ["are_current", "file_state", "read_session", "sound_inputs"]

_ABSENT: Final = "absent"
_PROVENANCE: Final = "audio_assets/provenance.yaml"
_IMPORT: Final = re.compile(r"""\{%[-+]?\s*(?:import|from)\s+(["'])(?P<path>[^"']+)\1""")
_SOUND: Final = re.compile(r"[^\s\"'\[\]{},]+\.(?:aiff?|flac|m4a|mp3|oga|ogg|opus|wav|wma)\b", re.IGNORECASE)
_LARGE: Final = 512 * 1024
"""From here on (bytes) a hash is worth being remembered between runs."""


def read_session(session: Session, project: Project) -> SessionRecord:
    """Read a session's script. Raises ScriptError with its faults."""
    with files_read() as files:
        document = parse(session.script)
    texts = {file.resolve() for file in files if file.is_file()}
    texts |= _imports(texts, project)
    wanted = {*texts, *_sounds(texts, project), *_that_would_be_read(session.script, project)}
    if document.cover:
        wanted.add(document.cover)
    inputs = {name: file_state(project.root / name) for name in sorted(_name(file, project) for file in wanted)}
    return SessionRecord(facts=_facts(document, project), inputs=inputs)


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
        if file.stat().st_size >= _LARGE:
            return file_sha256(file)[:32]
        return hashlib.sha256(file.read_bytes()).hexdigest()[:32]
    except OSError:
        return _ABSENT


def sound_inputs(sound: str, project: Project) -> dict[str, str]:
    """What a sound that the course chooses, by name or by path, depends on in the project."""
    names = (sound, _PROVENANCE, *_own_sounds(sound, project))
    found = {name: file_state(project.root / name) for name in names}
    return {name: state for name, state in found.items() if state != _ABSENT}


def _facts(document: Document, project: Project) -> Facts:
    cast = {name: choice.name or document.voice.name for name, choice in document.cast.items()}
    named = (document.voice.name, *_voices(document.segments), *cast)
    main, *others = (cast.get(voice, voice) for voice in named)
    return Facts(
        title=document.title.raw.strip(),
        summary=document.summary.raw.strip() if document.summary else "",
        level=document.level,
        concepts=document.concepts,
        language=document.language,
        voice=main,
        other_voices=tuple(dict.fromkeys(voice for voice in others if voice)),
        variables=tuple(document.variables),
        cover=_name(document.cover, project) if document.cover else "",
    )


def _voices(blocks: Iterable[Block]) -> Iterator[str]:
    """The voices that segments choose."""
    for block in blocks:
        if block.voice and block.voice.name:
            yield block.voice.name
        if isinstance(block, RepeatBlock):
            yield from _voices(block.segments)
        if isinstance(block, IncludeBlock):
            yield from _voices(block.part.segments)


def _imports(files: set[Path], project: Project) -> set[Path]:
    """The files of macros that texts import, also where only some values lead to it."""
    found: set[Path] = set()
    todo = list(files)
    while todo:
        file = todo.pop()
        for match in _IMPORT.finditer(_text(file)):
            # An import goes on from the file that holds the segment, which may be any of those that were read.
            for beside in files:
                imported = (beside.parent / match["path"]).resolve()
                if imported.is_file() and imported.is_relative_to(project.root) and imported not in found | files:
                    found.add(imported)
                    todo.append(imported)
    return found


def _sounds(files: set[Path], project: Project) -> Iterator[Path]:
    """The project's sounds that texts name, and the sound files that they give a path of."""
    for file in files:
        text = _text(file)
        for match in _SOUND.finditer(text):
            for folder in (file.parent, project.root):
                sound = (folder / match[0]).resolve()
                if sound.is_relative_to(project.root):
                    yield sound
        for name in _own_sounds(text, project):
            yield project.root / name


def _own_sounds(text: str, project: Project) -> tuple[str, ...]:
    """The files of the project's own sounds whose names stand somewhere in ``text``."""
    if not (project.root / _PROVENANCE).is_file():
        return ()
    from breathmark.sound.assets import sounds  # noqa: PLC0415 - it loads numpy and pydub, and few projects need it

    named = [sound for sound in sounds(project.root) if not sound.built_in and sound.name in text]
    return tuple(_name(sound.path, project) for sound in named)


def _that_would_be_read(script: Path, project: Project) -> Iterator[Path]:
    """Files that change what a script means as soon as they are there."""
    for folder in script.parents:
        yield folder / SETTINGS_FILE
        if folder == project.root:
            break
    yield project.root / LEXICON_FILE
    yield project.root / _PROVENANCE


def _name(file: Path, project: Project) -> str:
    return file.relative_to(project.root).as_posix() if file.is_relative_to(project.root) else str(file)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
