"""Half an hour of an ambience as a session plays it: what it measures, a minute at a time, so that memory stays flat.

``python -m tests.sounds.half_hour [NAME ...]`` prints the figures of each.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft

from breathmark.audio.loudness import EnergyMeter, gated, short_term
from breathmark.audio.pcm import BLOCK_S, Format
from breathmark.mix.assets import find_ambience
from breathmark.mix.beds import open_bed
from breathmark.mix.pieces import PIECE_S, PieceStore
from breathmark.synthesis.catalogue import bed_recipe

from .meter import (
    AT_ONCE_FRAMES,
    BAND_RATE_HZ,
    BEDS,
    RATE_HZ,
    Floats,
    Sound,
    band_levels,
    correlation,
    made,
    recurrence,
    similarities,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breathmark.audio.loudness import EnergyBlocks

OCTAVES_HZ = (63, 125, 250, 500, 1000, 2000, 4000, 8000)
_MINUTES = 30
_PIECE_FRAMES = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfHour:
    """The figures of half an hour."""

    similarity: float
    """The largest correlation of band levels with themselves, at any lag from 2 s on."""
    lag_s: float
    """Where that is."""
    recurrence: float
    """The largest correlation of ten seconds with ten that come later."""
    treble_correlation: float
    """Of left and right between 9 and 14 kHz, over the minutes."""
    synthesis_correlation: float
    """The same of a minute of the synthesis, which no cache and no 16 bits have seen."""
    loudness_lufs: float
    range_lu: float
    """Of the 3 s loudness, from the 10th to the 95th percentile."""
    minutes_lu: float
    """From the softest minute to the loudest one."""
    step_lu: float
    """The largest change of the 3 s loudness within 1 s."""
    octaves_db: tuple[float, ...]
    """The level of each of ``OCTAVES_HZ`` against the whole, the mean over the minutes."""
    octave_swing_db: float
    """How far an octave of a minute strays at most from that mean, where it is within 30 dB of the whole."""
    seam: float
    """The second difference where two pieces meet, over that of other places: the ratio of the medians."""
    worst_seam: float
    """The largest at a seam, over what one place of a thousand elsewhere has."""


def half_hour(name: str) -> HalfHour:
    """Play an ambience from an empty cache, and measure it."""
    meter, levels, minutes = EnergyMeter(RATE_HZ, 2), [], []
    seams: list[float] = []
    elsewhere: list[Floats] = []
    with tempfile.TemporaryDirectory() as folder:
        store = PieceStore(root=Path(folder))
        first_seam = (PIECE_S - BLOCK_S * store.entrance(bed_recipe(name)) % PIECE_S) * RATE_HZ
        for number, minute in enumerate(_minutes(name, store)):
            meter.add(minute)
            levels.append(band_levels(minute))
            minutes.append(_spectrum(minute))
            places = _bends(minute)
            first = (first_seam - number * AT_ONCE_FRAMES) % (PIECE_S * RATE_HZ)
            seams += [
                float(places[max(at - 3, 0) : at + 2].max()) for at in range(first, len(places), PIECE_S * RATE_HZ)
            ]
            elsewhere.append(places[: len(places) // 5 * 5].reshape(-1, 5)[::101].max(axis=1))
    bends = (np.array(seams), np.concatenate(elsewhere))
    return _figures(name, np.concatenate(levels, axis=1), np.array(minutes), bends, meter.finish())


def _minutes(name: str, store: PieceStore) -> Iterator[Sound]:
    """What a session hears, nearly a minute at a time."""
    held = np.zeros((0, 2), np.float32)
    with closing(open_bed(find_ambience(name), Format(rate_hz=RATE_HZ, channels=2), store).play()) as playing:
        for _ in range(_MINUTES):
            blocks = -(-(AT_ONCE_FRAMES - len(held)) // (BLOCK_S * RATE_HZ))
            held = np.concatenate([held, *islice(playing, blocks)])
            yield held[:AT_ONCE_FRAMES]
            held = held[AT_ONCE_FRAMES:]


def _spectrum(sound: Sound) -> list[float]:
    """The correlation of left and right between 9 and 14 kHz, then the level of each octave against the whole."""
    pieces = sound[: len(sound) // _PIECE_FRAMES * _PIECE_FRAMES].reshape(-1, _PIECE_FRAMES, 2)
    spectra = fft.rfft(pieces * np.hanning(_PIECE_FRAMES).astype(np.float32)[:, np.newaxis], axis=1)
    frequency_hz = fft.rfftfreq(_PIECE_FRAMES, 1 / RATE_HZ)
    power = (np.abs(spectra) ** 2).sum(axis=0)
    cross = (spectra[..., 0] * spectra[..., 1].conj()).sum(axis=0)
    treble = (frequency_hz >= 9_000) & (frequency_hz < 14_000)
    alike = cross.real[treble].sum() / np.sqrt(np.prod(power[treble].sum(axis=0)))
    mean = power.sum(axis=1)
    edges = [(centre_hz / np.sqrt(2), centre_hz * np.sqrt(2)) for centre_hz in OCTAVES_HZ]
    shares = [mean[(frequency_hz >= low) & (frequency_hz < high)].sum() / mean.sum() for low, high in edges]
    return [float(alike), *(10 * np.log10(shares))]


def _bends(sound: Sound) -> Floats:
    """The second difference at each frame but the first and last, of the channel where it is larger."""
    return np.asarray(np.abs(np.diff(sound.astype(np.float64), 2, axis=0)).max(axis=1), np.float64)


def _figures(
    name: str, levels: Floats, minutes: Floats, bends: tuple[Floats, Floats], energies: EnergyBlocks
) -> HalfHour:
    lags, loudness, octaves_db = similarities(levels), short_term(energies), minutes[:, 1:].mean(axis=0)
    by_minute = [gated(part) for part in np.array_split(energies, _MINUTES)]
    heard = octaves_db > -30
    return HalfHour(
        similarity=float(lags.max()),
        lag_s=2 + float(lags.argmax()) / BAND_RATE_HZ,
        recurrence=recurrence(levels),
        treble_correlation=float(minutes[:, 0].mean()),
        synthesis_correlation=correlation(made(name), 9_000, 14_000),
        loudness_lufs=gated(energies),
        range_lu=float(np.subtract(*np.percentile(loudness, [95, 10]))),
        minutes_lu=max(by_minute) - min(by_minute),
        step_lu=float(np.abs(loudness[10:] - loudness[:-10]).max()),
        octaves_db=tuple(float(level) for level in octaves_db),
        octave_swing_db=float(np.abs(minutes[:, 1:] - octaves_db)[:, heard].max()),
        seam=float(np.median(bends[0]) / np.median(bends[1])),
        worst_seam=float(bends[0].max() / np.percentile(bends[1], 99.9)),
    )


if __name__ == "__main__":
    for bed in sys.argv[1:] or BEDS:
        sys.stdout.write(f"{bed} {half_hour(bed)}\n")
        sys.stdout.flush()
