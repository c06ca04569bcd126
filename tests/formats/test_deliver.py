"""A whole delivery: every file or none, whatever happens."""

# mypy: untyped-calls-exclude=mutagen
# mutagen says that it is typed, and types few of its functions
from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest
from mutagen.id3 import ID3
from mutagen.mp4 import MP4

from breathmark.base.errors import AssetError, DeliveryError, RequestError
from breathmark.formats.deliver import SIDECARS, check_request, deliver
from breathmark.formats.extras import Extras
from breathmark.formats.presets import PRESETS, preset_for
from tests.full_disk import full_disk
from tests.profiles import count, quick_only

from .material import SCRIPT, SESSION, FakeMixdown, ffmpeg_decode, leftovers, png, soundfile_decode, voice_like

if TYPE_CHECKING:
    from pathlib import Path

PODCAST = PRESETS["podcast"]
MIXDOWN = FakeMixdown(sound=voice_like(SESSION.frames))
BESIDE = [f"evening{ending}" for ending in SIDECARS]


@pytest.mark.parametrize("suffix", [".mp3", ".wav", ".flac"])
def test_a_render_is_one_file_and_five_beside_it(suffix: str, tmp_path: Path) -> None:
    """With exactly the layout's frames, by two decoders."""
    output = tmp_path / "dist" / f"evening{suffix}"
    artefact = deliver(SCRIPT, SESSION, MIXDOWN, preset_for("podcast", suffix), output)
    assert leftovers(output.parent) == sorted([output.name, *BESIDE])
    assert len(ffmpeg_decode(output)) == len(soundfile_decode(output)) == SESSION.frames
    assert (artefact.path, artefact.timeline) == (output, SESSION)
    assert sorted(path.name for path in artefact.beside) == sorted(BESIDE)
    assert (artefact.voice_lufs, artefact.file_lufs, artefact.true_peak_dbtp) == (-16.01, -16.02, -1.8)


@pytest.mark.parametrize("suffix", quick_only([".m4b"], [".m4b", ".m4a"]))
def test_an_mp4_has_its_chapters_and_leaves_no_note_of_them(suffix: str, tmp_path: Path) -> None:
    """They go to the encoder in a file of its own, which is gone."""
    output = tmp_path / f"evening{suffix}"
    deliver(SCRIPT, SESSION, MIXDOWN, preset_for("podcast", suffix), output)
    assert leftovers(tmp_path) == sorted([output.name, *BESIDE])
    assert [mark.title for mark in MP4(output).chapters or ()] == ["Welcome", "A Kind Hand — ñ 茶"]
    assert abs(len(ffmpeg_decode(output)) - SESSION.frames) < 1024


def test_labels_and_chapters_lie_beside_the_file(tmp_path: Path) -> None:
    """An Audacity label track, and chapters as Podcasting 2.0 wants them; both are among what the artefact names."""
    artefact = deliver(SCRIPT, SESSION, MIXDOWN, PODCAST, tmp_path / "evening.mp3")
    labels, marks = tmp_path / "evening.labels.txt", tmp_path / "evening.chapters.json"
    assert {labels, marks} <= set(artefact.beside)
    rows = [line.split("\t") for line in labels.read_text(encoding="utf-8").splitlines()]
    assert [(float(start), title) for start, _, title in rows] == [(0.0, "Welcome"), (9.0, "A Kind Hand — ñ 茶")]
    data = json.loads(marks.read_text(encoding="utf-8"))
    assert data["version"] == "1.2.0"
    assert [(mark["startTime"], mark["title"]) for mark in data["chapters"]] == [
        (0.0, "Welcome"),
        (9.0, "A Kind Hand — ñ 茶"),
    ]


