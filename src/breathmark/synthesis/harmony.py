"""The beds that are music, if hardly: two pads and a low drone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from breathmark.synthesis.bands import BandVoice, Curve, harmonic_bands, spectrum
from breathmark.synthesis.lattice import drift, lattice
from breathmark.synthesis.paint import paint
from breathmark.synthesis.spectrum import Levels, amplitude, octaves
from breathmark.synthesis.tones import Tone, steady_tones

if TYPE_CHECKING:
    from breathmark.synthesis.source import Floats, HopRange, RandomSource

_PAD_ROOT_HZ = 73.416
_PAD_NOTES = (
    (1.0, 0.42),
    (1.5, 0.60),
    (2.0, 0.95),
    (2.5, 0.55),
    (3.0, 0.85),
    (4.0, 0.55),
    (4.5, 0.42),
    (5.0, 0.30),
    (6.0, 0.26),
    (7.5, 0.12),
)
"""Over D2: fifth, octave, a soft third, and a ninth; ratio and level."""
_PAD_TONES = (
    (1.0, 0.28, 0.0),
    (1.5, 0.40, 0.1),
    (2.0, 0.62, -0.1),
    (3.0, 0.62, 0.2),
    (4.0, 0.48, -0.25),
    (5.0, 0.34, 0.3),
    (6.0, 0.22, -0.3),
    (7.5, 0.10, 0.35),
)
"""Ratio, level, pan."""
_PAD_AIR: Levels = {
    63: -30,
    125: -18,
    250: -11,
    500: -8,
    1000: -9,
    2000: -13,
    4000: -20,
    8000: -30,
    16000: -45,
}
_PAD_CENTS, _PAD_HZ = 4.5, 0.18
"""Widths of the bands; from 10 cents on they warble at 2 to 4 Hz."""

_DRONE_ROOT_HZ = 55.0
_DRONE_NOTES = ((1.0, 1.0), (2.0, 0.9), (3.0, 0.42), (1.5, 0.30))
_DRONE_TONES = (
    (1.0, 0.50, 0.0),
    (2.0, 0.75, 0.05),
    (3.0, 0.55, -0.1),
    (4.0, 0.50, 0.15),
    (6.0, 0.36, -0.2),
    (8.0, 0.20, 0.25),
    (9.0, 0.13, -0.3),
    (12.0, 0.07, 0.3),
)
"""The partials at 165 to 330 Hz are what a small loudspeaker plays of it."""
_DRONE_FORMANTS_HZ = (240.0, 430.0, 760.0)
_DRONE_AIR: Levels = {
    31.5: -24,
    63: -10,
    125: -6,
    250: -7,
    500: -11,
    1000: -17,
    2000: -25,
    4000: -35,
    8000: -48,
    16000: -65,
}
_DRONE_CENTS, _DRONE_HZ = 2.5, 0.12

_TONES_OVER_BANDS = 3.5
"""The steady sines carry the chord, the bands move around it."""


def warm_pad(source: RandomSource, cut: HopRange) -> Floats:
    """A wide, still chord of D, like strings far away."""
    voices = [_pad_voice(source, number, ratio, level) for number, (ratio, level) in enumerate(_PAD_NOTES)]
    bands = harmonic_bands(voices, source.layer("bands"), cut, 0.35)
    tones = [
        Tone(pitch_hz=_PAD_ROOT_HZ * ratio, rms=_TONES_OVER_BANDS * level, pan=pan) for ratio, level, pan in _PAD_TONES
    ]
    return bands + steady_tones(tones, source.layer("tones"), cut) + _air(source.layer("air"), cut, _PAD_AIR, 0.48)


def low_drone(source: RandomSource, cut: HopRange) -> Floats:
    """A low A with its overtones, which light up one after another."""
    notes = [_drone_voice(source, ratio, level, parity) for ratio, level in _DRONE_NOTES for parity in ("odd", "even")]
    formants = [_formant(source, centre_hz) for centre_hz in _DRONE_FORMANTS_HZ]
    bands = harmonic_bands([*notes, *formants], source.layer("bands"), cut, 0.4)
    tones = [
        Tone(pitch_hz=_DRONE_ROOT_HZ * ratio, rms=_TONES_OVER_BANDS * level, pan=pan)
        for ratio, level, pan in _DRONE_TONES
    ]
    return bands + steady_tones(tones, source.layer("tones"), cut) + _air(source.layer("air"), cut, _DRONE_AIR, 0.56)


_EVOLVING_ROOT_HZ = 73.416
_EVOLVING_NOTES = (1.0, 1.5, 2.0, 2.25, 2.5, 3.0, 3.375, 4.0, 4.5, 5.0, 6.0, 6.75)
"""D with the tones of a scale without half steps: whichever of them sound together agree."""


def evolving_pad(source: RandomSource, cut: HopRange) -> Floats:
    """A chord of D whose notes come and go, each in its own time."""
    voices = [_evolving_voice(source, number, ratio) for number, ratio in enumerate(_EVOLVING_NOTES)]
    bands = harmonic_bands(voices, source.layer("bands"), cut, 0.3)
    root = [Tone(pitch_hz=_EVOLVING_ROOT_HZ * ratio, rms=0.5, pan=0.0) for ratio in (1.0, 2.0)]
    return bands + steady_tones(root, source.layer("tones"), cut) + _air(source.layer("air"), cut, _PAD_AIR, 0.2)


def _evolving_voice(source: RandomSource, number: int, ratio: float) -> BandVoice:
    name = f"note {ratio:g}"
    partials = [
        (pitch_hz, harmonic**-1.3 / np.sqrt(1.0 + (pitch_hz / 800.0) ** 3) * ratio**-0.35)
        for harmonic in range(1, 9)
        if (pitch_hz := _EVOLVING_ROOT_HZ * ratio * harmonic) < 3600.0
    ]

    def level(hops: Floats) -> Floats:
        # Soft at both ends: a note is there for some ten seconds, and gone for as many.
        return np.asarray(1.0 / (1.0 + np.exp(-3.0 * lattice(source, f"{name} coming", hops, 11.0 + 0.7 * number))))

    return BandVoice(
        name=name,
        spectrum=spectrum(partials, _PAD_CENTS, _PAD_HZ),
        level=level,
        pan=_wandering(source, name, 0.2 + 0.4 * min(1.0, number / 4.0), 16.0),
    )


def _swelling(source: RandomSource, name: str, depth_db: float, periods_s: tuple[float, ...]) -> Curve:
    return lambda hops: amplitude(depth_db * drift(source, f"{name} level", hops, periods_s))


def _wandering(source: RandomSource, name: str, width: float, period_s: float) -> Curve:
    return lambda hops: width * lattice(source, f"{name} pan", hops, period_s)


def _pad_voice(source: RandomSource, number: int, ratio: float, level: float) -> BandVoice:
    pitches_hz = [_PAD_ROOT_HZ * ratio * harmonic for harmonic in range(1, 10)]
    partials = [
        (pitch_hz, level * harmonic**-1.15 / np.sqrt(1.0 + (pitch_hz / 900.0) ** 3))
        for harmonic, pitch_hz in enumerate(pitches_hz, start=1)
        if pitch_hz < 3600.0
    ]
    name, low = f"note {ratio:g}", number < 3
    return BandVoice(
        name=name,
        spectrum=spectrum(partials, _PAD_CENTS, _PAD_HZ),
        level=_swelling(source, name, 1.2 if low else 2.6, (9.0, 20.0)),
        pan=_wandering(source, name, 0.45 * min(1.0, number / 3.0), 18.0),
    )


def _drone_voice(source: RandomSource, ratio: float, level: float, parity: str) -> BandVoice:
    harmonics = range(1 if parity == "odd" else 2, 19, 2)
    partials = [
        (pitch_hz, level * harmonic**-0.85 / np.sqrt(1.0 + (pitch_hz / 420.0) ** 2.4))
        for harmonic in harmonics
        if (pitch_hz := _DRONE_ROOT_HZ * ratio * harmonic) < 2400.0
    ]
    name = f"note {ratio:g} {parity}"
    return BandVoice(
        name=name,
        spectrum=spectrum(partials, _DRONE_CENTS, _DRONE_HZ),
        level=_swelling(source, name, 1.2, (8.0, 20.0)),
        pan=_wandering(source, name, 0.0 if ratio == 1.0 else 0.35, 18.0),
    )


def _formant(source: RandomSource, centre_hz: float) -> BandVoice:
    partials = [
        (pitch_hz, 0.16 * harmonic**-0.4 * np.exp(-((np.log2(pitch_hz / centre_hz) / 0.45) ** 2)))
        for harmonic in range(4, 17)
        for pitch_hz in (_DRONE_ROOT_HZ * harmonic,)
    ]
    name = f"formant {centre_hz:g}"
    return BandVoice(
        name=name,
        spectrum=spectrum(partials, 3.0, _DRONE_HZ),
        level=_swelling(source, name, 2.5, (12.0, 20.0)),
        pan=_wandering(source, name, 0.6, 14.0),
    )


def _air(source: RandomSource, cut: HopRange, levels: Levels, rms: float) -> Floats:
    """A breath of noise around the tones, of a known RMS: guessed levels came out far too loud."""
    shape = octaves(levels)
    shape = shape * (rms / np.sqrt(2.0 / len(shape) / 2.0 * np.sum(shape**2)))

    def gain(hops: Floats) -> Floats:
        level = amplitude(1.2 * drift(source, "level", hops, (9.0, 20.0)))
        return np.asarray(np.outer(level, shape), dtype=np.float64)[:, np.newaxis]

    return paint(gain, source, cut)
