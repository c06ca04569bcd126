"""The sounds that a script can ask for, with whatever values it is filled in, and the project's files behind them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from breathmark.script.document import BellBlock, BreatheBlock, IncludeBlock, RepeatBlock, SayBlock
from breathmark.script.text.breathing import TONES
from breathmark.script.text.markers import MarkerFault, Strike, read_marker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from breathmark.script.document import Block, Document, Text
    from breathmark.script.project import Project
    from breathmark.sound.assets import Sound, SoundKind

__all__ = ["PROVENANCE", "blocks_of", "sound_files", "sounds_named", "texts_of"]

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
    for block in blocks_of(document.segments):
        if block.ambience and block.ambience.sound:
            beds.add(block.ambience.sound)
        if isinstance(block, BellBlock):
            bells.add(block.bell)
        if isinstance(block, BreatheBlock) and block.cue == "tone":
            bells.update(TONES)
    for text in (*(text.raw for text in texts_of(document)), *imported):
        bells.update(_struck(text, document))
    return frozenset([*(("ambience", name) for name in beds - {"none"}), *(("bell", name) for name in bells)])


def sound_files(named: Iterable[tuple[SoundKind, str]], project: Project) -> Iterator[Path]:
    """The files of the project that these sounds are read from, or would be if they were there.

    As the renderer does it: a sound that the project lists stands before a built-in one and before a path.
    Raises AssetError where the project's list can't be read.
    """
    own = {(sound.kind, sound.name): sound.path for sound in _own_sounds(project)}
    for kind, name in named:
        if (kind, name) in own:
            yield own[kind, name]
        elif "/" in name or "." in name:
            yield project.root / name


def blocks_of(blocks: Iterable[Block]) -> Iterator[Block]:
    """These segments and all that are inside them, also in parts."""
    for block in blocks:
        yield block
        if isinstance(block, RepeatBlock):
            yield from blocks_of(block.segments)
        if isinstance(block, IncludeBlock):
            yield from blocks_of(block.part.segments)


def texts_of(document: Document) -> Iterator[Text]:
    """Every template of the script and its parts."""
    yield document.title
    yield from filter(None, (document.summary, document.author))
    yield from document.macros
    for block in blocks_of(document.segments):
        yield from filter(None, (block.title, block.when))
        if isinstance(block, SayBlock):
            yield block.say
        if isinstance(block, IncludeBlock):
            yield from block.given.values()
            yield from block.part.macros


def _struck(text: str, document: Document) -> Iterator[str]:
    """The bells that markers name."""
    for match in _BRACKET.finditer(text):
        try:
            marker = read_marker(match[1], document.pacing.keys())
        except MarkerFault:
            continue  # of an expression, or told when the script is filled in
        if isinstance(marker, Strike):
            yield marker.name


def _own_sounds(project: Project) -> list[Sound]:
    if not (project.root / PROVENANCE).is_file():
        return []
    from breathmark.sound.assets import sounds  # noqa: PLC0415 - it loads numpy and pydub, and few projects need it

    return [sound for sound in sounds(project.root) if not sound.built_in]