def test_session_json_says_all_of_it(tmp_path: Path) -> None:
    """Placements in frames, levels, the file's own hash, the request; and no path of this machine."""
    output = tmp_path / "evening.mp3"
    deliver(SCRIPT, SESSION, MIXDOWN, PODCAST, output, Extras(settings={"voice": "tone:a", "length": "21 s"}))
    text = output.with_name("evening.session.json").read_text(encoding="utf-8")
    data = json.loads(text)
    assert data["file"] == {"name": "evening.mp3", "sha256": hashlib.sha256(output.read_bytes()).hexdigest()}
    assert (data["format"], data["private"], data["frames"], data["rate_hz"]) == (1, False, SESSION.frames, 44_100)
    assert [(item["start_frame"], item["frames"]) for item in data["speech"]] == [
        (item.start_frame, item.frames) for item in SESSION.speech
    ]
    assert data["speech"][0]["place"] == "evening.yaml:3:5"
    assert data["bells"][0]["name"] == "singing-bowl"
    assert data["rests"][0]["level"] == "sentence"
    assert [item["title"] for item in data["segments"]] == ["Welcome", "A Kind Hand — ñ 茶"]
    assert data["chapters"][0] == {"start_frame": 0, "end_frame": 9 * 44_100, "title": "Welcome"}
    assert data["loudness"]["voice_lufs"] == -16.01
    assert data["loudness"]["swell_lu"] is None
    assert data["preset"]["bitrate"] == "128k"
    assert list(data["settings"].items()) == [("length", "21 s"), ("voice", "tone:a")]
    assert str(tmp_path) not in text


