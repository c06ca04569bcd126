"""Loops and tracks: no seam, no end, and energies that are those of what is played."""

from __future__ import annotations

from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest
from pydub import AudioSegment

from breathmark.audio.loudness import energies, gated
from breathmark.audio.pcm import Format, segment
from breathmark.base.errors import AssetError
from breathmark.mix.assets import SoundAsset, find_ambience, own_track
from breathmark.mix.beds import Bed, LoopBed, StreamBed, open_bed

from .material import RATE_HZ, encoded, noise, rms_db, sine, write_wav

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.audio.loudness import Samples

STEREO = Format(rate_hz=RATE_HZ, channels=2)


def _played(bed: Bed, seconds: float, sound_format: Format = STEREO) -> Samples:
    blocks = round(seconds * sound_format.rate_hz) // sound_format.block_frames + 1
    with closing(bed.play()) as playing:
        return np.concatenate(list(islice(playing, blocks)))


def _guarded_loop(folder: Path, period: int, rate_hz: int = RATE_HZ) -> SoundAsset:
    """A loop of tones that fit into its period, with a guard of 0.2 s, as the built-in ones have."""
    time = np.arange(-8_820, period + 8_820) / period
    tone = 0.1 * np.sin(2 * np.pi * round(440 * period / rate_hz) * time) + 0.05 * np.sin(2 * np.pi * 3 * time)
    samples = np.repeat(tone[:, None], 2, axis=1).astype(np.float32)
    path = encoded(folder / "loop.flac", samples)
    return SoundAsset(name="loop", kind="ambience", path=path, loop_frames=period, guard_frames=8_820, rate_hz=rate_hz)


def _roughness(samples: Samples, at: int) -> float:
    """The second difference around a frame, against the largest elsewhere."""
    bends = np.abs(np.diff(samples[:, 0], 2))
    near = bends[at - 4 : at + 4].max()
    return float(near / np.delete(bends, np.r_[at - 4 : at + 4]).max())


@pytest.mark.parametrize("rate_hz", [44_100, 48_000, 22_050])
def test_a_loop_joins_its_end_to_its_beginning(tmp_path: Path, rate_hz: int) -> None:
    """At every rate the loop's seam is as smooth as the rest of it, and its guards are never heard."""
    bed = open_bed(_guarded_loop(tmp_path, 123_457), sound_format := Format(rate_hz=rate_hz, channels=2))
    assert isinstance(bed, LoopBed)
    assert bed.frames == round(123_457 * rate_hz / 44_100)
    samples = _played(bed, 12, sound_format)
    assert _roughness(samples, bed.frames) < 1.1
    again = samples[bed.frames : 2 * bed.frames]
    assert np.abs(again - samples[: bed.frames]).max() < 1e-6
    assert rms_db(samples) == pytest.approx(rms_db(sine(1, 440)) + 0.97, abs=0.1)


def test_a_built_in_bed_plays_at_its_level() -> None:
    """``soft-rain`` measures -30 LUFS within 0.3 LU, at both rates."""
    for rate_hz in (44_100, 48_000):
        bed = open_bed(find_ambience("soft-rain"), Format(rate_hz=rate_hz, channels=2))
        assert gated(bed.energies(1_200)) == pytest.approx(-30, abs=0.3)


@pytest.mark.parametrize(("seconds", "crossfade"), [(5.0, 1.25), (30.0, 4.0)])
def test_a_short_track_is_looped_by_an_equal_power_crossfade(tmp_path: Path, seconds: float, crossfade: float) -> None:
    """Noise keeps its level over every join, and a track's frames are unchanged between the crossfades."""
    source = noise(seconds, level=0.05)
    bed = open_bed(own_track(write_wav(tmp_path / "a.wav", source)), STEREO)
    samples = _played(bed, 3 * seconds)
    period, fade = round((seconds - crossfade) * RATE_HZ), round(crossfade * RATE_HZ)
    for turn in range(3):
        join = samples[turn * period : turn * period + fade]
        assert rms_db(join) == pytest.approx(rms_db(source), abs=0.15)
        plain = samples[turn * period + fade : (turn + 1) * period]
        assert np.abs(plain - source[fade:period][: len(plain)]).max() < 1e-4


