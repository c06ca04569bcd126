"""What is not speech, at the command line: a pause gone wrong stops it, a heading is left out, a label is reported."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

SCRIPT = """\
title: A case
segments:
  - say: |
      Welcome to the hour.
      {}
      Breathe easy.
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """A script in the current folder, with a line of one's own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BREATHMARK_CACHE", str(tmp_path / "cache"))
    (tmp_path / "breathmark.yaml").write_text("voice: tone\n", encoding="utf-8")

    def write(line: str) -> Path:
        (tmp_path / "x.yaml").write_text(SCRIPT.replace("{}", line), encoding="utf-8")
        return tmp_path / "x.yaml"

    return write


@pytest.mark.parametrize("verb", [("render", "-o", "x.wav"), ("plan",), ("plan", "--estimate"), ("check",)])
def test_a_pause_in_other_brackets_stops_every_command(
    command: Callable[..., subprocess.CompletedProcess[str]],
    script: Callable[[str], Path],
    verb: tuple[str, ...],
    tmp_path: Path,
) -> None:
    """With its place and what to write, all at once, and nothing is made."""
    script("Rest here. (pause 10s) And {pause} here.")
    done = command(*verb, "x.yaml")
    said = done.stdout + done.stderr
    assert done.returncode == 2
    assert "x.yaml:5:18: error: `(pause 10s)` is not a marker, and would be spoken (write `[pause 10s]`" in said
    assert "x.yaml:5:34: error: `{pause}` is not a marker, and would be spoken (write `[pause]`" in said
    assert not list(tmp_path.glob("x.wav*"))


def test_a_heading_is_reported_and_not_spoken(
    command: Callable[..., subprocess.CompletedProcess[str]], script: Callable[[str], Path], tmp_path: Path
) -> None:
    """``render`` and ``plan`` warn, the transcript has no trace of it, and ``--strict`` refuses it."""
    script("# Introduction")
    warning = "x.yaml:5:7: warning: `# Introduction` is a heading, and is not spoken"
    planned, rendered = command("plan", "x.yaml"), command("render", "x.yaml", "-o", "x.wav", "--json")
    assert (planned.returncode, rendered.returncode) == (0, 0)
    assert warning in planned.stderr
    assert warning in rendered.stderr
    assert [each["line"] for each in json.loads(rendered.stdout)["warnings"]] == [5]
    assert "Introduction" not in (tmp_path / "x.txt").read_text(encoding="utf-8")
    assert command("plan", "--strict", "x.yaml").returncode == 2


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("Music: soft piano", "STG-02"),
        ("0:30 Rest here.", "STG-03"),
        ("Rest (softly) here.", "STG-04"),
        ("Rest&nbsp;here.", "STG-05"),
        ("Music fades.", "STG-06"),
        ("〈Music〉", "STG-07"),
        ("This is **your** hour.", "STG-01"),
    ],
)
def test_what_may_be_speech_is_reported_before_it_is_spoken(
    command: Callable[..., subprocess.CompletedProcess[str]], script: Callable[[str], Path], line: str, rule: str
) -> None:
    """The findings of ``check`` about stage directions are warnings of a plan; ``allow:`` silences them."""
    file = script(line)
    done = command("plan", "--estimate", "x.yaml")
    assert done.returncode == 0
    (warned,) = [told for told in done.stderr.splitlines() if "warning" in told]
    assert warned.startswith("x.yaml:5:")
    assert f"[{rule}]" in warned
    assert command("plan", "--estimate", "--strict", "x.yaml").returncode == 2
    file.write_text(file.read_text(encoding="utf-8") + f"allow: {{{rule}: it is meant}}\n", encoding="utf-8")
    assert "warning" not in command("plan", "--estimate", "x.yaml").stderr


def test_two_lengths_are_not_their_sum(
    command: Callable[..., subprocess.CompletedProcess[str]], script: Callable[[str], Path]
) -> None:
    """``--length "1s 10s"`` is refused, with what to write."""
    script("Rest here.")
    done = command("plan", "--estimate", "--length", "1s 10s", "x.yaml")
    assert done.returncode == 2
    assert "two lengths" in done.stderr
