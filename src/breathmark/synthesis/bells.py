"""The bells, and the two soft tones of a guided breath."""

from __future__ import annotations

import numpy as np

from breathmark.synthesis.chance import normal, stream
from breathmark.synthesis.modes import Mode, Thud, faded, ring, thud
from breathmark.synthesis.source import RATE_HZ, Floats
from breathmark.synthesis.space import diffuse
from breathmark.synthesis.spectrum import amplitude

_BOWL = (
    Mode(ratio=1.0, level_db=0, decay_s=25.2, split_hz=0.38, weaker=0.45),
    Mode(ratio=2.778, level_db=-4, decay_s=15.6, split_hz=0.71, weaker=0.5),
    Mode(ratio=5.181, level_db=-12, decay_s=7.8, split_hz=1.13, weaker=0.6),
    Mode(ratio=8.163, level_db=-21, decay_s=3.9, split_hz=1.7, weaker=0.6),
    Mode(ratio=11.661, level_db=-30, decay_s=2.04, split_hz=2.3, weaker=0.7),
    Mode(ratio=15.638, level_db=-38, decay_s=1.2, split_hz=3.0, weaker=0.7),
)
"""Ratios of a bowl of 180 mm: Csound manual, appendix "Modal Frequency Ratios". It rings for 0.6 of the time that a
bowl of that size would, because the last bell of a session rings out whole inside its length."""

_SMALL_BOWL = (
    Mode(ratio=1.0, level_db=0, decay_s=19.0, split_hz=0.55, weaker=0.5),
    Mode(ratio=2.765, level_db=-6, decay_s=11.0, split_hz=0.95, weaker=0.5),
    Mode(ratio=5.121, level_db=-14, decay_s=5.2, split_hz=1.6, weaker=0.6),
    Mode(ratio=7.807, level_db=-24, decay_s=2.4, split_hz=2.4, weaker=0.6),
    Mode(ratio=10.784, level_db=-34, decay_s=1.2, split_hz=3.1, weaker=0.7),
)
"""Ratios of a bowl of 140 mm, from the same table."""

_DEEP_BOWL = (
    Mode(ratio=1.0, level_db=0, decay_s=29.0, split_hz=0.27, weaker=0.45),
    Mode(ratio=2.778, level_db=-1, decay_s=20.0, split_hz=0.49, weaker=0.5),
    Mode(ratio=5.181, level_db=-8, decay_s=11.0, split_hz=0.83, weaker=0.55),
    Mode(ratio=8.163, level_db=-17, decay_s=5.5, split_hz=1.25, weaker=0.6),
    Mode(ratio=11.661, level_db=-27, decay_s=2.8, split_hz=1.7, weaker=0.7),
)
"""Those of the large bowl, an octave lower; its second mode is what a small loudspeaker plays of it."""

_CYMBAL = (
    Mode(ratio=1.0, level_db=0, decay_s=11.0, split_hz=0.9, weaker=0.4),
    Mode(ratio=2.70, level_db=-1, decay_s=7.5, split_hz=2.1, weaker=0.5),
    Mode(ratio=3.62, level_db=-9, decay_s=4.5, split_hz=2.9, weaker=0.6),
    Mode(ratio=5.06, level_db=-6, decay_s=3.6, split_hz=3.7, weaker=0.6),
    Mode(ratio=6.55, level_db=-13, decay_s=1.8, split_hz=4.9, weaker=0.6),
    Mode(ratio=8.0, level_db=-14, decay_s=1.1, split_hz=6.0, weaker=0.6),
)
"""A guess by the rules of small bowls: no measurement of tingsha has been published. Three partials of nearly the same
strength make it metal; with one that stood 15 dB above the others it was a tone."""
_CYMBALS_APART_CENTS = 7.5
"""The two cymbals of a pair are never alike: at 2093 Hz they beat nine times in a second."""

_BAR = (
    Mode(ratio=1.0, level_db=0, decay_s=13.0, split_hz=0.25, weaker=0.4),
    Mode(ratio=2.756, level_db=-7, decay_s=7.5, split_hz=0.6, weaker=0.5),
    Mode(ratio=5.404, level_db=-18, decay_s=3.2, split_hz=1.2, weaker=0.5),
    Mode(ratio=8.933, level_db=-29, decay_s=1.5, split_hz=2.0, weaker=0.5),
)
"""The ratios of a bar free at both ends (Fletcher and Rossing, "The Physics of Musical Instruments", 2.15)."""

_PARTIALS = np.array([1.0, 0.22, 0.07, 0.02])
"""Of the breath tones: near a flute's lowest octave."""


