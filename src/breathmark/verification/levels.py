"""What is asked of the levels of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.verification.decoding import FLOOR_LUFS
from breathmark.verification.heard import SILENT_DB
from breathmark.verification.places import rest_spans
from breathmark.verification.verdict import judged, skipped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.formats.presets import Preset
    from breathmark.mix.narration import Narration
    from breathmark.verification.heard import Heard
    from breathmark.verification.record import Record
    from breathmark.verification.verdict import Finding


_VOICE_LU: Final = 0.5
"""The renderer promises 0.3 LU for the voice alone; the ambience under it adds up to 0.2."""
_WHOLE_LU: Final = 1.0
"""Where it isn't known where the voice is, bells and ambience count, too."""
_BACKGROUND_LU: Final = 0.5
_PEAK_DB: Final = 0.05
_NOISE_FLOOR_DB: Final = -60.0
"""ACX, "Audio submission requirements"."""
_FLOOR_STEPS: Final = 5


def level_findings(preset: Preset, record: Record | None, heard: Heard) -> Iterator[Finding]:
    """Everything about its levels."""
    if preset.narration:
        yield _rms(preset.narration, heard)
        yield _noise_floor(record, heard)
    else:
        yield _loudness(preset, heard)
    if preset.min_below_voice_lu is not None:
        yield _background(preset.min_below_voice_lu, record, heard)
    peak, ceiling = heard.true_peak_dbtp, preset.ceiling_dbtp
    yield judged("true peak", f"{peak:.1f} dBTP", f"at most {ceiling:g} dBTP", good=peak <= ceiling + _PEAK_DB)


def _loudness(preset: Preset, heard: Heard) -> Finding:
    known = heard.voice_lufs is not None
    lufs, tolerance = (heard.voice_lufs, _VOICE_LU) if heard.voice_lufs is not None else (heard.whole_lufs, _WHOLE_LU)
    what = "voice" if known else "whole file"
    asked = f"{preset.voice_lufs:g} LUFS, within {tolerance:g} LU"
    found = f"{what} {lufs:.1f} LUFS" if lufs > FLOOR_LUFS else f"{what} silent"
    return judged("loudness", found, asked, good=abs(lufs - preset.voice_lufs) <= tolerance)


def _background(least_lu: float, record: Record | None, heard: Heard) -> Finding:
    """How far what lies between sentences is under the voice."""
    item = "background"
    if record is None or heard.voice_lufs is None:
        return skipped(item, "session.json tells where the voice rests, and there is none")
    if heard.background_lufs is None:
        return skipped(item, "there is no short rest between two sentences")
    below = heard.voice_lufs - heard.background_lufs
    silent = heard.background_lufs <= FLOOR_LUFS
    found = "silent" if silent else f"{below:.1f} LU under the voice"
    return judged(item, found, f"at least {least_lu:g} LU", good=silent or below >= least_lu - _BACKGROUND_LU)


def _rms(narration: Narration, heard: Heard) -> Finding:
    least, most = narration.least_rms_db, narration.most_rms_db
    good = least <= heard.rms_db <= most
    return judged("rms", f"{heard.rms_db:.1f} dB", f"{least:g} to {most:g} dB over the whole file", good=good)


def _noise_floor(record: Record | None, heard: Heard) -> Finding:
    """The loudest half second of the rests; where these aren't known, the softest of the whole file."""
    levels = heard.levels
    power = 10 ** (levels.rms_db.astype(np.float64) / 10)
    if len(power) < _FLOOR_STEPS:
        return skipped("noise floor", "it is too short")
    smooth = np.convolve(power, np.full(_FLOOR_STEPS, 1 / _FLOOR_STEPS), "valid")
    floor = float(smooth.min())
    if record is not None:
        steps = [
            (-(-begin // levels.step_frames), end // levels.step_frames - _FLOOR_STEPS)
            for begin, end in rest_spans(record).pairs()
        ]
        heard_rests = (smooth[first : last + 1] for first, last in steps if first <= last)
        floor = max((float(rest.max()) for rest in heard_rests if len(rest)), default=floor)
    floor_db = max(float(10 * np.log10(max(floor, 1e-12))), SILENT_DB)
    return judged(
        "noise floor", f"{floor_db:.1f} dB", f"at most {_NOISE_FLOOR_DB:g} dB RMS", good=floor_db <= _NOISE_FLOOR_DB
    )
