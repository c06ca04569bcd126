"""From validated shapes to the Document: every text gets its places, every part its file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict, assert_never

from breathmark.model import EntryCondition, Kind, Place
from breathmark.script.document import (
    BellBlock,
    Block,
    BreatheBlock,
    Document,
    IncludeBlock,
    Part,
    RepeatBlock,
    SayBlock,
    SilenceBlock,
    Suppression,
    Variable,
)
from breathmark.script.lexicon import layered
from breathmark.script.reader.choices import ambience_choice, bell_name, cast_of, lexicon_of, voice_choice
from breathmark.script.reader.nodes import ListNode, MapNode, Node, ScalarNode, is_null
from breathmark.script.reader.shapes import (
    BellSegment,
    BreatheSegment,
    IncludeSegment,
    RepeatSegment,
    SaySegment,
    SilenceSegment,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from breathmark.script.project import Project
    from breathmark.script.reader.references import Loaded
    from breathmark.script.reader.shapes import AnySegment, ScriptShape, SegmentShape, VariableShape
    from breathmark.script.terms import AmbienceChoice, Named, Text, VoiceChoice


class _Head(TypedDict):
    place: Place
    title: Text | None
    kind: Kind | None
    optional: EntryCondition | None
    when: Text | None
    voice: VoiceChoice | None
    ambience: AmbienceChoice | None
    concepts: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Builder:
    """Builds a document whose files have all been read without a fault."""

    project: Project
    loaded: Mapping[Path, Loaded]
    texts: Mapping[Path, Text]
    """The files of macros."""
    named: Mapping[Named, Mapping[Place, Place]]
    parts: dict[Path, Part] = field(default_factory=dict)

    def document(self, node: Node, shape: ScriptShape, path: str) -> Document:
        """The whole script."""
        settings, file = self.project.settings, node.source.file
        language = shape.language
        return Document(
            path=path,
            file=file,
            project=self.project,
            title=_required_text(node, "title"),
            segments=self._blocks(_child(node, "segments"), shape.segments),
            voice=voice_choice(shape.voice).over(settings.voice),
            cast={**settings.cast, **cast_of(shape.voices)},
            ambience=self._ambience(shape, file).over(settings.ambience),
            pacing={**settings.pacing, **shape.pacing},
            lexicon=layered(self.project.words(language), lexicon_of(shape.lexicon)),
            variables=_variables(node, shape.variables, private_text=True),
            macros=self._macros(shape.macros, file),
            summary=_text(node, "summary"),
            author=_text(node, "author"),
            language=language,
            level=shape.level,
            concepts=tuple(shape.concepts),
            length=shape.length,
            length_place=_place(_child(node, "length")) if shape.length else None,
            places={key.value: _place(key) for key, _ in node.entries} if isinstance(node, MapNode) else {},
            named=self.named,
            allow=_allowances(node, shape.allow),
            cover=self.project.locate(shape.cover.strip(), file) if shape.cover else None,
        )

    def _ambience(self, shape: ScriptShape | SegmentShape, file: Path) -> AmbienceChoice:
        return ambience_choice(shape.ambience, self.project, file)

    def _macros(self, names: Sequence[str], file: Path) -> tuple[Text, ...]:
        found = (self.project.resolve(name.strip(), file) for name in names)
        return tuple(self.texts[each] for each in dict.fromkeys(found))

    def _blocks(self, node: Node, shapes: Sequence[AnySegment]) -> tuple[Block, ...]:
        items = node.items if isinstance(node, ListNode) else ()
        return tuple(self._block(item, shape) for item, shape in zip(items, shapes, strict=True))

    def _head(self, node: Node, shape: SegmentShape) -> _Head:
        optional = shape.optional
        return _Head(
            place=_place(node),
            title=_text(node, "title"),
            kind=shape.kind,
            optional=EntryCondition(from_s=optional.from_, priority=optional.priority) if optional else None,
            when=_text(node, "when"),
            voice=voice_choice(shape.voice) if shape.voice else None,
            ambience=self._ambience(shape, node.source.file) if shape.ambience else None,
            concepts=tuple(shape.concepts),
        )

    def _block(self, node: Node, shape: AnySegment) -> Block:
        head = self._head(node, shape)
        match shape:
            case SaySegment():
                return SayBlock(**head, say=_required_text(node, "say"))
            case BellSegment(bell=bell):
                name = bell_name(bell.name, self.project, node.source.file)
                return BellBlock(**head, bell=name, rest=shape.rest or bell.rest)
            case BreatheSegment(breathe=breathe):
                return BreatheBlock(
                    **head,
                    in_s=breathe.in_,
                    hold_s=breathe.hold,
                    out_s=breathe.out,
                    rest_s=breathe.rest,
                    rounds=breathe.rounds,
                    cue=breathe.cue,
                )
            case SilenceSegment():
                return SilenceBlock(**head, silence=shape.silence)
            case RepeatSegment():
                blocks = self._blocks(_child(node, "segments"), shape.segments)
                return RepeatBlock(**head, repeat=shape.repeat, segments=blocks)
            case IncludeSegment():
                return self._include(head, node, shape)
        assert_never(shape)

    def _include(self, head: _Head, node: Node, shape: IncludeSegment) -> IncludeBlock:
        given = {
            name: _required_text(_child(node, "with"), name)
            for name in shape.with_
            if not is_null(_child(_child(node, "with"), name))
        }
        part = self._part(self.project.resolve(shape.include.strip(), node.source.file))
        return IncludeBlock(**head, include=shape.include.strip(), part=part, given=given)

    def _part(self, file: Path) -> Part:
        if file not in self.parts:
            loaded = self.loaded[file]
            node, shape = loaded.node, loaded.shape
            if shape is None:
                raise ValueError(file)
            self.parts[file] = Part(
                path=node.source.path,
                segments=self._blocks(_child(node, "segments"), shape.segments),
                variables=_variables(node, shape.variables, private_text=False),
                macros=self._macros(shape.macros, file),
            )
        return self.parts[file]


def _variables(node: Node, shapes: Mapping[str, VariableShape], *, private_text: bool) -> dict[str, Variable]:
    """A listener's free text is private unless the author says otherwise; in a part the author gives it."""
    if not shapes:
        return {}
    declared = _child(node, "variables")
    return {name: _variable(name, declared, shape, private_text=private_text) for name, shape in shapes.items()}


