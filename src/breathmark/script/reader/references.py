"""The other files that a script needs, looked up while it is validated: parts and their parts, macros, sounds, covers.

It is the context of validation. What is wrong with a reference is gathered here, with its place; so that it comes
beside the faults of form, and not in place of them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from breathmark.base.errors import Problem, ScriptError, near_miss
from breathmark.script.budget import Budget, OverBudgetError
from breathmark.script.project import Project, ProjectFiles
from breathmark.script.reader.adapters import reported
from breathmark.script.reader.reading import read_shape
from breathmark.script.segments import Part

if TYPE_CHECKING:
    from breathmark.script.reader.nodes import Node, ScalarNode, Written
    from breathmark.script.terms import Text


MAX_INCLUDE_DEPTH = 12
"""Files nested inside one another; nobody can follow more."""


@dataclass(slots=True, kw_only=True)
class References:
    """Reads the files that a script names, each once, and gathers what is wrong with them."""

    project: Project
    budget: Budget = field(default_factory=Budget)
    above: list[Path] = field(default_factory=list)
    """The script and the parts that are being read, each inside the one before it."""
    problems: list[Problem] = field(default_factory=list)
    _parts: dict[Path, Part | None] = field(default_factory=dict)
    """None for those with a fault, which is reported once."""
    _texts: dict[Path, Text | None] = field(default_factory=dict)
    """The files of macros, likewise."""

    @property
    def files(self) -> ProjectFiles:
        """What reads the project's files."""
        return ProjectFiles(self.project)

    def report(self, node: Node, message: str, hint: str = "") -> None:
        """Add a fault at the place of ``node``."""
        self.problems.append(node.problem(message, hint))

    def refused(self, written: Written, message: str, hint: str = "") -> ValueError:
        """Report a fault; what is returned refuses the value."""
        self.report(written.node, message, hint)
        return reported()

    def sound(self, written: Written) -> str:
        """A built-in sound's name as it is, or a file's path from the project's root."""
        try:
            return self.files.sound(written, written.node.source.file)
        except ValueError as exc:
            raise self.refused(written, str(exc)) from exc

    def file(self, written: Written) -> Path:
        """A file of the project that is there, links resolved."""
        try:
            return self.files.resolve(written.strip(), written.node.source.file)
        except ValueError as exc:
            raise self.refused(written, str(exc)) from exc

    def cover(self, written: Written) -> Path:
        """Where a picture is; whether it is one is for the delivery to find."""
        try:
            return self.files.locate(written.strip(), written.node.source.file)
        except ValueError as exc:
            raise self.refused(written, str(exc)) from exc

    def macros(self, written: Written) -> Text:
        """The text of a file of macros."""
        file = self.file(written)
        if file not in self._texts:
            self._texts[file] = self._read_text(file, written)
        text = self._texts[file]
        if text is None:
            raise reported()
        return text

    def part(self, written: Written) -> Part:
        """The part that an ``include`` names; each time that it is included counts."""
        file = self.file(written)
        if file in self.above:
            way = " → ".join(self.project.shown(each) for each in (*self.above[self.above.index(file) :], file))
            raise self.refused(written, f"this file includes itself: {way}")
        if len(self.above) > MAX_INCLUDE_DEPTH:
            raise self.refused(written, f"includes are nested more than {MAX_INCLUDE_DEPTH} deep here")
        if file not in self._parts:
            self._parts[file] = self._read_part(file)
        part = self._parts[file]
        if part is None:
            raise reported()
        self._spend(written, parts=part.size)
        return part

    def unknown_variable(self, key: ScalarNode, known: Collection[str]) -> None:
        """Report what ``with`` gives and a part does not declare."""
        meant = near_miss(key.value, known)
        hint = f"did you mean `{meant}`?" if meant else f"available: {', '.join(known)}"
        self.report(key, f"`{key.value[:40]}` is not a variable of this part", hint)

    def _read_part(self, file: Path) -> Part | None:
        self.above.append(file)
        part, problems = read_shape(file, self.project.shown(file), Part, self.budget, context=self)
        self.above.pop()
        self.problems += problems
        return part

    def _read_text(self, file: Path, written: Written) -> Text | None:
        try:
            text = self.files.text_of(file)
        except ScriptError as exc:
            self.problems += exc.problems
            return None
        self._spend(written, len(text.raw))
        return text

    def _spend(self, written: Written, characters: int = 0, *, parts: int = 0) -> None:
        try:
            self.budget.spend(characters, parts=parts)
        except OverBudgetError as exc:
            raise self.refused(written, exc.message, exc.hint) from exc
