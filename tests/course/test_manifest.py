from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from breathmark.base.errors import RequestError, ScriptError
from breathmark.cli import breathmark
from breathmark.course.manifest import read_course
from breathmark.course.schema import json_schema

from .material import COURSE, SHIPPED, course

if TYPE_CHECKING:
    from pathlib import Path

HELP = """\
owner: Somebody
reviewed: 2026-11-24
regions:
  gb: {name: Britain, text: Call somebody., verified: yes}
  everywhere: {name: Everywhere, text: Ask somebody.}
"""


def faults(folder: Path, manifest: str) -> list[str]:
    """The faults of a manifest, without its path."""
    course(folder, manifest)
    with pytest.raises(ScriptError) as caught:
        read_course(folder)
    return [str(problem).split("course.yaml:")[1].replace(": error: ", ": ", 1) for problem in caught.value.problems]


def test_a_course_is_read_in_its_order(tmp_path: Path) -> None:
    """Sessions with their ids, blocks and tags; what is not said is as each script says."""
    found = read_course(course(tmp_path))
    assert [(each.id, each.block, each.tags) for each in found.sessions] == [
        ("01-one", "first", ("calm", "touch")),
        ("02-two", "first", ()),
        ("03-three", "second", ()),
    ]
    assert found.sessions[0].lengths_s == (15.0, 20.0)
    assert (found.voices, found.ambiences, found.presets) == (("script",), ("script",), ("podcast",))
    assert next(trail.sessions for trail in found.paths.values()) == ["01-one", "03-three"]


def test_a_plain_list_of_sessions_will_do(tmp_path: Path) -> None:
    """Without blocks, and with the suffix written out; an extra has its own lengths."""
    manifest = "title: T\nlengths: 8s\nsessions: [02-two.yaml]\nextras:\n  - {script: 01-one, lengths: [6s]}\n"
    found = read_course(course(tmp_path, manifest))
    assert [(each.id, each.lengths_s, each.extra) for each in found.sessions] == [
        ("02-two", (8.0,), False),
        ("01-one", (6.0,), True),
    ]


def test_help_is_dated_and_says_what_is_not_verified(tmp_path: Path) -> None:
    """An entry counts as verified only where somebody says so."""
    folder = course(tmp_path, COURSE + "help: help.yaml\n")
    (folder / "help.yaml").write_text(HELP, encoding="utf-8")
    found = read_course(folder).help
    assert found is not None
    assert (found.owner, found.reviewed.isoformat()) == ("Somebody", "2026-11-24")
    assert [name for name, region in found.regions.items() if region in found.unverified] == ["everywhere"]
    (warning,) = read_course(folder).warnings
    assert "help.yaml:4:3: warning: nobody has verified the help for everywhere since 2026-11-24" in str(warning)


def test_all_faults_come_at_once_with_their_places(tmp_path: Path) -> None:
    """A key, a missing script, a script that comes twice, an unknown session, a preset, a path out of the project."""
    manifest = """\
title: T
lenghts: [8s]
lengths: [8s, soon]
presets: [podcats]
sessions:
  - 01-one
"""
    assert faults(tmp_path, manifest) == [
        "2:1: `lenghts` is not a known key here (`lenghts`: did you mean `lengths`?)",
        "3:15: `lengths`: `soon`: write a time such as `5s`, `2m`, `7:30` or `3s..5s..12s`",
        "4:11: there is no preset 'podcats' (did you mean podcast?)",
    ]
    manifest = """\
title: T
lengths: [8s]
presets: [podcats]
ambiences: [../elsewhere/rain.ogg]
sessions:
  - 01-one
  - 01-on
  - {script: 01-one.yaml, companion: page.md}
paths:
  short: {title: Short, sessions: [02-tow, 01-on]}
"""
    found = faults(tmp_path, manifest)
    assert [re.match(r"\d+:\d+", each)[0] for each in found] == ["3:11", "4:13", "7:5", "8:14", "8:38", "10:36"]  # type: ignore[index]
    assert "did you mean podcast?" in found[0]
    assert "outside the project" in found[1]
    assert "did you mean `01-one.yaml`?" in found[2]
    assert "appears twice, first in line 6" in found[3]
    assert "there is no file `page.md`" in found[4]
    assert "there is no session `02-tow`" in found[5]


