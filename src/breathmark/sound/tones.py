"""The two tones that lead a guided breath: one that opens upwards, one that settles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from breathmark.sound.loudness import Samples

__all__ = ["TONES", "tone", "tone_frames"]

TONES: Final = {"breath-in": (293.66, 440.0), "breath-out": (440.0, 293.66)}
"""Name to the two notes (Hz) that follow each other: D4 and A4, a fifth apart, which agrees with any bed."""

_LENGTH_S = 2.4
_SECOND_NOTE_S = 0.22
_ATTACK_S = 0.06
_DECAY_S = 0.55
_PARTIALS = ((1.0, 1.0), (2.0, 0.18), (3.0, 0.05))
"""Multiple of the note, and amplitude: a soft, round sound with nothing over 1.4 kHz."""


def tone_frames(name: str, rate_hz: int) -> int:  # noqa: ARG001 - both are equally long today
    """How long the tone ``name`` sounds, in frames."""
    return round(_LENGTH_S * rate_hz)


def tone(name: str, rate_hz: int) -> Samples:
    """The tone ``name``, shaped ``(n, 1)``, peak under full scale, silent at both ends."""
    frames = tone_frames(name, rate_hz)
    first, second = TONES[name]
    late = round(_SECOND_NOTE_S * rate_hz)
    sound = _note(first, frames, rate_hz) * 0.7
    sound[late:] += _note(second, frames - late, rate_hz)
    fade = round(0.3 * rate_hz)
    sound[-fade:] *= np.cos(np.linspace(0, np.pi / 2, fade)) ** 2
    return np.asarray(sound[:, None] / 3, np.float32)


def _note(pitch_hz: float, frames: int, rate_hz: int) -> Samples:
    time_s = np.arange(frames) / rate_hz
    attack = np.sin(np.minimum(time_s / _ATTACK_S, 1) * np.pi / 2) ** 2
    wave = sum(level * np.sin(2 * np.pi * pitch_hz * multiple * time_s) for multiple, level in _PARTIALS)
    return np.asarray(wave * attack * np.exp(-time_s / _DECAY_S), np.float32)
