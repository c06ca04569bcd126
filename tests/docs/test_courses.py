"""The page on courses shows manifests that can be read, and explains every key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from breathmark.cli.build import build
from breathmark.course.course import Course
from breathmark.course.manifest import read_course
from breathmark.course.shapes import (
    AudiobookShape,
    BlockShape,
    FeedShape,
    HelpText,
    PathShape,
    RegionShape,
    SessionShape,
    SiteShape,
)

from .pages import DOCS, blocks

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel

COURSES = DOCS / "courses.md"
SCRIPT = "title: T\nlength: 5m..10m..20m\nsegments:\n  - say: Hello.\n"


def test_the_examples_are_courses(tmp_path: Path) -> None:
    """With the help that stands there, and scripts of those names."""
    (help_text,) = (block.text for block in blocks(COURSES, "yaml") if block.note == "help")
    (tmp_path / "help.yaml").write_text(help_text, "utf-8")
    (manifest,) = (block.text for block in blocks(COURSES, "yaml") if block.note == "course")
    (feed,) = (block.text for block in blocks(COURSES, "yaml") if block.note == "feed")
    (book,) = (block.text for block in blocks(COURSES, "yaml") if block.note == "audiobook")
    book = book.partition("\n")[2]
    (site,) = (block.text for block in blocks(DOCS / "listeners.md", "yaml") if block.note == "site")
    site = site.partition("\n")[2]
    (tmp_path / "course.yaml").write_text(f"{manifest}help: help.yaml\n{feed}{book}{site}", "utf-8")
    for name in ("01-arriving", "02-resting"):
        (tmp_path / f"{name}.yaml").write_text(SCRIPT, "utf-8")
    found = read_course(tmp_path)
    assert [each.lengths_s for each in found.sessions] == [(300, 600, 1200), (600, 1200)]
    assert found.help
    assert found.site.any_length
    assert found.feed
    assert found.choice(found.feed).length_s == 600
    assert (found.choice(found.audiobook).length_s, found.audiobook.pause_s) == (1200, 5)


def test_every_key_has_its_row() -> None:
    """Whatever an editor offers is explained."""
    text = COURSES.read_text("utf-8") + (DOCS / "listeners.md").read_text("utf-8")
    explained = set(re.findall(r"^\| `(\w+)`", text, re.MULTILINE))
    shapes: tuple[type[BaseModel], ...] = (Course, SessionShape, HelpText, RegionShape, FeedShape, AudiobookShape)
    shapes += (BlockShape, PathShape, SiteShape)
    assert {field.alias or key for shape in shapes for key, field in shape.model_fields.items()} <= explained


def test_every_option_of_a_build_has_its_row() -> None:
    """But for those that every command has, and for the one that has a paragraph."""
    rows = [line for line in COURSES.read_text("utf-8").splitlines() if line.startswith("| `-")]
    explained = set(re.findall(r"`(-[-\w]+)", "\n".join(rows)))
    options = {parameter.opts[0] for parameter in build.params if parameter.param_type_name == "option"}
    assert options - {"--dry-run", "-q", "--quiet", "-v", "--verbose"} <= explained
