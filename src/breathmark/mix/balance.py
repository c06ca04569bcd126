"""Balance of levels in a session, from energies alone: nothing is rendered to be measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from breathmark.audio.loudness import gated, momentary, relative_gate, short_term
from breathmark.mix.envelope import power
from breathmark.model import Levels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.audio.loudness import EnergyBlocks
    from breathmark.mix.ambience import AmbienceLayer
    from breathmark.mix.envelope import Curve


FLOOR_LUFS = -70.0
"""The loudness of silence: the absolute gate of BS.1770, under which nothing counts."""
_SHORT_TERM_BELOW_LU = 10.0
"""The least distance of speech from its background (Torcoli et al., JAES 67(12), 2019: 10 LU over music, 15 over
ambience). It holds for the loudest 3 s, no matter what a script asks for."""
_UNDER_GATE_LU = 1.0
"""Our own distance from the relative gate: sounds are added as uncorrelated, and the limiter and the encoder move the
gate, all of it by some tenths."""
_FILE_BELOW_LU = 0.4
_DRAG_LU = 0.1
"""How far the file may read below the voice, or below what it reads without ambience: our own bounds, well inside of
the 1 dB either way that Apple's "Audio requirements" allow podcasts. An ambience that is itself under the gate still
lifts the end of a sentence, or a dying bell, over it."""
_HALVINGS = 24
"""Of the search for the swell: then it is known to a millionth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The ambience with its gain, and what the session measures with it."""

    ambience: tuple[tuple[AmbienceLayer, Curve], ...]
    """Each sound with its amplitude over the session."""
    levels: Levels
    """Without true peak and RMS, which are known when it is mixed."""


def balanced(
    measured: tuple[AmbienceLayer, ...],
    voice: EnergyBlocks,
    others: EnergyBlocks,
    speech: NDArray[np.bool_],
    voice_lufs: float,
) -> Balance:
    """Set the ambience under the voice.

    Args:
        measured: The sounds of the ambience.
        voice: The energy of the voice at its level.
        others: The energies of voice and bells at their levels.
        speech: In which steps speech sounds.
        voice_lufs: The level of the voice.
    """
    audible = with_loudness(measured, speech)
    levels = level_ambience(audible, speech, voice_lufs)
    spoken_lufs = voice_lufs if speech.any() else None
    cap_lu, under_gate = loudest_swell(audible, levels, others, spoken_lufs)
    ambience = np.zeros(len(speech)) + ambience_energy(audible, levels, cap_lu)
    sounding = ambience[speech] if speech.any() else ambience
    return Balance(
        ambience=tuple(
            (layer, layer.shape.gain(level, cap_lu)) for (layer, _), level in zip(audible, levels, strict=True)
        ),
        levels=levels_of(
            voice, others + ambience, sounding if audible else None, swell_lu=cap_lu, under_gate=under_gate
        ),
    )


def levels_of(
    voice: EnergyBlocks, whole: EnergyBlocks, ambience: EnergyBlocks | None, *, swell_lu: float, under_gate: bool
) -> Levels:
    """What voice, ambience (None without one) and the whole measure; ``swell_lu`` and ``under_gate`` are as set."""
    voice_lufs, ambience_lufs = level_of(voice), None if ambience is None else level_of(ambience)
    return Levels(
        voice_lufs=voice_lufs,
        file_lufs=level_of(whole),
        ambience_lufs=ambience_lufs,
        below_voice_lu=None if ambience_lufs is None or voice_lufs <= FLOOR_LUFS else voice_lufs - ambience_lufs,
        swell_lu=swell_lu,
        ambience_under_gate=under_gate,
    )


def level_of(steps: EnergyBlocks) -> float:
    """The gated loudness (LUFS) of ``steps``; -70 for silence."""
    return max(gated(steps), FLOOR_LUFS)


def voice_gain(steps: EnergyBlocks, voice_lufs: float) -> float:
    """The gain that brings the gated loudness of a voice to ``voice_lufs``; 1 where there is no voice."""
    gain = 1.0
    for _ in range(2):
        # Twice, because the absolute gate takes another part of a very quiet voice than of the same voice at its level.
        level = gated(steps * gain**2)
        if level == -math.inf:
            return gain
        gain *= 10 ** ((voice_lufs - level) / 20)
    return gain


def with_loudness(
    measured: tuple[AmbienceLayer, ...], speech: NDArray[np.bool_]
) -> tuple[tuple[AmbienceLayer, float], ...]:
    """Each layer with the gated loudness (LUFS) that it has while speech sounds, or at all where it has none then.

    What is silent is left out.
    """
    levels = []
    for layer in measured:
        sounding = power(layer.shape.presence) > 0.5
        level = gated(layer.energy[sounding & speech])
        levels.append((layer, level if level > -math.inf else gated(layer.energy[sounding])))
    return tuple((layer, level) for layer, level in levels if level > -math.inf)


def level_ambience(
    layers: tuple[tuple[AmbienceLayer, float], ...], speech: NDArray[np.bool_], voice_lufs: float
) -> tuple[float, ...]:
    """The level (dB) of each layer, so that it lies under the voice as far as it was asked to.

    ``layers`` come with their gated loudness while speech sounds. Where the loudest 3 s under speech would come nearer
    to the voice than 10 LU, all of them are turned down.
    """
    levels = [voice_lufs - loudness for _, loudness in layers]
    if not layers:
        return ()
    sounding = short_term(ambience_energy(layers, tuple(levels), 0.0)[speech])
    excess = max(float(sounding.max(initial=-math.inf)) - (voice_lufs - _SHORT_TERM_BELOW_LU), 0.0)
    return tuple(level - excess for level in levels)


def ambience_energy(
    layers: tuple[tuple[AmbienceLayer, float], ...], levels: tuple[float, ...], cap_lu: float
) -> EnergyBlocks:
    """The energy of the whole ambience in each 100 ms, with no swell over ``cap_lu``."""
    total = np.zeros(1)
    for (layer, _), level in zip(layers, levels, strict=True):
        total = total + power(layer.shape.gain(level, cap_lu)) * layer.energy
    return total


def loudest_swell(
    layers: tuple[tuple[AmbienceLayer, float], ...],
    levels: tuple[float, ...],
    others: EnergyBlocks,
    voice_lufs: float | None,
) -> tuple[float, bool]:
    """The largest swell at which all of the ambience stays 1 LU under the relative gate of the whole file.

    ``others`` are the energies of voice and bells. Where ``voice_lufs`` is None, there is no voice whose level the file
    has to keep.
    Returns the swell (LU), and whether all of the ambience lies under the gate.
    """
    asked = max((float(layer.shape.swell_lu.max(initial=0.0)) for layer, _ in layers), default=0.0)
    without = gated(others)
    least_lufs = without if voice_lufs is None else min(voice_lufs - _FILE_BELOW_LU, without - _DRAG_LU)

    def fits(cap_lu: float) -> bool:
        ambience = ambience_energy(layers, levels, cap_lu)
        loudest = float(momentary(ambience).max(initial=-math.inf))
        if loudest > relative_gate(ambience + others) - _UNDER_GATE_LU:
            return False
        return gated(ambience + others) >= least_lufs

    if not layers or fits(asked):
        return asked, True
    if voice_lufs is None:
        return asked, False
    if not fits(0.0):
        return 0.0, False
    low, high = 0.0, asked
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low, True
