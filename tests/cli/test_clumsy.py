"""What a slip of the hand, or a bare environment, can't do: cost a file, or end in a traceback."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pytest

from breathmark.api import render as pipeline
from breathmark.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

Command: TypeAlias = "Callable[..., subprocess.CompletedProcess[str]]"
SCRIPT = """\
title: A Small Pause
voice: tone
length: 10s..20s..2m
segments:
  - title: Welcome
    say: Hello. [pause 1s..5s..2m]
"""
FULL = Path("/dev/full")
posix = pytest.mark.skipif(os.name != "posix", reason="descriptors and devices of POSIX")


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script in the current folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "pause.yaml"
    path.write_text(SCRIPT, encoding="utf-8")
    return path


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of the shell, in which ``$B`` is the program."""
    program = f"{sys.executable} -m breathmark"
    return subprocess.run(
        ["/bin/bash", "-c", line.replace("$B", program)],
        env=os.environ | environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_a_picture_never_takes_the_script_s_place(script: Path, command: Command) -> None:
    """A plan is drawn into names that end in .svg only."""
    done = command("plan", script, "--svg", script)
    assert (done.returncode, "should end in .svg" in done.stderr) == (2, True)
    assert script.read_text(encoding="utf-8") == SCRIPT


def test_a_render_never_takes_its_ambience_s_place(script: Path, command: Command) -> None:
    """Also under another spelling of its path."""
    assert command("voices", "try", "tone", "-o", "hum.wav").returncode == 0
    before = Path("hum.wav").read_bytes()
    done = command("render", script, "--ambience", "hum.wav", "-o", script.with_name("hum.wav"))
    assert (done.returncode, "would be written over" in done.stderr) == (2, True)
    assert Path("hum.wav").read_bytes() == before


def test_a_render_never_takes_its_script_s_place(script: Path, command: Command) -> None:
    """Nor that of the file with the variables, whatever they are called."""
    for name, words in (("self.mp3", ()), ("values.mp3", ("--vars", "values.mp3"))):
        Path(name).write_text(SCRIPT if name == "self.mp3" else "{}", encoding="utf-8")
        before = Path(name).read_bytes()
        done = command("render", name if name == "self.mp3" else script, *words, "-o", name)
        assert (done.returncode, "would be written over" in done.stderr) == (2, True)
        assert Path(name).read_bytes() == before


@pytest.mark.parametrize("size", ["nan", "inf"])
def test_no_size_of_a_cache_is_told(size: str, command: Command) -> None:
    """As a request that makes no sense, with what to write."""
    done = command("cache", "prune", "--bigger-than", size)
    assert (done.returncode, "such as 500" in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_names_that_no_disk_takes_are_told_at_once(script: Path, command: Command) -> None:
    """Too long a name, one that isn't text, and none at all for a new script."""
    cases = (("render", script, "-o", "a" * 260 + ".mp3", 2, "too long"), ("new", "meditation", ".", 2, ".yaml"))
    for *words, code, piece in cases:
        done = command(*words)
        assert (done.returncode, piece in done.stderr) == (code, True)
    if os.name == "posix":
        done = command("render", script, "-o", "a\udcff.mp3")
        assert (done.returncode, "not UTF-8" in done.stderr) == (2, True)
        for verb, *rest in (("check",), ("render", "-o", "a.mp3")):  # it would fail when all is spoken
            done = command(verb, script.with_name("b\udcff.yaml"), *rest)
            told = done.stderr + done.stdout
            assert (done.returncode, "not UTF-8" in told, "rename it" in told) == (2, True, True)
    assert sorted(path.name for path in script.parent.iterdir()) == ["pause.yaml"]


@pytest.mark.parametrize("model", ["", " "])
@pytest.mark.parametrize("verb", ["verify", "build"])
def test_no_name_of_a_model_to_listen_with_is_refused(verb: str, model: str, script: Path, command: Command) -> None:
    """As from a variable of a shell that is not set: nothing would be listened to, and it would pass."""
    done = command(verb, script, "--listen", model)
    assert (done.returncode, "--listen" in done.stderr, "it is empty" in done.stderr) == (2, True, True)


def test_a_damaged_cover_is_told_by_check(script: Path, command: Command) -> None:
    """And not only when all has been spoken."""
    script.write_text(SCRIPT.replace("voice:", "cover: cover.png\nvoice:"), encoding="utf-8")
    script.with_name("cover.png").write_text("no picture", encoding="utf-8")
    done = command("check", script)
    assert (done.returncode, "cover.png is not a whole JPEG or PNG" in done.stdout) == (2, True)


@posix
def test_closed_streams_and_no_path_are_no_obstacle(script: Path) -> None:
    """A job without a terminal renders as any other."""
    assert shell(f"$B render {script} -o a.wav >&- 2>&- <&-").returncode == 0
    assert Path("a.wav").exists()
    assert shell(f"unset PATH; $B plan {script}").returncode == 0


@posix
def test_a_reader_that_has_gone_is_no_fault(script: Path) -> None:
    """``| true`` ends with 0 under ``pipefail``, and tells nothing."""
    for words in (f"plan {script}", "--help"):
        done = shell(f"set -o pipefail; $B {words} | true")
        assert (done.returncode, "Error" in done.stderr, "Traceback" in done.stderr) == (0, False, False), words


@pytest.mark.parametrize("code", [0, 3, 7])
def test_who_exits_means_the_exit_code(
    script: Path, command: Command, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """A plug-in that ends the program is no reader that has gone."""
    monkeypatch.setattr(pipeline, "plan", lambda *_: sys.exit(code))
    assert command("plan", script).returncode == code


def test_a_pipe_that_broke_elsewhere_is_no_success(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A helper program that died in the middle is no reader that has gone, either, but a bug with its traceback."""

    def break_down(*_: object) -> None:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(pipeline, "plan", break_down)
    with pytest.raises(RuntimeError, match="pipe to another program"):
        main(["plan", str(script)])


@pytest.mark.skipif(not FULL.is_char_device(), reason="/dev/full is Linux's")
def test_results_that_can_t_be_printed_are_told(script: Path) -> None:
    """With an exit code of the list, and no traceback; where the message can't be printed, the code still is right."""
    done = shell(f"$B plan {script} > {FULL}")
    assert (done.returncode, "free some space" in done.stderr, "Traceback" in done.stderr) == (5, True, False)
    assert shell(f"$B plan {script} --length 1s 2> {FULL}").returncode == 2


@posix
def test_a_folder_that_is_gone_is_told(script: Path) -> None:
    """The terminal may still stand in it."""
    done = shell(f"mkdir gone; cd gone; rmdir ../gone; $B plan {script}")
    assert (done.returncode, "is gone" in done.stderr, "Traceback" in done.stderr) == (2, True, False)


def test_one_missing_file_costs_no_results(script: Path, command: Command) -> None:
    """``verify`` tells which can't be measured, measures the others all the same, and doesn't end with 0."""
    assert command("render", script, "-o", "one.mp3").returncode == 0
    done = command("verify", "gone.mp3", "one.mp3", script, ".")
    assert done.returncode == 3
    assert "one.mp3  podcast: " in done.stdout
    assert "there is no file gone.mp3" in done.stderr
    assert "is a script" in done.stderr
    assert ". is a folder" in done.stderr
    told = json.loads(command("verify", "gone.mp3", "one.mp3", "--json").stdout)
    assert [each["path"] for each in told] == ["one.mp3"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("verify", "pause.yaml"), 2, "breathmark check pause.yaml"),
        (("verify", "pause.txt"), 2, "ends in .mp3"),
        (("verify", "a" * 300 + ".mp3"), 2, "the name is too long"),
        (("check", "a" * 300), 2, "the name is too long"),
        (("build", "a" * 300), 2, "the name is too long"),
        (("new", "meditation", "é" * 130 + ".yaml"), 2, "the name is too long"),
        (("render", "pause.yaml", "--ambience", "a" * 300), 2, "there is no ambience"),
        (("sounds", "try", "a" * 300 + ".wav"), 3, "there is no"),
        (("render", "pause.yaml", "--length", "10"), 2, "write 10m for minutes or 10s for seconds"),
        (("build", ".", "--length", "7.5"), 2, "write 7.5m for minutes or 7.5s for seconds"),
        (("plan", "pause.yaml", "--length", "0s"), 2, "a session needs a length"),
        (("rendr", "pause.yaml"), 2, "Did you mean render?"),
        (("render", "pause.yaml", "--lenght", "3m"), 2, "--length"),
        (("verify", "my script.yaml"), 2, "breathmark check 'my script.yaml'"),
        (("build", "my course"), 2, "breathmark new course 'my course/course.yaml'"),
        (("render", "pause.yaml", "-o", ""), 2, "it is empty: give a name"),
        (("render", "pause.yaml", "-o", "."), 2, "name it session.mp3"),
        (("plan", "pause.yaml", "--svg", ""), 2, "it is empty: give a name"),
        (("plan", "pause.yaml", "--svg", "pause.txt/x.svg"), 5, "choose another with --svg"),
        (("takes", "list", "pause.yaml", "--html", "pause.txt/x.html"), 5, "choose another with --html"),
        (("render", "pause.yaml", "--set", "=1"), 2, "--set takes NAME=VALUE"),
        (("voices", "try", "tone", "--speed", "nan"), 2, "choose 0.5 to 2.0"),
        (("voices", "try", "tone", "--speed", "inf"), 2, "not in the range"),
        (("voices", "try", "tone", "--text", ""), 2, "there is nothing to say"),
        (("voices", "try", "tone", "--word", " . "), 2, "there is nothing to say"),
        (("cache", "info", "--cache", "pause.txt"), 2, "is not a folder, and so not a cache"),
        (("cache", "prune", "--cache", "pause.txt"), 2, "is not a folder, and so not a cache"),
        (("cache", "info", "--cache", "."), 0, "is not a cache: nothing was ever kept in it"),
        (("cache", "info", "--cache", "nowhere"), 0, "There is no folder"),
    ],
    ids=lambda words: "" if isinstance(words, (int, str)) else " ".join(words)[:50],
)
def test_what_makes_no_sense_is_told_with_what_to_do(
    words: tuple[str, ...], code: int, told: str, script: Path, command: Command
) -> None:
    """In the user's own words, and with the option that the user gave."""
    script.with_suffix(".txt").write_text("a note", encoding="utf-8")
    script.with_name("my script.yaml").write_text(SCRIPT, encoding="utf-8")
    script.with_name("my course").mkdir()
    done = command(*words)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert told in done.stderr


@posix
def test_a_device_is_no_finished_file(command: Command) -> None:
    """Nor is it measured for ever."""
    done = command("verify", "/dev/zero")
    assert (done.returncode, "is a device or a pipe" in done.stderr) == (3, True)
