"""Sections of built-in publishers in ``course.yaml``, ``feed:`` and ``audiobook:``, checked against the course."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from breathmark.base.errors import near_miss
from breathmark.course.course import Audiobook, Choice, Feed
from breathmark.formats.presets import preset_for
from breathmark.script.faults import short
from breathmark.script.reader.nodes import MapNode, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from breathmark.course.course import Course
    from breathmark.course.shapes import AudiobookShape, ChoiceShape, FeedShape
    from breathmark.script.reader.nodes import Node


FEED_ADVICE: Final = "add to it: `feed: {url: https://example.org/evenings/, published: 2026-11-24}`"
"""The hint where there is a publisher ``feed`` without a section of its own."""
_IN_PODCASTS: Final = frozenset({"mp3", "m4a"})
"""The formats that podcast apps play: Apple Podcasts takes only these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceReader:
    """Reader of choices among the course's lengths, voices, ambiences and presets."""

    course: Course
    lengths_s: tuple[float, ...]
    """The lengths of the course, in its order."""
    report: Callable[[Node, str, str], None]
    """Reports a fault: at which place, what it is, what to do."""

    def choice(self, shape: ChoiceShape, node: Node) -> Choice:
        """One length, voice, ambience and preset; what isn't among those of the course is reported."""
        course = self.course
        return Choice(
            length_s=self._length(shape.length, node),
            voice=self._one(node, "voice", shape.voice, course.voices),
            ambience=self._one(node, "ambience", self._sound(shape.ambience), course.ambiences),
            preset=self._one(node, "preset", shape.preset, course.presets),
        )

    def _length(self, wanted_s: float | None, node: Node) -> float:
        if wanted_s is None:
            return self.lengths_s[0]
        if wanted_s not in self.lengths_s:
            place = _part(node, "length")
            written = short(place.value) if isinstance(place, ScalarNode) else f"{wanted_s:g}s"
            self.report(place, f"the course isn't built at `{written}`", "add it to the course's `lengths`")
        return wanted_s

    def _one(self, node: Node, key: str, wanted: str | None, offered: Sequence[str]) -> str:
        if wanted is None or wanted in offered:
            return wanted or offered[0]
        meant = near_miss(wanted, offered)
        hint = f"did you mean `{meant}`?" if meant else f"the course has {', '.join(offered)}"
        self.report(_part(node, key), f"the course isn't built with the {key} `{short(wanted)}`", hint)
        return wanted

    def _sound(self, written: str | None) -> str | None:
        try:
            return written and self.course.project.sound(written, self.course.file)
        except ValueError:
            return written  # it is none of the course's, and reported as such


def read_feed(shape: FeedShape, node: Node, choices: ChoiceReader) -> Feed:
    """The feed; what doesn't fit the course is reported."""
    choice = choices.choice(shape, node)
    if choice.preset in choices.course.presets and (kind := preset_for(choice.preset).format) not in _IN_PODCASTS:
        message = f"the preset {choice.preset} makes {kind} files, which podcast apps don't play"
        choices.report(_part(node, "preset"), message, "choose another of the course's presets, such as `podcast`")
    return Feed(
        choice=choice,
        url=shape.url,
        published=shape.published,
        categories=tuple(dict.fromkeys(shape.categories)),
        medium=shape.medium,
        email=shape.email or "",
        explicit=shape.explicit,
        locked=shape.locked,
        guid=shape.guid or "",
    )


def read_audiobook(shape: AudiobookShape, node: Node, choices: ChoiceReader) -> Audiobook:
    """The audiobook; what doesn't fit the course is reported."""
    return Audiobook(choice=choices.choice(shape, node), pause_s=shape.pause)


def _part(node: Node, key: str) -> Node:
    """The value of ``key``; the node itself where there is none."""
    found = node.get(key) if isinstance(node, MapNode) else None
    return found or node
