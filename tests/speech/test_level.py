from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydub import AudioSegment

from breathmark.audio.loudness import gated_lufs
from breathmark.model import Clip, WordTime
from breathmark.speech.contract import SpeechRequest
from breathmark.speech.level import LEVEL_LUFS, clip_gain_db, trim
from breathmark.speech.pace import PASSAGE
from breathmark.speech.voices.tone import ToneNarrator

RATE_HZ = 22_050


def clip(before_s: float, sound_s: float, after_s: float, *, peak: float = 0.3, noise: float = 0.0) -> Clip:
    """A 440 Hz tone between two silences, or between noise of that peak, with one word on it."""
    lengths = [round(length * RATE_HZ) for length in (before_s, sound_s, after_s)]
    tone = peak * np.sin(2 * np.pi * 440 * np.arange(lengths[1]) / RATE_HZ)
    samples = np.concatenate([np.zeros(lengths[0]), tone, np.zeros(lengths[2])])
    samples += noise * np.random.default_rng(1).uniform(-1, 1, len(samples))
    data = np.rint(samples * 32767).astype("<i2").tobytes()
    word = WordTime(word="hum", start_s=before_s, end_s=before_s + sound_s)
    return Clip(audio=AudioSegment(data, sample_width=2, frame_rate=RATE_HZ, channels=1), words=(word,))


@pytest.mark.parametrize(("before_s", "after_s"), [(0.5, 0.9), (0.0, 0.0), (0.01, 1.0), (0.2, 0.0)])
def test_both_ends_have_forty_milliseconds_of_silence(before_s: float, after_s: float) -> None:
    """However much silence the engine left, 40 ms are left at both ends, to a window of 10 ms; words move along."""
    spoken = trim(clip(before_s, 1.0, after_s))
    samples = np.frombuffer(spoken.pcm, "<i2")
    heard = np.nonzero(np.abs(samples) > 30)[0] / RATE_HZ
    assert heard[0] == pytest.approx(0.040, abs=0.0105)
    assert spoken.duration_s - heard[-1] == pytest.approx(0.040, abs=0.0105)
    assert spoken.words[0].start_s == pytest.approx(0.040, abs=0.0105)
    assert spoken.words[0].end_s == pytest.approx(1.040, abs=0.0105)


def test_noise_of_an_engine_is_silence() -> None:
    """What is 55 dB under the speech is trimmed like silence."""
    spoken = trim(clip(0.5, 1.0, 0.5, peak=0.5, noise=0.0005))
    assert spoken.duration_s == pytest.approx(1.08, abs=0.021)


def test_a_silent_clip_becomes_empty() -> None:
    """A clip without any sound has no frames left and no loudness."""
    spoken = trim(clip(0.5, 0.5, 0.5, peak=0.0))
    assert spoken.frames == 0
    assert spoken.lufs == -math.inf


def test_samples_are_stored_unscaled() -> None:
    """Levelling is a figure beside the samples: their peak stays the engine's."""
    samples = np.frombuffer(trim(clip(0.1, 2.0, 0.1, peak=0.07)).pcm, "<i2")
    assert np.abs(samples).max() / 32767 == pytest.approx(0.07, abs=0.001)


def test_other_formats_become_mono_16_bit() -> None:
    """A stereo clip of 32 bit is stored like any other."""
    plain = clip(0.1, 1.0, 0.1)
    wide = Clip(audio=plain.audio.set_channels(2).set_sample_width(4))
    assert trim(wide).frames == trim(plain).frames


def test_loudness_is_that_of_bs_1770() -> None:
    """The stored loudness is what the meter of the sound room reads."""
    spoken = trim(clip(0.0, 3.0, 0.0))
    samples = np.frombuffer(spoken.pcm, "<i2").astype(np.float32) / np.float32(32768)
    assert spoken.lufs == pytest.approx(gated_lufs(samples, RATE_HZ), abs=0.1)


@given(st.floats(-60, 0), st.floats(-60, 0), st.floats(0, 60))
def test_a_clip_is_moved_by_three_decibels_at_most(voice_lufs: float, clip_lufs: float, duration_s: float) -> None:
    """The gain is the voice's own, and 3 dB more or less at most; short clips have the voice's."""
    gain_db = clip_gain_db(voice_lufs=voice_lufs, clip_lufs=clip_lufs, duration_s=duration_s)
    own_db = LEVEL_LUFS - voice_lufs
    assert abs(gain_db - own_db) <= 3 + 1e-9
    if duration_s < 1.5:
        assert gain_db == own_db
    elif abs(voice_lufs - clip_lufs) <= 3:
        assert clip_lufs + gain_db == pytest.approx(LEVEL_LUFS)


def test_a_clip_without_loudness_has_its_voices_gain() -> None:
    """Minus infinity makes no infinite gain."""
    assert clip_gain_db(voice_lufs=-20, clip_lufs=-math.inf, duration_s=5) == LEVEL_LUFS + 20


def test_words_stay_inside_and_in_order() -> None:
    """After trimming, times rise and lie inside the clip."""
    request = SpeechRequest(text=PASSAGE[1], voice="tone:tone", speed=1.0, language="en")
    spoken = trim(ToneNarrator({}).speak(request))
    times = [time for word in spoken.words for time in (word.start_s, word.end_s)]
    assert times == sorted(times)
    assert times[0] >= 0
    assert times[-1] <= spoken.duration_s
