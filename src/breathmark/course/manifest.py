"""``course.yaml`` to a Course, or every fault of it at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from breathmark.base.errors import RequestError, ScriptError, near_miss
from breathmark.base.wording import command_line
from breathmark.course.course import AS_SCRIPTED, Block, Course, HelpText, Region, Session, Trail
from breathmark.course.plugin_sections import sections_of, shape_for
from breathmark.course.publisher_sections import FEED_ADVICE, ChoiceReader, read_audiobook, read_feed
from breathmark.course.shapes import AudiobookShape, HelpShape
from breathmark.formats.presets import DEFAULT_PRESET, PRESETS, preset_for
from breathmark.model import Place
from breathmark.script.faults import in_order, short
from breathmark.script.opening import open_project
from breathmark.script.reader.nodes import ListNode, MapNode, ScalarNode
from breathmark.script.reader.reading import read_node, read_shape, validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from breathmark.base.errors import Problem
    from breathmark.course.course import Feed
    from breathmark.course.shapes import CourseShape, SessionShape
    from breathmark.script.project import Project
    from breathmark.script.reader.nodes import Node


COURSE_FILE = "course.yaml"
_T = TypeVar("_T")
_SUFFIXES = (".yaml", ".yml")


def find_manifest(path: Path) -> Path:
    """The ``course.yaml`` in a folder, or the file itself. Raises RequestError where a folder has none."""
    if not path.is_dir():
        return path
    if not (path / COURSE_FILE).is_file():
        new = command_line("breathmark", "new", "course", path / COURSE_FILE)
        raise RequestError(f"there is no {COURSE_FILE} in {path}", f"write one with: {new}")
    return path / COURSE_FILE


def read_course(path: Path) -> Course:
    """Read a course's manifest and its help, and find its scripts; the scripts themselves are not read.

    Raises:
        RequestError: there is no manifest.
        ScriptError: with all faults that can be found without reading the scripts.
    """
    manifest = find_manifest(path)
    file = manifest.absolute()
    node, shape, problems = _read(file, str(manifest))
    if node is None:
        raise ScriptError(in_order(problems))
    project, more = open_project(manifest)
    reader = _Reader(project=project, root=node)
    course = reader.course(shape, str(manifest)) if shape is not None else None
    problems = (*problems, *reader.problems, *more)
    if course is None or problems:
        raise ScriptError(in_order(problems))
    return course


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A concept as a manifest lists it."""

    name: str
    place: Place


def read_concepts(file: Path) -> tuple[dict[str, Concept], tuple[Problem, ...]]:
    """What a manifest lists under ``concepts``, by their marks; where its form is at fault, the faults alone."""
    node, shape, problems = _read(file.absolute(), str(file))
    listed = _at(node, "concepts")
    if shape is None or not isinstance(listed, MapNode):
        return {}, in_order(problems)
    keys = {key.value.strip(): key for key, _ in listed.entries}
    return {mark: Concept(name=name, place=_place(keys[mark])) for mark, name in shape.concepts.items()}, problems


