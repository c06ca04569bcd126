"""The levels of a spoken book: the RMS of the whole file, and room tone in every rest."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from breathmark.base.errors import RequestError
from breathmark.mix.ambience import AmbienceTrack, MeasuredBed
from breathmark.mix.balance import Balance, level_of, levels_of
from breathmark.mix.bells import BellSound, bell_energy, bell_gain
from breathmark.mix.envelope import power
from breathmark.mix.stillness import ROOM_TONE
from breathmark.mix.voice import MeasuredSentence, VoiceLevel, levelled, voice_energy

if TYPE_CHECKING:
    from breathmark.audio.loudness import EnergyBlocks
    from breathmark.audio.pcm import MixGrid
    from breathmark.mix.beds import Bed
    from breathmark.model import BellPlacement, StoredClip, Utterance


_LIMITED_DB = 3.0
"""So much of its highest peaks the limiter may take from a voice before it is made softer instead: our own choice, the
same bound that a podcast's voice has."""
_INSIDE_DB = 0.6
_BELOW_TOP_DB = 1.5
"""The RMS aims into the window, and not at its edges: the bells, the limiter and the encoder move it by a little. These
distances are our own; the search ends within ``_CLOSE_DB``."""
_CLOSE_DB = 0.2
_TRIES = 3
_MEASURED_BLOCKS = 30
"""A minute is enough to measure the RMS of the room tone: it is steady."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narration:
    """The requirements of a spoken book."""

    least_rms_db: float
    """The RMS of the whole decoded file, against a full scale of ±1, is this or more."""
    most_rms_db: float
    """And this or less."""
    room_tone_db: float
    """The RMS of the room tone, which lies under everything from the first frame to the last."""


def narrated(
    stored: tuple[MeasuredSentence, ...],
    clips: Mapping[Utterance, StoredClip],
    strikes: tuple[tuple[BellPlacement, ...], dict[str, BellSound]],
    grid: MixGrid,
    narration: Narration,
    *,
    ceiling_dbtp: float,
) -> VoiceLevel:
    """The voice at the level at which the whole session has its RMS.

    It is as loud as its peaks allow, inside of the window. ``stored`` is the voice as it is stored, ``strikes`` are the
    bells and their sounds, whose levels follow that of the voice.

    Raises:
        RequestError: there is too little speech for so long a session.
    """
    before, squares = voice_energy(stored, grid), sum(spoken.square_s for spoken in stored)
    if not squares:
        raise RequestError("a spoken book without a word can't be brought to its level", "choose another preset")
    unweighted = squares / (before.sum() / 10)
    peak = max(spoken.peak for spoken in stored)
    aim_db = _aim_db(narration, _db(squares / grid.duration_s) + ceiling_dbtp - 20 * math.log10(peak))

    def at(voice_lufs: float) -> tuple[VoiceLevel, float]:
        voice = levelled(stored, clips, grid, voice_lufs=voice_lufs, ceiling_dbtp=ceiling_dbtp)
        whole = voice.energy + _bells(strikes, voice_lufs, voice, grid)
        return voice, _db(unweighted * whole.sum() / 10 / grid.duration_s)

    voice_lufs = level_of(before) + aim_db - _db(squares / grid.duration_s)
    voice, rms_db = at(voice_lufs)
    for _ in range(_TRIES):
        if abs(aim_db - rms_db) < _CLOSE_DB:
            break
        voice_lufs += aim_db - rms_db
        voice, rms_db = at(voice_lufs)
    if not narration.least_rms_db <= rms_db <= narration.most_rms_db:
        raise _too_sparse(rms_db, narration)
    return voice


def measure_book_tone(bed: Bed, grid: MixGrid) -> MeasuredBed:
    """The room tone of a book, which sounds from its first frame to its last."""
    return MeasuredBed(bed=bed, sounding=np.ones(grid.blocks, bool), energy=bed.energies(grid.steps))


def room_tone(narration: Narration, voice: EnergyBlocks, others: EnergyBlocks, measured: MeasuredBed) -> Balance:
    """Room tone at its level under the whole session, and what the session measures with it."""
    with closing(measured.bed.play()) as playing:
        mean_squares = [
            float(np.mean(np.square(block, dtype=np.float64))) for block in islice(playing, _MEASURED_BLOCKS)
        ]
    gain = 10 ** ((narration.room_tone_db - _db(float(np.mean(mean_squares)))) / 20)
    curve = np.full(len(measured.energy) + 1, gain)
    ambience = power(curve) * measured.energy
    track = AmbienceTrack(sound=ROOM_TONE, bed=measured.bed, sounding=measured.sounding, gain=curve)
    return Balance(
        under=(track,),
        levels=levels_of(voice, others + ambience, ambience, swell_lu=0.0, under_gate=True),
    )


def _aim_db(narration: Narration, untouched_db: float) -> float:
    """The RMS to aim for, where ``untouched_db`` is the one at which the limiter would just have nothing to do."""
    least, most = narration.least_rms_db + _INSIDE_DB, narration.most_rms_db - _BELOW_TOP_DB
    return min(max(untouched_db + _LIMITED_DB, least), most)


def _bells(
    strikes: tuple[tuple[BellPlacement, ...], dict[str, BellSound]],
    voice_lufs: float,
    voice: VoiceLevel,
    grid: MixGrid,
) -> EnergyBlocks:
    placements, bells = strikes
    gains = {name: bell_gain(bell, voice_lufs, voice.peak) for name, bell in bells.items()}
    return bell_energy(placements, bells, gains, grid)


def _too_sparse(rms_db: float, narration: Narration) -> RequestError:
    window = f"{narration.least_rms_db:g} to {narration.most_rms_db:g} dB"
    if rms_db > narration.most_rms_db:
        return RequestError(
            f"with these bells the whole file would measure {rms_db:.1f} dB RMS, where {window} are asked for",
            "render it with --no-bell",
        )
    return RequestError(
        f"there is too little speech for so long a session: the whole file would measure {rms_db:.1f} dB RMS,"
        f" where {window} are asked for",
        "choose a shorter --length, or another preset",
    )


def _db(mean_square: float) -> float:
    return 10 * math.log10(max(mean_square, 1e-20))
