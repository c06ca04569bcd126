"""``course.yaml`` to a Course, or every fault of it at once.

Such a plug-in has an attribute ``section``, a pydantic model; what the manifest has under the plug-in's name is
validated by it, with the manifest's other faults and at the same places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, Field, create_model

from breathmark.base.errors import Problem, RequestError, ScriptError, near_miss
from breathmark.base.plugins import EXECUTORS, PUBLISHERS, load, third_parties
from breathmark.base.wording import command_line
from breathmark.course.course import AS_SCRIPTED, Course
from breathmark.course.shapes import ChoiceShape, FeedShape, HelpText, NamedScript
from breathmark.formats.presets import DEFAULT_PRESET, PRESETS, preset_for
from breathmark.script.faults import in_order, short
from breathmark.script.opening import open_project
from breathmark.script.reader.adapters import reported
from breathmark.script.reader.nodes import ListNode, MapNode, Node, ScalarNode, Written
from breathmark.script.reader.reading import read_node, read_shape, validate
from breathmark.script.reader.references import References

if TYPE_CHECKING:
    from breathmark.model import Place
    from breathmark.script.project import Project


_PREFIX: Final = "section_"
"""Of the fields, whose aliases are the names: a name may hold what no field of Python can."""


def _shape_for(keys: Iterable[str]) -> type[Course]:
    """The shape of a manifest with these keys. Raises RequestError where a plug-in that it names can't be loaded."""
    found = {name: section for name in keys if (section := _section(name)) is not None}
    return _extended(found) if found else Course


def every_shape() -> type[Course]:
    """The shape with the sections of all that is installed, for editors; what can't be loaded is left out."""
    found: dict[str, type[BaseModel]] = {}
    for name in sorted({*third_parties(PUBLISHERS), *third_parties(EXECUTORS)}):
        with suppress(RequestError):
            if section := _section(name):
                found[name] = section
    return _extended(found) if found else Course


def _section(name: str) -> type[BaseModel] | None:
    """The model that a third-party publisher or executor has for its section; None where it has none."""
    if name in Course.model_fields:
        return None
    for group in (PUBLISHERS, EXECUTORS):
        if name in third_parties(group):
            section = getattr(load(group, name), "section", None)
            if isinstance(section, type) and issubclass(section, BaseModel):
                return section
    return None


def _extended(sections: Mapping[str, type[BaseModel]]) -> type[Course]:
    fields: dict[str, tuple[object, object]] = {
        f"{_PREFIX}{number}": (
            section | None,
            Field(None, alias=name, description=f"What the plug-in `{name}` has to know."),
        )
        for number, (name, section) in enumerate(sections.items())
    }
    extended: type[Course] = create_model("Course", __base__=Course, **fields)  # type: ignore[call-overload]
    return extended


COURSE_FILE: Final = "course.yaml"
FEED_ADVICE: Final = "add to it: `feed: {url: https://example.org/evenings/, published: 2026-11-24}`"
"""The hint where there is a publisher ``feed`` without a section of its own."""
_IN_PODCASTS: Final = frozenset({"mp3", "m4a"})
"""The formats that podcast apps play: Apple Podcasts takes only these."""
_SUFFIXES: Final = (".yaml", ".yml")


def _find_manifest(path: Path) -> Path:
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
    manifest = _find_manifest(path)
    node, problems = read_node(manifest.absolute(), str(manifest))
    if node is None:
        raise ScriptError(in_order(problems))
    project, of_project = open_project(manifest)
    references = _CourseReferences(project=project)
    course, of_form = _validated(node, problems, references)
    problems = (*problems, *of_form, *references.problems, *_no_feed(node), *of_project)
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
    node, problems = read_node(file.absolute(), str(file))
    if not isinstance(node, MapNode):
        return {}, in_order(problems)
    _, of_form = _validated(node, problems, _CourseReferences(project=open_project(file)[0]))
    listed = node.get("concepts")
    if problems or of_form or not isinstance(listed, MapNode):
        return {}, in_order((*problems, *of_form))
    entries = ((key, name) for key, name in listed.entries if isinstance(name, ScalarNode))
    return {key.value.strip(): Concept(name=name.value, place=key.place) for key, name in entries}, ()


def _validated(
    node: Node, problems: Sequence[Problem], references: _CourseReferences
) -> tuple[Course | None, tuple[Problem, ...]]:
    """The course, with sections of plug-ins, and its faults but for those at places that the parser has reported."""
    keys = [key.value for key, _ in node.entries] if isinstance(node, MapNode) else []
    course, found = validate(node, _shape_for(keys), references)
    seen = {(problem.line, problem.column) for problem in problems}
    return course, tuple(each for each in found if (each.line, each.column) not in seen)


def _no_feed(node: Node) -> list[Problem]:
    """The publisher ``feed`` without a section that says where it will lie."""
    if not isinstance(node, MapNode) or node.get("feed") is not None:
        return []
    publish = node.get("publish")
    named = publish.items if isinstance(publish, ListNode) else (publish,)
    message = "nothing says where the feed will lie"
    return [
        each.problem(message, FEED_ADVICE)
        for each in named
        if isinstance(each, ScalarNode) and each.value.strip() == "feed"
    ]


