"""The audiobook: one file that holds what the artefacts hold, with a chapter for each session."""

# mypy: untyped-calls-exclude=mutagen
from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pytest
from mutagen.mp4 import MP4, MP4Cover

from breathmark.audio.ffmpeg import ffmpeg_path, read
from breathmark.audio.pcm import Format
from breathmark.base.errors import DeliveryError, ScriptError
from breathmark.course.build import build
from breathmark.course.manifest import read_course
from breathmark.course.options import BuildOptions, BuildReport
from breathmark.formats.registry import file_format

from .material import COURSE, course

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("in_this_process")

MANIFEST: Final = (
    COURSE.replace("[15s, 20s]", "[15s]") + "publish: [folder, audiobook]\naudiobook: {length: 15s, pause: 2.5s}\n"
)
RATE_HZ: Final = 44_100
STARTS: Final = [round(place * 17.5 * RATE_HZ) for place in range(3)]
"""Three sessions of 15 s, and a pause behind each but the last."""
FRAMES: Final = 50 * RATE_HZ


def chapters(book: Path) -> list[tuple[str, int]]:
    """Each chapter's title and first frame, as mutagen reads them."""
    return [(mark.title, round(mark.start * RATE_HZ)) for mark in MP4(book).chapters or ()]


def run(folder: Path, **options: Any) -> BuildReport:  # noqa: ANN401 - whatever a build takes
    """A build into the course's own `out`."""
    return build(folder, BuildOptions(output=folder / "out", cache=folder / "cache", jobs=2, **options))


