"""One rendering of a script, as the rules read it: what is said where, by segment, and laid out at several lengths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from breathmark.languages.phrases import Words, words_of
from breathmark.model import EntryCondition, Item, Kind, Level, Phase, Place, Rest, Rounds, Say, Script, Segment
from breathmark.timeline.pacing import LaidOut, Refused, inner_kind

if TYPE_CHECKING:
    from breathmark.script.document import Document
    from breathmark.solver import Interval


_NOTHING_SET: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A spoken sentence, once for each time that it appears in the script (rounds of a repeat count once)."""

    text: str
    """As the author wrote it, filled in: what a listener hears. Never a marker."""
    spoken: str
    """As the narrator gets it: respelt by the lexicon."""
    place: Place
    kind: Kind
    """What its passage is for; see ``Passage.kind``."""
    title: str
    """Of the nearest titled segment around it."""
    required: bool
    """Whether it is in every session, however short."""
    private: bool
    """It holds a private value: a message must not quote it."""
    breath: bool = False
    """A cue of ``breathe:``, whose words are Breathmark's own."""
    opens: bool = False
    """The first sentence of its passage."""
    rest_s: float = 0.0
    """The ideal rest behind it, in seconds, as written in the script."""

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A segment that speaks or rests by itself (the innermost one), with what it has from those around it."""

    title: str
    """Its own, or else that of the nearest titled segment around it."""
    kind: Kind
    """Its own; a plain ``practice`` or ``silence`` inside a segment of another kind is of that kind."""
    place: Place
    entry: EntryCondition | None
    """When it enters: its own ``optional`` or that of the nearest segment around it that has one."""
    concepts: frozenset[str]
    """What it and the segments around it say that they teach; empty where none says so."""
    segment: Segment
    sentences: tuple[Sentence, ...]
    breath: Rounds | None = None
    """The guided breaths, where it is a ``breathe:``."""

    @property
    def required(self) -> bool:
        """Whether it is in every session: nothing optional is around it."""
        return self.entry is None

    @property
    def text(self) -> str:
        """All that it says."""
        return " ".join(sentence.text for sentence in self.sentences)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A script with one choice of values, and the sessions of it that could be laid out."""

    document: Document
    script: Script
    values: Mapping[str, str] = field(default_factory=lambda: _NOTHING_SET)
    """The values that were set; empty for the defaults."""
    sessions: tuple[LaidOut, ...] = ()
    """At the lengths of 5, 10, 15, 20 and 30 minutes that the script promises, its shortest, ideal and longest;
    in the order of length. Empty where the lengths of sentences are not known."""
    refused: tuple[Refused, ...] = ()
    """Those of these lengths that it can't have."""
    estimated: bool = False
    """Whether the lengths of sentences are guessed from their words."""
    feasible: tuple[Interval, ...] = ()
    """The lengths that it can have."""

    @cached_property
    def words(self) -> Words:
        """The word lists of the script's language."""
        return words_of(self.script.language)

    @property
    def defaults(self) -> bool:
        """Whether this is the script with nothing set."""
        return not self.values

    @property
    def free_text(self) -> bool:
        """Whether a free text is set in it to a sample."""
        variables = self.document.variables
        return any(variables[name].type in ("text", "list") and value for name, value in self.values.items())

    @property
    def level(self) -> Level:
        """The level of listeners that the script is for."""
        return self.script.level

    def place_of(self, key: str) -> Place:
        """Where a key of the script is written, or the title where it is not there."""
        written = self.document.value_node(key)
        return self.document.key_node(key).place if written else self.place

    @cached_property
    def place(self) -> Place:
        """Where to report what is missing from the whole script: its title."""
        return self.document.title.place()

    @cached_property
    def _passages(self) -> tuple[Passage, ...]:
        return tuple(_passages(self.script.segments, _PassageContext()))

    def segments(self) -> tuple[Passage, ...]:
        """Every innermost segment, in the order of the text; rounds of a repeat once."""
        return self._passages

    def sentences(self) -> tuple[Sentence, ...]:
        """Every sentence, in the order of the text; rounds of a repeat once."""
        return tuple(sentence for passage in self._passages for sentence in passage.sentences)

    def at(self, length_s: float) -> LaidOut | None:
        """The session of this length; None where it was not laid out."""
        return next((session for session in self.sessions if abs(session.length_s - length_s) < 0.5), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PassageContext:
    """What a segment has from those around it."""

    title: str = ""
    kind: Kind = "practice"
    entry: EntryCondition | None = None
    concepts: frozenset[str] = frozenset()


def _passages(items: tuple[Item, ...], around: _PassageContext) -> Iterator[Passage]:
    for item in items:
        match item:
            case Segment():
                inside = _PassageContext(
                    title=item.title or around.title,
                    kind=inner_kind(item.kind, around.kind),
                    entry=item.optional or around.entry,
                    concepts=around.concepts | frozenset(item.concepts),
                )
                if any(isinstance(each, Segment) or _holds_segments(each) for each in item.items):
                    yield from _passages(item.items, inside)
                else:
                    yield _passage(item, inside)
            case Rounds():
                yield from _passages(item.items, around)
            case _:
                pass


def _holds_segments(item: Item) -> bool:
    return isinstance(item, Rounds) and any(isinstance(each, Segment) for each in item.items)


def _passage(segment: Segment, inside: _PassageContext) -> Passage:
    breath = next((item for item in segment.items if isinstance(item, Rounds)), None)
    return Passage(
        title=inside.title,
        kind=inside.kind,
        place=segment.place,
        entry=inside.entry,
        concepts=inside.concepts,
        segment=segment,
        sentences=tuple(_sentences(segment.items, inside)),
        breath=breath,
    )


def _sentences(items: tuple[Item, ...], inside: _PassageContext) -> Iterator[Sentence]:
    spoken = tuple(_said(items))
    for number, (say, breath, rest_s) in enumerate(spoken):
        yield Sentence(
            text=say.utterance.caption,
            spoken=say.utterance.text,
            place=say.place,
            kind=inside.kind,
            title=inside.title,
            required=inside.entry is None,
            private=say.utterance.private,
            breath=breath,
            opens=number == 0,
            rest_s=rest_s,
        )


def _said(items: tuple[Item, ...]) -> Iterator[tuple[Say, bool, float]]:
    """Each sentence, whether it is a cue of a guided breath, and the rest behind it."""
    for index, item in enumerate(items):
        match item:
            case Say():
                yield item, False, _rest_after(items[index + 1 :])
            case Rounds():
                for phase in item.items:
                    if isinstance(phase, Phase) and isinstance(phase.cue, Say):
                        yield phase.cue, True, 0.0
            case _:
                pass


def _rest_after(items: tuple[Item, ...]) -> float:
    rests: list[Rest] = []
    for item in items:
        if not isinstance(item, Rest):
            break
        rests.append(item)
    explicit = sum(rest.range.ideal_s for rest in rests if rest.level == "explicit")
    return explicit or max((rest.range.ideal_s for rest in rests), default=0.0)
