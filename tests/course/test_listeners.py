"""What is made for one listener is nobody else's business."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from breathmark.base.errors import BuildError, ScriptError
from breathmark.course.build import build
from breathmark.course.listeners import find_listener, read_listeners
from breathmark.course.manifest import read_course
from breathmark.course.options import BuildOptions, BuildReport, Published
from breathmark.course.planning import Planner
from tests.profiles import quick_only

from .material import COURSE, course

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from breathmark.course.options import Event

pytestmark = pytest.mark.usefixtures("in_this_process")

KNOWN = ("name", "anchor")
MARKERS = ("Zyxwillow", "Quorvane", "Brimbledax")
"""Names that nothing else holds."""
ROWS = "id,name,anchor\nl-1,Zyxwillow,sound\nl-2,Quorvane,\nl-3,Brimbledax,body\n"


def read(tmp_path: Path, text: str, name: str = "listeners.csv") -> dict[str, dict[str, str]]:
    """The listeners of a file."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    return {each.id: dict(each.values) for each in read_listeners(tmp_path / name, name, KNOWN)}


def test_a_table_and_a_mapping_say_the_same(tmp_path: Path) -> None:
    """With commas, with the semicolons of some spreadsheets, with a byte order mark; an empty cell is no value."""
    expected = {"l-1": {"name": "Ana", "anchor": "sound"}, "l-2": {"anchor": "body"}}
    assert read(tmp_path, "id,name,anchor\nl-1,Ana,sound\nl-2,,body\n\n") == expected
    assert read(tmp_path, "\ufeffid;anchor;name\r\nl-1;sound;Ana\r\nl-2;body;\r\n") == expected
    assert read(tmp_path, "l-1: {name: Ana, anchor: sound}\nl-2: {anchor: body, name: }\n", "l.yaml") == expected
    assert find_listener(tmp_path / "l.yaml", "l-1").values == expected["l-1"]
    assert read(tmp_path, 'id,name\nl-1,"Ana, the second"\n') == {"l-1": {"name": "Ana, the second"}}


@pytest.mark.parametrize(
    ("text", "name", "fault"),
    [
        ("name,anchor\nZyxwillow,sound\n", "l.csv", "l.csv:1:1: error: there is no column `id`"),
        (
            "id,nmae\nl-1,Zyxwillow\n",
            "l.csv",
            "l.csv:1:4: error: no session has a variable `nmae` (did you mean `name`?)",
        ),
        ("id,name\nl-1,Zyxwillow\nl-1,Quorvane\n", "l.csv", "l.csv:3:1: error: the listener l-1 appears twice"),
        ("id,name\nZyx Willow,Zyxwillow\n", "l.csv", "l.csv:2:1: error: this is not a listener's id"),
        (
            "id,name\nl-1,Zyxwillow,Quorvane\n",
            "l.csv",
            "l.csv:2:1: error: this line has 3 cells, and there are 2 columns",
        ),
        ("l-1: {nmae: Zyxwillow}\n", "l.yaml", "l.yaml:1:7: error: no session has a variable `nmae`"),
        ("- Zyxwillow\n", "l.yaml", "l.yaml:1:1: error: this file needs"),
        ("id,name,name\nl-1,Zyxwillow,Quorvane\n", "l.csv", "l.csv:1:9: error: this column has the name of column 2"),
        (
            "id,Zyxwillow\nl-1,Quorvane\n",
            "l.csv",
            "l.csv:1:4: error: no session has a variable of this name (they have `name`",
        ),
        (f'id,name\nl-1,"Zyxwillow{"Quorvane" * 20_000}\n', "l.csv", "l.csv:2:1: error: this line can't be read"),
        ("l-1: Zyxwillow\n", "l.yaml", "l.yaml:1:1: error: each value of a listener needs a name"),
        ("l-1: {name: {Zyxwillow: Quorvane}}\n", "l.yaml", "l.yaml:1:13: error: a value is a word, a number"),
        ("l-1: {Zyxwillow}\n", "l.yaml", "l.yaml:1:7: error: no session has a variable of this name"),
        ("l-1: {name: *Zyxwillow}\n", "l.yaml", "l.yaml:1:13: error: this refers to nothing before it"),
        ("l-1: {name: !Zyxwillow x}\n", "l.yaml", "l.yaml:1:13: error: this means nothing in a script"),
    ],
)
def test_faults_have_places_and_repeat_no_value(text: str, name: str, fault: str, tmp_path: Path) -> None:
    """Of a table and of a mapping."""
    with pytest.raises(ScriptError) as caught:
        read(tmp_path, text, name)
    assert fault in str(caught.value)
    assert not any(marker in str(caught.value) for marker in MARKERS)


