"""Sessions that are nearly all silence: their loudness is said, and is what an independent meter reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

import breathmark
from breathmark import Options

from .measure import decoded, joined, loudness, measured, session, speech_spans

if TYPE_CHECKING:
    from pathlib import Path

SPARSE: Final = """\
title: Sparse
language: en
length: 60s..4m..2h
ambience: {sound: soft-rain, below_voice: 20, swell: 4}
segments:
  - say: |
      Let your attention rest where it is at ease. [pause 20s..60s..60m]
      Whatever you notice is welcome here. [pause 20s..60s..60m]
      You could let the breath come and go by itself. [pause 20s..60s..60m]
      When you are ready, let your eyes open.
"""


def _rendered(folder: Path, length: str, output: str, ambience: str = "") -> breathmark.Artefact:
    (folder / "breathmark.yaml").write_text("{}\n", encoding="utf-8")
    script = folder / "sparse.yaml"
    script.write_text(SPARSE.replace("soft-rain", ambience or "soft-rain"), encoding="utf-8")
    return breathmark.render(script, folder / output, Options(voice="hibari:heart", length=length))


@pytest.mark.slow
@pytest.mark.timeout(3600)  # where an hour of the sea is made by a busy machine
@pytest.mark.parametrize("ambience", ["soft-rain", "slow-sea", "none"])
@pytest.mark.parametrize(
    "length", ["4:27", pytest.param("30m", marks=pytest.mark.nightly), pytest.param("60m", marks=pytest.mark.nightly)]
)
def test_the_loudness_of_a_sparse_file_is_as_said(tmp_path: Path, length: str, ambience: str) -> None:
    """`file_lufs` is what libebur128 reads of the decoded MP3 within 0.1 LU, the voice at -16 within 0.3."""
    made = _rendered(tmp_path, length, "sparse.mp3", ambience)
    said = session(made.path)["loudness"]
    whole = measured(decoded(made.path))
    assert said["file_lufs"] == pytest.approx(whole.lufs, abs=0.1)
    assert loudness(joined(decoded(made.path), speech_spans(made.path))) == pytest.approx(-16, abs=0.3)
    assert whole.true_peak_dbtp <= -1
    if abs(whole.lufs + 16) > 1.1:
        assert f"{said['file_lufs']:.1f} LUFS" in made.loudness_remark
    elif abs(whole.lufs + 16) < 0.9:
        assert not made.loudness_remark


@pytest.mark.slow
def test_what_a_remark_advises_mends_it(tmp_path: Path) -> None:
    """With the `below_voice` that the remark names, the file is within 1 LU of its preset, and nothing is said."""
    made = _rendered(tmp_path, "4:27", "sparse.flac")
    assert made.levels.quiet_below_voice_lu
    advised = f"`below_voice: {made.levels.quiet_below_voice_lu:g}`"
    assert advised in made.loudness_remark
    assert "does not rise" in made.swell_remark
    script = tmp_path / "sparse.yaml"
    script.write_text(SPARSE.replace("below_voice: 20", advised.strip("`")), encoding="utf-8")
    again = breathmark.render(script, tmp_path / "again.flac", Options(voice="hibari:heart", length="4:27"))
    assert again.file_lufs == pytest.approx(-16, abs=1)
    assert not again.loudness_remark
