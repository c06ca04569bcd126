"""Gain curves over a whole session, kept at one point every 100 ms and drawn as straight lines in between.

Everything moves over seconds: against half a cosine of 6 dB over 2 s, the lines are off by 0.01 dB at most.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from breathmark.audio.pcm import BLOCK_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.audio.loudness import EnergyBlocks, Samples


Curve: TypeAlias = "NDArray[np.float64]"
MixCurve: TypeAlias = "NDArray[np.float64] | NDArray[np.float32]"
"""The gain of a sound that is being mixed: a curve that is kept for all of the mix has half the memory."""

POINTS_PER_S = 10
"""One for each step of the loudness."""
BLOCK_POINTS = POINTS_PER_S * BLOCK_S

_FADE_IN_S = 2.0
_FADE_OUT_S = 4.0
_LONG_REST_S = 8.0
_HOLD_S = 0.5
"""The ambience stays down for a moment after a sentence: the rest has to show that it is one."""
_LEAD_S = 0.3
"""It is down again before the next sentence."""
_RISE_S = 3.0
_FALL_S = 2.0
_STEEPEST_DB_S = 12.0
"""At most 6 dB in 0.5 s."""


def time_axis(blocks: int) -> Curve:
    """The times (s) of the points of a session of ``blocks`` blocks, both ends included."""
    return np.arange(blocks * BLOCK_POINTS + 1) / POINTS_PER_S


def glide(time_s: Curve, start_s: float, length_s: float) -> Curve:
    """0 before, 1 after, and half a cosine in between."""
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.clip((time_s - start_s) / max(length_s, 1e-9), 0, 1)))


def crossfade_in(time_s: Curve, start_s: float, length_s: float) -> Curve:
    """The rising half of an equal-power crossfade; the falling half is the root of 1 minus its square."""
    return np.asarray(np.sin(np.pi / 2 * np.clip((time_s - start_s) / max(length_s, 1e-9), 0, 1)))


def fades(time_s: Curve, duration_s: float) -> Curve:
    """The fades at both ends of a session: 2 s in, 4 s out."""
    return glide(time_s, 0, _FADE_IN_S) * (1 - glide(time_s, duration_s - _FADE_OUT_S, _FADE_OUT_S))


def swell_shape(time_s: Curve, rests: Iterable[tuple[float, float]], duration_s: float, swell_lu: float) -> Curve:
    """0 where the ambience lies under speech or in a short rest, 1 in the middle of a long one.

    ``rests`` are the times (s) without speech. Times ``swell_lu`` it is a gain in dB that nowhere changes faster than
    6 dB in 0.5 s: half a cosine of s dB over d seconds is at its steepest pi/2 s/d.
    """
    shape = np.zeros(len(time_s))
    slowest_s = math.pi / 2 * swell_lu / _STEEPEST_DB_S
    rise_s, fall_s = max(_RISE_S, slowest_s), max(_FALL_S, slowest_s)
    for start_s, end_s in rests:
        if end_s - start_s < _LONG_REST_S:
            continue
        part = slice(int(start_s * POINTS_PER_S), int(end_s * POINTS_PER_S) + 2)
        inside = time_s[part]
        rise = glide(inside, start_s + _HOLD_S, rise_s) if start_s > 0 else np.ones(len(inside))
        fall = glide(inside, end_s - _LEAD_S - fall_s, fall_s) if end_s < duration_s else np.zeros(len(inside))
        # Where a large swell leaves no room for both, it does not rise to its height: the product stays smooth.
        shape[part] = rise * (1 - fall)
    return shape


def power(gain: Curve) -> EnergyBlocks:
    """The mean square of a gain curve in each step of 100 ms: that of a straight line."""
    return np.asarray((gain[:-1] ** 2 + gain[:-1] * gain[1:] + gain[1:] ** 2) / 3)


def sounding_blocks(gain: Curve) -> NDArray[np.bool_]:
    """In which blocks of a session a gain curve is not 0 throughout."""
    return np.asarray((np.maximum(gain[:-1], gain[1:]) > 0).reshape(-1, BLOCK_POINTS).any(axis=1))


def ramp(gain: MixCurve, block: int, block_frames: int) -> Samples:
    """The gain of each frame of one block, shaped ``(block_frames, 1)``, or ``(1, 1)`` where it does not change."""
    points = gain[block * BLOCK_POINTS : (block + 1) * BLOCK_POINTS + 1].astype(np.float32, copy=False)
    if (points == points[0]).all():
        return points[:1, None]
    cell = block_frames // BLOCK_POINTS
    within = np.arange(cell, dtype=np.float32) / np.float32(cell)
    lines = points[:-1, None] + np.diff(points)[:, None] * within[None, :]
    return lines.reshape(-1, 1)
