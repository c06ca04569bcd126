"""Checks of the levels of a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.verification.decoding import FLOOR_LUFS
from breathmark.verification.measurements import SILENT_DB, Measurements
from breathmark.verification.places import rest_spans
from breathmark.verification.verdict import CheckedItem, judged, skipped

if TYPE_CHECKING:
    from breathmark.formats.presets import Preset
    from breathmark.formats.session import RenderRecord
    from breathmark.mix.narration import Narration


_VOICE_LU: Final = 0.5
"""The renderer promises 0.3 LU for the voice alone; the ambience under it adds up to 0.2."""
_WHOLE_LU: Final = 1.0
"""Where it isn't known where the voice is, bells and ambience count, too."""
_BACKGROUND_LU: Final = 0.5
_PEAK_DB: Final = 0.05
_NOISE_FLOOR_DB: Final = -60.0
"""ACX, "Audio submission requirements"."""
_FLOOR_STEPS: Final = 5


def level_findings(preset: Preset, record: RenderRecord | None, measured: Measurements) -> Iterator[CheckedItem]:
    """Everything about its levels."""
    if preset.narration:
        yield _rms(preset.narration, measured)
        yield _noise_floor(record, measured)
    else:
        yield _loudness(preset, measured)
    if preset.min_below_voice_lu is not None:
        yield _background(preset.min_below_voice_lu, record, measured)
    peak, ceiling = measured.true_peak_dbtp, preset.ceiling_dbtp
    yield judged("true peak", f"{peak:.1f} dBTP", f"at most {ceiling:g} dBTP", good=peak <= ceiling + _PEAK_DB)


def _loudness(preset: Preset, measured: Measurements) -> CheckedItem:
    known = measured.voice_lufs is not None
    lufs, tolerance = (
        (measured.voice_lufs, _VOICE_LU) if measured.voice_lufs is not None else (measured.whole_lufs, _WHOLE_LU)
    )
    what = "voice" if known else "whole file"
    asked = f"{preset.voice_lufs:g} LUFS, within {tolerance:g} LU"
    found = f"{what} {lufs:.1f} LUFS" if lufs > FLOOR_LUFS else f"{what} silent"
    if known and abs(measured.whole_lufs - preset.voice_lufs) > _WHOLE_LU:
        found += f" (whole file {measured.whole_lufs:.1f})"
    return judged("loudness", found, asked, good=abs(lufs - preset.voice_lufs) <= tolerance)


def _background(least_lu: float, record: RenderRecord | None, measured: Measurements) -> CheckedItem:
    """How far what lies between sentences is under the voice."""
    item = "background"
    if record is None or measured.voice_lufs is None:
        return skipped(item, "only session.json says where the voice rests, and there is none")
    if measured.background_lufs is None:
        return skipped(item, "there is no short rest between two sentences")
    below = measured.voice_lufs - measured.background_lufs
    silent = measured.background_lufs <= FLOOR_LUFS
    found = "silent" if silent else f"{below:.1f} LU under the voice"
    return judged(item, found, f"at least {least_lu:g} LU", good=silent or below >= least_lu - _BACKGROUND_LU)


def _rms(narration: Narration, measured: Measurements) -> CheckedItem:
    least, most = narration.least_rms_db, narration.most_rms_db
    good = least <= measured.rms_db <= most
    return judged("rms", f"{measured.rms_db:.1f} dB", f"{least:g} to {most:g} dB over the whole file", good=good)


def _noise_floor(record: RenderRecord | None, measured: Measurements) -> CheckedItem:
    """The loudest half second of the rests; where these aren't known, the softest of the whole file."""
    levels = measured.levels
    power = 10 ** (levels.rms_db.astype(np.float64) / 10)
    if len(power) < _FLOOR_STEPS:
        return skipped("noise floor", "it is too short")
    smooth = np.convolve(power, np.full(_FLOOR_STEPS, 1 / _FLOOR_STEPS), "valid")
    floor = float(smooth.min())
    if record is not None:
        steps = [
            (-(-begin // levels.block_frames), end // levels.block_frames - _FLOOR_STEPS)
            for begin, end in rest_spans(record).pairs()
        ]
        inside = (smooth[first : last + 1] for first, last in steps if first <= last)
        floor = max((float(rest.max()) for rest in inside if len(rest)), default=floor)
    floor_db = max(float(10 * np.log10(max(floor, 1e-12))), SILENT_DB)
    return judged(
        "noise floor", f"{floor_db:.1f} dB", f"at most {_NOISE_FLOOR_DB:g} dB RMS", good=floor_db <= _NOISE_FLOOR_DB
    )