def test_the_same_render_gives_the_same_bytes(tmp_path: Path) -> None:
    """All six files, in two folders."""
    for folder in ("one", "two"):
        deliver(SCRIPT, SESSION, MIXDOWN, PODCAST, tmp_path / folder / "evening.mp3")
    for name in leftovers(tmp_path / "one"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_the_tags_carry_script_course_and_cover(tmp_path: Path) -> None:
    """And no word of what is said."""
    cover = tmp_path / "cover.png"
    cover.write_bytes(png(6, 4))
    output = tmp_path / "evening.mp3"
    deliver(replace(SCRIPT, cover=cover), SESSION, MIXDOWN, PODCAST, output, Extras(album="Being Kind to Yourself"))
    tags = ID3(output)
    assert [tags[name].text[0] for name in ("TIT2", "TPE1", "TALB")] == [
        SCRIPT.title,
        SCRIPT.author,
        "Being Kind to Yourself",
    ]
    assert tags["APIC:"].data == png(6, 4)
    assert b"Ana" not in output.read_bytes()


@pytest.mark.parametrize("private", [True, False])
def test_what_was_said_in_a_private_session_is_its_owner_s_alone(private: bool, tmp_path: Path) -> None:  # noqa: FBT001 — both of its values
    """Transcript, captions and session.json; the names of chapters can't be private."""
    before = os.umask(0o022)
    try:
        deliver(replace(SCRIPT, private=private), SESSION, MIXDOWN, PODCAST, tmp_path / "evening.mp3")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    spoken = 0o600 if private else 0o644
    assert modes == {
        "evening.mp3": 0o644,
        "evening.labels.txt": 0o644,
        "evening.chapters.json": 0o644,
        "evening.txt": spoken,
        "evening.vtt": spoken,
        "evening.session.json": spoken,
    }
    assert json.loads((tmp_path / "evening.session.json").read_text(encoding="utf-8"))["private"] is private


def test_one_private_sentence_makes_a_session_private(tmp_path: Path) -> None:
    """Whatever the script says of itself."""
    spoken = replace(SESSION.speech[0], utterance=replace(SESSION.speech[0].utterance, private=True))
    deliver(SCRIPT, replace(SESSION, speech=(spoken,)), MIXDOWN, PODCAST, tmp_path / "evening.mp3")
    assert stat.S_IMODE((tmp_path / "evening.vtt").stat().st_mode) == 0o600
    assert json.loads((tmp_path / "evening.session.json").read_text(encoding="utf-8"))["private"] is True


def test_a_second_render_replaces_the_first(tmp_path: Path) -> None:
    """All of it."""
    output = tmp_path / "evening.mp3"
    deliver(SCRIPT, SESSION, MIXDOWN, PODCAST, output)
    deliver(replace(SCRIPT, title="Another"), SESSION, MIXDOWN, PODCAST, output)
    assert output.with_suffix(".txt").read_text(encoding="utf-8").startswith("Another\n")
    assert leftovers(tmp_path) == sorted(["evening.mp3", *BESIDE])


def test_a_file_of_the_user_s_is_never_written_over(tmp_path: Path) -> None:
    """Notes that happen to have a sidecar's name stop the render before it begins."""
    (tmp_path / "evening.txt").write_text("my notes")
    with pytest.raises(RequestError, match=r"evening\.txt is in the way"):
        deliver(SCRIPT, SESSION, MIXDOWN, PODCAST, tmp_path / "evening.mp3")
    assert (tmp_path / "evening.txt").read_text() == "my notes"
    assert leftovers(tmp_path) == ["evening.txt"]


def test_the_sound_alone(tmp_path: Path) -> None:
    """What an earlier render of that name left beside it goes with it; what is another file's stays, and the user's."""
    alone = Extras(sound_only=True)
    output = tmp_path / "evening.mp3"
    artefact = deliver(SCRIPT, SESSION, MIXDOWN, PODCAST, output, alone)
    assert (leftovers(tmp_path), artefact.beside) == (["evening.mp3"], ())
    deliver(SCRIPT, SESSION, MIXDOWN, PODCAST, output)
    deliver(SCRIPT, SESSION, MIXDOWN, PRESETS["podcast"], output, alone)
    assert leftovers(tmp_path) == ["evening.mp3"]
    (tmp_path / "evening.txt").write_text("my notes")
    deliver(SCRIPT, SESSION, MIXDOWN, PODCAST, output, alone)
    assert (tmp_path / "evening.txt").read_text() == "my notes"
    (tmp_path / "evening.txt").unlink()
    deliver(SCRIPT, SESSION, MIXDOWN, PODCAST, output)
    deliver(SCRIPT, SESSION, MIXDOWN, preset_for("podcast", ".wav"), tmp_path / "evening.wav", alone)
    assert leftovers(tmp_path) == sorted(["evening.mp3", "evening.wav", *BESIDE])


def test_the_name_has_to_fit_the_format(tmp_path: Path) -> None:
    """So that no FLAC is called .mp3."""
    check_request(PODCAST, tmp_path / "evening.MP3")
    for name in ("evening", "evening.flac", ".mp3"):
        with pytest.raises(RequestError, match=r"should end in \.mp3"):
            check_request(PODCAST, tmp_path / name)


def test_progress_ends_with_all_frames(tmp_path: Path) -> None:
    """Done and total, in frames."""
    told: list[tuple[int, int]] = []
    extras = Extras(progress=lambda done, total: told.append((done, total)))
    deliver(SCRIPT, SESSION, MIXDOWN, PODCAST, tmp_path / "evening.mp3", extras)
    assert told[-1] == (SESSION.frames, SESSION.frames)
    assert told == sorted(told)


def test_faults_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing cover, a missing bell, a missing ffmpeg, a mix of another length: each its own error, and no file."""
    output = tmp_path / "evening.mp3"
    with pytest.raises(AssetError, match="cover"):
        deliver(replace(SCRIPT, cover=tmp_path / "none.png"), SESSION, MIXDOWN, PODCAST, output)
    with pytest.raises(RequestError, match="bell"):
        deliver(SCRIPT, replace(SESSION, bells=()), MIXDOWN, PRESETS["insight-timer"], output)
    with pytest.raises(RuntimeError, match="frames"):
        deliver(SCRIPT, replace(SESSION, frames=SESSION.frames + 1), MIXDOWN, PODCAST, output)
    monkeypatch.setenv("BREATHMARK_FFMPEG", str(tmp_path / "none"))
    with pytest.raises(AssetError, match="BREATHMARK_FFMPEG"):
        deliver(SCRIPT, SESSION, MIXDOWN, PODCAST, output)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("over", [-200_000, 5_000], ids=["while encoding", "while tagging"])
def test_a_disk_that_fills_up_leaves_the_old_render(over: int, tmp_path: Path) -> None:
    """Exit 5 with what to do; the old files are whole and there is no other. One encoder writes the whole of an M4A."""
    output, preset = tmp_path / "evening.m4a", preset_for("podcast", ".m4a")
    deliver(SCRIPT, SESSION, MIXDOWN, preset, output)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    cover = tmp_path / "cover.png"
    cover.write_bytes(png(6, 4, more_bytes=30_000))
    with full_disk(len(before[output.name]) + over), pytest.raises(DeliveryError) as caught:
        deliver(replace(SCRIPT, cover=cover), SESSION, MIXDOWN, preset, output)
    assert caught.value.hint
    assert ("tags" in str(caught.value)) is (over > 0)
    cover.unlink()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


CHILD = """
import sys, time
from pathlib import Path
from formats.material import *
from breathmark.formats.deliver import deliver
from breathmark.formats.extras import Extras
from breathmark.formats.presets import PRESETS
sound = FakeMixdown(sound=voice_like(SESSION.frames))
print("ready", flush=True)
while True:
    deliver(SCRIPT, SESSION, sound, PRESETS["podcast"], Path(sys.argv[1]))
"""


def child(output: Path) -> subprocess.Popen[str]:
    """A process that renders the same session over and over."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", CHILD, output],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.path.dirname(os.path.dirname(__file__))},  # noqa: PTH120 — a plain string
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_a_killed_render_never_leaves_half_a_file(tmp_path: Path) -> None:
    """At random moments: what bears the final name is whole and has all that belongs to it; the rest is swept away."""
    output = tmp_path / "evening.mp3"
    deliver(SCRIPT, SESSION, MIXDOWN, PODCAST, output)
    whole = output.read_bytes()
    output.unlink()
    seed = random.randrange(2**32)  # noqa: S311 — for a moment, not for a secret
    print("seed", seed)  # noqa: T201 — shown where the test fails
    chance = random.Random(seed)  # noqa: S311 — as above
    finished = 0
    rounds = count(quick=1, ci=5, nightly=50)
    for round_ in range(rounds):
        for path in tmp_path.glob("evening*"):
            path.unlink()
        process = child(output)
        while round_ % 2 and not output.exists():  # every second time it has been rendered once
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 1.2))
        process.send_signal(signal.SIGSTOP)  # so that it starts no encoder that isn't seen here
        encoders = psutil.Process(process.pid).children(recursive=True)
        process.kill()
        process.communicate()
        psutil.wait_procs(encoders, timeout=30)  # one that had just begun may still make its draft
        if output.exists():
            finished += 1
            assert output.read_bytes() == whole
            assert set(BESIDE) <= set(leftovers(tmp_path))
    assert finished >= rounds // 2
    deliver(SCRIPT, SESSION, MIXDOWN, PODCAST, output)
    assert leftovers(tmp_path) == sorted(["evening.mp3", *BESIDE])


@pytest.mark.slow
def test_ctrl_c_leaves_neither_a_file_nor_an_encoder(tmp_path: Path) -> None:
    """The interrupt goes to the process alone, as `kill -INT` sends it."""
    process = child(tmp_path / "evening.mp3")
    encoders: list[psutil.Process] = []
    while not encoders:
        time.sleep(0.005)
        encoders = psutil.Process(process.pid).children()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    assert "KeyboardInterrupt" in said
    assert not any(encoder.is_running() and encoder.status() != psutil.STATUS_ZOMBIE for encoder in encoders)
    assert [name for name in leftovers(tmp_path) if name.startswith(".")] == []