@dataclass(slots=True, kw_only=True)
class _CourseReferences(References):
    """The files and names of a course, looked up while it is validated."""

    project: Project
    warnings: list[Problem] = field(default_factory=list)
    named: set[str] = field(default_factory=set)
    """The ids of all sessions, also of those whose script is missing."""
    scripts: dict[str, Place] = field(default_factory=dict)
    """Where each session is named."""

    def script(self, written: Written) -> NamedScript:
        """The script of a session, which has no other."""
        name = written.strip() if written.strip().endswith(_SUFFIXES) else f"{written.strip()}.yaml"
        self.named.add(PurePosixPath(name).stem)
        file = self.file(Written(name, written.node))
        earlier = self.scripts.setdefault(file.stem, written.node.place)
        if earlier != written.node.place:
            raise self.refused(written, f"the session {file.stem} appears twice, first in line {earlier.line}")
        return NamedScript(file=file, shown=self.project.shown(file), place=written.node.place)

    def session_id(self, written: Written) -> str:
        """A session of a path through the course."""
        if written.strip() not in self.named:
            meant = near_miss(written, self.named)
            hint = f"did you mean `{meant}`?" if meant else "a session's id is its script's name without `.yaml`"
            raise self.refused(written, f"there is no session `{short(written)}` in this course", hint)
        return written.strip()

    def preset(self, written: Written) -> str:
        """A preset that there is."""
        try:
            preset_for(written)
        except RequestError as exc:
            raise self.refused(written, exc.message, exc.hint) from exc
        return str(written)

    @property
    def default_preset(self) -> str:
        """What a course is built with that names none."""
        return self.project.settings.preset or DEFAULT_PRESET

    def chosen_sound(self, written: Written) -> str:
        """A sound that is to be one of the course's; outside of the project there is none of those."""
        try:
            return self.files.sound(written, written.node.source.file)
        except ValueError:
            return str(written)

    def help(self, written: Written) -> HelpText:
        """Where listeners find help; a warning says which regions nobody has tried."""
        file = self.file(written)
        text, problems = read_shape(file, self.project.shown(file), HelpText)
        self.problems += problems
        if text is None:
            raise reported()
        names = [name for name, region in text.regions.items() if not region.verified]
        if names:
            message = f"nobody has verified the help for {', '.join(names)} since {text.reviewed.isoformat()}"
            hint = f"{text.owner} should try each before a release, and then write `verified: yes`"
            place = text.value_node("regions") or text.node
            self.warnings.append(replace(place.problem(message, hint), severity="warning"))
        return text

    def check_ambiences(self, ambiences: Sequence[Written], presets: Sequence[str]) -> None:
        """Report each ambience that a preset has no place for: every file has one of each."""
        spoken = [name for name in presets if name in PRESETS and PRESETS[name].narration]
        for each in ambiences if spoken else ():
            if each not in {AS_SCRIPTED, "none"}:
                message = f"the preset {spoken[0]} has room tone in its rests, and no ambience"
                self.report(each.node, message, f"write `{AS_SCRIPTED}` in place of `{short(each.node.value)}`")

    def check_choice(self, section: ChoiceShape, course: Mapping[str, Any]) -> None:
        """Report what a section chooses that is not among what the ``course`` has, as far as that could be read."""
        if section.length_s is not None and section.length_s not in course.get("lengths", [section.length_s]):
            node = section.value_node("length") or section.node
            written = short(node.value) if isinstance(node, ScalarNode) else f"{section.length_s:g}s"
            self.report(node, f"the course isn't built at `{written}`", "add it to the course's `lengths`")
        if (ambiences := course.get("written_ambiences")) is not None:
            self._check_one(section, "ambience", section.ambience, ambiences or (AS_SCRIPTED,))
        self._check_one(section, "voice", section.voice, course.get("voices"))
        self._check_one(section, "preset", section.preset, course.get("presets"))
        self._check_podcast(section, course.get("presets", ()))

    def _check_one(self, section: ChoiceShape, key: str, wanted: str | None, offered: Sequence[str] | None) -> None:
        if wanted is None or offered is None or wanted in offered:
            return
        meant = near_miss(wanted, offered)
        hint = f"did you mean `{meant}`?" if meant else f"the course has {', '.join(offered)}"
        node = section.value_node(key) or section.node
        self.report(node, f"the course isn't built with the {key} `{short(wanted)}`", hint)

    def _check_podcast(self, section: ChoiceShape, presets: Sequence[str]) -> None:
        preset = section.preset or next(iter(presets), "")
        if isinstance(section, FeedShape) and preset in presets and preset_for(preset).format not in _IN_PODCASTS:
            message = f"the preset {preset} makes {preset_for(preset).format} files, which podcast apps don't play"
            node = section.value_node("preset") or section.node
            self.report(node, message, "choose another of the course's presets, such as `podcast`")
