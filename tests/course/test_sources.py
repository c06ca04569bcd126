"""Every file that a render reads is one of those that an artefact was made from."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest
import soundfile

from breathmark.course.build import build
from breathmark.course.manifest import read_course
from breathmark.course.options import BuildOptions
from breathmark.course.planning import Planner
from breathmark.course.sources import are_current, read_session
from breathmark.script.expand import expand
from breathmark.script.parse import parse
from breathmark.speech.contract import sentence_id

from .material import COURSE, course, script

if TYPE_CHECKING:
    from collections.abc import Callable

    from breathmark.course.planning import BuildPlan

pytestmark = pytest.mark.usefixtures("in_this_process")

PROVENANCE: Final = """\
sounds:
  - {name: singing-bowl, kind: bell, file: bowl.wav, licence: CC0-1.0}
  - {name: temple-bell, kind: bell, file: temple.wav, licence: CC0-1.0}
  - {name: little-bell, kind: bell, file: little.wav, licence: CC0-1.0}
  - {name: breath-in, kind: bell, file: in.wav, licence: CC0-1.0}
  - {name: breath-out, kind: bell, file: out.wav, licence: CC0-1.0}
  - {name: room-tone, kind: ambience, file: room.wav, licence: CC0-1.0}
  - {name: bell, kind: ambience, file: never-asked-for.wav, licence: CC0-1.0}
"""
SEGMENTS: Final = {
    "- bell:": "audio_assets/bowl.wav",
    "- bell: sounds/my first bell.mp2": "sounds/my first bell.mp2",
    '- say: "[bell\\x20Temple Bell] Hear it."': "audio_assets/temple.wav",
    "- {breathe: {in: 4s, out: 4s, rounds: 1..2..6, cue: tone}}": "audio_assets/out.wav",
    '- {bell: temple-bell, when: anchor == "sound"}': "audio_assets/temple.wav",
    "- say: '{% if name %}[bell Temple Bell]{% endif %} Hear it.'": "audio_assets/temple.wav",
    "- {silence: 5s, ambience: {sound: sounds/evening rain.snd}}": "sounds/evening rain.snd",
    "- {include: parts/more/rung.yaml}": "parts/more/far bell.wave",
    '- say: "{% from \\"parts/words.jinja\\" import hum %}{{ hum() }}"': "audio_assets/little.wav",
}
"""What a script says, and a file that it depends on for that."""


def _sound(file: Path, seed: int = 0) -> None:
    """A second of noise; WAV, whatever the file is called."""
    file.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).normal(0, 0.05, 22_050)
    soundfile.write(file, noise, 22_050, format="WAV", subtype="PCM_16")


def _with_sounds(folder: Path, segment: str) -> Path:
    """A course whose first session has this segment, in a project with sounds of its own."""
    course(folder)
    (folder / "01-one.yaml").write_text(script(1) + f"  {segment}\n", encoding="utf-8")
    (folder / "parts" / "more").mkdir()
    (folder / "parts" / "more" / "rung.yaml").write_text("segments: [{bell: far bell.wave}]\n", encoding="utf-8")
    words = "{% macro hum() %}[bell little-bell] Hum.{% endmacro %}\n"
    (folder / "parts" / "words.jinja").write_text(words, encoding="utf-8")
    for name in ("bowl", "temple", "little", "in", "out", "room", "never-asked-for"):
        _sound(folder / "audio_assets" / f"{name}.wav")
    (folder / "audio_assets" / "provenance.yaml").write_text(PROVENANCE, encoding="utf-8")
    for file in ("sounds/my first bell.mp2", "sounds/evening rain.snd", "parts/more/far bell.wave"):
        _sound(folder / file)
    return folder


@pytest.mark.parametrize(("segment", "file"), SEGMENTS.items())
def test_a_sound_counts_however_it_is_named(segment: str, file: str, tmp_path: Path) -> None:
    """By a name, a path with spaces or none of the usual suffixes, in parts and macros, with escapes, by default.

    So does one that only other values lead to; one that is only mentioned, or is listed and not asked for, does not.
    """
    folder = _with_sounds(tmp_path, segment)
    plan = read_course(folder)
    expand(parse(folder / "01-one.yaml"))  # it is a script that can be rendered
    inputs = read_session(plan.sessions[0], plan.project).inputs
    assert inputs[file] != "absent"
    assert "audio_assets/never-asked-for.wav" not in inputs
    others = {other for other in SEGMENTS.values() if other != file}
    assert not others & inputs.keys()
    _sound(folder / file, seed=1)
    assert read_session(plan.sessions[0], plan.project).inputs[file] != inputs[file]


def test_another_sound_under_the_same_name_is_built_again(tmp_path: Path) -> None:
    """And when nothing has changed, a build opens no sound but to hash the project's own."""
    folder = _with_sounds(tmp_path, '- {bell: "sounds/my first bell.mp2", rest: 2s}')
    manifest = (
        COURSE.replace("lengths: [15s, 20s]", "lengths: [15s]") + "ambiences: [script, sounds/evening rain.snd]\n"
    )
    (folder / "course.yaml").write_text(manifest, encoding="utf-8")
    request = BuildOptions(output=folder / "out", cache=folder / "cache", select=("01-one",))
    names = ("01-one/01-one-00m15s.mp3", "01-one/01-one-00m15s-sounds-evening-rain-snd.mp3")
    assert sorted(build(folder, request).built) == sorted(names)
    opened = _opened(lambda: build(folder, request))
    sounds = {Path(name).name for name in opened if name.endswith((".wav", ".mp2", ".snd", ".wave", ".mp3"))}
    assert sounds == {"my first bell.mp2", "evening rain.snd", "room.wav"}
    _sound(folder / "sounds" / "my first bell.mp2", seed=1)
    dry = BuildOptions(output=folder / "out", cache=folder / "cache", select=("01-one",), dry_run=True)
    assert build(folder, dry).todo == dict.fromkeys(names, "changed: sounds/my first bell.mp2")
    _sound(folder / "sounds" / "evening rain.snd", seed=1)
    todo = build(folder, dry).todo
    assert todo[names[1]] == "changed: sounds/evening rain.snd, sounds/my first bell.mp2"
    assert todo[names[0]] == "changed: sounds/my first bell.mp2"