def singing_bowl(seed: int) -> Floats:
    """A bowl struck once with a felt mallet, 26 s."""
    sound = ring(188.0, _BOWL, 26.0, 0.012, stream(seed, "modes"))
    return faded(sound + thud(Thud(centre_hz=420, decay_s=0.018, level_db=-17), len(sound), stream(seed, "mallet")))


def small_bowl(seed: int) -> Floats:
    """A bowl that a hand holds, struck with wood wrapped in leather, 20 s."""
    sound = ring(329.6, _SMALL_BOWL, 20.0, 0.006, stream(seed, "modes"), spread=0.7)
    return faded(sound + thud(Thud(centre_hz=900, decay_s=0.010, level_db=-19), len(sound), stream(seed, "mallet")))


def deep_bowl(seed: int) -> Floats:
    """A bowl as wide as a forearm is long, struck with a padded mallet, 30 s."""
    sound = ring(104.0, _DEEP_BOWL, 30.0, 0.022, stream(seed, "modes"), spread=0.7)
    return faded(sound + thud(Thud(centre_hz=240, decay_s=0.030, level_db=-16), len(sound), stream(seed, "mallet")))


def tingsha(seed: int) -> Floats:
    """Two small cymbals struck against each other, 12.5 s."""
    sound = ring(2093.0, _CYMBAL, 12.5, 0.0008, stream(seed, "left"), spread=0.8)
    other_hz = 2093.0 * 2.0 ** (_CYMBALS_APART_CENTS / 1200.0)
    sound += amplitude(-1.5) * ring(other_hz, _CYMBAL, 12.5, 0.0008, stream(seed, "right"), spread=0.8)
    return faded(sound + thud(Thud(centre_hz=6000, decay_s=0.003, level_db=-24), len(sound), stream(seed, "edge")))


def chime(seed: int) -> Floats:
    """A metal bar, and after 250 ms a softer one a fifth above it, in a small room; 14 s."""
    frames, late = 14 * RATE_HZ, RATE_HZ // 4
    sound = ring(523.25, _BAR, 14.0, 0.0015, stream(seed, "low"))
    sound[late:] += amplitude(-4.5) * ring(523.25 * 1.5, _BAR, 14.0, 0.0015, stream(seed, "high"))[: frames - late]
    for start, level_db, name in ((0, -30.0, "low mallet"), (late, -34.0, "high mallet")):
        blow = Thud(centre_hz=2500, decay_s=0.004, level_db=level_db)
        sound[start:] += thud(blow, frames - start, stream(seed, name))
    tail = diffuse(sound.mean(axis=1), stream(seed, "room"), 1.2)[:frames]
    return faded(sound + amplitude(-17.0) * tail)


def breath_in(seed: int) -> Floats:
    """A soft tone that rises by a fifth, 1.6 s: breathe in."""
    return _breath((220.0, 330.0), 1.6, 0.62, seed)


def breath_out(seed: int) -> Floats:
    """A soft tone that falls by a fifth, 2 s: breathe out."""
    return _breath((330.0, 220.0), 2.0, 0.25, seed)


def _breath(pitch_hz: tuple[float, float], duration_s: float, summit: float, seed: int) -> Floats:
    """A tone that glides, loudest at ``summit`` (a share of its length), with a little breath in it."""
    frames = round(duration_s * RATE_HZ)
    place = np.arange(frames) / frames
    glide = 0.5 - 0.5 * np.cos(np.pi * np.clip((place - 0.08) / 0.8, 0.0, 1.0))
    phase = 2.0 * np.pi * np.cumsum(pitch_hz[0] * (pitch_hz[1] / pitch_hz[0]) ** glide) / RATE_HZ
    tone = _PARTIALS @ np.sin(np.outer(np.arange(1, len(_PARTIALS) + 1), phase))
    bent = np.where(place < summit, place / summit / 2.0, 0.5 + (place - summit) / (1.0 - summit) / 2.0)
    envelope = np.sin(np.pi * bent) ** 2
    air = np.stack([_air(frames, stream(seed, side)) for side in ("left", "right")], axis=1)
    return np.asarray((tone[:, np.newaxis] + 0.05 * air) * envelope[:, np.newaxis], dtype=np.float64)


def _air(frames: int, key: int) -> Floats:
    """Noise like breath through the nose, around 1.2 kHz, of unit RMS."""
    frequency_hz = np.maximum(np.fft.rfftfreq(frames, 1 / RATE_HZ), 1.0)
    band = np.exp(-((np.log2(frequency_hz / 1200.0) / 1.0) ** 2))
    noise = np.fft.irfft(np.fft.rfft(normal(np.arange(frames), key)) * band, frames)
    return np.asarray(noise / np.sqrt(np.mean(noise**2)), dtype=np.float64)