def _variable(name: str, declared: Node, shape: VariableShape, *, private_text: bool) -> Variable:
    kind = shape.derived_type
    key = declared.key(name) if isinstance(declared, MapNode) else None
    return Variable(
        name=name,
        type=kind,
        default=shape.checked_default,
        private=private_text and kind in ("text", "list") if shape.private is None else shape.private,
        place=_place(key or declared),
        max_length=shape.max_length,
        choices=tuple(shape.choices or ()),
        description=shape.description,
    )


def _allowances(node: Node, reasons: Mapping[str, str]) -> dict[str, Suppression]:
    written = _child(node, "allow") if reasons else None
    keys = {rule: written.key(rule) if isinstance(written, MapNode) else None for rule in reasons}
    return {rule: Suppression(reason=reason, place=_place(keys[rule] or node)) for rule, reason in reasons.items()}


def _place(node: Node) -> Place:
    return Place(path=node.source.path, line=node.line, column=node.column)


def _child(node: Node, key: str) -> Node:
    found = node.get(key) if isinstance(node, MapNode) else None
    if found is None:
        raise KeyError(key)
    return found


def _text(node: Node, key: str) -> Text | None:
    found = node.get(key) if isinstance(node, MapNode) else None
    return found.text if isinstance(found, ScalarNode) else None


def _required_text(node: Node, key: str) -> Text:
    found = _text(node, key)
    if found is None:
        raise KeyError(key)
    return found
