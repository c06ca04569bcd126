"""Word times on their whole way, from the engine's events into the captions beside a finished file."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from breathmark import Options, render

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only eSpeak's events tell times")

WORDS = ("Stone", "river", "candle", "meadow", "garden", "table", "darling", "number", "bottle", "lantern", "pillow")
SCRIPT = f"""\
title: Eleven words
voice: {{name: "pyttsx3:en-us", speed: 0.7}}
segments:
  - say: |
      {", ".join(WORDS)}.
"""
_WINDOW_S = 0.005
_REST_S = 0.08
"""Longer than the closure of any stop inside these words, shorter than eSpeak's rest at a comma."""


def onsets_s(path: Path) -> list[float]:
    """When sound begins after a rest: above 40 dB under the loudest 5 ms."""
    samples, rate_hz = soundfile.read(path, always_2d=True)
    window = round(_WINDOW_S * rate_hz)
    mono = samples[: len(samples) // window * window].mean(axis=1)
    energy = np.sqrt(np.mean(mono.reshape(-1, window) ** 2, axis=1))
    heard = np.nonzero(energy > energy.max() / 100)[0]
    after_rest = np.diff(heard, prepend=-1000) * _WINDOW_S > _REST_S
    return [float(place) * _WINDOW_S for place in heard[after_rest]]


def stamps_s(captions: str) -> list[float]:
    """When each word begins: by its own stamp, or as the first of its cue."""
    moments = re.findall(r"(\d+):(\d+):([\d.]+)(?: --> \S+\n|><c>)", captions)
    return [int(hours) * 3600 + int(minutes) * 60 + float(seconds) for hours, minutes, seconds in moments]


def test_captions_tell_when_each_word_sounds(tmp_path: Path) -> None:
    """Eleven isolated words, against the energy of the finished file: median error at most 60 ms, none over 150 ms."""
    script = tmp_path / "words.yaml"
    script.write_text(SCRIPT)
    options = Options(ambience="none", bells=False, preset="podcast", cache=tmp_path / "cache")
    artefact = render(script, tmp_path / "words.wav", options)
    captions = artefact.path.with_suffix(".vtt").read_text()
    told, heard = stamps_s(captions), onsets_s(artefact.path)
    assert len(told) == len(heard) == len(WORDS)
    errors = np.abs(np.subtract(told, heard))
    assert float(np.median(errors)) <= 0.060
    assert float(errors.max()) <= 0.150
    assert told == sorted(told)
