"""Sounds that nobody has are told before the voice begins."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

import breathmark
from breathmark.base.errors import RequestError, ScriptError

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPTS = {
    "the session's": ("title: A\nambience: soft-rian\nsegments:\n  - say: Hello.\n", "2:11"),
    "in braces": ("title: A\nambience: {swell: 2, sound: soft-rian}\nsegments:\n  - say: Hello.\n", "2:29"),
    "a segment's": ("title: A\nsegments:\n  - repeat: 2\n    segments: [{say: Hello., ambience: soft-rian}]\n", "4:40"),
    "a bell": ("title: A\nsegments:\n  - title: x\n    bell: tingsah\n  - say: Hello.\n", "4:11"),
    "a bell in braces": ("title: A\nsegments:\n  - bell: {rest: 5s, name: tingsah}\n  - say: Hello.\n", "3:28"),
    "a marker": ("title: A\nsegments:\n  - say: |\n      Hello. [bell tingsah]\n", "4:14"),
}


@pytest.mark.parametrize(("text", "place"), _SCRIPTS.values(), ids=_SCRIPTS.keys())
def test_a_missing_sound_is_told_before_a_word_is_spoken(text: str, place: str, tmp_path: Path) -> None:
    """By plan as an error, by check as a problem, at its place, with the near miss; nothing is cached afterwards."""
    (script := tmp_path / "script.yaml").write_text(text, "utf-8")
    options = breathmark.Options(voice="tone", cache=tmp_path / "cache")
    with pytest.raises(ScriptError, match="did you mean") as caught:
        breathmark.plan(script, options)
    assert str(caught.value).startswith(f"{script}:{place}: error: there is no ")
    assert caught.value.exit_code == 2
    assert breathmark.check(script, options).problems == caught.value.problems
    assert not (tmp_path / "cache").exists()


def test_every_misspelt_sound_is_told_at_once(tmp_path: Path) -> None:
    """At every place, in the segments and in the texts, also of a part, and whatever the session's ambience is."""
    text = (
        "title: A\nambience: soft-rian\nsegments:\n  - bell: tingsah\n"
        "  - say: |\n      Hello. [bell tingsah]\n  - include: p.yaml\n"
    )
    (script := tmp_path / "script.yaml").write_text(text, "utf-8")
    (tmp_path / "p.yaml").write_text("segments:\n  - bell: chmie\n  - say: Hi.\n    ambience: low-drown\n", "utf-8")
    problems = breathmark.check(script, breathmark.Options(voice="tone", estimate=True)).problems
    places = [(problem.path.rpartition("/")[2], problem.line, problem.column) for problem in problems]
    assert places == [
        ("script.yaml", 2, 11),
        ("script.yaml", 4, 11),
        ("script.yaml", 6, 14),
        ("p.yaml", 2, 11),
        ("p.yaml", 4, 15),
    ]


@pytest.mark.parametrize(
    ("settings", "place", "told"),
    [
        ("ambience: {sound: soft-rian}\n", "1:19", "there is no ambience soft-rian (did you mean soft-rain?)"),
        ("# ours\npreset: podcst\n", "2:9", "there is no preset 'podcst' (did you mean podcast?)"),
    ],
)
def test_what_the_settings_misspell_is_told_there(settings: str, place: str, told: str, tmp_path: Path) -> None:
    """The place is the one in `breathmark.yaml`, for plan and for check."""
    (script := tmp_path / "script.yaml").write_text("title: A\nsegments:\n  - say: Hello.\n", "utf-8")
    (tmp_path / "breathmark.yaml").write_text(settings, "utf-8")
    options = breathmark.Options(voice="tone", estimate=True)
    with pytest.raises(ScriptError) as caught:
        breathmark.plan(script, options)
    assert str(caught.value) == f"{tmp_path / 'breathmark.yaml'}:{place}: error: {told}"
    assert breathmark.check(script, options).problems == caught.value.problems


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("cover: covr.png", "2:8: error: the cover .*can't be read: no such file or directory .did you mean cover.png"),
        ("cover: pipe.png", "2:8: error: the cover .*can't be read: it is not a file"),
        ("ambience: gone.wav", "2:11: error: there is no sound file .*gone.wav .did you mean gong.wav"),
        ("ambience: pipe.wav", "2:11: error: there is no sound file"),
        (f"ambience: {'a' * 300}.wav", "2:11: error: there is no sound file"),
        (f"ambience: {'a' * 300}", "2:11: error: there is no ambience a"),
        (f"cover: {'a' * 300}.png", "2:8: error: the cover .*can't be read: file name too long"),
    ],
)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs on this system")
@pytest.mark.timeout(60)
def test_a_missing_file_is_told_at_its_place(line: str, told: str, tmp_path: Path) -> None:
    """Neither a name that is too long nor a pipe ends otherwise, and nobody waits for the pipe."""
    (script := tmp_path / "script.yaml").write_text(f"title: A\n{line}\nsegments:\n  - say: Hello.\n", "utf-8")
    (tmp_path / "cover.png").touch()
    (tmp_path / "gong.wav").touch()
    os.mkfifo(tmp_path / "pipe.png")
    os.mkfifo(tmp_path / "pipe.wav")
    options = breathmark.Options(voice="tone", estimate=True)
    with pytest.raises(ScriptError, match=re.compile(told, re.IGNORECASE)) as caught:
        breathmark.plan(script, options)
    assert breathmark.check(script, options).problems == caught.value.problems


def test_an_ambience_of_the_command_s_own_stands_for_the_script_s(tmp_path: Path) -> None:
    """Then nobody needs the script's."""
    (script := tmp_path / "script.yaml").write_text(_SCRIPTS["the session's"][0], "utf-8")
    options = breathmark.Options(voice="tone", ambience="none", cache=tmp_path / "cache")
    assert breathmark.render(script, tmp_path / "a.wav", options).path.exists()


def test_a_misspelt_ambience_of_the_command_is_told_first_too(tmp_path: Path) -> None:
    """What `--ambience` asks for is looked up before a word is spoken."""
    (script := tmp_path / "script.yaml").write_text("title: A\nsegments:\n  - say: Hello.\n", "utf-8")
    with pytest.raises(RequestError, match="did you mean soft-rain"):
        breathmark.plan(script, breathmark.Options(voice="tone", ambience="soft-rian", cache=tmp_path / "cache"))
    assert not (tmp_path / "cache").exists()


def test_a_demanded_bell_is_told_before_anything_is_mixed(tmp_path: Path) -> None:
    """A preset that demands an ending bell refuses a script without one."""
    (script := tmp_path / "script.yaml").write_text("title: A\nsegments:\n  - say: Hello.\n", "utf-8")
    options = breathmark.Options(voice="tone", preset="insight-timer", cache=tmp_path / "cache")
    with pytest.raises(RequestError, match="demands a bell"):
        breathmark.render(script, tmp_path / "a.mp3", options)
    assert not list(tmp_path.glob("*.mp3"))
