"""Whatever is read for a session is reported, and never written over."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import soundfile

import breathmark
from breathmark.api.render import draw
from breathmark.base.inputs import check_inputs_stay, files_read, note_read
from breathmark.speech.contract import sentence_id

from .course.material import course
from .formats.material import RATE_HZ, voice_like

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPT: Final = """\
title: Evening
length: 5s..14s..60s
variables: {name: ""}
segments:
  - say: "You might rest here. [pause 1s..3s..40s] You might rest here."
"""
TAKE: Final = f"takes/001-{sentence_id('You might rest here.')}.wav"


def _sound(path: Path) -> None:
    """Two seconds that are taken for a voice, as WAV whatever the file is called."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, voice_like(2 * RATE_HZ, channels=1), RATE_HZ, format="WAV", subtype="PCM_16")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a sound, a part, a macro file and a take, which is the current folder."""
    monkeypatch.chdir(tmp_path)
    for name in ("rain.mp3", "audio_assets/room.mp3", "audio_assets/gong.mp3", TAKE):
        _sound(tmp_path / name)
    (tmp_path / "breathmark.yaml").write_text("narrators: {recorded: {folder: takes}}\n", encoding="utf-8")
    provenance = """\
sounds:
  - {name: room-tone, kind: ambience, file: room.mp3, licence: CC0-1.0}
  - {name: gong, kind: bell, file: gong.mp3, licence: CC0-1.0}
"""
    (tmp_path / "audio_assets" / "provenance.yaml").write_text(provenance, encoding="utf-8")
    (tmp_path / "part.mp3").write_text("segments: [{say: You might rest here.}]\n", encoding="utf-8")
    (tmp_path / "hum.vtt").write_text("{% macro hum() %}Hum.{% endmacro %}", encoding="utf-8")
    (tmp_path / "hum.session.json").write_text("{% macro hum() %}Hum.{% endmacro %}", encoding="utf-8")
    (tmp_path / "values.mp3").write_text("{name: Ana}\n", encoding="utf-8")
    (tmp_path / "evening.yaml").write_text(SCRIPT, encoding="utf-8")
    return tmp_path


OPTIONS: Final = breathmark.Options(voice="tone")
READ: Final = {
    "the script's ambience": ("ambience: rain.mp3\n", OPTIONS, "rain.mp3", "rain.mp3"),
    "a segment's ambience": ("  - {silence: 1s, ambience: rain.mp3}\n", OPTIONS, "rain.mp3", "rain.mp3"),
    "a bell": ("  - bell: rain.mp3\n", OPTIONS, "rain.mp3", "rain.mp3"),
    "a bell of the project": (
        "  - say: '[bell gong] Hear it.'\n",
        OPTIONS,
        "audio_assets/gong.mp3",
        "audio_assets/gong.mp3",
    ),
    "a part": ("  - include: part.mp3\n", OPTIONS, "part.mp3", "part.mp3"),
    "macros": ("macros: [hum.vtt]\n", OPTIONS, "hum.mp3", "hum.vtt"),
    "an import": ("  - say: '{% from \"hum.vtt\" import hum %}{{ hum() }}'\n", OPTIONS, "hum.mp3", "hum.vtt"),
    "the record's own name": ("macros: [hum.session.json]\n", OPTIONS, "hum.mp3", "hum.session.json"),
    "a default that a preset lays in": (
        "",
        replace(OPTIONS, preset="audiobook"),
        "audio_assets/room.mp3",
        "audio_assets/room.mp3",
    ),
    "a take": ("", replace(OPTIONS, voice="recorded"), TAKE, TAKE),
    "an ambience of the options": ("", replace(OPTIONS, ambience="rain.mp3"), "rain.mp3", "rain.mp3"),
    "a file of values": ("", OPTIONS, "values.mp3", "values.mp3"),
}
"""What a script or the options name, what the session would be called, and the file that would be lost."""


@pytest.mark.parametrize(("more", "options", "output", "lost"), READ.values(), ids=READ.keys())
def test_what_a_render_reads_is_never_written_over(
    more: str, options: breathmark.Options, output: str, lost: str, project: Path
) -> None:
    """However it is named, also where only a file beside the sound would take its place."""
    script = project / "evening.yaml"
    script.write_text(SCRIPT + more if more.startswith(" ") else more + SCRIPT, encoding="utf-8")
    before = (project / lost).read_bytes()
    if lost == "values.mp3":
        options = replace(options, values=breathmark.read_values(Path(lost)))
    (project / "hum.session.json").touch()  # the sign that files beside hum.mp3 may be written over
    with pytest.raises(breathmark.RequestError, match="would be written over"):
        breathmark.render(script, output, options)
    assert (project / lost).read_bytes() == before
    assert sorted(path.name for path in project.rglob(".*")) == []


