"""The limiter: what it promises about peaks, and about what it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from breathmark.audio.limiter import Limiter, PeakMeter

from .material import RATE_HZ, noise, sine, sixteenfold_dbtp, true_peak_dbtp

if TYPE_CHECKING:
    from breathmark.audio.loudness import Samples


def _limited(samples: Samples, ceiling_dbtp: float, cuts: list[int] | None = None) -> Samples:
    return np.concatenate(list(Limiter(RATE_HZ, ceiling_dbtp).run(iter(np.split(samples, cuts or [])))))


def _loud(seed: int = 1) -> Samples:
    """Bursts of coloured noise and tones, up to 12 dB over full scale."""
    sound = noise(4, level=0.4, seed=seed)
    sound = np.apply_along_axis(lambda x: np.convolve(x, np.hanning(9) / 2, "same"), 0, sound)
    sound += sine(4, 11_025 * 0.37, level=0.8)
    bursts = np.abs(np.sin(np.arange(len(sound)) / RATE_HZ * 2.1))[:, None] ** 3
    return np.asarray(sound * bursts * 2, np.float32)


@pytest.mark.parametrize("ceiling_dbtp", [-1.0, -1.7, -6.0])
def test_no_true_peak_passes_the_ceiling(ceiling_dbtp: float) -> None:
    """Sound up to 12 dB over full scale leaves under the ceiling, by libebur128 and by 8 times oversampling."""
    limited = _limited(_loud(), ceiling_dbtp)
    assert true_peak_dbtp(limited) <= ceiling_dbtp
    eight = soxr.resample(limited, RATE_HZ, 8 * RATE_HZ, quality="VHQ")
    assert 20 * np.log10(np.abs(eight).max()) <= ceiling_dbtp + 0.02
    assert true_peak_dbtp(limited) > ceiling_dbtp - 0.5, "it takes no more than it must"


@pytest.mark.parametrize("share", [0.1, 0.25, 0.3, 0.35, 0.4])
def test_a_tone_between_its_samples_stays_under_the_ceiling(share: float) -> None:
    """A tone 4 dB over full scale, up to 0.4 of the rate, leaves under the ceiling by 16 times oversampling."""
    drifting = sine(3, share * RATE_HZ + 5, level=1.5) * np.hanning(3 * RATE_HZ)[:, None].astype(np.float32)
    assert sixteenfold_dbtp(_limited(drifting, -1.0)) <= -1.0


def test_what_is_under_the_ceiling_is_left_bit_by_bit() -> None:
    """Sound that nowhere comes near the ceiling is the same afterwards."""
    quiet = noise(3, level=0.05)
    assert np.array_equal(_limited(quiet, -1.0, [50_000]), quiet)


def test_it_acts_only_around_a_peak() -> None:
    """A single burst is turned down; 12 ms away from it every sample is untouched, and the gain never jumps."""
    sound = noise(3, level=0.05)
    sound[60_000:60_400] *= 30
    limited = _limited(sound, -1.0)
    away = np.r_[0 : 60_000 - 530, 60_400 + 530 : len(sound)]
    assert np.array_equal(limited[away], sound[away])
    gain = limited[59_000:61_500, 0] / sound[59_000:61_500, 0]
    assert gain.min() < 0.9
    assert np.abs(np.diff(gain)).max() < 0.02


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(
    cuts=st.lists(st.integers(2_000, 170_000), max_size=6).map(
        lambda cuts: [cut for i, cut in enumerate(sorted(cuts)) if i == 0 or cut - sorted(cuts)[i - 1] > 1_000]
    )
)
def test_the_cut_into_blocks_does_not_matter(cuts: list[int]) -> None:
    """Limited in blocks of any length, the sound is that of the whole at once: no seam."""
    sound = _loud(2)
    assert np.allclose(_limited(sound, -1.0, cuts), _limited(sound, -1.0), atol=2e-6)


@pytest.mark.parametrize("hz", [997.0, 5_513.0, 11_025.0])
def test_the_meter_finds_what_libebur128_finds(hz: float) -> None:
    """The largest true peak of blocks is that of libebur128 within 0.1 dB, also between two samples."""
    tone = np.sin(2 * np.pi * hz / RATE_HZ * np.arange(RATE_HZ) + np.pi / 4)[:, None] * np.hanning(RATE_HZ)[:, None]
    samples = np.asarray(tone * 0.5, np.float32)
    meter = PeakMeter()
    for block in np.split(samples, [10_000, 22_000, 22_100]):
        meter.add(block)
    meter.finish()
    assert 20 * np.log10(meter.true_peak) == pytest.approx(true_peak_dbtp(samples), abs=0.1)


def test_silence_and_mono_pass() -> None:
    """Silence, one channel and a last block of one frame are nothing special."""
    samples = np.zeros((RATE_HZ, 1), np.float32)
    assert np.array_equal(_limited(samples, -1.0, [RATE_HZ - 1]), samples)
