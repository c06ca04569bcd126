"""Builds of small courses: what is built, what is not built again, and why."""

# mypy: untyped-calls-exclude=mutagen
# mutagen says that it is typed, and types few of its functions
from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mutagen.id3 import ID3
from PIL import Image

from breathmark.base.errors import AssetError, BuildError, ScriptError
from breathmark.course.build import build
from breathmark.course.executors.base import Rendering
from breathmark.course.options import (
    BuildOptions,
    BuildReport,
    Failed,
    Finished,
    Planned,
    Preparing,
    Pruned,
    Published,
    Warned,
)
from breathmark.verification.run import verify

from .material import COURSE, SHARED, course, script

if TYPE_CHECKING:
    from collections.abc import Callable

    from breathmark.course.options import Event
    from breathmark.course.publishers.base import Library

ALL = [f"{name}/{name}-00m{length}s.mp3" for name in ("01-one", "02-two", "03-three") for length in (15, 20)]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that was built once, to be copied."""
    folder = tmp_path_factory.mktemp("finished")
    report = run(course(folder))
    assert sorted(report.built) == ALL
    assert report.spoken == 6  # welcome, one sentence of each session, the shared one, and the passage for the level
    return folder


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    """The same, with its times, for one test to change."""
    return shutil.copytree(finished, tmp_path / "course")


def run(folder: Path, watch: Callable[[Event], None] = lambda _event: None, **options: object) -> BuildReport:
    """A build into the course's own `out`, with its own cache."""
    request = BuildOptions(output=folder / "out", cache=folder / "cache", jobs=2, watch=watch, **options)  # type: ignore[arg-type]
    return build(folder, request)


def change(file: Path, before: str, after: str) -> None:
    """Edit a file."""
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after), encoding="utf-8")


def test_the_folder_holds_what_the_index_says(finished: Path) -> None:
    """Every file by its name, size and hash; the lock names the same artefacts; nothing else lies there."""
    out = finished / "out"
    index = json.loads((out / "library.json").read_text(encoding="utf-8"))
    artefacts = [each for session in index["sessions"] for each in session["artefacts"]]
    assert [each["path"] for each in artefacts] == ALL
    assert [each["duration_s"] for each in artefacts] == [15, 20] * 3
    assert all(-16.3 <= each["voice_lufs"] <= -15.7 for each in artefacts)
    listed = {file["path"]: file["size"] for each in artefacts for file in (each, *each["files"])}
    there = {file.relative_to(out).as_posix(): file.stat().st_size for file in out.rglob("*") if file.is_file()}
    own = {"library.json", "breathmark.lock", ".breathmark-build.lock"}
    assert {name: size for name, size in there.items() if name not in own} == listed
    lock = json.loads((out / "breathmark.lock").read_text(encoding="utf-8"))
    assert list(lock["artefacts"]) == ALL
    assert index["course"]["paths"] == [{"id": "short", "title": "The short way", "sessions": ["01-one", "03-three"]}]


@pytest.mark.slow
def test_every_artefact_passes_its_preset(copy: Path) -> None:
    """Measured anew, each by the preset that it was built for."""
    pytest.importorskip("pyebur128")
    change(copy / "course.yaml", "lengths: [15s, 20s]", "lengths: [20s]\npresets: [podcast, spotify, clear, master]")
    report = run(copy, select=("01-one",))
    assert len(report.todo) == 3
    made = [copy / "out" / ALL[1], *(copy / "out" / path for path in report.built)]
    found = [verify(path) for path in made]
    assert {each.preset for each in found} == {"podcast", "spotify", "clear", "master"}
    assert [each.failures for each in found] == [()] * 4


def test_a_second_build_does_nothing(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads no sound and writes no file."""
    read: list[Path] = []

    def hashed(file: Path) -> str:
        read.append(file)
        return ""

    monkeypatch.setattr("breathmark.course.outputs.file_sha256", hashed)
    before = {file: file.stat().st_mtime_ns for file in (copy / "out").rglob("*")}
    report = run(copy)
    assert (report.current, report.todo, report.built, read) == (6, {}, [], [])
    assert {file: file.stat().st_mtime_ns for file in (copy / "out").rglob("*")} == before


WATCHED = """
import os, sys
opened = []
def hook(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes, os.PathLike)):
        opened.append(os.fspath(arguments[0]))
sys.addaudithook(hook)
from breathmark.cli import main
try:
    main()
finally:
    print(*map(os.path.relpath, filter(os.path.isfile, map(os.fsdecode, opened))), sep="\\n")