def test_a_name_through_a_folder_that_is_not_there_yet(project: Path) -> None:
    """The folder would be made for the output, and then the name leads to the ambience."""
    script = project / "evening.yaml"
    script.write_text(f"ambience: rain.mp3\n{SCRIPT}", encoding="utf-8")
    with pytest.raises(breathmark.RequestError, match="would be written over"):
        breathmark.render(script, "new/../rain.mp3", OPTIONS)
    assert not (project / "new").exists()


def test_the_name_that_a_render_chooses_itself_is_no_exception(project: Path) -> None:
    """The ambience lies where the finished file would be put without ``-o``."""
    script = project / "evening.yaml"
    script.write_text(f"ambience: dist/evening-0m14s.mp3\n{SCRIPT}", encoding="utf-8")
    _sound(project / "dist" / "evening-0m14s.mp3")
    with pytest.raises(breathmark.RequestError, match="would be written over"):
        breathmark.render(script, None, breathmark.Options(voice="tone"))


def test_nothing_is_spoken_for_a_session_that_could_not_be_written(project: Path) -> None:
    """The fault is found before the part of a render that takes longest."""
    told: list[str] = []
    options = breathmark.Options(
        voice="tone", ambience="rain.mp3", cache=project / "clips", progress=lambda stage, *_: told.append(stage)
    )
    with pytest.raises(breathmark.RequestError, match="would be written over"):
        breathmark.render("evening.yaml", "rain.mp3", options)
    assert told == []


def test_a_picture_never_takes_the_place_of_what_the_plan_was_made_from(project: Path) -> None:
    """Here a macro file whose name ends as a picture's."""
    (project / "hum.svg").write_text("{% macro hum() %}Hum.{% endmacro %}", encoding="utf-8")
    (project / "evening.yaml").write_text(f"macros: [hum.svg]\n{SCRIPT}", encoding="utf-8")
    session = breathmark.plan("evening.yaml", breathmark.Options(voice="tone"))
    assert {"evening.yaml", "hum.svg", "breathmark.yaml"} <= {path.name for path in session.inputs}
    with pytest.raises(breathmark.RequestError, match="--svg"):
        draw(session, Path("hum.svg"))


def test_a_course_never_writes_over_what_another_session_reads(tmp_path: Path) -> None:
    """The first session's finished file is the second one's ambience; also when no script is read anew."""
    folder = course(tmp_path)
    script = folder / "02-two.yaml"
    script.write_text("ambience: 01-one/01-one-00m15s.mp3\n" + script.read_text(encoding="utf-8"), encoding="utf-8")
    _sound(folder / "01-one" / "01-one-00m15s.mp3")
    before = (folder / "01-one" / "01-one-00m15s.mp3").read_bytes()
    options = breathmark.BuildOptions(output=folder, cache=tmp_path / "clips", select=("01-one",))
    for _ in range(2):
        with pytest.raises(breathmark.RequestError, match="would be written over"):
            breathmark.build(folder, options)
    assert (folder / "01-one" / "01-one-00m15s.mp3").read_bytes() == before


@pytest.mark.parametrize("link", [os.link, os.symlink], ids=["hard", "symbolic"])
def test_files_are_compared_and_not_names(link: Callable[[Path, Path], None], tmp_path: Path) -> None:
    """So links are seen through, and spellings that the disk takes for the same."""
    rain, other = tmp_path / "rain.mp3", tmp_path / "RAIN.mp3"
    rain.touch()
    link(rain, other)
    with pytest.raises(breathmark.RequestError, match=r"RAIN\.mp3 is the file .*rain\.mp3"):
        check_inputs_stay((tmp_path / "new.mp3", other), {rain})
    check_inputs_stay((tmp_path / "new.mp3",), {rain, tmp_path / "new.mp3"})  # none that is not there is lost


def test_what_is_read_inside_is_reported_outside_too() -> None:
    """And what is read afterwards is not."""
    with files_read() as outer:
        note_read(Path("a"))
        with files_read() as inner:
            note_read(Path("b"))
    note_read(Path("c"))
    assert ({path.name for path in outer}, {path.name for path in inner}) == ({"a", "b"}, {"b"})
