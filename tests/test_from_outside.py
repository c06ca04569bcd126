"""One of each kind from outside: a package adds narrator, format, language, rule and publisher, a project a sound."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

PACKAGE = {
    "acme/__init__.py": """\
import soundfile
from pydub.generators import Sine

from breathmark.checker.rule import Finding, Rule
from breathmark.formats.format import FileFormat
from breathmark.model import Clip
from breathmark.speech.contract import Voice


class Whistler:
    real_time_factor = 0.001

    def __init__(self, settings): pass

    @classmethod
    def missing(cls): return ""

    def voices(self): return (Voice(name="whistler:one", language="tlh", description="A whistle"),)

    def fingerprint(self, voice): return "1"

    def speak(self, request):
        return Clip(audio=Sine(1_760).to_audio_segment(duration=430 * len(request.text.split()), volume=-20))


class Wave24(FileFormat):
    name = "w24"
    codec = "pcm_s24le"
    muxer = "wav"

    def arguments(self, settings): return ("-c:a", "pcm_s24le", "-f", "wav")

    def promised_frames(self, path): return soundfile.info(path).frames


class Shelf:
    for_listeners = False

    def publish(self, library):
        shelf = library.folder / "shelf.txt"
        shelf.write_text(" ".join(entry.session.id for entry in library.entries))
        return (shelf,)


def slogans(reading):
    for sentence in reading.sentences():
        if found := reading.words.find("acme_slogan", sentence.text):
            yield Finding(place=sentence.place, message=f"{found} is a slogan")


RULES = (Rule(id="ACME-01", severity="error", title="No slogans", why="w", fix="leave it out", source="s",
              needs=("acme_slogan",), check=slogans),)
""",
    "acme/tlh/language.yaml": "name: Klingon\nbreaths: {in: yItlhuH., hold: yI'ev., out: yItlhuHHa'., rest: yIleS., "
    "count_in: wej, count_out: Hut}\nnumbers: {2: cha', 3: wejDIch, 4: loS, 5: vagh, 6: jav}\n",
    "acme/tlh/rules/acme.yaml": "acme_slogan: [qapla']\n",
    "acme-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n",
    "acme-1.0.dist-info/entry_points.txt": """\
[breathmark.narrators]
whistler = acme:Whistler
[breathmark.formats]
w24 = acme:Wave24
[breathmark.languages]
tlh = acme.tlh
[breathmark.rules]
acme = acme:RULES
[breathmark.publishers]
shelf = acme:Shelf
""",
}
PROJECT = {
    "breathmark.yaml": "voice: whistler\nambience: hush\n",
    "course.yaml": "title: jot\nlanguage: tlh\nlengths: [25s]\nsessions: [jot]\npublish: [shelf]\n",
    "jot.yaml": """\
title: jot
language: tlh
length: 10s..25s..60s
segments:
  - say: qapla'.
  - breathe: {in: 4s, out: 6s, rounds: 1, cue: voice}
""",
    "audio_assets/provenance.yaml": "sounds: [{name: hush, kind: ambience, file: hush.wav, licence: CC0-1.0}]\n",
}
ASKED = """\
import json
import breathmark

findings = breathmark.check("jot.yaml")
artefact = breathmark.render("jot.yaml", "jot.w24")
report = breathmark.build("course.yaml")
print(json.dumps({
    "problems": [str(each) for each in findings.problems],
    "frames": artefact.timeline.frames,
    "voice": breathmark.plan("jot.yaml").voice,
    "said": [each.utterance.caption for each in artefact.timeline.speech],
    "below_voice_lu": artefact.levels.below_voice_lu,
    "folder": str(report.folder),
}))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, with the package that pip would have installed beside it."""
    folder = tmp_path_factory.mktemp("project")
    for name, text in (PROJECT | {f"site-packages/{name}": text for name, text in PACKAGE.items()}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    with wave.open(str(folder / "audio_assets/hush.wav"), "wb") as file:
        file.setparams((1, 2, 44_100, 0, "NONE", ""))
        file.writeframes((np.random.default_rng(1).normal(size=10 * 44_100) * 300).astype("<i2").tobytes())
    return folder


@pytest.fixture(scope="module")
def made(project: Path) -> dict[str, Any]:
    """What a check, a render and a build say in a process of their own."""
    where = os.environ | {"PYTHONPATH": str(project / "site-packages"), "BREATHMARK_CACHE": str(project / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", ASKED], env=where, cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_narrator_from_outside_speaks(made: dict[str, Any]) -> None:
    """By the project's setting."""
    assert made["voice"] == "whistler:one"


def test_a_format_from_outside_is_written(made: dict[str, Any], project: Path) -> None:
    """Exact to the frame, by the suffix of the output."""
    info = soundfile.info(project / "jot.w24")
    assert (info.frames, info.subtype) == (made["frames"], "PCM_24")


def test_a_language_from_outside_guides_breaths(made: dict[str, Any]) -> None:
    """In its own words."""
    assert made["said"][1:] == ["yItlhuH.", "yItlhuHHa'."]


def test_a_rule_from_outside_is_checked(made: dict[str, Any]) -> None:
    """With the phrases that its package adds."""
    assert "jot.yaml:5:10: error: qapla' is a slogan [ACME-01] (leave it out)" in made["problems"]


def test_a_publisher_from_outside_is_called(made: dict[str, Any]) -> None:
    """After the build, with what was built."""
    assert (Path(made["folder"]) / "shelf.txt").read_text(encoding="utf-8") == "jot"


def test_a_sound_from_outside_is_played(made: dict[str, Any]) -> None:
    """A file of the project with its provenance, under the voice."""
    assert made["below_voice_lu"] == pytest.approx(20, abs=1)  # whose fades reach into the first words
