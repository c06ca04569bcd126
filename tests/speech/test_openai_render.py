"""A session by a server, from script to file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import soundfile

from breathmark import Options, VoiceError, render

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import TalkingServer

SCRIPT = """
title: A Short Rest
language: en
length: 30s..60s..2m
variables:
  name: {default: "", max_length: 24}
segments:
  - title: Arriving
    say: |
      Welcome{% if name %}, {{ name }}{% endif %}. [pause 3s]
      You might let your eyes rest, or keep them open. [long]
  - title: Leaving
    say: |
      Whenever you like, look around the room. [long]
"""
SENTENCES = 3


def project(folder: Path, settings: dict[str, str]) -> Path:
    """A script beside the settings of its project."""
    facts = {"narrators": {"openai": settings}, "voice": {"name": "openai:alto"}}
    (folder / "breathmark.yaml").write_text(json.dumps(facts), encoding="utf-8")
    script = folder / "rest.yaml"
    script.write_text(SCRIPT, encoding="utf-8")
    return script


@pytest.mark.slow
def test_a_session_by_a_server_is_exact_to_the_frame(natural_server: TalkingServer, tmp_path: Path) -> None:
    """With a natural voice behind it, at the voice's loudness; another length asks the server for nothing."""
    script = project(tmp_path, natural_server.settings)
    options = {"cache": tmp_path / "cache"}
    render(script, tmp_path / "rest.wav", Options(length="45s", **options))  # type: ignore[arg-type]
    assert soundfile.info(tmp_path / "rest.wav").frames == 45 * 44_100
    facts = json.loads(next(tmp_path.glob("rest*session.json")).read_text(encoding="utf-8"))
    assert facts["loudness"]["voice_lufs"] == pytest.approx(-16, abs=0.3)
    asked = len(natural_server.asked)
    assert asked == SENTENCES + 1 + 2  # its level, and two trials of its pace
    render(script, tmp_path / "longer.wav", Options(length="50s", **options))  # type: ignore[arg-type]
    assert soundfile.info(tmp_path / "longer.wav").frames == 50 * 44_100
    assert len(natural_server.asked) == asked


def test_a_name_is_not_sent_elsewhere(tmp_path: Path) -> None:
    """To a server that is not on this machine no sentence with a listener's name goes, and no file appears."""
    script = project(tmp_path, {"base": "http://192.0.2.1:9", "model": "m", "voices": "alto", "pace": "200"})
    with pytest.raises(VoiceError, match="private values to 192"):
        render(script, tmp_path / "rest.wav", Options(cache=tmp_path / "cache", values={"name": "Rosalind"}))
    assert not list(tmp_path.glob("rest.wav*"))
