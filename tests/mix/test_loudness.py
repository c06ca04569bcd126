"""Loudness against libebur128, and the algebra that the mixer builds on it."""

from __future__ import annotations

import numpy as np
import pyebur128
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from breathmark.audio.loudness import (
    EnergyMeter,
    Samples,
    energies,
    gated,
    gated_lufs,
    momentary,
    relative_gate,
    short_term,
)


def _uneven_noise(rate_hz: int, channels: int, seconds: int = 12, seed: int = 1) -> Samples:
    """Noise with bass and steps of level, so that both gates and both filter stages matter."""
    generator = np.random.default_rng(seed)
    white = generator.standard_normal((rate_hz * seconds, channels)) * 0.1
    steps = np.repeat(10 ** generator.uniform(-2, 0, seconds * 2), rate_hz // 2)[:, None]
    brown = np.cumsum(white, axis=0) * 0.05
    return np.asarray((white + brown - brown.mean(axis=0)) * steps, np.float32)


def _libebur128(samples: Samples, rate_hz: int) -> float:
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    state = pyebur128.R128State(channels, rate_hz, pyebur128.MeasurementMode.MODE_I)
    state.add_frames(samples.astype(np.float64).ravel(), len(samples))
    return float(pyebur128.get_loudness_global(state))


@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_it_agrees_with_libebur128(rate_hz: int, channels: int) -> None:
    """Gated loudness is that of libebur128 within 0.01 LU, at every rate and for one and two channels."""
    samples = _uneven_noise(rate_hz, channels)
    assert gated_lufs(samples, rate_hz) == pytest.approx(_libebur128(samples, rate_hz), abs=0.01)


def test_a_full_scale_sine_reads_what_the_recommendation_says() -> None:
    """A 0 dBFS sine of 997 Hz in one channel reads -3.01 LUFS (BS.1770-5, annex 1)."""
    sine = np.sin(2 * np.pi * 997 / 48_000 * np.arange(48_000 * 5)).astype(np.float32)
    assert gated_lufs(sine, 48_000) == pytest.approx(-3.01, abs=0.01)


def test_mono_is_one_channel() -> None:
    """The same sound in two channels is 3.01 LU louder than in one."""
    mono = _uneven_noise(44_100, 1)
    both = np.repeat(mono, 2, axis=1)
    assert gated_lufs(both, 44_100) - gated_lufs(mono[:, 0], 44_100) == pytest.approx(3.01, abs=0.01)


@pytest.mark.parametrize("frames", [0, 1, 17_000])
def test_what_has_no_block_of_400_ms_has_no_loudness(frames: int) -> None:
    """A sound under 400 ms, and silence of any length, read -inf rather than fail."""
    assert gated_lufs(np.ones(frames, np.float32), 44_100) == -np.inf
    assert gated_lufs(np.zeros((frames * 9, 2), np.float32), 44_100) == -np.inf


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(1, 90_000), min_size=1, max_size=8))
def test_the_cut_into_pieces_does_not_matter(cuts: list[int]) -> None:
    """A meter fed in pieces of any length keeps the energies of the whole, within 0.005 LU."""
    samples = _uneven_noise(44_100, 2, seconds=4)
    meter = EnergyMeter(44_100, 2)
    for piece in np.split(samples, np.minimum(np.cumsum(cuts), len(samples))):
        meter.add(piece)
    whole = energies(samples, 44_100)
    assert np.allclose(meter.finish(), whole, rtol=1e-3, atol=1e-9)


def test_a_clip_at_its_own_rate_reads_what_it_reads_resampled() -> None:
    """With ``design_hz``, sound without its top octave at 22.05 kHz reads within 0.02 LU of its 44.1 kHz version."""
    low = np.convolve(_uneven_noise(22_050, 1)[:, 0], np.hanning(11) / 5, "same").astype(np.float32)
    high = soxr.resample(low, 22_050, 44_100, quality="VHQ")
    measured = gated(energies(low, 22_050, design_hz=44_100))
    assert measured == pytest.approx(gated_lufs(high, 44_100), abs=0.02)


def test_energies_add() -> None:
    """The loudness of a sum is that of the summed energies, with a gain squared, within 0.02 LU."""
    generator = np.random.default_rng(2)
    voice = np.asarray(generator.standard_normal((44_100 * 20, 2)) / 10, np.float32)
    bed = np.asarray(generator.standard_normal((44_100 * 20, 2)) / 10, np.float32)
    summed = energies(voice, 44_100) + 0.3**2 * energies(bed, 44_100)
    assert gated(summed) == pytest.approx(gated_lufs(voice + np.float32(0.3) * bed, 44_100), abs=0.02)


def test_the_parts_of_a_step_are_its_energy() -> None:
    """Five parts of 20 ms have the mean of the step that they are of."""
    sound = np.random.default_rng(1).normal(0, 0.1, 10_000).astype(np.float32)
    parts, steps = energies(sound, 22_050, parts=5), energies(sound, 22_050)
    assert np.allclose(np.pad(parts, (0, -len(parts) % 5)).reshape(-1, 5).mean(axis=1), steps, rtol=1e-4)


def test_windows_and_gate() -> None:
    """Momentary is 400 ms, short-term 3 s, and the relative gate lies 10 LU under the mean of what is heard."""
    steps = np.full(60, 0.01)
    steps[30:] = 0.0
    level = -0.691 - 20.0
    assert len(momentary(steps)) == 57
    assert len(short_term(steps)) == 31
    assert short_term(steps)[0] == pytest.approx(level)
    assert relative_gate(steps) == pytest.approx(level - 10, abs=0.3)
