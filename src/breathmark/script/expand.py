"""Template expansion: from a Document to the Script of what is spoken and struck, in the order of the text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from breathmark.model import Ambience, Bell, Item, Phase, Place, Rest, Rounds, Say, Script, Segment
from breathmark.script.budget import Budget, OverBudgetError
from breathmark.script.faults import Faults
from breathmark.script.limits import too_long
from breathmark.script.project import ProjectFiles
from breathmark.script.reader.source import TOO_DEEP
from breathmark.script.segments import (
    AnySegment,
    BellSegment,
    BreatheSegment,
    IncludeSegment,
    RepeatSegment,
    SaySegment,
    SilenceSegment,
)
from breathmark.script.taper import tapered
from breathmark.script.template.filters import Value
from breathmark.script.template.templates import Scope, Templates
from breathmark.script.text.breathing import BreatheFault, phases
from breathmark.script.text.cues import Speech, cues
from breathmark.script.text.lookalikes import spoken_pause
from breathmark.script.values import Given, check_values
from breathmark.script.variables import DEFAULT_MAX_LENGTH, canonical, typed

if TYPE_CHECKING:
    from breathmark.script.document import Document
    from breathmark.script.reader.shapes import VariableShape, VoiceShape
    from breathmark.script.terms import NamedSound, Text, VoiceSetting


MAX_CUES = 20_000
"""Cues and rests of a session with all its rounds; ten hours of speech have about half of that."""
MAX_DEPTH = 48
"""Segments inside one another, over all files; each takes some calls of Python's, which has a bound of its own."""
_WORDS_AT_ONCE = 4
"""How many words of a lexicon a sentence can be searched for in the time that one character costs."""
_NO_VALUES: Mapping[str, Given] = MappingProxyType({})


def expand(
    document: Document,
    values: Mapping[str, Given] = _NO_VALUES,
    *,
    bells: bool = True,
    budget: Budget | None = None,
    sounds: set[NamedSound] | None = None,
    files: ProjectFiles | None = None,
) -> Script:
    """The script that ``document`` is with these values; it is the same for every length.

    ``bells=False`` leaves out every bell and the rest that belongs to it; the tones of guided breaths stay.

    The ``budget`` is the one that reading the script and its other renderings draw on; None is one for this alone.
    What templates import is read through ``files``; None are those of the document's project.

    The set ``sounds`` is given every ambience and bell that the script names and that some values lead to, also where
    there are faults.

    Sentences are private where they hold or depend on a private variable whose value is not its default: a default
    is in the script for everyone to read.

    Raises:
        ScriptError: with every fault of every text, or every value of a file that does not fit its variable.
        RequestError: another value does not fit its variable.
    """
    files = files or ProjectFiles(document.project)
    checked = check_values(document, values)
    expansion = _Expansion(document, checked, bells=bells, budget=budget or Budget(), files=files)
    try:
        return expansion.script()
    finally:
        if sounds is not None:
            sounds |= expansion.sounds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What holds for the segments at hand."""

    scope: Scope
    voice: VoiceSetting
    """An empty name is the session's voice."""
    ambience: Ambience
    private: bool = False
    """True inside a segment that is present because of a secret."""
    depth: int = 1
    """In how many repeats and includes."""


class _TooManyCuesError(Exception):
    """There are more cues than a session can have; the fault is in the list."""


