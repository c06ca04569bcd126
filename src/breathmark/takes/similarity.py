"""Similarity of two stretches of sound, by dynamic time warping of their spectra: whether they are the same words.

Both are from one recording, or one is from another voice: with each stretch's own mean spectrum removed (cepstral
mean normalisation), the same sentence by eSpeak and by Piper is at 8.5 to 9.5 dB, other sentences of about its length
are at 10.5 and more (64 sentences, 5th to 95th percentiles).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.audio.bands import HOP_S, bands
from breathmark.speech.alignment import accumulated

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.audio.loudness import Samples
    from breathmark.takes.segments import Activity


_EVERY: Final = 3
"""Frames of 30 ms are enough for syllables."""
_LONGEST: Final = 400
_SAMPLED: Final = 24
_SAME: Final = 0.80
"""Of the distance that different stretches have from each other: where the same words are as likely as others."""
_STEEPNESS: Final = 25.0
_MODEL_SAME: Final = 0.90
_MODEL_STEEPNESS: Final = 40.0
_MODEL_RANGE_DB: Final = 45.0
_LAST_SOUND_S: Final = 0.25
_GOES_ON_WITHIN_S: Final = 0.5
"""A pause inside a sentence; after a longer one, what was compared was the whole."""
_BROKEN_BEFORE: Final = 0.88
_BROKEN_BETTER: Final = 1.06
_BROKEN_LEAST_S: Final = 3.0
"""The beginning of a model of at least this length fits so much better than all of it. Of 64 sentences by Piper, and by
two voices of eSpeak NG, against eSpeak NG's, no whole one of that length was taken for a broken one. Of Piper's 64,
shorter ones counted in, the ratio alone finds 42 that are cut at 80 %, 57 at 65 % and 61 in the middle."""
_PREFIX: Final = 1.4
"""A sentence that is begun twice is begun about as fast: of what follows, so much of its length is compared."""
_BOUNDS: Final = (-6.0, 5.0)


class SelfSimilarity:
    """Similarity of stretches of one recording; the distance of different ones is measured in the recording itself."""

    def __init__(self, activity: Activity) -> None:
        self._activity = activity
        self._usual = self._usual_distance()
        self._cached = cache(self._score)
        self._begun = cache(self._begin)

    def __call__(self, before: int, first: int, last: int) -> float:
        """The similarity of segments from ``first`` up to ``last`` to those from ``before`` up to ``first``.

        It is a log-likelihood ratio: over 0 where the same words are more likely.
        """
        return self._cached(before, first, last)

    def _score(self, before: int, first: int, last: int) -> float:
        if not self._usual:
            return 0.0
        ratio = _distance(self._shape(before, first), self._shape(first, last)) / self._usual
        return float(np.clip(_STEEPNESS * (_SAME - ratio), *_BOUNDS))

    def begins(self, first: int, last: int) -> float:
        """The similarity of segments ``first`` up to ``last`` to the beginning of what follows them, which goes on.

        What follows and ends there is the same once more, and not a sentence that was broken off before.
        """
        return self._begun(first, last)

    def _begin(self, first: int, last: int) -> float:
        if not self._usual:
            return _BOUNDS[0]
        shape = self._shape(first, last)
        follows = _frames(self._activity, last)[: round(_PREFIX * len(shape))]
        if not len(shape) or not len(follows):
            return _BOUNDS[0]
        distances = _distances(shape, follows)
        end = len(follows) // 2 + int(np.argmin(distances[len(follows) // 2 :]))
        if not self._goes_on(last, (end + 1) * _EVERY * HOP_S):
            return _BOUNDS[0]
        return float(np.clip(_STEEPNESS * (_SAME - distances[end] / self._usual), *_BOUNDS))

    def _goes_on(self, first: int, after_s: float) -> bool:
        """Whether somebody speaks soon after ``after_s`` from the start of segment ``first`` on."""
        at_s = self._activity.segments[first].start_s + after_s
        return any(
            segment.end_s > at_s + _LAST_SOUND_S and segment.start_s < at_s + _GOES_ON_WITHIN_S
            for segment in self._activity.segments[first:]
        )

    def _shape(self, first: int, last: int) -> NDArray[np.float32]:
        """The spectra of a stretch."""
        return _stretch(self._activity, first, last)

    def _usual_distance(self) -> float:
        """Between stretches that are not neighbours, and so not the same words."""
        count = len(self._activity.segments)
        lengths = [segment.duration_s for segment in self._activity.segments]
        order: Sequence[int] = np.argsort(lengths).tolist()
        # Of about the same length, as a repetition is.
        pairs = [(one, two) for one, two in pairwise(order) if abs(one - two) > 2]
        chosen = [pair for pair in pairs if min(lengths[pair[0]], lengths[pair[1]]) > 0.4][:: max(1, count // _SAMPLED)]
        found = [_distance(self._shape(one, one + 1), self._shape(two, two + 1)) for one, two in chosen]
        return float(np.median(found)) if found else 0.0


class ModelSimilarity:
    """Similarity of stretches of a recording to sentences as another voice speaks them."""

    def __init__(self, activity: Activity, models: Sequence[Samples]) -> None:
        """``models`` are the sentences, mono at ``ANALYSIS_HZ``, in the order of the sheet."""
        self._activity = activity
        self._models = [_centred(_thinned(_over_floor(bands([model])))) for model in models]
        self._usual = self._usual_distance()
        self._cached = cache(self._score)

    def __call__(self, first: int, last: int, sentence: int) -> float:
        """The similarity of segments ``first`` up to ``last`` to the sentence, on the scale of ``SelfSimilarity``."""
        return self._cached(first, last, sentence)

    def breaks_off(self, first: int, last: int, sentence: int) -> bool:
        """Whether the segments are only the beginning of the sentence."""
        shape, model = self._shape(first, last), self._models[sentence]
        if not len(shape) or len(model) * _EVERY * HOP_S < _BROKEN_LEAST_S:
            return False
        distances = _distances(shape, model)
        earliest = len(model) // 3
        end = earliest + int(np.argmin(distances[earliest:]))
        return end + 1 <= _BROKEN_BEFORE * len(model) and bool(distances[-1] >= _BROKEN_BETTER * distances[end])

    def _score(self, first: int, last: int, sentence: int) -> float:
        if not self._usual:
            return 0.0
        ratio = _distance(self._shape(first, last), self._models[sentence]) / self._usual
        return float(np.clip(_MODEL_STEEPNESS * (_MODEL_SAME - ratio), *_BOUNDS))

    def _shape(self, first: int, last: int) -> NDArray[np.float32]:
        return _centred(_stretch(self._activity, first, last))

    def _usual_distance(self) -> float:
        """Between stretches and sentences of about the same length: hardly any pair is the same."""
        found = []
        segments = len(self._activity.segments)
        for segment in range(0, segments, max(1, segments // _SAMPLED)):
            shape = self._shape(segment, segment + 1)
            near = [model for model in self._models if 0.7 < (len(model) + 1) / (len(shape) + 1) < 1.4]
            found += [_distance(shape, model) for model in near[:: max(1, len(near) // 3)]]
        return float(np.median(found)) if len(found) > _SAMPLED // 2 else 0.0


def _stretch(activity: Activity, first: int, last: int) -> NDArray[np.float32]:
    start, end = round(activity.segments[first].start_s / HOP_S), round(activity.segments[last - 1].end_s / HOP_S)
    return _thinned(activity.decibels[start:end])


def _frames(activity: Activity, first: int) -> NDArray[np.float32]:
    """The spectra from the start of a segment on, pauses included, up to the longest stretch that is compared."""
    start = round(activity.segments[first].start_s / HOP_S)
    return _thinned(activity.decibels[start : start + _EVERY * _LONGEST])


def _thinned(decibels: NDArray[np.float32]) -> NDArray[np.float32]:
    whole = decibels[: len(decibels) // _EVERY * _EVERY].reshape(-1, _EVERY, decibels.shape[1])
    return np.asarray(whole.mean(axis=1)[:_LONGEST], np.float32)


def _over_floor(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """In decibels over the noise floor of a quiet room."""
    floor = float(power.mean(axis=1).max(initial=1e-9)) * 10 ** (-_MODEL_RANGE_DB / 10)
    return np.asarray(10 * np.log10(np.maximum(power / floor, 1)), np.float32)


def _centred(shape: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without the mean spectrum, which is the voice's and the room's."""
    return shape - shape.mean(axis=0) if len(shape) else shape


def _distance(one: NDArray[np.float32], two: NDArray[np.float32]) -> float:
    """The mean distance (dB) along the best path."""
    return float(_distances(one, two)[-1]) if len(one) and len(two) else float("inf")


def _distances(one: NDArray[np.float32], two: NDArray[np.float32]) -> NDArray[np.float64]:
    """The mean distance (dB) along the best path from both beginnings to the end of ``one`` and each frame of ``two``.

    Neither may be empty.
    """
    ends = accumulated(one, two)[len(one) - 1 :, len(one)]
    return np.asarray(ends / (len(one) + 1 + np.arange(len(two))))