def test_an_ambience_that_a_preset_has_no_place_for_is_told_before_anything_is_spoken(tmp_path: Path) -> None:
    """An audiobook has none but that of the script, which gives way to room tone."""
    manifest = "title: T\nlengths: 15s\npresets: [podcast, audiobook]\nambiences: [{}]\nsessions: [01-one]\n"
    (fault,) = faults(tmp_path / "refused", manifest.format("script, soft-rain, none"))
    assert fault.startswith("4:21: the preset audiobook has room tone in its rests, and no ambience")
    assert fault.endswith("(write `script` in place of `soft-rain`)")
    taken = read_course(course(tmp_path / "taken", manifest.format("script, none")))
    assert (taken.presets, taken.ambiences) == (("podcast", "audiobook"), ("script", "none"))


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ("title: T\nlengths: [8s]\n", "either under `sessions` or in `blocks`"),
        ("title: T\nsessions: [01-one]\n", "`lengths` is missing"),
        (
            "title: T\nlengths: [8s]\nsessions: [01-one]\nblocks: {Big One: {title: B, sessions: [02-two]}}\n",
            "short name",
        ),
        ("title: T\nlengths: [8s]\nsessions: [01-one]\nhelp: nowhere.yaml\n", "there is no file `nowhere.yaml`"),
        ("- 01-one\n", "has to be made of lines"),
    ],
)
def test_a_manifest_says_what_it_lacks(manifest: str, message: str, tmp_path: Path) -> None:
    """Each in one sentence, at a place."""
    assert message in "\n".join(faults(tmp_path, manifest))


def test_faults_of_the_help_and_the_settings_are_told_too(tmp_path: Path) -> None:
    """In their own files, beside those of the manifest."""
    folder = course(tmp_path, COURSE + "help: help.yaml\n")
    (folder / "help.yaml").write_text(HELP.replace("2026-11-24", "last week"), encoding="utf-8")
    (folder / "breathmark.yaml").write_text("voise: tone:hum\n", encoding="utf-8")
    with pytest.raises(ScriptError) as caught:
        read_course(folder)
    assert [problem.path.split("/")[-1] for problem in caught.value.problems] == ["help.yaml", "breathmark.yaml"]
    assert "2026-11-24" in caught.value.problems[0].message


def test_a_folder_without_a_manifest_says_how_to_get_one(tmp_path: Path) -> None:
    """The command that writes it."""
    with pytest.raises(RequestError, match="breathmark new course"):
        read_course(tmp_path)


def test_the_schema_takes_what_is_read() -> None:
    """The shipped course, its help, and the one of these tests; a slip is refused by both."""
    validator = jsonschema.Draft7Validator(json_schema("course"))
    for text in (COURSE, (SHIPPED / "course.yaml").read_text(encoding="utf-8")):
        validator.validate(yaml.safe_load(text))
    helped = yaml.load((SHIPPED / "help.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 — only strings
    jsonschema.Draft7Validator(json_schema("help")).validate(helped)
    assert not validator.is_valid(yaml.safe_load(COURSE.replace("title: First", "titel: First")))


def test_a_new_course_is_one_that_can_be_read(tmp_path: Path) -> None:
    """With a first session where the folder is empty, and with the scripts that are there where it isn't."""
    runner = CliRunner()
    assert runner.invoke(breathmark, ["new", "course", str(tmp_path / "a")]).exit_code == 0
    assert [each.id for each in read_course(tmp_path / "a").sessions] == ["01-first-session"]
    folder = course(tmp_path / "b")
    (folder / "course.yaml").unlink()
    assert runner.invoke(breathmark, ["new", "course", str(folder / "course.yaml")]).exit_code == 0
    assert [each.id for each in read_course(folder).sessions] == ["01-one", "02-two", "03-three"]
    again = runner.invoke(breathmark, ["new", "course", str(folder)])
    assert isinstance(again.exception, RequestError)
    assert json.loads((folder / ".breathmark" / "course.json").read_text(encoding="utf-8")) == json_schema("course")
