"""What a page shows of a script: its data, and each spoken text parted into words, pauses and template tags.

Offsets of ``Piece`` count characters of the text as YAML reads it, which is what ``asked.SetText`` takes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import yaml

from breathmark.script.editing.tree import Data, KeyPath, Span, Tree, tree_of
from breathmark.script.reader.positions import scalar_anchors
from breathmark.script.text.markers import MarkerFault, Note, Pause, SaidWord, Strike, Turn
from breathmark.script.text.scan import Leftover, Meaning, find_markers

if TYPE_CHECKING:
    from breathmark.model import Range

PieceKind: TypeAlias = Literal["words", "pause", "bell", "note", "voice", "sounds", "tag", "left_out", "fault"]

_TAG: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a text that is of one kind."""

    kind: PieceKind
    start: int
    end: int
    label: str = ""
    """The name of a rest, a bell or a speaker; a word whose sounds are given; the message of a fault or of what is left
    out."""
    hint: str = ""
    """What to do about a fault."""
    range: Range | None = None
    """How long a pause lasts, where it is written in times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlinedText:
    """The text of one ``say:``."""

    path: KeyPath
    pieces: tuple[Piece, ...]
    """From the first to the last character, without a gap."""
    anchors: tuple[tuple[int, int], ...]
    """Offset in the text, and that of the same character in the source: from each on they run along side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScriptOutline:
    """A whole script, or a file of segments."""

    data: Data
    texts: tuple[OutlinedText, ...]
    segments: tuple[tuple[KeyPath, Span], ...]
    """Each segment with the characters that it takes in the source, in the order of the source."""


def outline(text: str, rests: Collection[str], *, file: Path, path: str) -> ScriptOutline:
    """The outline of a source; ``rests`` are the names of pauses that its project knows.

    ``path`` is how messages call ``file``. Raises ScriptError where the text is not YAML.
    """
    tree = tree_of(text, file, path)
    written = tree.data.get("pacing") if isinstance(tree.data, dict) else None
    names = {*rests, *(written if isinstance(written, dict) else ())}
    segments = tuple(_segments(tree, tree.root, ()))
    texts = tuple(_spoken(tree, (*path, "say"), node, names) for path, _, node in segments if node is not None)
    return ScriptOutline(data=tree.data, texts=texts, segments=tuple((path, span) for path, span, _ in segments))


def _segments(tree: Tree, root: yaml.Node, path: KeyPath) -> Iterator[tuple[KeyPath, Span, yaml.ScalarNode | None]]:
    """Each segment below a mapping with ``segments:``, and its ``say`` where it has one."""
    if not isinstance(root, yaml.MappingNode):
        return
    listed = next((value for key, value in root.value if key.value == "segments"), None)
    for number, each in enumerate(listed.value if isinstance(listed, yaml.SequenceNode) else ()):
        here = (*path, "segments", number)
        said = each.value if isinstance(each, yaml.MappingNode) else ()
        say = next((value for key, value in said if key.value == "say" and isinstance(value, yaml.ScalarNode)), None)
        yield here, tree.span(each), say
        yield from _segments(tree, each, here)


def _spoken(tree: Tree, path: KeyPath, node: yaml.ScalarNode, rests: Collection[str]) -> OutlinedText:
    start = (node.start_mark.line, node.start_mark.column)
    end = (node.end_mark.line, node.end_mark.column)
    anchors = scalar_anchors(node.value, node.style or "", tree.lines, start, end)
    return OutlinedText(
        path=path,
        pieces=tuple(pieces(node.value, rests)),
        anchors=tuple((offset, tree.offset(line - 1, column - 1)) for offset, line, column in anchors),
    )


def pieces(text: str, rests: Collection[str]) -> Iterator[Piece]:
    """A text's pieces, in order; ``rests`` are the names of pauses that are known."""
    position = 0
    for tag in _TAG.finditer(text):
        yield from _data_pieces(text, position, tag.start(), rests)
        yield Piece(kind="tag", start=tag.start(), end=tag.end())
        position = tag.end()
    yield from _data_pieces(text, position, len(text), rests)


def _data_pieces(text: str, start: int, end: int, rests: Collection[str]) -> Iterator[Piece]:
    position = start
    for found in find_markers(text, start, end, rests):
        if isinstance(found.meaning, str):
            continue
        if found.start > position:
            yield Piece(kind="words", start=position, end=found.start)
        yield _marker(found.start, found.end, found.meaning)
        position = found.end
    if end > position:
        yield Piece(kind="words", start=position, end=end)


def _marker(start: int, end: int, meaning: Meaning) -> Piece:
    match meaning:
        case Pause():
            return Piece(kind="pause", start=start, end=end, label=meaning.name, range=meaning.range)
        case Strike():
            return Piece(kind="bell", start=start, end=end, label=meaning.name)
        case Turn():
            return Piece(kind="voice", start=start, end=end, label=meaning.speaker)
        case SaidWord():
            return Piece(kind="sounds", start=start, end=end, label=meaning.written)
        case MarkerFault() | Leftover():
            kind: PieceKind = "fault" if isinstance(meaning, MarkerFault) else "left_out"
            return Piece(kind=kind, start=start, end=end, label=meaning.message, hint=meaning.hint)
        case Note() | str():
            return Piece(kind="note" if isinstance(meaning, Note) else "words", start=start, end=end)


def source_offset(text: OutlinedText, offset: int) -> int:
    """Where a character of a spoken text is in the source."""
    at = max(bisect_right(text.anchors, (offset, 1 << 60)) - 1, 0)
    raw, source = text.anchors[at]
    return source + offset - raw