ADDED: Final = {
    "lexicon.yaml": "en: {welcome: wel come}\n",
    "audio_assets/provenance.yaml": "sounds: [{name: rain.wav, kind: ambience, file: rain.wav, licence: CC0-1.0}]\n",
    "sessions/breathmark.yaml": "voice: tone\n",
}
"""Files that are not there, and would be read if they were."""


@pytest.mark.parametrize(("file", "text"), ADDED.items())
def test_what_is_added_and_would_now_be_read_counts(file: str, text: str, tmp_path: Path) -> None:
    """A lexicon, a list of sounds, and settings that make a project of the script's own folder."""
    folder = course(tmp_path, COURSE.replace("01-one", "sessions/01-one", 1))
    (folder / "sessions").mkdir()
    text = "ambience: ../rain.wav\n" + script(1).replace("parts/", "../parts/")
    (folder / "sessions" / "01-one.yaml").write_text(text, encoding="utf-8")
    _sound(folder / "rain.wav")
    _sound(folder / "audio_assets" / "rain.wav", seed=1)
    found = read_course(folder)
    inputs = read_session(found.sessions[0], found.project).inputs
    assert inputs[file] == "absent"
    assert are_current(inputs, folder, {})
    (folder / file).write_text(text, encoding="utf-8")
    assert not are_current(inputs, folder, {})


