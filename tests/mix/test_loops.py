"""An ambience as a loop: nothing is heard where it begins again, and it is as loud as is noted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydub import AudioSegment

from breathmark.api.loops import loop_file
from breathmark.audio.loudness import gated_lufs
from breathmark.mix import loops
from breathmark.mix.assets import find_ambience, own_track
from breathmark.mix.loops import ambience_loop
from breathmark.mix.pieces import PieceStore
from tests.formats.material import soundfile_decode

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "LOOP_S", 20)


@pytest.mark.parametrize("name", ["brown-noise", pytest.param("tanpura", marks=pytest.mark.slow)])
def test_its_end_leads_into_its_beginning(name: str, tmp_path: Path) -> None:
    """No step and no jump of the level there that is not elsewhere, too."""
    loop = ambience_loop(find_ambience(name), PieceStore(root=tmp_path, session="loop"))
    rate_hz = loop.rate_hz
    assert 20 <= len(loop.samples) / rate_hz < 23
    twice = np.concatenate([loop.samples, loop.samples])
    steps = np.abs(np.diff(twice, axis=0)).max(axis=1)
    seam = steps[len(loop.samples) - 50 : len(loop.samples) + 50]
    assert seam.max() <= steps.max()
    level_db = [20 * np.log10(np.std(twice[at : at + rate_hz])) for at in range(0, len(twice) - rate_hz, rate_hz // 2)]
    across = 20 * np.log10(np.std(twice[len(loop.samples) - rate_hz // 2 :][:rate_hz]))
    assert min(level_db) - 0.5 <= across <= max(level_db) + 0.5


@pytest.mark.slow
def test_the_file_is_as_loud_as_is_noted(tmp_path: Path) -> None:
    """Decoded, within 0.1 LU, and under its ceiling."""
    lufs = loop_file("pink-noise", tmp_path / "x.mp3", tmp_path, tmp_path / "cache", 1)
    decoded = soundfile_decode(tmp_path / "x.mp3")
    assert gated_lufs(decoded.astype(np.float32), 44_100) == pytest.approx(lufs, abs=0.1)
    assert np.abs(decoded).max() < 10 ** (-1 / 20)


def test_silence_has_a_level(tmp_path: Path) -> None:
    """That a page can reckon with: infinity is no JSON."""
    AudioSegment.silent(5_000, 44_100).export(tmp_path / "quiet.wav", format="wav").close()
    loop = ambience_loop(own_track(tmp_path / "quiet.wav"), PieceStore(root=tmp_path, session="loop"))
    assert math.isfinite(loop.lufs)
    assert not loop.samples.any()
