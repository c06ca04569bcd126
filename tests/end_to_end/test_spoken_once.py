"""Nothing is spoken twice: another length speaks nothing, a changed sentence speaks one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from breathmark import Options, render
from breathmark.speech.pace import LEVEL_PASSAGE
from breathmark.speech.speaking import Speaker
from tests.profiles import quick_only

from .material import COURSE, LENGTHS, SENTENCES, SHIPPED, SMALL, small, stored

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    from breathmark.speech.contract import SpeechRequest
    from breathmark.speech.level import TrimmedClip


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What narrators are asked to speak in this process, as it happens."""
    heard: list[str] = []
    speak = Speaker.speak

    def spy(self: Speaker, request: SpeechRequest) -> TrimmedClip:
        heard.append(request.text)
        return speak(self, request)

    monkeypatch.setattr(Speaker, "speak", spy)
    return heard


@pytest.mark.slow
def test_another_length_speaks_nothing(spoken: list[str], tmp_path: Path) -> None:
    """The first render speaks each different sentence once, also those that only other lengths need."""
    script, cache = small(tmp_path), tmp_path / "cache"
    options = {"voice": "pyttsx3", "cache": cache, "jobs": 1}
    render(script, tmp_path / "a.wav", Options(length="40s", **options))  # type: ignore[arg-type]
    assert spoken.count(LEVEL_PASSAGE) == 1
    assert len(spoken) == len(set(spoken)) == SENTENCES + 1
    before = stored(cache)
    for length in ("35s", "60s", "2m"):
        render(script, tmp_path / f"{length}.wav", Options(length=length, **options))  # type: ignore[arg-type]
    assert len(spoken) == SENTENCES + 1
    assert stored(cache) == before


def test_a_changed_sentence_speaks_one(spoken: list[str], tmp_path: Path) -> None:
    """And so does a new one; all the others stay as they are stored."""
    cache = tmp_path / "cache"
    options = Options(voice="pyttsx3", cache=cache, jobs=1)
    render(small(tmp_path), tmp_path / "a.wav", options)
    before, heard = stored(cache), len(spoken)
    changed = SMALL.replace("or keep them open", "or leave them open")
    render(small(tmp_path, changed), tmp_path / "b.wav", options)
    assert spoken[heard:] == ["You might let your eyes rest, or leave them open."]
    after = stored(cache)
    assert len(after) == len(before) + 1
    assert before.items() <= after.items()


@pytest.mark.parametrize("voice", quick_only(["pyttsx3"], ["pyttsx3", "hibari", "piper"]))
def test_the_command_shares_the_cache(
    voice: str, spoken: list[str], breathmark: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    """What the command has spoken is not spoken again by Python, nor the other way round."""
    script, cache = small(tmp_path), tmp_path / "cache"
    done = breathmark("plan", script, "--voice", voice, "--cache", cache, "--json")
    assert done.returncode == 0, done.stderr
    before = stored(cache)
    render(script, tmp_path / "a.mp3", Options(voice=voice, cache=cache, length="50s"))
    assert not spoken
    assert stored(cache) == before


@pytest.mark.slow
@pytest.mark.parametrize("voice", ["pyttsx3", "hibari"])
@pytest.mark.parametrize("name", [SHIPPED[0], *(pytest.param(each, marks=pytest.mark.nightly) for each in SHIPPED[1:])])
def test_a_shipped_meditation_is_spoken_once_for_all_lengths(
    name: str, voice: str, clips: Path, command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """``plan`` at one length speaks what all the others need."""
    script = COURSE / f"{name}.yaml"
    assert command("plan", script, "--voice", voice, "--length", "5m").returncode == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Speaker, "speak", None)
        patch.setattr("breathmark.speech.narrate.Pool", None)
        for length in LENGTHS:
            done = command("plan", script, "--voice", voice, "--length", length, "--cache", clips)
            assert done.returncode == 0, done.stderr
