"""Room tone where no ambience lies under the voice, so that its rests are quiet and not dead."""

from __future__ import annotations

import math
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.mix.ambience import AmbienceTrack, Run
from breathmark.mix.envelope import Curve, crossfade_in, power, sounding_blocks, time_axis

if TYPE_CHECKING:
    from breathmark.audio.loudness import EnergyBlocks
    from breathmark.audio.pcm import MixGrid
    from breathmark.mix.beds import Bed


ROOM_TONE: Final = "room-tone"
_MEASURED_BLOCKS: Final = 5
"""Ten seconds are enough to measure it: it is steady."""
_CROSSFADE_S: Final = 4.0
"""It comes and goes beside an ambience as slowly as two ambiences cross-fade."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stillness:
    """The room tone of a session."""

    track: AmbienceTrack
    energy: EnergyBlocks
    """Its energy in each 100 ms at that amplitude."""
    rms_db: float
    """Where it is loudest, against a full scale of ±1."""


def wants_tone(stretches: tuple[Run, ...]) -> bool:
    """Whether a part of the session has no ambience, and its author did not ask for digital silence."""
    return any(_is_quiet(run) for run in stretches)


def stillness(stretches: tuple[Run, ...], bed: Bed, grid: MixGrid) -> Stillness:
    """Room tone (``bed``) under the stretches that have no ambience, each at its own RMS."""
    level = _levels(stretches, grid)
    with closing(bed.play()) as playing:
        squares = [float(np.mean(np.square(block, dtype=np.float64))) for block in islice(playing, _MEASURED_BLOCKS)]
    gain = level / math.sqrt(max(float(np.mean(squares)), 1e-20))
    steps = bed.energies(_MEASURED_BLOCKS * (grid.steps // grid.blocks))
    return Stillness(
        track=AmbienceTrack(sound=ROOM_TONE, bed=bed, sounding=sounding_blocks(level), gain=gain),
        energy=power(gain) * float(np.mean(steps)),
        rms_db=20 * math.log10(max(float(level.max()), 1e-10)),
    )


def _levels(stretches: tuple[Run, ...], grid: MixGrid) -> Curve:
    """The RMS over the session: it is there from the first frame to the last, but for what lies under an ambience."""
    time_s = time_axis(grid.blocks)
    level = np.zeros(len(time_s))
    for run in stretches:
        if not _is_quiet(run):
            continue
        begin_s = run.start_s - _CROSSFADE_S / 2 if run.start_s > 0 else -_CROSSFADE_S
        end_s = run.end_s - _CROSSFADE_S / 2 if run.end_s < grid.duration_s else math.inf
        rise = crossfade_in(time_s, begin_s, _CROSSFADE_S)
        fall = np.sqrt(1 - crossfade_in(time_s, end_s, _CROSSFADE_S) ** 2) if math.isfinite(end_s) else 1.0
        level = np.maximum(level, rise * fall * 10 ** (_tone_db(run) / 20))
    return level


def _is_quiet(run: Run) -> bool:
    return run.ambience.sound == "none" and run.ambience.room_tone_db is not None


def _tone_db(run: Run) -> float:
    return run.ambience.room_tone_db if run.ambience.room_tone_db is not None else -math.inf
