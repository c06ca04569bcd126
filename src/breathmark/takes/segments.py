"""Voice activity detection in a recording of a real room: sound over the room's own noise, band by band.

A threshold on the level alone cuts off soft consonants, which lie under the hum of a room. So the sound is taken apart
into bands, each is compared with its level in the quiet parts, and a frame counts by its mean excess over all bands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.audio.bands import BANDS, HOP_S, bands

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.audio.loudness import Samples


_FAINTEST: Final = 1e-10
"""A band's floor in digital silence (-100 dBFS): dither is not speech."""
_USUAL: Final = 0.01
"""The least power of the loudest band where speech has a usual level: 0.013 to 0.03 at -16 LUFS."""
_QUIET_SHARE: Final = 0.1
"""This part of the frames, the quietest, is taken for the room."""
_ENTER_DB: Final = 6.0
"""How far the mean band is above the room's own fluctuation where a sound certainly begins …"""
_LEAVE_DB: Final = 2.0
"""… and how far where it still goes on."""
_FAINT_BEFORE: Final = 5
_FAINT_AFTER: Final = 20
"""Frames up to a sound that is too faint to be one by itself, and belongs to what sounds beside it."""
_CLICK_S: Final = 0.05
"""Anything shorter is a click: every syllable is longer."""
_LINK_S: Final = 0.10
"""Gaps up to here belong to the consonants of a word: the closure before a p or t."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechSegment:
    """A stretch of sound between two silences."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        """Its length in seconds."""
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """The result of voice activity detection."""

    decibels: NDArray[np.float32]
    """Each 10 ms, the level of each band over the room (dB, at least 0): frames by bands."""
    segments: tuple[SpeechSegment, ...]
    """In the order of time."""


def listen(pieces: Iterable[Samples]) -> Activity:
    """Find the speech in a mono recording at ``ANALYSIS_HZ``, given piece by piece."""
    power = _lifted(bands(pieces))
    room = _room(power)
    over = 10 * np.log10(np.maximum(power, room) / room).astype(np.float32)
    excess_db = _smooth(over.mean(axis=1))
    floor_db = (
        float(np.median(np.sort(excess_db)[: max(1, int(len(excess_db) * _QUIET_SHARE))])) if len(excess_db) else 0.0
    )
    return Activity(decibels=over, segments=_speech_segments(excess_db - floor_db))


def _lifted(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """A quiet recording at a usual level, so that its soft sounds don't lie under the floor."""
    loudest = float(power.max(initial=0.0))
    return power * np.float32(_USUAL / loudest) if _FAINTEST < loudest < _USUAL else power


def _room(power: NDArray[np.float32]) -> NDArray[np.float32]:
    """The power of each band in the quietest frames."""
    if not len(power):
        return np.full(BANDS, _FAINTEST, np.float32)
    level = np.log(np.maximum(power, _FAINTEST)).mean(axis=1)
    quiet = power[level <= np.quantile(level, _QUIET_SHARE)]
    return np.asarray(np.maximum(quiet.mean(axis=0), _FAINTEST), np.float32)


def _smooth(excess_db: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of three frames, so that a single noisy frame does not count as sound."""
    padded = np.pad(excess_db, 1, mode="edge") if len(excess_db) else np.zeros(2, np.float32)
    return np.asarray((padded[:-2] + padded[1:-1] + padded[2:]) / 3, np.float32)


def _speech_segments(excess_db: NDArray[np.float32]) -> tuple[SpeechSegment, ...]:
    """Runs over the lower threshold that pass the upper one somewhere."""
    found: list[SpeechSegment] = []
    for first, last in _with_edges(excess_db):
        # A frame's window ends with it, and reaches one frame back.
        segment = SpeechSegment(start_s=max(0.0, (first - 0.5) * HOP_S), end_s=(last - 0.5) * HOP_S)
        if found and segment.start_s - found[-1].end_s <= _LINK_S:
            segment = SpeechSegment(start_s=found.pop().start_s, end_s=segment.end_s)
        found.append(segment)
    return tuple(segment for segment in found if segment.duration_s >= _CLICK_S)


def _with_edges(excess_db: NDArray[np.float32]) -> list[tuple[int, int]]:
    """Each certain run, with the faint ones just before it (an h, an f) and behind it (the release of a p or t)."""
    runs = _runs(excess_db > _LEAVE_DB)
    certain = [bool(excess_db[first:last].max() > _ENTER_DB) for first, last in runs]
    found = []
    for at, run in enumerate(runs):
        if not certain[at]:
            continue
        first, last = run
        before, after = at - 1, at + 1
        while before >= 0 and not certain[before] and first - runs[before][1] <= _FAINT_BEFORE:
            first, before = runs[before][0], before - 1
        while after < len(runs) and not certain[after] and runs[after][0] - last <= _FAINT_AFTER:
            last, after = runs[after][1], after + 1
        found.append((first, last))
    return found


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The first frame of each run of True, and the one behind its last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
