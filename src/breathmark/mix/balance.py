"""Balance of levels in a session, from energies alone: nothing is rendered to be measured."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from breathmark.audio.loudness import EnergyBlocks, gated, momentary, relative_gate, short_term
from breathmark.mix.envelope import power
from breathmark.results import SILENCE_LUFS, Levels, SwellLimit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.mix.ambience import AmbienceLayer, AmbienceTrack
    from breathmark.mix.stillness import Stillness


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
_ENCODED_DB = 0.5
"""An encoder may change noise by so much more than it changes a voice."""
_FORETOLD_LU = 0.1
"""To which the loudness of the whole file is to be known."""
_FURTHEST_LU = 40
_HALVINGS = 24
"""Of the search for the swell: then it is known to a millionth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What lies under the voice, with its gain, and what the session measures with it."""

    under: tuple[AmbienceTrack, ...]
    """Room tone is one of them."""
    levels: Levels
    """Without true peak and RMS, which are known when it is mixed."""


def balanced(
    measured: tuple[AmbienceLayer, ...],
    voice: EnergyBlocks,
    others: EnergyBlocks,
    speech: NDArray[np.bool_],
    voice_lufs: float,
    tone: Stillness | None = None,
) -> Balance:
    """Set the ambience under the voice.

    Args:
        measured: The sounds of the ambience.
        voice: The energy of the voice at its level.
        others: The energies of voice and bells at their levels.
        speech: In which steps speech sounds.
        voice_lufs: The level of the voice.
        tone: The room tone where the session has no ambience; its level is its own.
    """
    others = others + tone.energy if tone else others
    audible = with_loudness(measured, speech)
    levels = level_ambience(audible, speech, voice_lufs)
    spoken_lufs = voice_lufs if speech.any() else None
    swell = loudest_swell(audible, levels, others, spoken_lufs)
    ambience = np.zeros(len(speech)) + ambience_energy(audible, levels, swell.lu)
    sounding = None if not audible else ambience[speech] if speech.any() else ambience
    found = levels_of(voice, others + ambience, sounding, swell_lu=swell.lu, under_gate=swell.under_gate)
    under = [layer.at_level(level, swell.lu) for (layer, _), level in zip(audible, levels, strict=True)]
    return Balance(
        under=(*under, tone.track) if tone else tuple(under),
        levels=replace(
            found,
            near_gate=_near_gate(ambience, others),
            swell_asked_lu=swell.asked_lu if audible else None,
            swell_limit=swell.limit,
            quiet_below_voice_lu=None if swell.under_gate else _quiet_below_lu(audible, levels, others, spoken_lufs),
            room_tone_db=tone.rms_db if tone else None,
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
        below_voice_lu=None if ambience_lufs is None or voice_lufs <= SILENCE_LUFS else voice_lufs - ambience_lufs,
        swell_lu=swell_lu,
        ambience_under_gate=under_gate,
    )


def _near_gate(ambience: EnergyBlocks, others: EnergyBlocks) -> bool:
    """Whether an ambience that is a little softer or louder, as by an encoder, changes the loudness of the whole."""
    read = [gated(ambience * 10 ** (changed_db / 10) + others) for changed_db in (-_ENCODED_DB, 0.0, _ENCODED_DB)]
    return bool(max(read) - min(read) > _FORETOLD_LU)


def level_of(steps: EnergyBlocks) -> float:
    """The gated loudness (LUFS) of ``steps``; -70 for silence."""
    return max(gated(steps), SILENCE_LUFS)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Swell:
    """How far the ambience rises in long rests."""

    lu: float
    asked_lu: float
    under_gate: bool
    """Whether all of the ambience lies under the relative gate of the whole file."""
    limit: SwellLimit = ""
    """What keeps it from rising as far as it was asked to."""


def loudest_swell(
    layers: tuple[tuple[AmbienceLayer, float], ...],
    levels: tuple[float, ...],
    others: EnergyBlocks,
    voice_lufs: float | None,
) -> Swell:
    """The largest swell at which all of the ambience stays 1 LU under the relative gate of the whole file.

    ``others`` are the energies of voice and bells. Where ``voice_lufs`` is None, there is no voice whose level the file
    has to keep.
    """
    asked = max((float(layer.shape.swell_lu.max(initial=0.0)) for layer, _ in layers), default=0.0)
    limits = _Limits.of(others, voice_lufs)

    def broken(cap_lu: float) -> SwellLimit:
        return limits.broken(ambience_energy(layers, levels, cap_lu))

    limit = broken(asked) if layers else ""
    if not limit:
        return Swell(lu=asked, asked_lu=asked, under_gate=True)
    if voice_lufs is None:
        return Swell(lu=asked, asked_lu=asked, under_gate=False)
    if least := broken(0.0):
        return Swell(lu=0.0, asked_lu=asked, under_gate=False, limit=least)
    low, high = 0.0, asked
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        limit = broken(middle)
        low, high = (low, middle) if limit else (middle, high)
    return Swell(lu=low, asked_lu=asked, under_gate=True, limit=broken(high))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    """What an ambience must not do to the loudness of the whole file."""

    others: EnergyBlocks
    least_lufs: float
    """Of the whole file."""

    @classmethod
    def of(cls, others: EnergyBlocks, voice_lufs: float | None) -> _Limits:
        without = gated(others)
        least = without if voice_lufs is None else min(voice_lufs - _FILE_BELOW_LU, without - _DRAG_LU)
        return cls(others=others, least_lufs=least)

    def broken(self, ambience: EnergyBlocks) -> SwellLimit:
        """Which of them ``ambience`` breaks."""
        loudest = float(momentary(ambience).max(initial=-math.inf))
        if loudest > relative_gate(ambience + self.others) - _UNDER_GATE_LU:
            return "gate"
        return "file" if gated(ambience + self.others) < self.least_lufs else ""


def _quiet_below_lu(
    layers: tuple[tuple[AmbienceLayer, float], ...],
    levels: tuple[float, ...],
    others: EnergyBlocks,
    voice_lufs: float | None,
) -> float | None:
    """How far (LU) under the voice an ambience without a swell would have to lie to count nowhere; None if unknown."""
    if voice_lufs is None:
        return None
    limits, ambience = _Limits.of(others, voice_lufs), ambience_energy(layers, levels, 0.0)
    further = next((lu for lu in range(1, _FURTHEST_LU) if not limits.broken(ambience * 10 ** (-lu / 10))), None)
    below_lu = max((float(layer.shape.below_lu.max()) for layer, _ in layers), default=0.0)
    return None if further is None else math.ceil(below_lu + further)
