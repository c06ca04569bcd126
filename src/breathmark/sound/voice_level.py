"""The level of the voice: the gain that brings it to its loudness after the limiter has taken its part."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from breathmark.sound.balance import voice_gain
from breathmark.sound.loudness import gated
from breathmark.sound.voice import limited_voice, voice_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from breathmark.model import StoredClip, Utterance
    from breathmark.sound.loudness import Steps
    from breathmark.sound.pcm import Extent
    from breathmark.sound.voice import Spoken

__all__ = ["VoiceLevel", "levelled"]

_SAMPLED = 16
"""So many sentences, spread over the session, tell what the limiter takes from all of them."""
_MOST_REGAINED_DB = 3.0
"""What the limiter took is given back to the whole voice, but not without bounds: it would be taken again."""
_CLOSE_DB = 0.03
_TRIES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceLevel:
    """The voice at its level."""

    gain: float
    """What its clips are multiplied with, before the limiter."""
    peak: float
    """Its highest sample after the limiter."""
    steps: Steps
    """Its energy in each 100 ms of the session after the limiter."""


def levelled(
    stored: tuple[Spoken, ...],
    clips: Mapping[Utterance, StoredClip],
    extent: Extent,
    *,
    voice_lufs: float,
    ceiling_dbtp: float,
) -> VoiceLevel:
    """Bring the gated loudness of the voice to ``voice_lufs``; ``stored`` is the voice as it is stored.

    Raises:
        AssetError: a clip can't be read.
    """
    steps, ceiling = voice_steps(stored, extent), 10 ** (ceiling_dbtp / 20)
    gain = voice_gain(steps, voice_lufs)
    peak = max((spoken.peak for spoken in stored), default=math.inf) * gain
    if not stored or peak <= ceiling:
        return VoiceLevel(gain=gain, peak=min(peak, ceiling), steps=steps * gain**2)
    sample = stored[:: -(-len(stored) // _SAMPLED)]

    def taken_db(regained_db: float) -> float:
        raised = gain * 10 ** (regained_db / 20)
        limited = limited_voice(sample, clips, extent, gain=raised, ceiling_dbtp=ceiling_dbtp)
        return _loudness(sample) + 20 * math.log10(raised) - _loudness(limited)

    regained_db, lost_db = _regained(taken_db)
    after = gain * 10 ** ((regained_db - lost_db) / 20)
    return VoiceLevel(gain=gain * 10 ** (regained_db / 20), peak=ceiling, steps=steps * after**2)


def _regained(taken_db: Callable[[float], float]) -> tuple[float, float]:
    """The gain that is as large as what the limiter takes at that gain, and what it takes then (dB both).

    ``taken_db`` tells what is taken at a gain. It grows with the gain, but more slowly: the secant method finds the
    meeting point in two or three tries.
    """
    gain_db, taken = 0.0, taken_db(0.0)
    slope = 0.0
    for _ in range(_TRIES):
        missing = taken - gain_db
        if abs(missing) < _CLOSE_DB or gain_db == _MOST_REGAINED_DB:
            break
        next_db = min(gain_db + missing / (1 - slope), _MOST_REGAINED_DB)
        then = taken_db(next_db)
        slope = min(max((then - taken) / (next_db - gain_db), 0.0), 0.8) if next_db != gain_db else 0.0
        gain_db, taken = next_db, then
    return gain_db, taken


def _loudness(sentences: tuple[Spoken, ...]) -> float:
    """The gated loudness of some sentences in a row; -70 where nothing is heard."""
    return max(gated(np.concatenate([spoken.steps for spoken in sentences])), -70.0)
