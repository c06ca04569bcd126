"""Sounds that nobody has are told before the voice begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import breathmark
from breathmark.errors import AssetError

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPTS = {
    "the session's": "title: A\nambience: soft-rian\nsegments:\n  - say: Hello.\n",
    "a segment's": "title: A\nsegments:\n  - repeat: 2\n    segments: [{say: Hello., ambience: soft-rian}]\n",
    "a bell": "title: A\nsegments:\n  - bell: tingsah\n  - say: Hello.\n",
}


@pytest.mark.parametrize("text", _SCRIPTS.values(), ids=_SCRIPTS.keys())
def test_a_missing_sound_is_told_before_a_word_is_spoken(text: str, tmp_path: Path) -> None:
    """By check and by plan, with the near miss; nothing is in the cache afterwards."""
    (script := tmp_path / "script.yaml").write_text(text, "utf-8")
    options = breathmark.Options(voice="tone", cache=tmp_path / "cache")
    for command in (breathmark.check, breathmark.plan):
        with pytest.raises(AssetError, match="did you mean"):
            command(script, options)
    assert not (tmp_path / "cache").exists()


def test_an_ambience_of_the_command_s_own_stands_for_the_script_s(tmp_path: Path) -> None:
    """Then nobody needs the script's."""
    (script := tmp_path / "script.yaml").write_text(_SCRIPTS["the session's"], "utf-8")
    options = breathmark.Options(voice="tone", ambience="none", cache=tmp_path / "cache")
    assert breathmark.render(script, tmp_path / "a.wav", options).path.exists()
