"""Word times of a clip that has none, by dynamic time warping onto the same sentence by a voice that gives them.

Features are cepstra of 10 ms without their mean, which is the voice's and the room's, and their slopes. Where a word
begins behind a silence, its time is that of the sound; elsewhere, that of the path.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.audio.bands import ANALYSIS_HZ, BANDS, HOP_S, bands
from breathmark.audio.pcm import FULL_SCALE_16_BIT, resample
from breathmark.model import WordTime

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.speech.level import TrimmedClip


ALIGNMENT: Final = 1
"""Of what this module does: another number makes clips that were timed by it be timed again."""

_LONGEST_S: Final = 20.0
"""Longer clips get no times: the distances take memory by the square of the length, here 80 MB."""
_RANGE_DB: Final = 45.0
_SPEECH_DB: Final = 6.0
"""The mean of the bands over the floor from which a frame counts for the voice's mean."""
_CEPSTRA: Final = 13
_SLOPE_WEIGHT: Final = 3.0
_SIDEWAYS: Final = 1.5
"""Added to a step along one clip alone (dB), which keeps the path from waiting where all sounds are alike."""
_TRUSTED: Final = 0.86
"""The most that the path may cost, of what it costs onto the reference backwards, which has the same sounds in another
order. Against Hibari the same sentence by Kokoro is at 0.68 to 0.80, by Piper at 0.73 to 0.85, by eSpeak NG at 0.80 to
0.89; other sentences of about its length are at 0.88 and more, but for one of 40 at 0.85."""
_SILENT_DB: Final = -40.0
"""Under the loudest frame."""
_SILENCE_FRAMES: Final = 10
"""Shorter ones belong to the closure of a p or t."""
_REACH_S: Final = 0.12
"""How far a word is moved to the onset of sound behind a silence."""


def aligned(clip: TrimmedClip, reference: TrimmedClip) -> tuple[WordTime, ...]:
    """The words of ``reference`` at the times at which they sound in ``clip``; empty where it seems not to say them."""
    if not reference.words or max(clip.duration_s, reference.duration_s) > _LONGEST_S:
        return ()
    power, model = _power(clip), _power(reference)
    one, two = _features(power), _features(model)
    if not len(one) or not len(two):
        return ()
    costs = accumulated(one, two, sideways=_SIDEWAYS)
    backwards = accumulated(one, two[::-1], sideways=_SIDEWAYS)
    if costs[-1, -1] > _TRUSTED * backwards[-1, -1]:
        return ()
    on_clip = _places(_path(costs, one, two)) * HOP_S
    begun_s = _at_onsets(np.array([word.start_s for word in reference.words]), model)
    frames = np.clip(np.rint(begun_s / HOP_S).astype(int), 0, len(on_clip) - 1)
    starts_s = np.minimum(_at_onsets(on_clip[frames], power), clip.duration_s)
    return _words(reference.words, starts_s.tolist(), clip.duration_s)


def accumulated(one: NDArray[np.float32], two: NDArray[np.float32], *, sideways: float = 0.0) -> NDArray[np.float64]:
    """The cost of the best path to each pair of frames, by anti-diagonals, so that numpy does the work.

    The pair (i, j) is at ``[i + j, i + 1]``; what is no pair is infinite. A step along both counts for two, so that
    every path has the same weight (Sakoe and Chiba 1978). The distance of two frames is in the unit of theirs.
    """
    rows, columns = len(one), len(two)
    # A column more, whose distances are not read: a step along an anti-diagonal is then as many places, and never none.
    cost = np.empty((rows, columns + 1), np.float32)
    cost[:, :columns] = _distances(one, two)
    flat = cost.reshape(-1)
    found = np.full((rows + columns - 1, rows + 1), np.inf)
    nothing = np.full(rows + 1, np.inf)
    before = last = nothing
    for diagonal, now in enumerate(found):
        first, end = max(0, diagonal - columns + 1), min(rows, diagonal + 1)
        here = flat[diagonal + first * columns : diagonal + end * columns : columns]
        straight = before[first:end] + 2 * here if diagonal else here * 2
        aside = np.minimum(last[first:end], last[first + 1 : end + 1]) + here
        now[first + 1 : end + 1] = np.minimum(straight, aside + sideways)
        before, last = last, now
    return found


