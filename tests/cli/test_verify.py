"""``breathmark verify``, on what ``breathmark render`` makes for each preset."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from breathmark.formats.presets import PRESETS

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

SCRIPT = """\
title: A Small Pause
author: Ana Maria
length: 20s..40s..2m
voice: pyttsx3
pacing: {sentence: 300ms..1s..3s, segment: 1s..2s..6s}
ambience: {sound: soft-rain, below_voice: 14}
segments:
  - bell: {name: chime, rest: 2s}
  - title: Welcome
    say: |
      You might let your eyes rest, or keep them open. Whatever you choose is fine.
      You could let a sound in the room reach you.
  - title: Resting
    silence: 1s..5s..1m
  - title: Coming back
    say: Move a little, if that is pleasant, in whatever way you like.
  - bell: {name: chime, rest: 2s}
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script in the current folder, which is a project."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "breathmark.yaml").write_text("{}\n", encoding="utf-8")
    path = tmp_path / "pause.yaml"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "preset", [pytest.param(name, marks=[] if name == "podcast" else [pytest.mark.slow]) for name in PRESETS]
)
def test_what_is_rendered_for_a_preset_passes_it(
    preset: str, script: Path, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """Of every preset, with a real voice, by the command; it takes the preset from the file's own record."""
    output = script.with_suffix(f".{PRESETS[preset].format}")
    done = command("render", script, "--preset", preset, "-o", output)
    assert done.returncode == 0, done.stderr
    done = command("verify", output)
    assert done.returncode == 0, done.stdout
    assert f"{preset}: passed" in done.stdout
    assert "fail" not in done.stdout


def test_a_failure_is_exit_5_with_its_reason(
    script: Path, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """In a table, with ``-q`` alone, and as data; a good file beside it changes nothing."""
    assert command("render", script, "-o", "one.mp3").returncode == 0
    for path in script.parent.glob("one.*"):
        shutil.copy(path, path.with_name(path.name.replace("one", "two")))
    done = command("verify", "one.mp3", "two.mp3", "--preset", "spotify", "-q")
    assert done.returncode == 5
    assert [line.split()[:2] for line in done.stdout.splitlines() if line.startswith(" ")] == [
        ["fail", "bit"],
        ["fail", "loudness"],
    ] * 2
    quiet = command("verify", "one.mp3", "-q")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    found = json.loads(command("verify", "one.mp3", "--preset", "spotify", "--json").stdout)
    assert [(each["path"], each["preset"], each["passed"]) for each in found] == [("one.mp3", "spotify", False)]
    loudness = next(each for each in found[0]["findings"] if each["item"] == "loudness")
    assert (loudness["outcome"], loudness["asked"]) == ("fail", "-14 LUFS, within 0.5 LU")


def test_a_missing_file_is_exit_3(script: Path, command: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    """With its name, and no traceback."""
    done = command("verify", script.with_name("none.mp3"))
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)
    assert "there is no file" in done.stderr


def test_what_a_preset_has_no_place_for_is_refused(
    script: Path, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """An ambience in an audiobook, no bell for Insight Timer: exit 2 before anything is written."""
    for words in (("audiobook", "--ambience", "slow-sea"), ("insight-timer", "--no-bell")):
        done = command("render", script, "-o", "x.mp3", "--preset", *words)
        assert done.returncode == 2, done.stderr
        assert words[0] in done.stderr
    assert not list(script.parent.glob("x.*"))