"""

pytestmark = pytest.mark.usefixtures("in_this_process")


def test_a_second_build_opens_no_sound(copy: Path) -> None:
    """Nor captions, nor a clip: of what was made, only the lock and the index are looked into."""
    command = [sys.executable, "-c", WATCHED, "build", ".", "-o", "out", "--cache", "cache", "--quiet"]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    opened = {Path(line) for line in done.stdout.splitlines() if not line.startswith("..")}
    assert Path("course.yaml") in opened
    made = {path.relative_to(path.parts[0]) for path in opened if path.parts[0] in {"out", "cache"}}
    assert {path.as_posix() for path in made} == {".breathmark-build.lock", "breathmark.lock", "library.json"}


def test_one_sentence_of_one_session(copy: Path) -> None:
    """Only that session is built again, and only that sentence is spoken."""
    change(copy / "01-one.yaml", "Here is the sentence", "Here is another sentence")
    report = run(copy)
    assert report.todo == dict.fromkeys(ALL[:2], "changed: 01-one.yaml")
    assert sorted(report.built) == ALL[:2]
    assert report.spoken == 1


def test_one_sentence_of_a_shared_part(copy: Path) -> None:
    """Only the sessions that use it are built again; the sentence is spoken once."""
    (copy / "parts" / "other.yaml").write_text(SHARED, encoding="utf-8")
    change(copy / "03-three.yaml", "parts/end.yaml", "parts/other.yaml")
    assert sorted(run(copy).built) == ALL[4:]
    change(copy / "parts" / "end.yaml", "in the room", "outside")
    report = run(copy)
    assert report.todo == dict.fromkeys(ALL[:4], "changed: parts/end.yaml")
    assert report.spoken == 1


def test_another_length_speaks_nothing(copy: Path) -> None:
    """And builds only itself; what the manifest has is not touched."""
    report = run(copy, lengths_s=(25.0,), select=("02-two",))
    assert report.built == ["02-two/02-two-00m25s.mp3"]
    assert report.spoken == 0
    assert report.orphans == ()


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("lexicon.yaml", "en: {sentence: sen tence}\n", "changed: lexicon.yaml"),
        ("breathmark.yaml", "voice: {name: tone, speed: 0.9}\n", "changed: breathmark.yaml"),
        ("course.yaml", COURSE.replace("Small Steps", "Smaller Steps"), "changed: the course's title"),
        ("course.yaml", COURSE.replace("Somebody", "Somebody else"), "changed: the course's author"),
        ("course.yaml", COURSE + "cover: cover.png\n", "changed: the course's cover"),
        ("course.yaml", COURSE + "ambiences: [none]\n", "changed: the ambience"),
        ("course.yaml", COURSE + "presets: [spotify]\n", "changed: the preset"),
        ("course.yaml", COURSE + "voices: [pyttsx3:en-gb]\n", "changed: the voice"),
    ],
)
def test_whatever_it_depends_on_makes_it_stale(file: str, text: str, reason: str, copy: Path) -> None:
    """Words, settings, tags, sounds, presets and voices; a dry run says which, and does nothing."""
    Image.new("RGB", (40, 40), "red").save(copy / "cover.png")
    (copy / file).write_text(text, encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in (copy / "out").rglob("*")}
    assert run(copy, dry_run=True).todo == dict.fromkeys(ALL, reason)
    assert {path: path.stat().st_mtime_ns for path in (copy / "out").rglob("*")} == before


def test_files_carry_the_course_in_their_tags(copy: Path) -> None:
    """Author, place and a drawn cover; then the course's own cover, and another picture of the same name."""
    output = copy / "out" / "02-two" / "02-two-00m15s.mp3"
    tags = ID3(output)
    assert [str(tags[name]) for name in ("TPE1", "TPE2", "TALB", "TRCK")] == [
        "Somebody",
        "Somebody",
        "Small Steps",
        "2",
    ]
    assert Image.open(io.BytesIO(tags["APIC:"].data)).size == (800, 800)
    change(copy / "02-two.yaml", "level:", "author: The writer\nlevel:")
    change(copy / "course.yaml", "author: Somebody", "author: Somebody\ncover: cover.png")
    for colour in ("red", "blue"):
        Image.new("RGB", (40, 40), colour).save(copy / "cover.png")
        built = run(copy, select=("02-two",)).built
        assert sorted(built) == ["02-two/02-two-00m15s.mp3", "02-two/02-two-00m20s.mp3"]
        tags = ID3(output)
        assert tags["APIC:"].data == (copy / "cover.png").read_bytes()
        assert [str(tags[name]) for name in ("TPE1", "TPE2")] == ["The writer", "Somebody"]
    assert run(copy, select=("02-two",)).built == []


