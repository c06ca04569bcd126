"""Every file that a render reads is one of those that an artefact was made from."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest
import soundfile

from breathmark.course.build import build
from breathmark.course.manifest import read_course
from breathmark.course.options import BuildOptions
from breathmark.course.sources import read_session
from breathmark.script.expand import expand
from breathmark.script.parse import parse

from .material import COURSE, course, script

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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

    A sound that is only mentioned, or is listed and not asked for, does not.
    """
    folder = _with_sounds(tmp_path, segment)
    plan = read_course(folder)
    expand(parse(folder / "01-one.yaml"))  # it is a script that can be rendered
    inputs = read_session(plan.sessions[0], plan.project).inputs
    assert inputs[file] != "absent"
    assert inputs["audio_assets/room.wav"] != "absent"
    assert "audio_assets/never-asked-for.wav" not in inputs
    others = {other for other in SEGMENTS.values() if other != file}
    assert not others & inputs.keys()
    _sound(folder / file, seed=1)
    assert read_session(plan.sessions[0], plan.project).inputs[file] != inputs[file]


def test_another_sound_under_the_same_name_is_built_again(tmp_path: Path) -> None:
    """And when nothing has changed, a build opens no sound."""
    folder = _with_sounds(tmp_path, '- {bell: "sounds/my first bell.mp2", rest: 2s}')
    manifest = (
        COURSE.replace("lengths: [15s, 20s]", "lengths: [15s]") + "ambiences: [script, sounds/evening rain.snd]\n"
    )
    (folder / "course.yaml").write_text(manifest, encoding="utf-8")
    request = BuildOptions(output=folder / "out", cache=folder / "cache", select=("01-one",))
    names = ("01-one/01-one-00m15s.mp3", "01-one/01-one-00m15s-sounds-evening-rain-snd.mp3")
    assert sorted(build(folder, request).built) == sorted(names)
    opened = _opened(lambda: build(folder, request))
    assert not [name for name in opened if name.endswith((".wav", ".mp2", ".snd", ".wave", ".mp3"))]
    _sound(folder / "sounds" / "my first bell.mp2", seed=1)
    dry = BuildOptions(output=folder / "out", cache=folder / "cache", select=("01-one",), dry_run=True)
    assert build(folder, dry).todo == dict.fromkeys(names, "changed: sounds/my first bell.mp2")
    _sound(folder / "sounds" / "evening rain.snd", seed=1)
    todo = build(folder, dry).todo
    assert todo[names[1]] == "changed: sounds/evening rain.snd, sounds/my first bell.mp2"
    assert todo[names[0]] == "changed: sounds/my first bell.mp2"


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
