"""Remarks on the levels of a finished file: what did not come out as it was asked for, why, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from breathmark.results import SILENCE_LUFS, Levels, SwellLimit

if TYPE_CHECKING:
    from breathmark.formats.presets import Preset


_FILE_OFF_LU: Final = 1.0
"""How far a whole file may read from its preset: Apple's "Audio requirements" allow podcasts 1 dB either way."""
_SWELL_OFF_LU: Final = 0.05
_BECAUSE: Final[dict[SwellLimit, str]] = {
    "gate": "it would count in the loudness of the whole file",
    "file": "the whole file would measure less than its voice",
}


def swell_remark(levels: Levels) -> str:
    """How far the ambience rises in long rests, where that is less than was asked for, and why; else empty."""
    asked, risen = levels.swell_asked_lu, levels.swell_lu
    if asked is None or risen is None or not levels.swell_limit or asked - risen <= _SWELL_OFF_LU:
        return ""
    how_far = f"rises by {risen:.1f} LU in long rests" if risen >= _SWELL_OFF_LU else "does not rise in long rests"
    return f"the ambience {how_far}, where `swell: {asked:g}` is asked for: louder, {_BECAUSE[levels.swell_limit]}"


def loudness_remark(preset: Preset, levels: Levels) -> str:
    """What to do with a file that is more than 1 LU from its preset although its voice is right; else empty."""
    off_lu = levels.file_lufs - preset.voice_lufs
    if preset.narration or abs(off_lu) <= _FILE_OFF_LU or levels.voice_lufs <= SILENCE_LUFS:
        return ""
    measured = (
        f"the whole file measures {levels.file_lufs:.1f} LUFS, {abs(off_lu):.1f} LU {'under' if off_lu < 0 else 'over'}"
        f" the preset {preset.name}, though its voice is at {levels.voice_lufs:.1f}: players that even out files change"
        " it by that much. There is so little speech that"
    )
    if levels.ambience_under_gate or levels.ambience_lufs is None:
        return f"{measured} the bells count as much: render it with --no-bell, or shorter"
    if not levels.quiet_below_voice_lu:
        advice = "write `ambience: none`, and render it with --no-bell, or shorter"
        return f"{measured} the ambience and dying bells count: {advice}"
    softer = f"`below_voice: {levels.quiet_below_voice_lu:g}`"
    return f"{measured} the ambience counts: write {softer} or `ambience: none`, or render it shorter"
