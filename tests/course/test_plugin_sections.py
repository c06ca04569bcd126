"""Publishers and executors of others: what they have to know stands in the manifest, under their own names."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, ClassVar

import jsonschema
import pytest
from pydantic import BaseModel, ConfigDict

from breathmark.base import plugins as doors
from breathmark.base.errors import RequestError, ScriptError
from breathmark.base.plugins import registered
from breathmark.course.build import build
from breathmark.course.manifest import read_course
from breathmark.course.options import BuildOptions
from breathmark.course.schema import json_schema

from .material import COURSE, course

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from pathlib import Path

    from breathmark.course.executors.base import ExecutorSettings
    from breathmark.course.publishers.base import Library


class UploadSection(BaseModel):
    """What the publisher below has to know."""

    model_config = ConfigDict(extra="forbid")

    host: str
    retries: int = 3


class Uploader:
    """A publisher that notes where it would send the library."""

    for_listeners: ClassVar[bool] = False
    section: ClassVar[type[BaseModel]] = UploadSection

    def publish(self, library: Library) -> tuple[Path, ...]:
        """One line."""
        asked = library.course.sections["my-host"]
        assert isinstance(asked, UploadSection)
        (library.folder / "sent.txt").write_text(f"{asked.host} {asked.retries}", encoding="utf-8")
        return (library.folder / "sent.txt",)


class FarmSection(BaseModel):
    """What the executor below has to know."""

    queue: str


SEEN: list[object] = []


class Farm:
    """An executor that needs a section; a class works as well as a function."""

    section: ClassVar[type[BaseModel]] = FarmSection

    def __new__(cls, settings: ExecutorSettings) -> Executor:  # type: ignore[misc]
        """Threads, which are enough here."""
        SEEN.append(settings.section)
        return ThreadPoolExecutor(1)


class Plain:
    """A publisher without a section."""


@pytest.fixture(autouse=True)
def plug_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are registered beside the built-in ones."""
    theirs = {
        doors.PUBLISHERS: {"my-host": "Uploader", "plain": "Plain", "torn": "Missing"},
        doors.EXECUTORS: {"farm": "Farm"},
    }

    def both(group: str) -> dict[str, EntryPoint]:
        own = {
            name: EntryPoint(name=name, group=group, value=f"{__name__}:{value}")
            for name, value in theirs.get(group, {}).items()
        }
        return {**own, **registered(group)}

    monkeypatch.setattr(doors, "registered", both)


def test_a_section_reaches_its_publisher_and_its_executor(tmp_path: Path) -> None:
    """Validated, with the types that the plug-in's own model has."""
    manifest = COURSE + "publish: [folder, my-host]\nmy-host: {host: example.org, retries: 5}\nfarm: {queue: slow}\n"
    folder = course(tmp_path, manifest)
    build(
        folder,
        BuildOptions(output=tmp_path / "out", cache=tmp_path / "cache", executor="farm", select=("01-one length:15s",)),
    )
    assert (tmp_path / "out" / "sent.txt").read_text(encoding="utf-8") == "example.org 5"
    assert SEEN.pop() == FarmSection(queue="slow")


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ("my-host: {hosst: example.org}", "18:11: error: `hosst` is not a known key here"),
        ("my-host: {host: a, retries: often}", "18:29: error: `retries`: input should be a valid integer"),
        ("my-host: [a]", "18:10: error: `my-host` needs `key: value` pairs"),
        ("plain: {a: b}", "18:1: error: `plain` is not a known key here"),
        ("local: {a: b}", "18:1: error: `local` is not a known key here"),
        ("nobody: {a: b}", "18:1: error: `nobody` is not a known key here"),
    ],
)
def test_what_is_wrong_with_a_section_has_its_place(section: str, fault: str, tmp_path: Path) -> None:
    """Like every fault of the manifest; a plug-in without a section, a built-in one and nobody have none."""
    with pytest.raises(ScriptError) as caught:
        read_course(course(tmp_path, f"{COURSE}{section}\n"))
    assert any(fault in str(problem) for problem in caught.value.problems), str(caught.value)


def test_a_plug_in_that_can_t_be_loaded_is_named(tmp_path: Path) -> None:
    """Where the manifest has something for it."""
    with pytest.raises(RequestError, match="the publisher torn is not installed"):
        read_course(course(tmp_path, f"{COURSE}torn: {{a: b}}\n"))


def test_editors_know_the_sections() -> None:
    """The JSON Schema has those of all plug-ins that are installed."""
    schema = json_schema("course")
    whole = {"title": "A", "lengths": "5m", "sessions": ["a"], "my-host": {"host": "example.org"}}
    jsonschema.validate(whole, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**whole, "my-host": {"hosst": "a"}}, schema)
