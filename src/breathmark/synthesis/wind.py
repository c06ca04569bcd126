"""Light wind: gusts in a wood's edge, and its leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from breathmark.synthesis.lattice import drift
from breathmark.synthesis.paint import Gain, Room, paint
from breathmark.synthesis.source import Floats, HopRange, RandomSource, hops_of
from breathmark.synthesis.spectrum import Levels, amplitude, bump, octaves, tilt
from breathmark.synthesis.texture import texture

_BODY: Levels = {
    31.5: -23,
    63: -14,
    125: -8,
    250: -5.5,
    500: -7.5,
    1000: -12.5,
    2000: -19.5,
    4000: -27,
    8000: -36,
    16000: -47,
}
_LEAVES: Levels = {500: -28, 1000: -16, 2000: -9, 4000: -5.5, 8000: -7, 16000: -15}
_FORMANTS_HZ = (180.0, 420.0, 950.0)
_FORMANT_DB, _FORMANT_OCTAVES = 2.2, 0.55
"""As wide as a quality of 1: above 3 they would whistle."""
_GUSTS_S = (1.0, 2.0, 4.0, 8.0, 16.0)
_LEAVES_LATE_S = 0.42


@dataclass(frozen=True, slots=True, kw_only=True)
class Breeze:
    """How hard it blows."""

    depth_db: float
    """By how much a usual gust is louder than the mean."""
    leaves_db: float
    """Level of the leaves against the body of the wind."""


def light_wind(source: RandomSource, cut: HopRange) -> Floats:
    """A light wind that comes and goes, with a few leaves in it."""
    return blow(source, cut, Breeze(depth_db=1.75, leaves_db=-18.0))


def blow(source: RandomSource, cut: HopRange, breeze: Breeze) -> Floats:
    """Wind of any strength: its body, and the leaves that answer."""
    body, leaves, gusts = source.layer("body"), source.layer("leaves"), source.layer("gusts")
    sound = paint(_body(body, gusts, breeze), body, cut, Room(spacing_m=0.2))
    sound *= texture(body, cut, 0.5, (70, 186, 418))
    rustle = paint(_rustle(leaves, gusts, breeze), leaves, cut, Room(floor=0.04))
    return sound + rustle * texture(leaves, cut, 2.2, (14, 28, 60, 140, 370))


def _strength(gusts: RandomSource, hops: Floats) -> Floats:
    """How hard it blows, about -2 to 2: squeezed softly, so that no gust stands out."""
    return np.asarray(1.8 * np.tanh(drift(gusts, "gusts", hops, _GUSTS_S, tilt=0.1) / 1.8), dtype=np.float64)


def _body(source: RandomSource, gusts: RandomSource, breeze: Breeze) -> Gain:
    shape = octaves(_BODY)

    def gain(hops: Floats) -> Floats:
        strength = _strength(gusts, hops)
        level_db = breeze.depth_db * strength + 0.5 * drift(source, "flutter", hops, (0.19, 0.42), tilt=0.5)
        colour = shape * tilt(0.115 * strength, 250.0, (-1.0, 4.0))
        for centre_hz in _FORMANTS_HZ:
            wander = 0.35 * drift(source, f"formant {centre_hz:g}", hops, (1.4, 3.0, 6.0))
            colour *= bump(centre_hz * 2.0**wander, _FORMANT_DB, _FORMANT_OCTAVES)
        sides = [level_db + 0.7 * drift(source, side, hops, (0.9, 2.0, 4.0)) for side in ("left", "right")]
        return colour[:, np.newaxis] * amplitude(np.stack(sides, axis=1))[:, :, np.newaxis]

    return gain


def _rustle(source: RandomSource, gusts: RandomSource, breeze: Breeze) -> Gain:
    shape = octaves(_LEAVES)

    def gain(hops: Floats) -> Floats:
        strength = _strength(gusts, hops - hops_of(_LEAVES_LATE_S))
        # Steeper than the wind itself: leaves keep still until a gust is strong enough.
        level_db = breeze.leaves_db + 4.4 * (np.log2(1.0 + np.exp(1.3 * strength)) - 1.0)
        sides = [level_db + 0.9 * drift(source, side, hops, (0.46, 1.0, 2.0)) for side in ("left", "right")]
        return shape * amplitude(np.stack(sides, axis=1))[:, :, np.newaxis]

    return gain
