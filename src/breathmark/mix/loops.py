"""An ambience as a loop of some minutes, for players that have no recipe: its end leads into its beginning."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.audio.limiter import PeakMeter
from breathmark.audio.loudness import Samples, gated_lufs
from breathmark.audio.pcm import BLOCK_S, Format
from breathmark.mix.beds import open_bed
from breathmark.mix.seams import CROSSFADE_S, SEARCH_S, joined

if TYPE_CHECKING:
    from breathmark.mix.assets import SoundAsset
    from breathmark.mix.pieces import PieceStore


LOOP_S: Final = 120
_LUFS: Final = -20.0
"""Loud enough that a page only has to turn it down, which is all that some can."""
_PEAK_DBTP: Final = -1.5
_SILENCE_LUFS: Final = -70.0
"""What silence counts as: a page can't reckon with infinity."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbienceLoop:
    """The sound of a loop, shaped ``(frames, 2)``."""

    samples: Samples
    rate_hz: int
    lufs: float


def ambience_loop(source: SoundAsset, store: PieceStore, *, rate_hz: int = 44_100) -> AmbienceLoop:
    """Some minutes of ``source``, joined to themselves, at a level that is noted.

    Raises:
        AssetError: the sound is missing or damaged.
    """
    sound_format = Format(rate_hz=rate_hz, channels=2)
    blocks = -(-round(LOOP_S + CROSSFADE_S + 1) // BLOCK_S)
    with closing(open_bed(source, sound_format, store).play()) as playing:
        whole = np.concatenate([block.copy() for block, _ in zip(playing, range(blocks), strict=False)])
    looped = joined(whole, round(CROSSFADE_S * rate_hz), round(SEARCH_S * rate_hz))
    meter = PeakMeter()
    meter.add(looped)
    meter.finish()
    loud_lufs = max(gated_lufs(looped, rate_hz), _SILENCE_LUFS)
    by_peak_db = _PEAK_DBTP - 20 * np.log10(max(meter.true_peak, 1e-9))
    gain_db = float(min(_LUFS - loud_lufs, by_peak_db))
    looped *= np.float32(10 ** (gain_db / 20))
    return AmbienceLoop(samples=looped, rate_hz=rate_hz, lufs=loud_lufs + gain_db)
