"""Sounds that nobody has are told before the voice begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import breathmark
from breathmark.errors import AssetError, RequestError

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPTS = {
    "the session's": "title: A\nambience: soft-rian\nsegments:\n  - say: Hello.\n",
    "a segment's": "title: A\nsegments:\n  - repeat: 2\n    segments: [{say: Hello., ambience: soft-rian}]\n",
    "a bell": "title: A\nsegments:\n  - bell: tingsah\n  - say: Hello.\n",
}


@pytest.mark.parametrize("text", _SCRIPTS.values(), ids=_SCRIPTS.keys())
def test_a_missing_sound_is_told_before_a_word_is_spoken(text: str, tmp_path: Path) -> None:
    """By plan as an error, by check as a problem of the script, with the near miss; nothing is cached afterwards."""
    (script := tmp_path / "script.yaml").write_text(text, "utf-8")
    options = breathmark.Options(voice="tone", cache=tmp_path / "cache")
    with pytest.raises(AssetError, match="did you mean"):
        breathmark.plan(script, options)
    (problem,) = breathmark.check(script, options).problems
    assert problem.severity == "error"
    assert "did you mean" in problem.hint
    assert not (tmp_path / "cache").exists()


def test_an_ambience_of_the_command_s_own_stands_for_the_script_s(tmp_path: Path) -> None:
    """Then nobody needs the script's."""
    (script := tmp_path / "script.yaml").write_text(_SCRIPTS["the session's"], "utf-8")
    options = breathmark.Options(voice="tone", ambience="none", cache=tmp_path / "cache")
    assert breathmark.render(script, tmp_path / "a.wav", options).path.exists()


def test_a_misspelt_ambience_of_the_command_is_told_first_too(tmp_path: Path) -> None:
    """What `--ambience` asks for is looked up before a word is spoken."""
    (script := tmp_path / "script.yaml").write_text("title: A\nsegments:\n  - say: Hello.\n", "utf-8")
    with pytest.raises(AssetError, match="did you mean soft-rain"):
        breathmark.plan(script, breathmark.Options(voice="tone", ambience="soft-rian", cache=tmp_path / "cache"))
    assert not (tmp_path / "cache").exists()


def test_a_demanded_bell_is_told_before_anything_is_mixed(tmp_path: Path) -> None:
    """A preset that demands an ending bell refuses a script without one."""
    (script := tmp_path / "script.yaml").write_text("title: A\nsegments:\n  - say: Hello.\n", "utf-8")
    options = breathmark.Options(voice="tone", preset="insight-timer", cache=tmp_path / "cache")
    with pytest.raises(RequestError, match="demands a bell"):
        breathmark.render(script, tmp_path / "a.mp3", options)
    assert not list(tmp_path.glob("*.mp3"))
