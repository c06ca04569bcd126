"""Remarks on levels: what is said of a swell that is limited, and of a file that is far from its preset."""

from __future__ import annotations

from dataclasses import replace

from breathmark.formats.presets import preset_for
from breathmark.formats.remarks import loudness_remark, swell_remark
from breathmark.results import Levels

PODCAST = preset_for("podcast")
FINE = Levels(
    voice_lufs=-16.0, file_lufs=-16.1, ambience_lufs=-36.0, swell_lu=4.0, swell_asked_lu=4.0, below_voice_lu=20.0
)


def _with(**changed: object) -> Levels:
    return replace(FINE, **changed)  # type: ignore[arg-type]  # fields of it


def test_nothing_is_said_where_all_is_as_asked() -> None:
    """Nor where there is no ambience, or no voice."""
    for levels in (FINE, Levels(voice_lufs=-16.0, file_lufs=-16.4), Levels(voice_lufs=-70.0, file_lufs=-36.0)):
        assert swell_remark(levels) == loudness_remark(PODCAST, levels) == ""


def test_a_limited_swell_is_said_with_its_reason() -> None:
    """How far it rises, how far it was asked to, and which of the two limits holds it."""
    said = swell_remark(_with(swell_lu=1.72, swell_limit="gate"))
    assert "rises by 1.7 LU" in said
    assert "`swell: 4`" in said
    assert "loudness of the whole file" in said
    assert "does not rise" in swell_remark(_with(swell_lu=0.0, swell_limit="gate"))
    assert "less than its voice" in swell_remark(_with(swell_lu=2.0, swell_limit="file"))


def test_a_file_far_from_its_preset_is_reported_with_what_to_do() -> None:
    """With the `below_voice` that mends it where the ambience counts; where bells do, without them."""
    sparse = _with(file_lufs=-26.1, ambience_under_gate=False, quiet_below_voice_lu=31.0)
    said = loudness_remark(PODCAST, sparse)
    assert "-26.1 LUFS, 10.1 LU under the preset podcast" in said
    assert "`below_voice: 31`" in said
    assert "--no-bell" in loudness_remark(PODCAST, Levels(voice_lufs=-16.0, file_lufs=-17.5))
    assert not loudness_remark(preset_for("audiobook"), sparse)