def test_a_listener_shows_no_value() -> None:
    """Not even where a debugger prints it."""
    from breathmark.course.values import Listener  # noqa: PLC0415 - only here

    assert "Zyxwillow" not in repr(Listener(id="l-1", values={"name": "Zyxwillow"}))


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "breathmark", "build", ".", "-o", "out", "--cache", "cache", *words]
    return subprocess.run(line, cwd=folder, capture_output=True, text=True, check=False)


def _holding(folder: Path, marker: str) -> Iterator[str]:
    """Every file that has ``marker`` in its path or anywhere in its bytes, in any of the usual ways to write it."""
    spelled = {marker.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")}
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        if marker in str(path) or any(each in data or each.lower() in data for each in spelled):
            yield path.relative_to(folder).as_posix()


@pytest.mark.slow
@pytest.mark.parametrize("executor", ["local", "dask"])
def test_values_are_found_only_where_they_are_meant_to_be(executor: str, tmp_path: Path) -> None:
    """In the private outputs of the one listener, and in that listener's file: in no other byte, and in no word said.

    A failing artefact is among them, whose message and log could tell too much.
    """
    folder = course(tmp_path / "c")
    (folder / "people.csv").write_text(ROWS, encoding="utf-8")
    words = ("--listeners", "people.csv", "--executor", executor, "--keep-going", "--verbose", "--json")
    done = _run(folder, "--select", "01-one", "--length", "15s", "--length", "9m", *words)
    assert done.returncode == 6, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert len([event for event in events if event["event"] == "finished"]) == 4
    assert not any(marker in done.stdout + done.stderr for marker in MARKERS)
    for number, marker in enumerate(MARKERS, start=1):
        own = f"out/listeners/l-{number}/01-one/01-one-00m15s"
        expected = {f"{own}.{ending}" for ending in ("txt", "vtt", "session.json")}
        found = set(_holding(folder, marker))
        spoken = {path for path in found if path.startswith("cache/private/")}  # a clip knows when its words sound
        assert found - spoken == {"people.csv", *expected}
        assert len(spoken) == 1


PUBLISHED = """\
publish: [folder, site, feed, audiobook]
feed: {url: https://example.org/steps/, published: 2026-11-24}
audiobook: {length: 15s}
"""


@pytest.mark.slow
def test_no_publisher_tells_a_value_to_others(
    tmp_path: Path, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """Neither the index, the pages, the feed nor the audiobook, in whichever of their files."""
    folder = course(tmp_path / "c", COURSE.replace("[15s, 20s]", "[15s]") + PUBLISHED)
    (folder / "people.csv").write_text(ROWS, encoding="utf-8")
    places = ("-o", folder / "out", "--cache", folder / "cache", "--listeners", folder / "people.csv")
    done = command("build", folder, *places, "--verbose")
    assert done.returncode == 0, done.stderr
    assert not any(marker in done.stdout + done.stderr for marker in MARKERS)
    for made in ("library.json", "index.html", "feed.xml", "c.m4b", "c.audiobook.json"):
        assert (folder / "out" / made).is_file()
    for number, marker in enumerate(MARKERS, start=1):
        own = f"out/listeners/l-{number}/"
        found = set(_holding(folder, marker))
        assert f"{own}site/01-one.html" in found
        assert {path for path in found if not path.startswith((own, "cache/private/"))} == {"people.csv"}


def test_private_outputs_are_for_nobody_else(tmp_path: Path) -> None:
    """Folders that only their owner can enter; the shared lock and index know nothing of listeners."""
    folder = course(tmp_path / "c")
    (folder / "people.yaml").write_text("l-1: {name: Zyxwillow}\nl-2: {anchor: sound}\n", encoding="utf-8")
    events: list[Event] = []
    request = BuildOptions(
        output=folder / "out",
        cache=folder / "cache",
        listeners=folder / "people.yaml",
        select=("01-one length:15s",),
        watch=events.append,
    )
    assert len(build(folder, request).built) == 3
    out = folder / "out"
    for private in (out / "listeners", out / "listeners" / "l-1", out / "listeners" / "l-2"):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    for name in ("breathmark.lock", "library.json"):
        assert "listeners" not in (out / name).read_text(encoding="utf-8")
        assert stat.S_IMODE((out / "listeners" / "l-1" / name).stat().st_mode) == 0o600
    assert len([event for event in events if isinstance(event, Published)]) == 3
    assert build(folder, request).todo == {}
    (folder / "people.yaml").write_text("l-1: {name: Quorvane}\n", encoding="utf-8")
    report = build(folder, request)
    assert report.todo == {"l-1: 01-one/01-one-00m15s.mp3": "changed: the listener's values"}
    assert [os.path.relpath(path, out) for path in report.orphans] == ["listeners/l-2/01-one/01-one-00m15s.mp3"]


def test_guessed_values_can_not_be_tried_against_the_records(tmp_path: Path) -> None:
    """The same values make other digests in another folder, whose key is another one."""
    digests = []
    for name in ("a", "b"):
        folder = course(tmp_path / name)
        (folder / "people.csv").write_text(ROWS, encoding="utf-8")
        request = BuildOptions(
            output=folder / "out", listeners=folder / "people.csv", select=("01-one length:15s listener:l-1",)
        )
        build(folder, request)
        record = json.loads((folder / "out/listeners/l-1/breathmark.lock").read_text(encoding="utf-8"))
        digests.append(record["artefacts"]["01-one/01-one-00m15s.mp3"]["made_from"]["the listener's values"])
    assert digests[0] != digests[1]


def test_a_value_that_does_not_fit_names_its_variable_only(tmp_path: Path) -> None:
    """The listener's artefacts fail; those of the others are made."""
    folder = course(tmp_path / "c")
    (folder / "people.csv").write_text("id,name,anchor\nl-1,Zyxwillow [pause],\nl-2,,elbow\n", encoding="utf-8")
    request = BuildOptions(
        output=folder / "out", listeners=folder / "people.csv", select=("01-one length:15s",), keep_going=True
    )
    with pytest.raises(BuildError) as caught:
        build(folder, request)
    assert "l-1 01-one, l-2 01-one" in str(caught.value)
    assert (folder / "out" / "01-one" / "01-one-00m15s.mp3").is_file()


VALUES = """\
id,name,anchor,rounds,brief,kin
l-1,Zyxwillow [pause],sound,3,yes,Quorvane; Al
l-2,,elbow,many,perhaps,
l-3,"Brimbledax, the
second",body,,,"Al; Bo, Cy"
l-4,Zyxwillowzyxwillowzyxwillowzyxwillowzyxwillowzyxwillowzyxwillow,,1,no,
l-5,Ana,Sound,2.5,TRUE,Al
"""
UNFIT = (
    "2:5: error: `name` holds `[`, and a value is only ever spoken: leave out [ ] < { }",
    "3:6: error: `anchor` has to be one of body, sound",
    "3:12: error: `rounds` has to be a number, such as 3 or 2.5",
    "3:17: error: `brief` has to be yes or no",
    "4:5: error: `name` spans more than one line; write it on one",
    "6:5: error: `name` is too long: 63 characters, and at most 60 fit",
)


def _with_variables(folder: Path) -> Path:
    """A course whose second session asks for more than its first."""
    course(folder)
    more = "  rounds: {default: 1}\n  brief: {default: no, type: flag}\n  kin: {default: [], type: list}\n"
    two = (folder / "02-two.yaml").read_text(encoding="utf-8").replace("segments:", f"{more}segments:", 1)
    (folder / "02-two.yaml").write_text(two, encoding="utf-8")
    (folder / "people.csv").write_text(VALUES, encoding="utf-8")
    return folder


@pytest.mark.parametrize("words", quick_only([()], [("--dry-run",), (), ("--dry-run", "--json")]))
def test_values_that_a_render_would_refuse_are_told_before_anything_is_made(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    """All of them, of all listeners, each once at its place, also in a dry run; nothing is spoken, no value is told."""
    folder = _with_variables(tmp_path / "c")
    done = _run(folder, "--listeners", "people.csv", *words)
    assert done.returncode == 2
    told = [line for line in (done.stdout + done.stderr).splitlines() if "people.csv:" in line]
    assert [line.partition("people.csv:")[2] for line in told] == list(UNFIT)
    assert not (folder / "out").exists()
    kept = [file for file in (folder / "cache").rglob("*") if file.is_file()]
    assert kept == []
    assert not any(marker.lower() in (done.stdout + done.stderr).lower() for marker in MARKERS)


def test_values_of_a_table_of_yaml_have_their_own_places(tmp_path: Path) -> None:
    """The value's, not that of the variable's name; and a selection asks only for what it makes."""
    folder = _with_variables(tmp_path / "c")
    text = "l-1:\n  anchor: sound\n  rounds: Zyxwillow\nl-2: {anchor: Quorvane}\n"
    (folder / "people.yaml").write_text(text, encoding="utf-8")

    def faults(*select: str) -> list[str]:
        request = BuildOptions(output=folder / "out", listeners=folder / "people.yaml", dry_run=True, select=select)
        try:
            build(folder, request)
        except ScriptError as exc:
            return [f"{each.line}:{each.column}: {each.message}" for each in exc.problems]
        return []

    number, choice = (
        "3:11: `rounds` has to be a number, such as 3 or 2.5",
        "4:15: `anchor` has to be one of body, sound",
    )
    assert faults() == [number, choice]
    assert faults("02-two listener:l-1") == [number]
    assert faults("01-one listener:l-1") == []


def _told(folder: Path, *, listeners: Path | None = None, prune: bool = False) -> BuildReport:
    """A build of one session at one length, with pages."""
    request = BuildOptions(
        output=folder / "out",
        cache=folder / "cache",
        select=("01-one length:15s",),
        publish=("folder", "site"),
        listeners=listeners,
        prune=prune,
    )
    return build(folder, request)


@pytest.mark.slow
def test_listeners_of_whom_the_course_says_no_more(tmp_path: Path) -> None:
    """Their folders are told of, and with `prune` they go with all that was made in them; what others put there stays.

    The key of the folder stays, too: it tells of nobody.
    """
    folder = course(tmp_path / "c", COURSE + "listeners: people.csv\n")
    (folder / "people.csv").write_text("id,name\nl-1,Zyxwillow\nl-2,Quorvane\n", encoding="utf-8")
    listeners = folder / "out" / "listeners"
    _told(folder)
    assert (listeners / "l-1" / "site").is_dir()
    (listeners / "l-2" / "letter.txt").write_text("Mine.", encoding="utf-8")
    (listeners / "l-2" / "site" / "letter.txt").write_text("Mine, too.", encoding="utf-8")
    (folder / "course.yaml").write_text(COURSE, encoding="utf-8")
    gone = [os.fspath(listeners / each / "01-one" / "01-one-00m15s.mp3") for each in ("l-1", "l-2")]
    assert list(_told(folder).orphans) == gone
    assert (listeners / "l-1" / "01-one").is_dir()
    _told(folder, prune=True)
    assert not (listeners / "l-1").exists()
    left = {path.relative_to(listeners).as_posix() for path in listeners.rglob("*") if path.is_file()}
    assert left - {"key", "key.lock"} == {"l-2/letter.txt", "l-2/site/letter.txt"}
    assert _told(folder, prune=True).orphans == ()
    assert (folder / "out" / "01-one" / "01-one-00m15s.mp3").is_file()


@pytest.mark.slow
def test_listeners_of_the_command_alone_are_not_pruned_without_it(tmp_path: Path) -> None:
    """A build for everybody says nothing of those whom another build was for."""
    folder = course(tmp_path / "c")
    (folder / "people.csv").write_text("id,name\nl-1,Zyxwillow\nl-2,Quorvane\n", encoding="utf-8")
    _told(folder, listeners=folder / "people.csv")
    assert _told(folder, prune=True).orphans == ()
    assert (folder / "out" / "listeners" / "l-1" / "01-one" / "01-one-00m15s.mp3").is_file()
    (folder / "people.csv").write_text("id,name\nl-1,Zyxwillow\n", encoding="utf-8")
    assert len(_told(folder, listeners=folder / "people.csv", prune=True).orphans) == 1
    assert not (folder / "out" / "listeners" / "l-2").exists()
    assert (folder / "out" / "listeners" / "l-1").is_dir()


def test_workers_elsewhere_are_given_the_whole_path_of_a_listeners_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which was named from the folder where the command was given."""
    folder = course(tmp_path / "c")
    (folder / "people.csv").write_text("id,name\nl-1,Zyxwillow\n", encoding="utf-8")
    monkeypatch.chdir(folder)
    options = BuildOptions(output=folder / "out", cache=folder / "cache", listeners=Path("people.csv"))
    planned = Planner(course=read_course(folder), folder=folder / "out", options=options).plan()
    assert planned.listeners == folder / "people.csv"


def test_nothing_is_not_set_and_no_alias_is_repeated(tmp_path: Path) -> None:
    """``null`` leaves the default; what YAML takes for an alias may be a name."""
    file = tmp_path / "listeners.yaml"
    file.write_text("ana: {name: null, anchor: body}\n", encoding="utf-8")
    (listener,) = read_listeners(file, "listeners.yaml", ["name", "anchor"])
    assert listener.values == {"anchor": "body"}
    for value in ("*Zoe", "!Zoe", "!Zoe!Ana x"):
        file.write_text(f"ana:\n  name: {value}\n", encoding="utf-8")
        with pytest.raises(ScriptError) as caught:
            read_listeners(file, "listeners.yaml", ["name"])
        assert "Zoe" not in str(caught.value)
