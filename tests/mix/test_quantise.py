"""Rounding to what an encoder takes."""

from __future__ import annotations

import numpy as np
import pytest

from breathmark.audio.pcm import Quantiser

from .material import noise, rms_db, sine


def _sixteen(data: bytes) -> np.ndarray:
    return np.frombuffer(data, "<i2").reshape(-1, 2) / 32_768


def test_dither_makes_distortion_noise() -> None:
    """A tone of half a step survives 16 bits: its harmonics stay 25 dB under it, which without dither they don't."""
    tone = sine(4, 441, level=0.5 / 32_768)
    spectrum = np.abs(np.fft.rfft(_sixteen(Quantiser(2)(tone))[:176_400, 0]))
    first, third = spectrum[441 * 4], spectrum[3 * 441 * 4]
    assert first / len(tone) * 2 == pytest.approx(0.5 / 32_768, rel=0.1)
    assert 20 * np.log10(first / third) > 25


def test_its_noise_is_that_of_triangular_dither() -> None:
    """The error has the power of 1/4 step squared (1/12 of rounding and 1/6 of dither), and no offset."""
    samples = noise(2)
    error = (_sixteen(Quantiser(2)(samples)) - samples) * 32_768
    assert np.mean(error**2) == pytest.approx(0.25, rel=0.05)
    assert abs(np.mean(error)) < 0.01


def test_digital_silence_stays_silent() -> None:
    """Where nothing sounds, every sample is 0; beside it, dither goes on."""
    samples = noise(1)
    samples[20_000:30_000] = 0
    rounded = _sixteen(Quantiser(2)(samples))
    assert not rounded[20_000:30_000].any()
    assert rounded[:20_000].any()


def test_the_same_sound_gives_the_same_bytes() -> None:
    """The dither is seeded; it differs from block to block all the same."""
    samples = noise(1, level=1e-4)
    first, second = Quantiser(2), Quantiser(2)
    one, two = first(samples), first(samples)
    assert (one, two) == (second(samples), second(samples))
    assert one != two


def test_twenty_four_bits_are_exact() -> None:
    """24 bits are in the upper bytes of 32, right to half a step (-150 dB), without dither."""
    samples = noise(1)
    data = np.frombuffer(Quantiser(3)(samples), "<i4").reshape(-1, 2)
    assert not (data & 0xFF).any()
    assert rms_db(data / 2**31 - samples) < -148


@pytest.mark.parametrize("width", [2, 3])
def test_full_scale_does_not_wrap(width: int) -> None:
    """Samples at and over full scale stay at the end of the range: they never change their sign."""
    samples = np.full((100, 2), 1.5, np.float32)
    samples[50:] = -1.5
    quantise = Quantiser(2 if width == 2 else 3)
    data = np.frombuffer(quantise(samples), f"<i{quantise.bytes_per_sample}")
    assert (data[:100] > 0).all()
    assert (data[100:] < 0).all()