def _distances(one: NDArray[np.float32], two: NDArray[np.float32]) -> NDArray[np.float32]:
    squares = (one**2).sum(axis=1)[:, None] + (two**2).sum(axis=1)[None, :]
    squares -= 2 * one @ two.T
    np.maximum(squares, 0, out=squares)
    squares /= one.shape[1]
    return np.asarray(np.sqrt(squares, out=squares))


def _path(costs: NDArray[np.float64], one: NDArray[np.float32], two: NDArray[np.float32]) -> list[tuple[int, int]]:
    """The pairs of frames of the best path, from the end."""
    cost = _distances(one, two)

    def at(row: int, column: int) -> float:
        return float(costs[row + column, row + 1]) if row >= 0 and column >= 0 else np.inf

    row, column = len(one) - 1, len(two) - 1
    path = [(row, column)]
    while row or column:
        here = float(cost[row, column])
        _, row, column = min(
            (at(row - 1, column - 1) + 2 * here, row - 1, column - 1),
            (at(row - 1, column) + here + _SIDEWAYS, row - 1, column),
            (at(row, column - 1) + here + _SIDEWAYS, row, column - 1),
        )
        path.append((row, column))
    return path


def _places(path: Sequence[tuple[int, int]]) -> NDArray[np.float64]:
    """For each frame of the reference, the mean of those of the clip that it lies on."""
    rows, columns = np.array(path).T
    return np.asarray(np.bincount(columns, rows) / np.bincount(columns))


def _power(clip: TrimmedClip) -> NDArray[np.float32]:
    samples = np.frombuffer(clip.pcm, "<i2").astype(np.float32) * np.float32(1 / FULL_SCALE_16_BIT)
    return bands([resample(samples.reshape(-1, 1), clip.rate_hz, ANALYSIS_HZ)])


def _features(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cepstra and their slopes over 50 ms; scaled so that distances are those of the bands, in decibels."""
    floor = float(power.mean(axis=1).max(initial=1e-9)) * 10 ** (-_RANGE_DB / 10)
    decibels = 10 * np.log10(np.maximum(power / floor, 1))
    turns = np.pi * np.outer(np.arange(_CEPSTRA), np.arange(BANDS) + 0.5) / BANDS
    cosines = np.cos(turns) * np.sqrt(2 / BANDS)
    cosines[0] /= np.sqrt(2)
    cepstra = decibels @ cosines.T
    speech = decibels.mean(axis=1) > _SPEECH_DB
    if speech.any():
        cepstra = cepstra - cepstra[speech].mean(axis=0) * speech[:, None]
    padded = np.pad(cepstra, ((2, 2), (0, 0)), mode="edge") if len(cepstra) else np.zeros((4, _CEPSTRA))
    slopes = (2 * (padded[4:] - padded[:-4]) + padded[3:-1] - padded[1:-3]) / 10
    scale = np.sqrt(2 * _CEPSTRA / BANDS)
    return np.asarray(np.concatenate([cepstra, _SLOPE_WEIGHT * slopes], axis=1) * scale, np.float32)


def _at_onsets(starts_s: NDArray[np.float64], power: NDArray[np.float32]) -> NDArray[np.float64]:
    """Each start at the nearest onset of sound in reach; one in a silence at the end of that. They stay in order."""
    level = power.mean(axis=1)
    sounds = level > level.max() * 10 ** (_SILENT_DB / 10)
    frames = np.flatnonzero(sounds)
    # A frame's window ends with it, and reaches one frame back.
    onsets_s = (frames[np.diff(frames, prepend=-2 * _SILENCE_FRAMES) > _SILENCE_FRAMES] - 0.5) * HOP_S
    moved = starts_s.copy()
    for at, start_s in enumerate(starts_s):
        nearest = onsets_s[np.argmin(np.abs(onsets_s - start_s))]
        frame = min(round(start_s / HOP_S), len(sounds) - 1)
        later = onsets_s[onsets_s > start_s]
        if abs(nearest - start_s) <= _REACH_S:
            moved[at] = max(nearest, 0.0)
        elif not sounds[max(0, frame - 3) : frame + 4].any() and len(later):
            moved[at] = later[0]
    return np.asarray(np.maximum.accumulate(moved))


def _words(words: Sequence[WordTime], starts_s: Sequence[float], end_s: float) -> tuple[WordTime, ...]:
    ends_s = [*starts_s[1:], end_s]
    return tuple(
        WordTime(word=word.word, start_s=round(start_s, 3), end_s=round(word_end_s, 3))
        for word, start_s, word_end_s in zip(words, starts_s, ends_s, strict=True)
    )
