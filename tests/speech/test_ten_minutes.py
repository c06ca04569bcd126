"""One session of ten minutes by every narrator that speaks: exact to the frame, and as loud as the preset says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml

from ..end_to_end.measure import decoded, frames_by_libsndfile, measured  # noqa: TID252 - tests are no package
from ..takes.reading_aloud import SENTENCES, read_aloud, write_wav  # noqa: TID252 - the same

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from .conftest import TalkingServer

RATE_HZ = 44_100
LENGTH_S = 600


def project(folder: Path, voice: str, settings: Mapping[str, Mapping[str, str]]) -> Path:
    """A script of 64 sentences in a project with these settings of its narrators."""
    (folder / "breathmark.yaml").write_text(json.dumps({"narrators": settings}), encoding="utf-8")
    script = {
        "title": "Ten Minutes",
        "voice": voice,
        "ambience": "soft-rain",
        "length": "6m..10m..14m",
        "segments": [
            {"bell": "singing-bowl"},
            {"title": "All", "say": "".join(f"{each} [pause 1s..4s..12s]\n" for each in SENTENCES)},
            {"bell": "singing-bowl"},
        ],
    }
    path = folder / "ten.yaml"
    path.write_text(yaml.safe_dump(script, sort_keys=False), encoding="utf-8")
    return path


def by_the_system(folder: Path, _: pytest.FixtureRequest) -> Path:
    """The voice of eSpeak NG."""
    return project(folder, "pyttsx3:en-us", {})


def by_hibari(folder: Path, _: pytest.FixtureRequest) -> Path:
    """The default voice."""
    pytest.importorskip("hibari")
    return project(folder, "hibari:heart", {})


def by_piper(folder: Path, _: pytest.FixtureRequest) -> Path:
    """The voice of the wheel."""
    pytest.importorskip("piper")
    return project(folder, "piper:joe", {})


def by_kokoro(folder: Path, request: pytest.FixtureRequest) -> Path:
    """The real model."""
    request.getfixturevalue("kokoro_model")
    return project(folder, "kokoro:af_heart", {})


def by_a_server(folder: Path, request: pytest.FixtureRequest) -> Path:
    """A server on loopback that speaks with the system's voice."""
    server: TalkingServer = request.getfixturevalue("speaking_server")
    return project(folder, "openai:alto", {"openai": server.settings})


def by_takes(folder: Path, request: pytest.FixtureRequest) -> Path:
    """Takes that were cut from one long recording in a room."""
    script = project(folder, "recorded", {"recorded": {"folder": "takes"}})
    (folder / "takes").mkdir()
    whole, _ = read_aloud(SENTENCES, range(len(SENTENCES)))
    run = request.getfixturevalue("breathmark")
    done = run("takes", "split", write_wav(folder / "long.wav", whole), script, "--json")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    assert len(facts["takes"]) == len(SENTENCES)
    assert facts["skipped"] == facts["extras"] == []
    return script


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "prepare",
    [
        by_the_system,
        pytest.param(by_hibari, marks=pytest.mark.nightly),  # as end_to_end/test_shipped.py does with three sessions
        pytest.param(by_piper, marks=pytest.mark.nightly),
        pytest.param(by_kokoro, marks=pytest.mark.nightly),
        pytest.param(by_a_server, marks=pytest.mark.nightly),
        by_takes,
    ],
)
def test_a_session_of_ten_minutes(
    prepare: Callable[[Path, pytest.FixtureRequest], Path],
    request: pytest.FixtureRequest,
    tmp_path: Path,
    breathmark: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    """Its MP3 has every frame by two decoders, -16 LUFS by another meter than ours, and passes ``verify``."""
    script, target = prepare(tmp_path, request), tmp_path / "ten.mp3"
    words = ("render", script, "--length", "10m", "--preset", "podcast", "-o", target, "--json")
    done = breathmark(*words, cwd=tmp_path, timeout=3000)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["voice_lufs"] == pytest.approx(-16, abs=0.2)
    found = measured(decoded(target))
    assert found.frames == frames_by_libsndfile(target) == LENGTH_S * RATE_HZ
    assert found.lufs == pytest.approx(-16, abs=0.5)
    assert found.true_peak_dbtp <= -1
    verified = breathmark("verify", target)
    assert verified.returncode == 0, verified.stdout + verified.stderr
