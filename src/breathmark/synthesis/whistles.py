"""The notes of birds: gliding whistles, warbles and trills."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from breathmark.synthesis.source import RATE_HZ, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class WhistledNote:
    """One whistled syllable."""

    pitches_hz: tuple[float, ...]
    """Control points of the glide; it starts at the first and ends at the last."""
    duration_s: float
    level: float = 1.0
    gap_s: float = 0.0
    """The silence after it."""
    warble: float = 0.0
    """How far the pitch swings, as a share of itself."""
    warble_hz: float = 0.0
    second: float = 0.035
    """The second harmonic: birds whistle nearly pure tones."""
    attack_s: float = 0.012


def whistle(note: WhistledNote) -> Floats:
    """A note and the gap after it, mono; its peak is about ``level``."""
    frames = round(note.duration_s * RATE_HZ)
    place = np.linspace(0.0, 1.0, frames)
    pitch_hz = _glide(note.pitches_hz, place)
    pitch_hz *= 1.0 + note.warble * np.sin(2.0 * np.pi * note.warble_hz * note.duration_s * place)
    phase = 2.0 * np.pi * np.cumsum(pitch_hz) / RATE_HZ
    edges = np.minimum(place / note.attack_s, (1.0 - place) / (1.7 * note.attack_s)) * note.duration_s
    envelope = np.sin(np.pi / 2.0 * np.minimum(1.0, edges)) ** 2 * (0.7 + 0.3 * np.sin(np.pi * place**0.7))
    out = np.zeros(frames + round(note.gap_s * RATE_HZ))
    out[:frames] = note.level * envelope * (np.sin(phase) + note.second * np.sin(2.0 * phase))
    return out


def trill(note: WhistledNote, times: int) -> Floats:
    """The same note several times in a row, swelling and falling away."""
    arch = 0.5 + 0.5 * np.sin(np.pi * (np.arange(times) + 0.5) / times)
    once = whistle(note)
    return np.concatenate([level * once for level in arch])


def phrase(parts: Sequence[Floats]) -> Floats:
    """Notes one after another."""
    return np.concatenate(list(parts))


def _glide(points_hz: tuple[float, ...], place: Floats) -> Floats:
    """A Bézier curve through the first and the last point, drawn towards the others."""
    degree = len(points_hz) - 1
    terms = (
        comb(degree, k) * (1.0 - place) ** (degree - k) * place**k * pitch_hz for k, pitch_hz in enumerate(points_hz)
    )
    return np.asarray(sum(terms), dtype=np.float64)