class _Expansion:
    """One call of ``expand``."""

    def __init__(
        self, document: Document, values: Mapping[str, str], *, bells: bool, budget: Budget, files: ProjectFiles
    ) -> None:
        self._document = document
        self._values = values
        self._bells = bells
        self._faults = Faults()
        self._budget = budget
        self._templates = Templates(
            faults=self._faults,
            rests=document.pacing.keys(),
            cast=document.cast.keys(),
            files=files,
            budget=budget,
        )
        self._private = False
        self._made = 0
        self._sounds: set[NamedSound] = {("ambience", document.ambience.sound)}

    @property
    def sounds(self) -> set[NamedSound]:
        """What was named so far, also in segments and branches that these values leave out."""
        return {*self._sounds, *(("bell", name) for name in self._templates.bells)}

    def script(self) -> Script:
        """Everything, or every fault."""
        document = self._document
        around = _Around(scope=self._scope(), voice=replace(document.voice, name=""), ambience=document.ambience)
        title, summary, author = (
            self._line(text, around.scope, what)
            for text, what in (
                (document.title, "the title"),
                (document.summary, "the summary"),
                (document.author, "the author"),
            )
        )
        segments = self._all(document.segments, around)
        if self._faults.has_errors:
            raise self._faults.as_error()
        return Script(
            path=document.path,
            title=title,
            language=document.language,
            segments=tapered(segments, document.voice.taper),
            ambience=document.ambience,
            summary=summary,
            author=author,
            level=document.level,
            concepts=document.concepts,
            voice=document.voice.name,
            length=document.length,
            cover=document.cover,
            private=self._private,
            room=document.room,
            warnings=self._faults.warnings,
        )

    def _scope(self) -> Scope:
        variables = self._document.variables
        private = self._document.private_names
        given = {name: value for name, value in self._values.items() if value != variables[name].default}
        return Scope(
            values={name: _value(variable, given.get(name, variable.default)) for name, variable in variables.items()},
            macros=self._templates.macros(self._document.macros),
            private=private,
            secret=private & given.keys(),
            file=self._document.file,
        )

    def _line(self, text: Text | None, scope: Scope, what: str) -> str:
        rendered = self._templates.render_line(text, scope, public=what) if text else None
        return rendered.text if rendered else ""

    def _all(self, blocks: Iterable[AnySegment], around: _Around) -> tuple[Segment, ...]:
        try:
            segments = self._segments(blocks, around)
            if sum(map(_size, segments)) > MAX_CUES:
                self._grow(MAX_CUES, max(segments, key=_size).place)
        except _TooManyCuesError:
            return ()
        return segments

    def _segments(self, blocks: Iterable[AnySegment], around: _Around) -> tuple[Segment, ...]:
        return tuple(segment for block in blocks for segment in self._block(block, around))

    def _spend(self, place: Place, characters: int = 0, *, parts: int = 1) -> None:
        try:
            self._budget.spend(characters, parts=parts)
        except OverBudgetError as error:
            self._faults.error(place, error.message, error.hint)
            raise self._faults.as_error() from error

    def _block(self, block: AnySegment, around: _Around) -> tuple[Segment, ...]:
        self._spend(block.place)
        if around.depth > MAX_DEPTH:
            self._faults.error(block.place, *TOO_DEEP)
            return ()
        holds, private = self._templates.holds(block.when, around.scope) if block.when else (True, False)
        self._private |= private
        inside = replace(
            around,
            private=around.private or private,
            depth=around.depth + 1,
            voice=self._voice(block.voice, around.voice),
            ambience=block.ambience.over(around.ambience) if block.ambience else around.ambience,
        )
        self._sounds.add(("ambience", inside.ambience.sound))
        title = self._line(block.title, around.scope, "a title")
        segments = (
            self._included(block, inside, title)
            if isinstance(block, IncludeSegment)
            else self._own(block, inside, title)
        )
        return segments if holds else ()

    def _own(self, block: AnySegment, around: _Around, title: str) -> tuple[Segment, ...]:
        items = self._items(block, around)
        self._grow(len(items), block.place)
        return (self._segment(block, around, title, items),) if items else ()

    def _segment(self, block: AnySegment, around: _Around, title: str, items: tuple[Item, ...]) -> Segment:
        rest = Rest(range=self._document.pacing["segment"], order=0, level="segment", place=block.place)
        return Segment(
            title=title,
            kind=block.kind or ("silence" if isinstance(block, SilenceSegment) else "practice"),
            items=(*items, rest),
            place=block.place,
            optional=block.optional,
            ambience=None if around.ambience == self._document.ambience else around.ambience,
            concepts=block.concepts,
            taper=block.voice.taper if block.voice else None,
        )

    def _grow(self, count: int, place: Place) -> None:
        self._made += count
        if self._made > MAX_CUES:
            message = f"with all its rounds this script has more than {MAX_CUES:,} cues and rests"
            self._faults.error(place, message, "use fewer rounds or fewer includes")
            raise _TooManyCuesError

    def _items(self, block: AnySegment, around: _Around) -> tuple[Item, ...]:
        match block:
            case SaySegment():
                return self._said(block, around)
            case BellSegment():
                return self._struck(block) if self._bells else ()
            case SilenceSegment():
                return (Rest(range=block.silence, order=1, level="explicit", place=block.place),)
            case BreatheSegment():
                return self._breath(block, around)
            case RepeatSegment():
                children = self._segments(block.segments, around)
                return (Rounds(count=block.repeat, items=children, place=block.place),) if children else ()
            case IncludeSegment():
                return self._segments(block.part.segments, self._inside(block, around))

    def _said(self, block: SaySegment, around: _Around) -> tuple[Item, ...]:
        rendered = self._templates.render(block.say, around.scope)
        if rendered is None:
            return ()
        self._private |= rendered.private
        found = cues(
            rendered.text,
            self._templates.sentinels,
            pacing=self._document.pacing,
            speech=self._speech(around),
            cast={
                name: self._speech(replace(around, voice=member.over(around.voice)))
                for name, member in self._document.cast.items()
            },
            bells=self._bells,
        )
        items = tuple(self._checked(item) for item in found)
        if not items and not rendered.private:
            self._faults.warning(block.say.place(), "none of this text is spoken", "leave the segment out")
        return items

    def _checked(self, item: Item) -> Item:
        """Respellings count, too: they can make a sentence longer than it was written."""
        spoken = item.utterance.text if isinstance(item, Say) else ""
        looked_up = len(self._document.lexicon) // _WORDS_AT_ONCE if spoken else 0
        self._spend(item.place, len(spoken) + looked_up)
        message, hint = too_long(spoken)
        if message:
            self._faults.error(item.place, message, hint)
        if isinstance(item, Say) and spoken_pause(item.utterance.caption, self._document.pacing):
            # It was not in the text, but came into it by a value, or was put together.
            message = "what is filled in here makes a pause that is not a marker, and would be spoken"
            self._faults.error(item.place, message, "write a marker, such as `[pause 5s]`, in the text itself")
        return item

    def _speech(self, around: _Around) -> Speech:
        document = self._document
        return Speech(voice=around.voice, language=document.language, lexicon=document.lexicon, private=around.private)

    def _voice(self, choice: VoiceShape | None, around: VoiceSetting) -> VoiceSetting:
        """What a segment says of its voice: a name of the cast means everything that the cast says of it."""
        if choice is None:
            return around
        member = self._document.cast.get(choice.name or "")
        if member is None:
            return choice.over(around)
        inside = member.over(around)
        return replace(choice.over(inside), name=inside.name)

    def _struck(self, block: BellSegment) -> tuple[Item, ...]:
        bell = Bell(name=block.bell, place=block.place)
        self._sounds.add(("bell", block.bell))
        if block.rest is not None:
            return (bell, Rest(range=block.rest, order=0, level="explicit", place=block.place))
        return (bell, Rest(range=self._document.pacing["bell"], order=0, level="bell", place=block.place))

    def _breath(self, block: BreatheSegment, around: _Around) -> tuple[Item, ...]:
        try:
            breath = phases(block.breathe, block.place, self._speech(around))
        except BreatheFault as fault:
            self._faults.error(block.place, fault.message, fault.hint)
            return ()
        self._sounds |= {("bell", phase.cue.name) for phase in breath if isinstance(phase.cue, Bell)}
        return (Rounds(count=block.breathe.rounds, items=breath, place=block.place),) if breath else ()

    def _included(self, block: IncludeSegment, around: _Around, title: str) -> tuple[Segment, ...]:
        """The part's segments: as they are, or inside a segment of their own where the include says more."""
        segments = self._segments(block.part.segments, self._inside(block, around))
        says_more = title or block.kind or block.optional or block.concepts or (block.voice and block.voice.taper)
        if not segments or not says_more:
            return segments
        return (self._segment(block, around, title, segments),)

    def _inside(self, block: IncludeSegment, around: _Around) -> _Around:
        """What the part sees: the script's variables, over them its own, over them what ``with`` gives."""
        outer, part = around.scope, block.part
        self._spend(block.place, len(outer.values) + len(part.variables) + len(block.given))
        own = {name: _value(variable, variable.default) for name, variable in part.variables.items()}
        declared = part.private_names
        private, secret = (outer.private - own.keys()) | declared, outer.secret - own.keys()
        for name, text in block.given.items():
            rendered = self._templates.render_line(text, outer)
            if rendered is None:
                continue
            own[name] = self._given(part.variables.get(name), name, rendered.text, text)
            tells = rendered.names_private or name in declared
            private = private | {name} if tells else private - {name}
            secret = secret | {name} if rendered.private else secret - {name}
        scope = Scope(
            values={**outer.values, **own},
            macros={**outer.macros, **self._templates.macros(part.macros)},
            private=private | secret,
            secret=secret,
            file=part.file,
        )
        return replace(around, scope=scope)

    def _given(self, variable: VariableShape | None, name: str, value: str, text: Text) -> object:
        try:
            if variable is None:
                return Value(canonical(value, kind="text", max_length=DEFAULT_MAX_LENGTH))
            checked = canonical(value, kind=variable.type, choices=variable.choices, max_length=variable.max_length)
            return _value(variable, checked)
        except ValueError as error:
            self._faults.error(text.place(), f"`{name}` {error}")
            return Value("")


def _value(variable: VariableShape, text: str) -> object:
    """What templates see: a text is spoken verbatim, whatever it holds."""
    value = typed(text, variable.type)
    if isinstance(value, tuple):
        return tuple(map(Value, value))
    return Value(value) if isinstance(value, str) else value


def _size(item: Item) -> int:
    """How many cues and rests an item is when all its rounds are played."""
    match item:
        case Segment():
            return sum(map(_size, item.items))
        case Rounds():
            return item.count.max * sum(map(_size, item.items))
        case Say() | Rest() | Bell() | Phase():
            return 1