def test_a_long_track_is_streamed_and_joined(tmp_path: Path) -> None:
    """Over a minute, a track is decoded while it plays; its end fades into its beginning with equal power."""
    source = noise(65, 22_050, 1, level=0.05)
    path = encoded(tmp_path / "a.flac", source, 22_050)
    bed = open_bed(own_track(path), STEREO)
    assert isinstance(bed, StreamBed)
    assert len(bed.energies(1_300)) == 1_300
    samples = _played(bed, 130)
    levels = [rms_db(samples[second * RATE_HZ : (second + 1) * RATE_HZ]) for second in range(130)]
    assert max(levels) - min(levels) < 0.5
    period = 61 * RATE_HZ
    away = slice(10 * RATE_HZ, 50 * RATE_HZ)
    assert np.abs(samples[period:][away] - samples[away]).max() < 1e-6
    assert not psutil.Process().children()


def test_a_track_that_starts_and_ends_in_silence_is_joined_without_a_jump(tmp_path: Path) -> None:
    """A fade-in and a fade-out of the track itself make a dip at the join, never a click."""
    source = sine(70, 300, level=0.5) * np.minimum(
        1, np.minimum(np.arange(70 * RATE_HZ), np.arange(70 * RATE_HZ)[::-1]) / 88_200
    )[:, None].astype(np.float32)
    samples = _played(open_bed(own_track(encoded(tmp_path / "a.flac", source)), STEREO), 100)
    # Two tones in step add up to the root of 2; a jump would be many times that.
    assert np.abs(np.diff(samples[:, 0], 2)).max() < 1.6 * np.abs(np.diff(source[:, 0], 2)).max()


@pytest.mark.parametrize("kind", ["built-in", "short", "stream"])
def test_energies_are_those_of_what_is_played(tmp_path: Path, kind: str) -> None:
    """The energy of each 3 s, over the joins too, is that of the samples within 0.1 dB."""
    swelling = noise(65 if kind == "stream" else 7, level=0.05)
    swelling *= np.linspace(0.3, 1, len(swelling), dtype=np.float32)[:, None]
    source = find_ambience("soft-rain") if kind == "built-in" else own_track(write_wav(tmp_path / "a.wav", swelling))
    bed, seconds = open_bed(source, STEREO), 150 if kind == "stream" else 20
    predicted = bed.energies(10 * seconds)
    heard = energies(_played(bed, seconds)[: seconds * RATE_HZ], RATE_HZ)
    assert len(predicted) == 10 * seconds
    mean_predicted, mean_heard = (
        steps[: len(steps) // 30 * 30].reshape(-1, 30).mean(axis=1) for steps in (predicted, heard)
    )
    assert np.abs(10 * np.log10(mean_predicted / mean_heard)).max() < 0.1


def test_an_audio_segment_is_an_ambience(tmp_path: Path) -> None:
    """A caller's ``AudioSegment`` of any width, rate and channels plays at its level."""
    for width, kind, scale in ((2, "<i2", 2**15), (4, "<i4", 2**31)):
        data = (sine(6, 440, 22_050, 1).astype(np.float64) * (scale - 1)).astype(kind).tobytes()
        bed = open_bed(segment(data, rate_hz=22_050, channels=1, sample_width=width), STEREO)
        assert rms_db(_played(bed, 10)[RATE_HZ * 2 : RATE_HZ * 4]) == pytest.approx(rms_db(sine(1, 440)), abs=0.1)
    write_wav(tmp_path / "a.wav", sine(2, 440))
    with (tmp_path / "a.wav").open("rb") as file:
        bed = open_bed(AudioSegment.from_file(file, format="wav"), Format(rate_hz=RATE_HZ, channels=1))
    assert _played(bed, 3).shape[1] == 1


@pytest.mark.parametrize("frames", [0, 1, 3, 100])
def test_a_track_of_next_to_nothing(frames: int) -> None:
    """A track of a few frames plays without end; one without any is refused."""
    data = np.full(frames, 1_000, "<i2").tobytes()
    source = segment(data, rate_hz=RATE_HZ, channels=1, sample_width=2)
    if frames:
        bed = open_bed(source, STEREO)
        assert len(_played(bed, 3)) >= 3 * RATE_HZ
        assert len(bed.energies(30)) == 30
    else:
        with pytest.raises(AssetError, match="contains no sound"):
            open_bed(source, STEREO)


def test_a_loop_of_another_length_is_damaged(tmp_path: Path) -> None:
    """A packaged loop that lacks frames is refused: its seam would be heard."""
    whole = _guarded_loop(tmp_path, 100_000)
    short = SoundAsset(name="loop", kind="ambience", path=whole.path, loop_frames=100_001, guard_frames=8_820)
    with pytest.raises(AssetError, match="damaged"):
        open_bed(short, STEREO)