def named(folder: Path) -> Path:
    """The course's book."""
    return folder / "out" / "evenings.m4b"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course that was built once."""
    folder = course(tmp_path_factory.mktemp("book") / "evenings", MANIFEST)
    run(folder)
    return folder


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Path:
    """The same for one test to change."""
    return shutil.copytree(finished, tmp_path / "evenings")


def test_mutagen_reads_its_chapters_and_tags(finished: Path) -> None:
    """A chapter for each session, from its first frame; who made it, who speaks, and what for a file it is."""
    book = MP4(named(finished))
    assert chapters(named(finished)) == [(f"Session {number}", start) for number, start in enumerate(STARTS, start=1)]
    assert (book["\xa9nam"], book["\xa9alb"], book["\xa9ART"]) == (["Small Steps"], ["Small Steps"], ["Somebody"])
    assert book["\xa9nrt"] == book["\xa9wrt"] == ["tone:tone"]
    assert book["stik"] == [2]
    assert book["\xa9cmt"] == ["Three of them."]
    assert book["covr"][0].imageformat == MP4Cover.FORMAT_JPEG
    assert named(finished).read_bytes()[8:12] == b"M4B "


def test_ffmpeg_reads_the_same_chapters(finished: Path) -> None:
    """To the frame, and without a gap between one and the next."""
    command = [str(ffmpeg_path()), "-v", "error", "-i", str(named(finished)), "-f", "ffmetadata", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    times = [
        (int(start) / int(base), int(end) / int(base))
        for base, start, end in re.findall(r"TIMEBASE=1/(\d+)\nSTART=(\d+)\nEND=(\d+)", told)
    ]
    ends = [*STARTS[1:], FRAMES]
    expected = [(start / RATE_HZ, end / RATE_HZ) for start, end in zip(STARTS, ends, strict=True)]
    assert np.abs(np.subtract(times, expected)).max() < 1e-6


@pytest.mark.skipif(shutil.which("ffprobe") is None, reason="there is no ffprobe: scripts/install-readers")
def test_ffprobe_reads_the_same_chapters(finished: Path) -> None:
    """As the players that are built on it do."""
    command = ["ffprobe", "-v", "error", "-show_chapters", "-of", "json", str(named(finished))]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert [(each["tags"]["title"], round(float(each["start_time"]) * RATE_HZ)) for each in told["chapters"]] == [
        (f"Session {number}", start) for number, start in enumerate(STARTS, start=1)
    ]


def test_it_sounds_as_the_sessions_do(finished: Path) -> None:
    """Each session where its chapter begins, at the same level, and silence between two of them."""
    sound_format = Format(rate_hz=RATE_HZ, channels=2)
    assert file_format("m4b").promised_frames(named(finished)) == FRAMES
    sound = read(named(finished), sound_format)
    assert FRAMES <= len(sound) < FRAMES + 1024
    for start, name in zip(STARTS, ("01-one", "02-two", "03-three"), strict=True):
        own = read(finished / "out" / name / f"{name}-00m15s.mp3", sound_format)
        assert len(own) == 15 * RATE_HZ
        part = sound[start : start + len(own)]
        likeness = float((part * own).sum() / np.sqrt((part**2).sum() * (own**2).sum()))
        assert likeness > 0.999
        assert 10 * np.log10((part**2).sum() / (own**2).sum()) == pytest.approx(0, abs=0.1)
        pause = sound[start + len(own) + 2048 : start + len(own) + 2 * RATE_HZ]
        assert not len(pause) or np.abs(pause).max() < 10 ** (-80 / 20)


def test_a_record_tells_what_it_holds(finished: Path) -> None:
    """By sessions, frames and hashes; the same as the index of the folder."""
    record = json.loads((finished / "out" / "evenings.audiobook.json").read_text("utf-8"))
    index = json.loads((finished / "out" / "library.json").read_text("utf-8"))
    hashes = {each["path"]: each["sha256"] for session in index["sessions"] for each in session["artefacts"]}
    assert [part["start_frame"] for part in record["chapters"]] == STARTS
    assert all(part["sha256"] == hashes[part["path"]] for part in record["chapters"])
    assert (record["frames"], record["duration_s"], record["file"]["name"]) == (FRAMES, 50, "evenings.m4b")
    assert record["file"]["size"] == named(finished).stat().st_size


def test_a_second_build_makes_no_book(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does one whose changes are not in the book; made again, it has the same bytes."""
    monkeypatch.setattr("breathmark.course.publishers.audiobook.encode", None)
    before, when = named(copy).read_bytes(), named(copy).stat().st_mtime_ns
    run(copy)
    run(copy, lengths_s=(25.0,), select=("02-two",))
    assert named(copy).stat().st_mtime_ns == when
    monkeypatch.undo()
    named(copy).unlink()
    run(copy)
    assert named(copy).read_bytes() == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("01-one.yaml", "sentence of session", "line of session"),
        pytest.param("02-two.yaml", "title: Session 2", "title: Another name", marks=pytest.mark.slow),
        pytest.param("course.yaml", "pause: 2.5s", "pause: 4s", marks=pytest.mark.slow),
        pytest.param("course.yaml", "author: Somebody", "author: Somebody else", marks=pytest.mark.slow),
        pytest.param("course.yaml", "sessions: [03-three]", "sessions: [03-three, 04-four]", marks=pytest.mark.slow),
    ],
)
def test_whatever_is_in_the_book_makes_it_another_one(file: str, old: str, new: str, copy: Path) -> None:
    """A sentence, a title, the pause, the author, one session more."""
    shutil.copy(copy / "03-three.yaml", copy / "04-four.yaml")
    before = named(copy).read_bytes()
    text = (copy / file).read_text("utf-8")
    assert old in text
    (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    run(copy)
    assert named(copy).read_bytes() != before
    pause = 4.0 if "pause" in new else 2.5
    starts = [round(place * (15 + pause) * RATE_HZ) for place in range(4 if "04-four" in new else 3)]
    assert [start for _, start in chapters(named(copy))] == starts


def test_it_waits_until_every_session_is_there(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And says for which."""
    folder = course(tmp_path / "evenings", MANIFEST)
    run(folder, select=("01-one length:15s",))
    assert not named(folder).exists()
    said = [record.getMessage() for record in caplog.records if record.name.endswith("audiobook")]
    assert said == ["the audiobook waits for what is not built yet: 02-two, 03-three"]


@pytest.mark.slow
def test_a_failed_book_leaves_the_one_before(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole, as it was, with nothing beside it; the next build makes the new one."""
    before = {file: file.read_bytes() for file in (copy / "out").iterdir() if file.is_file()}
    manifest = copy / "course.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("2.5s", "4s"), encoding="utf-8")

    def fail(*_: object, **__: object) -> int:
        raise DeliveryError("the disk is full", "free some space")

    with monkeypatch.context() as patch:
        patch.setattr("breathmark.course.publishers.audiobook.encode", fail)
        with pytest.raises(DeliveryError, match="the disk is full"):
            run(copy)
    assert {file: file.read_bytes() for file in (copy / "out").iterdir() if file.is_file()} == before
    run(copy)
    assert named(copy).read_bytes() != before[named(copy)]


@pytest.mark.slow
def test_an_artefact_that_is_not_what_was_recorded_stops_it(copy: Path) -> None:
    """Rather than chapters that begin at a wrong place."""
    lock = copy / "out" / "breathmark.lock"
    told = json.loads(lock.read_text("utf-8"))
    told["artefacts"]["02-two/02-two-00m15s.mp3"]["measures"]["frames"] += 100
    lock.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(DeliveryError, match=r"02-two-00m15s\.mp3 doesn't last as long as was recorded"):
        run(copy)


@pytest.mark.slow
def test_listeners_have_no_part_in_it(copy: Path) -> None:
    """No book is made of their own sessions, and the common one stays as it was."""
    (copy / "people.csv").write_text("id,name\nl-0001,Zyxquill\n", encoding="utf-8")
    before = named(copy).read_bytes()
    assert run(copy, listeners=copy / "people.csv", select=("listener:l-0001 length:15s",)).built
    assert [*(copy / "out").rglob("*.m4b")] == [named(copy)]
    assert named(copy).read_bytes() == before


def test_it_fits_the_course(tmp_path: Path) -> None:
    """What isn't among the lengths and voices of the course is told at its place."""
    course(tmp_path, MANIFEST.replace("length: 15s, pause: 2.5s", "length: 7m, voice: tone:hum, ambience: rain"))
    with pytest.raises(ScriptError) as caught:
        read_course(tmp_path)
    assert [problem.message for problem in caught.value.problems] == [
        "the course isn't built at `7m`",
        "the course isn't built with the voice `tone:hum`",
        "the course isn't built with the ambience `rain`",
    ]
    assert {problem.line for problem in caught.value.problems} == {19}