def _read(file: Path, shown: str) -> tuple[Node | None, CourseShape | None, tuple[Problem, ...]]:
    """The file as nodes and as a shape, with the sections of the plug-ins that it names."""
    node, problems = read_node(file, shown)
    if node is None:
        return None, None, problems
    keys = [key.value for key, _ in node.entries] if isinstance(node, MapNode) else []
    shape, more = validate(node, shape_for(keys))
    seen = {(problem.line, problem.column) for problem in problems}
    return node, shape, (*problems, *(each for each in more if (each.line, each.column) not in seen))


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Builds a course from its validated shape and gathers what is wrong with the files that it names."""

    project: Project
    root: Node
    problems: list[Problem] = field(default_factory=list)
    sessions: dict[str, Session] = field(default_factory=dict)
    warnings: list[Problem] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    """The ids of all sessions, also of those whose script is missing."""

    def course(self, shape: CourseShape, shown: str) -> Course:
        """The whole course; where there are problems, what is at fault is left out."""
        self._read_sessions(shape)
        found = self._help(shape)
        cover, listeners = self._file("cover", shape.cover), self._file("listeners", shape.listeners)
        ambiences, presets = self._ambiences(shape.ambiences), self._presets(shape.presets)
        self._check_ambiences(shape.ambiences, presets)
        course = Course(
            file=self.root.source.file,
            shown=shown,
            project=self.project,
            title=shape.title,
            sessions=tuple(self.sessions.values()),
            summary=shape.summary or "",
            author=shape.author or "",
            language=shape.language,
            cover=cover,
            voices=tuple(dict.fromkeys(shape.voices)) or (AS_SCRIPTED,),
            ambiences=ambiences or (AS_SCRIPTED,),
            presets=presets,
            blocks=tuple(
                Block(id=name, title=block.title, summary=block.summary or "") for name, block in shape.blocks.items()
            ),
            concepts=shape.concepts,
            trails=tuple(self._trails(shape)),
            notes=tuple(shape.notes),
            help=found,
            listeners=listeners,
            publish=tuple(dict.fromkeys(shape.publish)),
            sections=sections_of(shape),
            warnings=tuple(self.warnings),
        )
        choices = ChoiceReader(course=course, lengths_s=tuple(shape.lengths), report=self._report)
        book = read_audiobook(shape.audiobook or AudiobookShape(), _at(self.root, "audiobook") or self.root, choices)
        return replace(course, feed=self._feed(shape, choices), audiobook=book)

    def _feed(self, shape: CourseShape, choices: ChoiceReader) -> Feed | None:
        for place, name in _pairs(_at(self.root, "publish"), shape.publish):
            if name == "feed" and shape.feed is None:
                self._report(place, "nothing says where the feed will lie", FEED_ADVICE)
        node = _at(self.root, "feed")
        return read_feed(shape.feed, node, choices) if node and shape.feed else None

    def _read_sessions(self, shape: CourseShape) -> None:
        common = tuple(shape.lengths)
        for node, each in _pairs(_at(self.root, "sessions"), shape.sessions or ()):
            self._session(node, each, common)
        for name, block in shape.blocks.items():
            for node, each in _pairs(_at(self.root, "blocks", name, "sessions"), block.sessions):
                self._session(node, each, common, block=name)
        for node, each in _pairs(_at(self.root, "extras"), shape.extras):
            self._session(node, each, common, extra=True)

    def _session(
        self, node: Node, shape: SessionShape, common: tuple[float, ...], *, block: str = "", extra: bool = False
    ) -> None:
        script = _scalar(node, "script")
        if script is None:
            return
        self.named.add(PurePosixPath(_with_suffix(shape.script)).stem)
        file = self._resolved(script, _with_suffix(shape.script))
        if file is None:
            return
        earlier = self.sessions.get(file.stem)
        if earlier is not None:
            self._report(script, f"the session {file.stem} appears twice, first in line {earlier.place.line}")
            return
        companion = _scalar(node, "companion")
        self.sessions[file.stem] = Session(
            id=file.stem,
            script=file,
            shown=self.project.shown(file),
            place=_place(script),
            block=block,
            tags=tuple(shape.tags),
            companion=self._resolved(companion, companion.value) if companion and shape.companion else None,
            lengths_s=tuple(dict.fromkeys(shape.lengths or common)),
            extra=extra,
            published=shape.published,
        )

    def _trails(self, shape: CourseShape) -> Iterator[Trail]:
        for name, trail in shape.paths.items():
            nodes = _at(self.root, "paths", name, "sessions")
            for node in nodes.items if isinstance(nodes, ListNode) else ():
                if isinstance(node, ScalarNode) and node.value.strip() not in self.named:
                    meant = near_miss(node.value, self.named)
                    hint = (
                        f"did you mean `{meant}`?" if meant else "a session's id is its script's name without `.yaml`"
                    )
                    self._report(node, f"there is no session `{short(node.value)}` in this course", hint)
            yield Trail(id=name, title=trail.title, sessions=tuple(each.strip() for each in trail.sessions))

    def _ambiences(self, names: Sequence[str]) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for node, name in _pairs(_at(self.root, "ambiences"), names):
            try:
                found[self.project.sound(name, self.root.source.file)] = None
            except ValueError as exc:
                self._report(node, str(exc))
        return tuple(found)

    def _check_ambiences(self, names: Sequence[str], presets: Sequence[str]) -> None:
        """Report each ambience of the course where a preset has no place for it; every file has one of each."""
        spoken = [name for name in presets if name in PRESETS and PRESETS[name].narration]
        for node, name in _pairs(_at(self.root, "ambiences"), names) if spoken else ():
            if name not in {AS_SCRIPTED, "none"}:
                message = f"the preset {spoken[0]} has room tone in its rests, and no ambience"
                self._report(node, message, f"write `{AS_SCRIPTED}` in place of `{short(name)}`")

    def _presets(self, names: Sequence[str]) -> tuple[str, ...]:
        for node, name in _pairs(_at(self.root, "presets"), names):
            try:
                preset_for(name)
            except RequestError as exc:
                self._report(node, exc.message, exc.hint)
        return tuple(dict.fromkeys(names)) or (self.project.settings.preset or DEFAULT_PRESET,)

    def _help(self, shape: CourseShape) -> HelpText | None:
        file = self._file("help", shape.help)
        if file is None:
            return None
        found, problems = read_shape(file, self.project.shown(file), HelpShape)
        self.problems += problems
        if found is None:
            return None
        regions = tuple(
            Region(id=name, name=region.name, text=region.text.strip(), verified=region.verified)
            for name, region in found.regions.items()
        )
        text = HelpText(owner=found.owner, reviewed=found.reviewed, regions=regions)
        if text.unverified:
            self._warn_of(text, found.value_node("regions") or found.node)
        return text

    def _warn_of(self, text: HelpText, node: Node) -> None:
        """Say which regions nobody has tried; before a release somebody should."""
        names = ", ".join(region.id for region in text.unverified)
        message = f"nobody has verified the help for {names} since {text.reviewed.isoformat()}"
        hint = f"{text.owner} should try each before a release, and then write `verified: yes`"
        self.warnings.append(replace(node.problem(message, hint), severity="warning"))

    def _file(self, key: str, written: str | None) -> Path | None:
        node = _at(self.root, key)
        return self._resolved(node, written) if isinstance(node, ScalarNode) and written else None

    def _resolved(self, node: ScalarNode, written: str) -> Path | None:
        try:
            return self.project.resolve(written.strip(), node.source.file)
        except ValueError as exc:
            self._report(node, str(exc))
            return None

    def _report(self, node: Node, message: str, hint: str = "") -> None:
        self.problems.append(node.source.problem(node.line, node.column, message, hint))


def _with_suffix(written: str) -> str:
    name = written.strip()
    return name if name.endswith(_SUFFIXES) else f"{name}.yaml"


def _at(node: Node | None, *keys: str) -> Node | None:
    for key in keys:
        node = node.get(key) if isinstance(node, MapNode) else None
    return node


def _scalar(node: Node, key: str) -> ScalarNode | None:
    """The value behind ``key``, or the node itself where it is the short form."""
    if isinstance(node, ScalarNode):
        return node if key == "script" else None
    found = _at(node, key)
    return found if isinstance(found, ScalarNode) else None


def _pairs(node: Node | None, shapes: Sequence[_T]) -> Iterator[tuple[Node, _T]]:
    """Each item of a list, or the only one in short, with its shape."""
    if isinstance(node, ListNode):
        yield from zip(node.items, shapes, strict=True)
    elif node is not None:
        yield from ((node, shape) for shape in shapes)


def _place(node: Node) -> Place:
    return Place(path=node.source.path, line=node.line, column=node.column)
