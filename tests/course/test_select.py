from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from breathmark.base.errors import RequestError
from breathmark.course.jobs import Selection, all_jobs, length_name
from breathmark.course.manifest import read_course
from breathmark.course.sources import read_session

from .material import COURSE, course

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="module")
def selected(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., list[str]]:
    """What a selection finds in the small course, for everybody and for one listener."""
    found = read_course(course(tmp_path_factory.mktemp("course")))
    jobs = all_jobs(found, ("ana",))
    metadata = {session.id: read_session(session, found.project).metadata for session in found.sessions}

    def select(*chosen: str, excluded: tuple[str, ...] = ()) -> list[str]:
        return [job.key for job in Selection(chosen=chosen, excluded=excluded).of(jobs, found, metadata)]

    return select


@pytest.mark.parametrize(
    ("expression", "sessions"),
    [
        ("01-one", {"01-one"}),
        ("01-one.yaml", {"01-one"}),
        ("0[12]-*", {"01-one", "02-two"}),
        ("tag:calm", {"01-one"}),
        ("level:beginner", {"01-one", "03-three"}),
        ("level:Intermediate", {"02-two"}),
        ("concept:s2", {"02-two", "03-three"}),
        ("path:short", {"01-one", "03-three"}),
        ("block:first", {"01-one", "02-two"}),
        ("concept:S2 level:beginner", {"03-three"}),
    ],
)
def test_words_of_every_kind(expression: str, sessions: set[str], selected: Callable[..., list[str]]) -> None:
    """Each finds its sessions, at every length; several words have to fit all together."""
    found = selected(expression)
    assert {key.split(": ")[-1].split("/")[0] for key in found} == sessions
    assert len(found) == 4 * len(sessions)


def test_lengths_and_listeners(selected: Callable[..., list[str]]) -> None:
    """A length is a time, however it is written."""
    assert selected("01-* length:20s") == selected("01-* length:0:20")
    assert selected("01-* length:20s") == ["01-one/01-one-00m20s.mp3", "ana: 01-one/01-one-00m20s.mp3"]
    assert selected("01-* length:15s listener:a*") == ["ana: 01-one/01-one-00m15s.mp3"]


def test_alternatives_and_exclusions(selected: Callable[..., list[str]]) -> None:
    """Several expressions are alternatives; what is excluded is left out of them, in the course's order."""
    found = selected("tag:calm", "level:intermediate", excluded=("length:20s", "listener:ana"))
    assert found == ["01-one/01-one-00m15s.mp3", "02-two/02-two-00m15s.mp3"]


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        ("04-*", "there are 01-one"),
        ("01-on", "did you mean `01-one`"),
        ("tag:clam", "did you mean `tag:calm`"),
        ("tga:calm", "did you mean `tag:`"),
        ("level:expert", "there are level:beginner"),
        ("length:10m", "there are length:15s"),
        ("length:soon", "length:12m"),
        ("path:long", "path:short"),
        ("tag:calm level:intermediate", "no session matches all of them"),
        ("  ", "write a session"),
    ],
)
def test_what_fits_nothing_is_an_error(expression: str, hint: str, selected: Callable[..., list[str]]) -> None:
    """With what there is, chosen or excluded."""
    with pytest.raises(RequestError) as caught:
        selected(expression)
    assert hint in caught.value.hint
    with pytest.raises(RequestError):
        selected(excluded=(expression,))


def test_nothing_left_is_an_error(selected: Callable[..., list[str]]) -> None:
    """Where everything that is selected is excluded, too."""
    with pytest.raises(RequestError, match="nothing is left"):
        selected("tag:calm", excluded=("01-*",))


def test_names_sort_and_read_well(tmp_path: Path) -> None:
    """By session, then by length; the first of each choice stands in no name, an extra in a folder of its own."""
    manifest = COURSE.replace("lengths: [15s, 20s]", "lengths: [5m, 20m, 7:30]") + (
        "voices: [script, tone:tone]\nambiences: [script, none, soft-rain]\npresets: [podcast, master]\n"
        "extras:\n  - {script: parts/extra, lengths: [90s]}\n"
    )
    folder = course(tmp_path, manifest)
    (folder / "parts" / "extra.yaml").write_text((folder / "01-one.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    jobs = all_jobs(read_course(folder))
    names = [job.path for job in jobs if job.session.id == "01-one"]
    assert names[0] == "01-one/01-one-05m.mp3"
    assert "01-one/01-one-07m30s-tone-tone-no-ambience-master.flac" in names
    assert "01-one/01-one-20m-soft-rain.mp3" in names
    assert len(names) == len(set(names)) == 36
    assert jobs[-1].path.startswith("extras/extra/extra-01m30s")
    plain = sorted(name for name in names if re.fullmatch(r".*-\d+m(\d+s)?\.mp3", name))
    assert plain == [f"01-one/01-one-{length}.mp3" for length in ("05m", "07m30s", "20m")]


def test_lengths_in_names() -> None:
    """Also those that are no whole seconds, and those over an hour."""
    assert [length_name(each) for each in (300, 450, 90.5, 5400)] == ["05m", "07m30s", "01m30.500s", "90m"]


def test_two_artefacts_of_one_name_are_refused(tmp_path: Path) -> None:
    """A sound's name and a path that read alike."""
    manifest = COURSE + "ambiences: [script, sea/one.ogg, sea-one.ogg]\n"
    with pytest.raises(RequestError, match="two artefacts would be called"):
        all_jobs(read_course(course(tmp_path, manifest)))


def test_a_course_without_paths_says_so(tmp_path: Path) -> None:
    """What is selected by something that no session has is answered in words."""
    folder = course(tmp_path)
    (folder / "course.yaml").write_text("title: A\nlengths: [15s]\nsessions: [01-one]\n", encoding="utf-8")
    found = read_course(folder)
    metadata = {session.id: read_session(session, found.project).metadata for session in found.sessions}
    with pytest.raises(RequestError) as caught:
        Selection(chosen=("path:short",), excluded=()).of(all_jobs(found, ()), found, metadata)
    assert caught.value.hint == "none of its sessions has a path"