def test_another_end_of_a_link_counts(tmp_path: Path) -> None:
    """Of a part, a macro file and a sound, though none of the files has changed."""
    folder = _with_sounds(tmp_path, "- bell: sounds/bell.wav")
    body = '{% from "parts/hum.jinja" import hum %}{{ hum() }}'
    (folder / "02-two.yaml").write_text(script(2, body=body), encoding="utf-8")
    ends = {"sounds/bell.wav": "sounds/my first bell.mp2", "parts/hum.jinja": "parts/words.jinja"}
    for link, end in ends.items():
        (folder / link).symlink_to(folder / end)
        other = (folder / end).with_name("other")
        other.write_bytes((folder / end).read_bytes() + b" ")
    found = read_course(folder)
    for session, (link, end) in zip(found.sessions, ends.items(), strict=False):
        inputs = read_session(session, found.project).inputs
        assert {link, end} <= inputs.keys()
        (folder / link).unlink()
        (folder / link).symlink_to((folder / end).with_name("other"))
        assert not are_current(inputs, folder, {})


def test_another_script_under_the_same_id_is_read(tmp_path: Path) -> None:
    """The session moved into a folder, and what it was read from before is still there."""
    folder = course(tmp_path)
    options = BuildOptions(output=folder / "out", cache=folder / "cache", select=("01-one length:15s",))
    build(folder, options)
    (folder / "new").mkdir()
    (folder / "new" / "01-one.yaml").write_text(script(1, body="Another.").replace("parts/", "../parts/"))
    (folder / "course.yaml").write_text(COURSE.replace("script: 01-one", "script: new/01-one"), encoding="utf-8")
    (reason,) = build(folder, replace(options, dry_run=True)).todo.values()
    assert "new/01-one.yaml" in reason


def test_narration_depends_on_the_projects_own_room_tone(tmp_path: Path) -> None:
    """And other presets do not where all has an ambience, nor narration on what the script lays under other presets."""
    folder = _with_sounds(tmp_path, "- {silence: 5s, ambience: {sound: sounds/evening rain.snd}}")
    script_file = folder / "01-one.yaml"
    script_file.write_text("ambience: sounds/evening rain.snd\n" + script_file.read_text("utf-8"), encoding="utf-8")
    (folder / "course.yaml").write_text(COURSE + "presets: [podcast, audiobook]\n", encoding="utf-8")
    podcast, narration = (step for step in _plan(folder, "01-one length:15s").steps)
    assert "audio_assets/room.wav" not in podcast.made_from
    assert narration.made_from["audio_assets/room.wav"] == narration.inputs["audio_assets/room.wav"] != "absent"


def test_each_recording_counts_for_the_sessions_that_it_speaks_in(tmp_path: Path) -> None:
    """Another take of a sentence, and a take that is chosen now; but not that of another session's sentence."""
    folder = course(tmp_path)
    settings = "voice: recorded\nnarrators: {recorded: {folder: ../takes}}\n"
    (folder / "breathmark.yaml").write_text(settings, encoding="utf-8")
    first, second = (f"{sentence_id(f'Here is the sentence of session {number}.')}" for number in (1, 2))
    for sentence in (first, second):
        _sound(folder.parent / "takes" / f"001-{sentence}.wav")

    def recordings() -> list[str]:
        return [step.made_from["the recordings"] for step in _plan(folder, "length:15s").steps]

    before = recordings()
    assert recordings() == before
    _sound(folder.parent / "takes" / f"001-{first}.wav", seed=1)
    changed = recordings()
    assert [old == new for old, new in zip(before, changed, strict=True)] == [False, True, True]
    _sound(folder.parent / "takes" / f"002-{second}.best.wav", seed=2)
    assert [old == new for old, new in zip(changed, recordings(), strict=True)] == [True, False, True]


def _plan(folder: Path, *selected: str) -> BuildPlan:
    options = BuildOptions(select=selected, dry_run=True)
    return Planner(course=read_course(folder), folder=folder / "out", options=options).plan()


def _opened(call: Callable[[], object]) -> list[str]:
    """The files that ``call`` opens in this process."""
    names: list[str] = []
    watched = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if watched and event == "open":
            names.append(str(arguments[0]))

    sys.addaudithook(hook)
    try:
        call()
    finally:
        watched = False  # a hook can't be taken away
    assert names
    return names
