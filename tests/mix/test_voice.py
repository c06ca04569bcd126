"""The voice: clips in their places, sample by sample."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest

from breathmark.audio.loudness import gated
from breathmark.audio.pcm import Format, MixGrid
from breathmark.base.errors import AssetError
from breathmark.mix.voice import limited_voice, measure_voice, speech_mask, voice_blocks, voice_energy

from .material import RATE_HZ, clip, laid_out, lufs, sine, speechlike, spoken_clips

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from breathmark.audio.loudness import Samples
    from breathmark.model import StoredClip, Timeline, Utterance


def _grid(timeline: Timeline, channels: int = 2) -> MixGrid:
    return MixGrid(frames=timeline.frames, format=Format(rate_hz=timeline.rate_hz, channels=channels))


def _spoken(timeline: Timeline, clips: Mapping[Utterance, StoredClip], gain: float = 1.0) -> Samples:
    grid = _grid(timeline)
    blank = np.zeros((grid.format.block_frames, 1), np.float32)
    blocks = voice_blocks(timeline.speech, clips, grid, gain)
    return np.concatenate([blank if block is None else block for block in blocks])


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
def test_a_clip_is_where_it_was_placed(tmp_path: Path, rate_hz: int) -> None:
    """Across a block's edge, at an odd frame, each clip begins and ends at exactly its frames, gain applied."""
    clips = dict([clip(tmp_path, sine(1.5, 440, 22_050, 1, 0.2), gain_db=-6.02)])
    timeline = laid_out(clips, [1.234567, 3.3], 6, rate_hz=rate_hz)
    voice = _spoken(timeline, clips, gain=2.0)
    heard = np.flatnonzero(voice[:, 0])
    first, second = timeline.speech
    assert heard[0] == pytest.approx(first.start_frame, abs=2)
    assert heard[-1] == pytest.approx(second.start_frame + second.frames - 1, abs=2)
    between = voice[first.start_frame + first.frames : second.start_frame]
    assert not between.any()
    middle = voice[second.start_frame + 10_000 : second.start_frame + 50_000, 0]
    phase = 2 * np.pi * 440 / rate_hz * np.arange(10_000, 10_000 + len(middle))
    assert np.abs(middle - 0.2 * np.sin(phase)).max() < 0.001


def test_a_block_without_speech_is_none(tmp_path: Path) -> None:
    """Where nobody speaks, nothing is made and nothing is summed."""
    clips = spoken_clips(tmp_path, 1, 1.0)
    timeline = laid_out(clips, [4.2], 10)
    sounding = [block is not None for block in voice_blocks(timeline.speech, clips, _grid(timeline), 1.0)]
    assert sounding == [False, False, True, False, False]


def test_its_measure_is_that_of_what_is_spoken(tmp_path: Path) -> None:
    """Measured clip by clip at 22.05 kHz, the voice reads what its rendered stem reads, within 0.05 LU."""
    clips = spoken_clips(tmp_path)
    timeline = laid_out(clips, [1.03, 6.77, 12.501, 20.2, 26.9], 40)
    steps = voice_energy(measure_voice(timeline.speech, clips, _grid(timeline)), _grid(timeline))
    stem = np.repeat(_spoken(timeline, clips), 2, axis=1)
    assert gated(steps) == pytest.approx(lufs(stem), abs=0.05)


def test_only_what_the_limiter_acts_on_changes(tmp_path: Path) -> None:
    """With a gain that drives one clip of two over the ceiling, only that one is less loud than the gain says."""
    quiet, loud = clip(tmp_path, speechlike(2) * np.float32(0.25)), clip(tmp_path, speechlike(2))
    clips = dict([quiet, loud])
    timeline = laid_out(clips, [1, 5], 10)
    stored = measure_voice(timeline.speech, clips, _grid(timeline))
    first, second = limited_voice(stored, clips, _grid(timeline), gain=3.5, ceiling_dbtp=-1.0)
    assert np.allclose(first.energy, stored[0].energy * 3.5**2)
    lost_db = 10 * np.log10(stored[1].energy.sum() * 3.5**2 / second.energy.sum())
    assert 0.2 < lost_db < 6
    assert second.peak <= 10 ** (-1 / 20)


def test_clips_are_dropped_behind_the_playhead(tmp_path: Path) -> None:
    """Two minutes of speech (10 MB as float) pass through without ever being held together."""
    clips = spoken_clips(tmp_path, 2, 4.0)
    timeline = laid_out(clips, [1 + 6 * i for i in range(20)], 125)
    tracemalloc.start()
    for _ in voice_blocks(timeline.speech, clips, _grid(timeline), 1.0):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


def test_the_steps_with_speech(tmp_path: Path) -> None:
    """A step of 100 ms counts as spoken where any of it is."""
    clips = spoken_clips(tmp_path, 1, 1.0)
    timeline = laid_out(clips, [0.95], 4)
    assert np.flatnonzero(speech_mask(timeline.speech, _grid(timeline))).tolist() == list(range(9, 20))


def test_a_damaged_clip_is_explained(tmp_path: Path) -> None:
    """A clip that is gone or no WAV ends in an AssetError that says what to do, without ffprobe."""
    clips = spoken_clips(tmp_path, 1, 1.0)
    timeline = laid_out(clips, [0.5], 2)
    (stored,) = clips.values()
    for damage in (b"RIFF????WAVE", None):
        stored.path.write_bytes(damage) if damage else stored.path.unlink()
        with pytest.raises(AssetError, match="cache clear"):
            measure_voice(timeline.speech, clips, _grid(timeline))


def test_speech_may_reach_over_the_end(tmp_path: Path) -> None:
    """A clip that is cut by an excerpt's end, or begins before its start, is played as far as it goes."""
    clips = spoken_clips(tmp_path, 1, 3.0)
    timeline = laid_out(clips, [-1.0, 9.0], 10, rate_hz=RATE_HZ)
    voice = _spoken(timeline, clips)
    assert len(voice) == 10 * RATE_HZ
    assert voice[: RATE_HZ // 2].any()
    assert voice[-RATE_HZ // 2 :].any()
