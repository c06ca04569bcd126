"""Word times on their whole way, from what the engine tells into the captions beside a finished file."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from breathmark import Options, render

if TYPE_CHECKING:
    from pathlib import Path

ESPEAK = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="eSpeak's events tell times on Linux alone")
PIPER = pytest.mark.skipif(find_spec("piper") is None or find_spec("onnx") is None, reason="Piper or onnx is missing")
HIBARI = pytest.mark.skipif(find_spec("hibari") is None, reason="hibari-tts is missing")
WORDS = ("Stone", "river", "candle", "meadow", "garden", "table", "darling", "number", "bottle", "lantern", "pillow")
SCRIPT = f"""\
title: Eleven words
voice: {{name: "VOICE", speed: 0.7}}
segments:
  - say: |
      {", ".join(WORDS)}.
"""
_WINDOW_S = 0.005


def onsets_s(path: Path, rest_s: float) -> list[float]:
    """When sound begins after a rest: above 40 dB under the loudest 5 ms."""
    samples, rate_hz = soundfile.read(path, always_2d=True)
    window = round(_WINDOW_S * rate_hz)
    mono = samples[: len(samples) // window * window].mean(axis=1)
    energy = np.sqrt(np.mean(mono.reshape(-1, window) ** 2, axis=1))
    heard = np.nonzero(energy > energy.max() / 100)[0]
    exact_s = window / rate_hz  # a window of 5 ms has no whole number of frames at 44.1 kHz
    after_rest = np.diff(heard, prepend=-1000) * exact_s > rest_s
    return [float(place) * exact_s for place in heard[after_rest]]


def stamps_s(captions: str) -> list[float]:
    """When each word begins: by its own stamp, or as the first of its cue."""
    moments = re.findall(r"(\d+):(\d+):([\d.]+)(?: --> \S+\n|><c>)", captions)
    return [int(hours) * 3600 + int(minutes) * 60 + float(seconds) for hours, minutes, seconds in moments]


@pytest.mark.parametrize(
    ("voice", "rest_s", "median_s", "most_s"),
    # Longer than the closure of any stop inside these words, shorter than the voice's rest at a comma.
    [
        pytest.param("pyttsx3:en-us", 0.08, 0.060, 0.150, marks=ESPEAK),
        pytest.param("piper:joe", 0.16, 0.040, 0.075, marks=[PIPER, pytest.mark.slow]),
        pytest.param("hibari:heart", 0.16, 0.050, 0.085, marks=HIBARI),
    ],
)
def test_captions_tell_when_each_word_sounds(
    voice: str, rest_s: float, median_s: float, most_s: float, tmp_path: Path
) -> None:
    """Eleven isolated words, against the energy of the finished file."""
    script = tmp_path / "words.yaml"
    script.write_text(SCRIPT.replace("VOICE", voice))
    options = Options(ambience="none", bells=False, preset="podcast", cache=tmp_path / "cache")
    artefact = render(script, tmp_path / "words.wav", options)
    captions = artefact.path.with_suffix(".vtt").read_text()
    told, heard = stamps_s(captions), onsets_s(artefact.path, rest_s)
    assert len(told) == len(heard) == len(WORDS)
    errors = np.abs(np.subtract(told, heard))
    assert float(np.median(errors)) <= median_s
    assert float(errors.max()) <= most_s
    assert told == sorted(told)
