"""What a script, a segment or a project chooses about voice and sound, and the paths that it names."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal

from breathmark.model import Place
from breathmark.script.lexicon import Pronunciation
from breathmark.script.reader.nodes import MapNode, ScalarNode
from breathmark.script.terms import DEFAULT_BELL, AmbienceChoice, VoiceChoice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from breathmark.base.errors import Problem
    from breathmark.script.project import Project
    from breathmark.script.reader.nodes import Node
    from breathmark.script.reader.shapes import AmbienceShape, SpokenShape, VoiceShape
    from breathmark.script.terms import Named


_SOUNDS: tuple[tuple[Literal["ambience", "bell"], str], ...] = (("ambience", "sound"), ("bell", "name"))
"""Keys that name a sound, alone or in a mapping under the second."""
_OTHERS: tuple[Literal["cover", "preset"], ...] = ("cover", "preset")
_FOLDERS = ("output",)


def voice_choice(shape: VoiceShape | None) -> VoiceChoice:
    """What was said about the voice."""
    return VoiceChoice(name=shape.name, speed=shape.speed) if shape else VoiceChoice()


def cast_of(shapes: Mapping[str, VoiceShape]) -> dict[str, VoiceChoice]:
    """The speakers that were named."""
    return {name: voice_choice(shape) for name, shape in shapes.items()}


def lexicon_of(shapes: Mapping[str, SpokenShape]) -> dict[str, Pronunciation]:
    """The words of a lexicon."""
    return {word: Pronunciation(say=shape.say or "", ipa=shape.ipa or "") for word, shape in shapes.items()}


def ambience_choice(shape: AmbienceShape | None, project: Project, file: Path) -> AmbienceChoice:
    """What ``file`` says about the sound; ``path_problems`` has found nothing wrong with it."""
    if shape is None:
        return AmbienceChoice()
    sound = None if shape.sound is None else project.sound(shape.sound, file)
    return AmbienceChoice(sound=sound, below_voice_lu=shape.below_voice, swell_lu=shape.swell)


def bell_name(written: str, project: Project, file: Path) -> str:
    """The bell that ``- bell:`` names; ``path_problems`` has found nothing wrong with it."""
    return project.sound(written, file) if written.strip() else DEFAULT_BELL


def path_problems(node: Node, project: Project) -> Iterator[Problem]:
    """Sounds and folders that one mapping names outside the project."""
    if not isinstance(node, MapNode):
        return
    for scalar in (*(named for _, named in _named_sounds(node)), *_named_folders(node)):
        try:
            project.sound(scalar.value, scalar.source.file)
        except ValueError as exc:
            yield scalar.source.problem(scalar.line, scalar.column, str(exc))


def note_names(node: Node, project: Project, into: dict[Named, dict[Place, Place]]) -> None:
    """Note where one mapping names sounds, a cover and a preset; ``path_problems`` reports what is wrong with paths."""
    if not isinstance(node, MapNode):
        return
    for key, scalar in _named_sounds(node):
        with suppress(ValueError):
            name = bell_name(scalar.value, project, scalar.source.file)
            into.setdefault((key, name), {})[_place(node)] = _place(scalar)
    for what in _OTHERS:
        other = node.get(what)
        if isinstance(other, ScalarNode):
            into[what, ""] = {_place(node): _place(other)}


def _place(node: Node) -> Place:
    return Place(path=node.source.path, line=node.line, column=node.column)


def _named_sounds(node: MapNode) -> Iterator[tuple[Literal["ambience", "bell"], ScalarNode]]:
    for key, inner in _SOUNDS:
        value = node.get(key)
        named = value.get(inner) if isinstance(value, MapNode) else value
        if isinstance(named, ScalarNode):
            yield key, named


def _named_folders(node: MapNode) -> Iterator[ScalarNode]:
    folders = node.get("folders")
    for name in _FOLDERS if isinstance(folders, MapNode) else ():
        named = folders.get(name) if isinstance(folders, MapNode) else None
        if isinstance(named, ScalarNode):
            yield named
