"""The other files that a script needs: parts and their parts, macros, the cover. All are read before any is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from breathmark.base.errors import Problem, ScriptError, near_miss
from breathmark.script.budget import OverBudgetError
from breathmark.script.reader.choices import note_names, path_problems
from breathmark.script.reader.nodes import ListNode, MapNode, ScalarNode
from breathmark.script.reader.reading import read_shape
from breathmark.script.reader.shapes import PartShape

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from breathmark.model import Place
    from breathmark.script.budget import Budget
    from breathmark.script.project import Project
    from breathmark.script.reader.nodes import Node
    from breathmark.script.terms import Named, Text


MAX_INCLUDE_DEPTH = 12
"""Files nested inside one another; nobody can follow more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A part that was read."""

    node: Node
    shape: PartShape | None
    """None where it has faults, which are then among the problems."""
    segments: int
    """How many it is, with its own parts written out."""


@dataclass(slots=True, kw_only=True)
class References:
    """Reads the files that a script names, each once, and gathers what is wrong with them."""

    project: Project
    budget: Budget
    problems: list[Problem] = field(default_factory=list)
    parts: dict[Path, Loaded] = field(default_factory=dict)
    texts: dict[Path, Text] = field(default_factory=dict)
    """The files of macros."""
    named: dict[Named, dict[Place, Place]] = field(default_factory=dict)
    _broken: set[Path] = field(default_factory=set)
    """Files that can't be read, so that each is reported once."""

    def follow(self, node: Node, above: tuple[Path, ...]) -> int:
        """Read everything that ``node`` names, a script or a part; ``above`` are the files around it, itself last.

        Returns the number of its segments, parts written out; each time that they are included counts.
        """
        if not isinstance(node, MapNode):
            return 0
        self._follow_names(node)
        self._follow_files(node)
        return self._follow_segments(node, above)

    def _follow_segments(self, node: MapNode, above: tuple[Path, ...]) -> int:
        count = 0
        for segment in _segments(node):
            self._follow_names(segment)
            count += 1 + self._follow_segments(segment, above)
            include = segment.get("include")
            if isinstance(include, ScalarNode) and include.value.strip():
                count += self._include(segment, include, above)
        return count

    def _include(self, segment: MapNode, include: ScalarNode, above: tuple[Path, ...]) -> int:
        part = self._part(include, above)
        if part is None:
            return 0
        self._check_given(segment, part)
        try:
            self.budget.spend(parts=part.segments)
        except OverBudgetError as exc:
            self._report(include, exc.message, exc.hint)
            return 0
        return part.segments

    def _part(self, include: ScalarNode, above: tuple[Path, ...]) -> Loaded | None:
        try:
            file = self.project.resolve(include.value.strip(), include.source.file)
        except ValueError as exc:
            self._report(include, str(exc))
            return None
        if file in above:
            way = " → ".join(self.project.shown(each) for each in (*above[above.index(file) :], file))
            self._report(include, f"this file includes itself: {way}")
        elif len(above) > MAX_INCLUDE_DEPTH:
            self._report(include, f"includes are nested more than {MAX_INCLUDE_DEPTH} deep here")
        elif file not in self._broken:
            return self.parts.get(file) or self._load(file, above)
        return None

    def _load(self, file: Path, above: tuple[Path, ...]) -> Loaded | None:
        node, shape, problems = read_shape(file, self.project.shown(file), PartShape, self.budget)
        self.problems += problems
        if node is None:
            self._broken.add(file)
            return None
        self.parts[file] = Loaded(node=node, shape=shape, segments=self.follow(node, (*above, file)))
        return self.parts[file]

    def _check_given(self, segment: MapNode, loaded: Loaded) -> None:
        given = segment.get("with")
        if not isinstance(given, MapNode) or loaded.shape is None or not loaded.shape.variables:
            return
        for key, _ in given.entries:
            if key.value not in loaded.shape.variables:
                meant = near_miss(key.value, loaded.shape.variables)
                known = f"did you mean `{meant}`?" if meant else f"available: {', '.join(loaded.shape.variables)}"
                self._report(key, f"`{key.value[:40]}` is not a variable of this part", known)

    def _follow_names(self, node: MapNode) -> None:
        self.problems += path_problems(node, self.project)
        note_names(node, self.project, self.named)

    def _follow_files(self, node: MapNode) -> None:
        cover = node.get("cover")
        if isinstance(cover, ScalarNode) and cover.value.strip():
            self._locate(cover)
        macros = node.get("macros")
        for each in macros.items if isinstance(macros, ListNode) else (macros,):
            if isinstance(each, ScalarNode) and each.value.strip():
                self._read_macros(each)

    def _locate(self, scalar: ScalarNode) -> None:
        try:
            self.project.locate(scalar.value.strip(), scalar.source.file)
        except ValueError as exc:
            self._report(scalar, str(exc))

    def _read_macros(self, scalar: ScalarNode) -> None:
        try:
            file = self.project.resolve(scalar.value.strip(), scalar.source.file)
        except ValueError as exc:
            self._report(scalar, str(exc))
            return
        if file in self.texts or file in self._broken:
            return
        try:
            self.texts[file] = self.project.text_of(file)
            self.budget.spend(len(self.texts[file].raw))
        except ScriptError as exc:
            self._broken.add(file)
            self.problems += exc.problems
        except OverBudgetError as exc:
            self._report(scalar, exc.message, exc.hint)

    def _report(self, node: Node, message: str, hint: str = "") -> None:
        self.problems.append(node.source.problem(node.line, node.column, message, hint))


def _segments(node: MapNode) -> Iterator[MapNode]:
    """The segments that a script, a part or a repeat holds."""
    segments = node.get("segments")
    if isinstance(segments, ListNode):
        yield from (item for item in segments.items if isinstance(item, MapNode))