def test_a_damaged_cover_is_reported_before_anything_is_built(copy: Path) -> None:
    """Though no artefact is stale."""
    (copy / "cover.png").write_bytes(b"no picture")
    change(copy / "course.yaml", "author: Somebody", "author: Somebody\ncover: cover.png")
    with pytest.raises(AssetError, match=r"cover\.png"):
        run(copy)


def test_another_program_makes_it_stale(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an older or a newer Breathmark made is not taken for current."""
    monkeypatch.setattr("breathmark.course.planning.program_state", lambda: "another")
    assert set(run(copy, dry_run=True).todo.values()) == {"changed: the program"}


def test_what_was_tampered_with_is_built_again(copy: Path) -> None:
    """A missing file, a torn one, and a changed caption; but a copy with new times is not."""
    out = copy / "out"
    (out / ALL[0]).unlink()
    (out / ALL[1]).write_bytes((out / ALL[1]).read_bytes()[:-100])
    change(out / "02-two/02-two-00m15s.vtt", "Welcome", "Welcomf")
    os.utime(out / ALL[3])
    report = run(copy)
    assert report.todo == {
        ALL[0]: "01-one-00m15s.mp3 is missing",
        ALL[1]: "01-one-00m20s.mp3 was changed by something else",
        ALL[2]: "02-two-00m15s.vtt was changed by something else",
    }
    assert report.spoken == 0
    assert run(copy, dry_run=True).todo == {}


@pytest.mark.parametrize("text", [None, "", "{}", "[1]", '{"format": 99}', "\x00"])
def test_a_lost_or_damaged_lock_costs_nothing(text: str | None, copy: Path) -> None:
    """Finished artefacts tell by themselves what they were made from."""
    lock = copy / "out" / "breathmark.lock"
    lock.unlink() if text is None else lock.write_text(text, encoding="utf-8")
    report = run(copy)
    assert (report.current, report.built) == (6, [])
    assert list(json.loads(lock.read_text(encoding="utf-8"))["artefacts"]) == ALL


def test_a_session_that_is_no_more(copy: Path) -> None:
    """Its files are told of, and removed with `prune`; the index forgets it at once."""
    change(copy / "course.yaml", "      - 02-two\n", "")
    change(copy / "course.yaml", "lengths: [15s, 20s]", "lengths: [15s]")
    gone = {ALL[1], ALL[2], ALL[3], ALL[5]}
    events: list[Event] = []
    assert {path.split("/out/")[1] for path in run(copy, events.append).orphans} == gone
    assert (copy / "out" / ALL[2]).is_file()
    assert [event.removed for event in events if isinstance(event, Pruned)] == [False]
    assert [each["id"] for each in _index(copy)["sessions"]] == ["01-one", "03-three"]
    run(copy, prune=True)
    assert not (copy / "out" / "02-two").exists()
    assert sorted(path.name for path in (copy / "out").rglob("*.mp3")) == ["01-one-00m15s.mp3", "03-three-00m15s.mp3"]
    assert run(copy).orphans == ()


def _index(folder: Path) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads((folder / "out" / "library.json").read_text(encoding="utf-8"))
    return found


def test_a_script_at_fault_stops_the_build_before_it_begins(tmp_path: Path) -> None:
    """All faults of all scripts, each at its place; nothing is written."""
    folder = course(tmp_path)
    change(folder / "01-one.yaml", "silence: 500ms..2s..20s", "silense: 2s")
    change(folder / "03-three.yaml", "concepts: [S2]", "concepts: [S3]")
    with pytest.raises(ScriptError) as caught:
        run(folder)
    places = [str(problem).rpartition("/")[2].partition(" ")[0] for problem in caught.value.problems]
    assert places == ["01-one.yaml:14:5:", "course.yaml:14:16:"]
    assert not (folder / "out").exists()


def test_the_others_are_finished(tmp_path: Path) -> None:
    """With `keep_going`; what failed is named, with the reason, and the exit code is 6."""
    folder = course(tmp_path)
    change(folder / "01-one.yaml", "silence: 500ms..2s..20s", "silense: 2s")
    change(folder / "02-two.yaml", "{{ name }}", "{{ nmae }}")
    events: list[Event] = []
    with pytest.raises(BuildError) as caught:
        run(folder, events.append, keep_going=True, lengths_s=(15.0, 29 * 60.0))
    assert caught.value.exit_code == 6
    assert [event.job for event in events if isinstance(event, Finished)] == ["03-three/03-three-00m15s.mp3"]
    failed = {event.job: event.message for event in events if isinstance(event, Failed)}
    assert list(failed) == ["01-one", "02-two", "03-three/03-three-29m.mp3"]
    assert "02-two.yaml:12:32" in failed["02-two"]
    assert "29:00 can't be reached" in failed["03-three/03-three-29m.mp3"]
    assert (folder / "out" / "library.json").is_file()


def test_events_tell_the_whole_story(tmp_path: Path) -> None:
    """What is planned, how far each worker is, what is finished, what is published."""
    folder = course(tmp_path, COURSE.replace("lengths: [15s, 20s]", "lengths: [30s]"))
    events: list[Event] = []
    run(folder, events.append, select=("01-one",))
    (planned,) = (event for event in events if isinstance(event, Planned))
    assert planned.todo == {"01-one/01-one-00m30s.mp3": "new"}
    assert [event.job for event in events if isinstance(event, Finished)] == list(planned.todo)
    assert all(event.job in planned.todo and 0 < event.done <= 1 for event in events if isinstance(event, Rendering))
    assert [event.publisher for event in events if isinstance(event, Published)] == ["folder"]


class Startled:
    """A publisher of which a process was killed once, as one that measures may be; it says how far it is."""

    for_listeners = False
    fails = 1

    def publish(self, library: Library) -> tuple[Path, ...]:
        """Fail once."""
        self.fails -= 1
        if self.fails >= 0:
            raise AssetError("ffmpeg was ended while it read a file", "run the same command again")
        library.progress("made", 1, 2)
        return (library.folder / "made",)


@pytest.mark.parametrize("fails", [1, 2])
def test_what_fails_while_publishing_is_tried_once_more(
    copy: Path, monkeypatch: pytest.MonkeyPatch, fails: int
) -> None:
    """As renders are; what fails twice is told."""
    monkeypatch.setattr(Startled, "fails", fails)
    monkeypatch.setattr("breathmark.course.build._publisher", lambda _name, _course: Startled())
    events: list[Event] = []
    if fails == 1:
        run(copy, events.append)
        assert [event.publisher for event in events if isinstance(event, Published)] == ["folder"]
        assert [(event.name, event.done) for event in events if isinstance(event, Preparing)] == [("made", 1)]
    else:
        with pytest.raises(AssetError):
            run(copy, events.append)
    assert [(event.job, event.again) for event in events if isinstance(event, Failed)] == [("folder", True)]


def test_force_builds_all_again(copy: Path) -> None:
    """With the same bytes."""
    before = {path.name: path.read_bytes() for path in (copy / "out").rglob("*.mp3")}
    assert sorted(run(copy, force=True).built) == ALL
    assert {path.name: path.read_bytes() for path in (copy / "out").rglob("*.mp3")} == before


def test_a_macro_that_only_some_values_import_counts(tmp_path: Path) -> None:
    """Templates are not filled in to find what they import."""
    folder = course(tmp_path)
    body = '{% if anchor == "sound" %}{% from "parts/words.jinja" import hum %}{{ hum() }}{% endif %} Rest.'
    (folder / "01-one.yaml").write_text(script(1, body=body), encoding="utf-8")
    (folder / "parts" / "words.jinja").write_text("{% macro hum() %}Hear it.{% endmacro %}\n", encoding="utf-8")
    run(folder, select=("01-one length:15s",))
    change(folder / "parts" / "words.jinja", "Hear it", "Hear that")
    assert run(folder, select=("01-one length:15s",), dry_run=True).todo == {ALL[0]: "changed: parts/words.jinja"}


def test_what_is_not_speech_is_reported_once(tmp_path: Path) -> None:
    """A label is a warning of the build, however many lengths are made; a pause in round brackets stops it."""
    folder = course(tmp_path)
    change(folder / "01-one.yaml", "Here is the sentence of session 1.", "Music: soft piano")
    told: list[Event] = []
    run(folder, told.append, select=("01-one",))
    (warned,) = [each.message for each in told if isinstance(each, Warned)]
    assert "01-one.yaml:" in warned
    assert "[STG-02]" in warned
    change(folder / "01-one.yaml", "Music: soft piano", "(pause 10s)")
    with pytest.raises(BuildError):
        run(folder, told.append, select=("01-one",))
    assert any("write `[pause 10s]`" in each.message for each in told if isinstance(each, Failed))
