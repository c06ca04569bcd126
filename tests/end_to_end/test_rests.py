"""Rests, heard in the decoded file: as long as asked, quiet and not dead, and without a step at the ends of clips."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import breathmark
from breathmark import Options
from tests.profiles import quick_only

from .measure import decoded, session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

SCRIPT = """\
title: Rests
language: en
ambience: {sound: none, room_tone: LEVEL}
segments:
  - say: |
      Let your eyes rest. [pause 1s!] Notice the softness of this breath. [pause 2500ms!] Half of it is silence.
      [pause 400ms!] Feel the ground. [pause 3s!] Perhaps a sound reaches you. [pause 1200ms!] Stop. [pause 2s!]
      Welcome it, with kindness.
"""
VOICES = ("hibari:heart", "pyttsx3", "piper:joe")
UNDER_DB = 32.0


def _rendered(folder: Path, voice: str, output: str, level: str = "-75") -> Path:
    (folder / "breathmark.yaml").write_text("{}\n", encoding="utf-8")
    script = folder / "rests.yaml"
    script.write_text(SCRIPT.replace("LEVEL", level), encoding="utf-8")
    return breathmark.render(script, folder / output, Options(voice=voice)).path


def _left(path: Path) -> NDArray[np.float32]:
    return np.concatenate([piece[:, 0] for piece in decoded(path)])


def _heard(samples: NDArray[np.float32], data: dict[str, Any]) -> Iterator[tuple[float, float]]:
    """How long each rest between two sentences is asked to be, and how long nothing sounds, in seconds.

    A sentence is heard from the first to the last 10 ms that are less than 32 dB under its RMS.
    """
    rate_hz, speech = data["rate_hz"], data["speech"]
    rests = {rest["start_frame"]: rest for rest in data["rests"]}
    middle = [(one["start_frame"] + one["frames"] + other["start_frame"]) // 2 for one, other in pairwise(speech)]
    edges, ends = [0, *middle, len(samples)], []
    for (first, last), spoken in zip(pairwise(edges), speech, strict=True):
        part = samples[first:last]
        threshold = np.vdot(part, part) / spoken["frames"] * 10 ** (-UNDER_DB / 10)
        step = round(0.001 * rate_hz)
        squares = np.cumsum(np.concatenate([[0.0], part.astype(np.float64) ** 2]))
        power = (squares[10 * step :: step] - squares[: -10 * step : step]) / (10 * step)
        sounding = np.flatnonzero(power > threshold) * step + 5 * step
        ends.append((first + sounding[0], first + sounding[-1]))
    for one, (_, end), (begin, _) in zip(speech, ends, ends[1:], strict=False):
        asked = rests[one["start_frame"] + one["frames"]]
        yield asked["ideal_s"], (begin - end) / rate_hz


@pytest.mark.parametrize("voice", quick_only(["hibari:heart"], VOICES))
@pytest.mark.parametrize("output", ["rests.flac", "rests.mp3"])
def test_rests_are_as_long_as_they_were_asked_to_be(tmp_path: Path, voice: str, output: str) -> None:
    """By the energy of the decoded file, within 10 ms; until the margins of clips counted, each was 80 ms longer."""
    path = _rendered(tmp_path, voice, output)
    found = list(_heard(_left(path), session(path)))
    assert [asked for asked, _ in found] == [1.0, 2.5, 0.4, 3.0, 1.2, 2.0]
    assert [heard for _, heard in found] == pytest.approx([asked for asked, _ in found], abs=0.010)


def test_a_session_without_ambience_is_never_dead(tmp_path: Path) -> None:
    """From the first frame to the last there is room tone at its level, and no run of digital zero; `off` has them."""
    path = _rendered(tmp_path, "hibari:heart", "still.mp3")
    samples, data = _left(path), session(path)
    assert data["loudness"]["room_tone_db"] == -75
    assert _longest_zero(samples) < 0.001 * data["rate_hz"]
    head = samples[: data["speech"][0]["start_frame"] - 4_410]
    assert 10 * np.log10(np.mean(np.square(head, dtype=np.float64))) == pytest.approx(-75, abs=1)
    dead = _rendered(tmp_path, "hibari:heart", "dead.flac", level="off")
    assert session(dead)["loudness"]["room_tone_db"] is None
    assert _longest_zero(_left(dead)) > session(dead)["rate_hz"] / 2


@pytest.mark.parametrize("voice", quick_only(["hibari:heart"], VOICES))
def test_clips_end_without_a_step(tmp_path: Path, voice: str) -> None:
    """In the last 5 ms before digital silence, and the first behind it, no sample is over -75 dBFS."""
    samples = _left(_rendered(tmp_path, voice, "steps.flac", level="off"))
    silent = np.flatnonzero(np.diff(np.concatenate([[0], (samples == 0).astype(np.int8), [0]])))
    runs = [(first, last) for first, last in silent.reshape(-1, 2) if last - first > 2_205]
    assert len(runs) > 5
    steps = [np.abs(np.diff(samples[max(at - 8, 0) : at + 8])).max(initial=0.0) for run in runs for at in run]
    assert 20 * np.log10(max(steps)) < -75


def _longest_zero(samples: NDArray[np.float32]) -> int:
    """The longest run of zeros, in frames."""
    changes = np.flatnonzero(np.diff(np.concatenate([[0], (samples == 0).astype(np.int8), [0]]))).reshape(-1, 2)
    return int((changes[:, 1] - changes[:, 0]).max(initial=0))
