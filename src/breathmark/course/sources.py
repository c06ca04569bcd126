"""Inputs of a session: every file that its script reads, and the script's metadata.

The files are found by reading, hashed by their content, and noted with the metadata; so that a build in which none of
them has changed reads no script at all.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from breathmark.base.files import file_sha256, is_regular
from breathmark.base.inputs import files_read
from breathmark.course.values import ScriptMetadata, SessionRecord, VariableSpec
from breathmark.script.document import (
    BellSegment,
    BreatheSegment,
    IncludeSegment,
    SaySegment,
    segments_of,
)
from breathmark.script.parse import parse
from breathmark.script.project import LEXICON_FILE, SETTINGS_FILE
from breathmark.script.text.breathing import TONES
from breathmark.script.text.markers import MarkerFault, Strike, read_marker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from breathmark.course.course import Session
    from breathmark.mix.assets import SoundAsset, SoundKind
    from breathmark.script.document import Document
    from breathmark.script.project import Project
    from breathmark.script.terms import Text

PROVENANCE: Final = "audio_assets/provenance.yaml"
"""Which sounds are the project's own, from its root."""
_ROOM_TONE: Final = "room-tone"
"""What presets for narration lay into rests, whatever the script says."""
_BRACKET: Final = re.compile(r"\[([^\[\]]*)\]")


def sounds_named(document: Document, imported: Iterable[str]) -> frozenset[tuple[SoundKind, str]]:
    """Every sound of the script and its parts by kind and name; ``imported`` are the texts of imported macros.

    Templates are not filled in: what only some values lead to is among them.
    """
    beds = {document.ambience.sound, _ROOM_TONE}
    bells: set[str] = set()
    for block in segments_of(document.segments):
        if block.ambience and block.ambience.sound:
            beds.add(str(block.ambience.sound))
        if isinstance(block, BellSegment):
            bells.add(block.bell)
        if isinstance(block, BreatheSegment) and block.breathe.cue == "tone":
            bells.update(TONES)
    for text in (*(text.raw for text in texts_of(document)), *imported):
        bells.update(_struck(text, document))
    return frozenset([*(("ambience", name) for name in beds - {"none"}), *(("bell", name) for name in bells)])


def sound_files(named: Iterable[tuple[SoundKind, str]], project: Project) -> Iterator[Path]:
    """The files of the project that these sounds are read from, or would be if they were there.

    As the renderer does it: a sound that the project lists wins over a built-in one and over a path.
    Raises AssetError where the project's list can't be read.
    """
    own = {(sound.kind, sound.name): sound.path for sound in _own_sounds(project)}
    for kind, name in named:
        if (kind, name) in own:
            yield own[kind, name]
        elif "/" in name or "." in name:
            yield project.root / name


def texts_of(document: Document) -> Iterator[Text]:
    """Every template of the script and its parts."""
    yield document.title
    yield from filter(None, (document.summary, document.author))
    yield from document.macros
    for block in segments_of(document.segments):
        yield from filter(None, (block.title, block.when))
        if isinstance(block, SaySegment):
            yield block.say
        if isinstance(block, IncludeSegment):
            yield from block.given.values()
            yield from block.part.macros


def _struck(text: str, document: Document) -> Iterator[str]:
    """The bells that markers name."""
    for match in _BRACKET.finditer(text):
        try:
            marker = read_marker(match[1], document.pacing.keys())
        except MarkerFault:
            continue  # of an expression, or reported when the script is filled in
        if isinstance(marker, Strike):
            yield marker.name


def _own_sounds(project: Project) -> list[SoundAsset]:
    if not (project.root / PROVENANCE).is_file():
        return []
    from breathmark.mix.assets import sounds  # noqa: PLC0415 - it loads numpy and pydub, and few projects need it

    return [sound for sound in sounds(project.root) if not sound.built_in]


_ABSENT: Final = "absent"
_IMPORT: Final = re.compile(r"""\{%[-+]?\s*(?:import|from)\s+(["'])(?P<path>[^"']+)\1""")
_TEXTS: Final = frozenset({".j2", ".jinja", ".jinja2", ".txt", ".yaml", ".yml"})
"""Suffixes of what is small and often edited, and read each time. Others may be sound: their hash is remembered."""


def read_session(session: Session, project: Project) -> SessionRecord:
    """Read a session's script. Raises ScriptError with its faults."""
    with files_read() as files:
        document = parse(session.script)
    texts = {file.resolve() for file in files if is_regular(file)}
    imported = _imports([text.raw for text in texts_of(document)], texts, project)
    named = sounds_named(document, map(_text, imported))
    wanted = {*texts, *imported, *sound_files(named, project), *_that_would_be_read(session.script, project)}
    if document.cover:
        wanted.add(document.cover)
    inputs = {name: file_state(project.root / name) for name in sorted(_name(file, project) for file in wanted)}
    return SessionRecord(metadata=_metadata(document, project), inputs=inputs)


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
    if not is_regular(file):
        return _ABSENT
    try:
        if file.suffix.lower() in _TEXTS:
            return hashlib.sha256(file.read_bytes()).hexdigest()[:32]
        return file_sha256(file)[:32]
    except OSError:
        return _ABSENT


def sound_inputs(sound: str, project: Project) -> dict[str, str]:
    """What a sound that the course chooses, by name or by path, depends on in the project."""
    own = (_name(file, project) for file in sound_files([("ambience", sound)], project))
    names = (sound, PROVENANCE, *own)
    found = {name: file_state(project.root / name) for name in names}
    return {name: state for name, state in found.items() if state != _ABSENT}


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


def _imports(texts: Sequence[str], files: set[Path], project: Project) -> set[Path]:
    """The files of macros that texts import, also where only some values lead to it."""
    found: set[Path] = set()
    todo = list(texts)
    while todo:
        for match in _IMPORT.finditer(todo.pop()):
            # An import goes on from the file that holds the segment, which may be any of those that were read.
            for beside in files | found:
                imported = _resolved(beside.parent / match["path"])
                if is_regular(imported) and imported.is_relative_to(project.root) and imported not in files | found:
                    found.add(imported)
                    todo.append(_text(imported))
    return found


def _that_would_be_read(script: Path, project: Project) -> Iterator[Path]:
    """Files that are not there, and would change what a script means."""
    for folder in script.parents:
        yield folder / SETTINGS_FILE
        if folder == project.root:
            break
    yield project.root / LEXICON_FILE
    yield project.root / PROVENANCE


def _name(file: Path, project: Project) -> str:
    return file.relative_to(project.root).as_posix() if file.is_relative_to(project.root) else str(file)


def _resolved(path: Path) -> Path:
    """Links resolved; what no file can be called stays as it is."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
