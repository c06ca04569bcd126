"""The whole mix, measured on the PCM that goes into the encoder."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from breathmark.audio.pcm import segment
from breathmark.base.errors import AssetError, RequestError
from breathmark.mix.assets import bell_frames
from breathmark.mix.mixdown import Mastering, Mixdown, mix, summed
from breathmark.mix.tracks import LoopBed
from tests.processes import ffmpegs
from tests.profiles import quick_only

from .material import (
    RATE_HZ,
    clip,
    encoded,
    laid_out,
    lufs,
    noise,
    pcm,
    rms_db,
    sine,
    sixteenfold_dbtp,
    span,
    speechlike,
    spoken_clips,
    true_peak_dbtp,
    write_wav,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from breathmark.model import StoredClip, Timeline, Utterance

STARTS_S = [3, 8, 13, 18, 23, 45, 50, 55]
SECONDS = 80.0


def _session(clips: Mapping[Utterance, StoredClip], sound: str = "soft-rain", **levels: float) -> Timeline:
    whole = (0, round(SECONDS * RATE_HZ))
    return laid_out(clips, STARTS_S, SECONDS, segments=(span(whole, sound, **levels),))


def _spoken(timeline: Timeline) -> NDArray[np.bool_]:
    """Which frames lie inside of a sentence."""
    spoken = np.zeros(timeline.frames, bool)
    for placement in timeline.speech:
        spoken[placement.start_frame : placement.start_frame + placement.frames] = True
    return spoken


def _ambience_alone(mixdown: Mixdown) -> NDArray[np.float64]:
    """The ambience as it is in the mix: the mix less the voice."""
    timeline = replace(mixdown._stems.timeline, bells=())
    silent = replace(mixdown._stems, voice_gain=0.0, bells={}, bell_gains={}, timeline=timeline)
    return np.concatenate(list(summed(silent)))[: timeline.frames].astype(np.float64)


def test_the_voice_has_the_level_of_the_preset(tmp_path: Path) -> None:
    """Without ambience, the file is the voice: at its level within 0.3 LU, and the report says the same."""
    clips = spoken_clips(tmp_path)
    for voice_lufs, channels in ((-16.0, 2), (-18.0, 1), (-14.0, 2)):
        mastering = Mastering(voice_lufs=voice_lufs, channels=1 if channels == 1 else 2)
        mixdown = mix(_session(clips, "none"), clips, mastering)
        samples = pcm(mixdown)
        assert samples.shape[1] == channels
        assert lufs(samples) == pytest.approx(voice_lufs, abs=0.1)
        assert mixdown.report.voice_lufs == pytest.approx(lufs(samples), abs=0.1)
        assert mixdown.report.ambience_lufs is None


@pytest.mark.slow
def test_the_level_does_not_depend_on_length(tmp_path: Path) -> None:
    """The same sentences over 80 s and over 6 minutes have the same level within 0.1 LU."""
    clips = spoken_clips(tmp_path)
    long = laid_out(clips, [start * 6 for start in STARTS_S], 360)
    levels = [lufs(pcm(mix(timeline, clips, Mastering()))) for timeline in (_session(clips, "none"), long)]
    assert levels[0] == pytest.approx(levels[1], abs=0.1)


def test_clips_of_other_rates_and_gains_share_the_level(tmp_path: Path) -> None:
    """Clips at 16, 24 and 48 kHz, one of them stored 12 dB lower, sound at one level at 48 kHz too."""
    clips = dict(
        [
            clip(tmp_path, speechlike(3, 16_000), 16_000),
            clip(tmp_path, speechlike(3, 24_000) * np.float32(0.25), 24_000, gain_db=12.04),
            clip(tmp_path, speechlike(3, 48_000), 48_000),
        ]
    )
    timeline = laid_out(clips, [2, 7, 12], 20, rate_hz=48_000)
    samples = pcm(mix(timeline, clips, Mastering(rate_hz=48_000)))
    assert lufs(samples, 48_000) == pytest.approx(-16, abs=0.1)
    each = [lufs(samples[start * 48_000 : (start + 4) * 48_000], 48_000) for start in (2, 7, 12)]
    assert max(each) - min(each) < 1.0


def test_the_encoder_is_made_up_for(tmp_path: Path) -> None:
    """An encoder that takes 0.45 dB is given 0.45 dB more, of everything; the report speaks of the decoded file."""
    clips = spoken_clips(tmp_path)
    mixdown = mix(_session(clips, "none"), clips, Mastering(encoder_gain_db=-0.45, ceiling_dbtp=-1.7))
    assert lufs(pcm(mixdown)) == pytest.approx(-15.55, abs=0.1)
    assert mixdown.report.file_lufs == pytest.approx(-16, abs=0.1)


@pytest.mark.parametrize("below", quick_only([20.0], [12.0, 20.0, 26.0]))
def test_the_ambience_lies_as_far_below_the_voice_as_asked(tmp_path: Path, below: float) -> None:
    """While speech sounds, its gated loudness is that much under the voice's, within 1.5 LU; the report says so."""
    clips = spoken_clips(tmp_path)
    timeline = _session(clips, below=below)
    mixdown = mix(timeline, clips, Mastering())
    ambience = _ambience_alone(mixdown)
    measured = -16 - lufs(ambience[_spoken(timeline)])
    assert measured == pytest.approx(below, abs=0.5)
    assert mixdown.report.below_voice_lu == pytest.approx(measured, abs=0.3)


def test_the_ambience_never_comes_nearer_than_10_lu(tmp_path: Path) -> None:
    """A track asked for at 3 LU under the voice, with loud passages, stays 10 LU under it in its loudest 3 s."""
    clips = spoken_clips(tmp_path)
    track = noise(100, level=0.01)
    track[12 * RATE_HZ : 17 * RATE_HZ] *= 8
    timeline = _session(clips, below=3.0, swell=0.0)
    mixdown = mix(timeline, clips, Mastering(), ambience=write_wav(tmp_path / "track.wav", track))
    ambience = _ambience_alone(mixdown)
    loudest = max(lufs(ambience[s * RATE_HZ : (s + 3) * RATE_HZ]) for s in range(3, 60))
    assert loudest <= -25.5


def _levels_db(samples: NDArray[np.float64], length_s: float = 0.1) -> NDArray[np.float64]:
    step = round(length_s * RATE_HZ)
    blocks = samples[: len(samples) // step * step].reshape(-1, step * samples.shape[1])
    return np.asarray(10 * np.log10(np.mean(blocks**2, axis=1) + 1e-20))


def test_it_swells_in_long_rests_and_nowhere_else(tmp_path: Path) -> None:
    """In the rest of 18 s it rises by the reported swell; in rests of 2 s it stays down; it never moves too fast."""
    clips = spoken_clips(tmp_path)
    timeline = _session(clips, below=24.0, swell=6.0)
    tone = sine(100, 997, level=0.05)
    mixdown = mix(timeline, clips, Mastering(), ambience=write_wav(tmp_path / "tone.wav", tone))
    levels, report = _levels_db(_ambience_alone(mixdown)), mixdown.report
    under = levels[30:260]
    assert under.max() - under.min() < 0.1, "no pumping between sentences that are near each other"
    assert levels[320:420].max() - under.mean() == pytest.approx(report.swell_lu, abs=0.1)
    assert report.swell_lu == pytest.approx(6.0, abs=0.01)
    assert np.abs(np.diff(levels[25:740])).max() <= 1.2 + 0.05
    assert np.abs(levels[447:450] - under.mean()).max() < 0.1, "down again before the next sentence"


def test_the_swell_stays_under_the_gate(tmp_path: Path) -> None:
    """A swell of 20 LU is capped; then the file measures what the voice measures, within 0.5 LU."""
    clips = spoken_clips(tmp_path)
    mixdown = mix(_session(clips, below=18.0, swell=20.0), clips, Mastering())
    assert 0 < (mixdown.report.swell_lu or 0) < 10
    assert (mixdown.report.swell_asked_lu, mixdown.report.swell_limit) == (20, "gate")
    assert mixdown.report.ambience_under_gate
    samples = pcm(mixdown)
    assert lufs(samples) == pytest.approx(-16, abs=0.5)
    assert mixdown.report.file_lufs == pytest.approx(lufs(samples), abs=0.1)


@pytest.mark.slow
def test_where_the_ambience_passes_the_gate_the_voice_keeps_its_level(tmp_path: Path) -> None:
    """One sentence in two minutes: the file reads less than the voice, the report gives both, nothing swells."""
    clips = spoken_clips(tmp_path, 1)
    timeline = laid_out(clips, [10], 120, segments=(span((0, 120 * RATE_HZ), "pink-noise", 14.0, 4.0),))
    mixdown = mix(timeline, clips, Mastering())
    samples = pcm(mixdown)
    report = mixdown.report
    assert not report.ambience_under_gate
    assert report.swell_lu == 0
    assert report.voice_lufs == pytest.approx(-16, abs=0.1)
    assert report.file_lufs == pytest.approx(lufs(samples), abs=0.2)
    assert report.file_lufs < -18
    alone = pcm(mix(timeline, clips, Mastering(), ambience="none"))
    assert lufs(alone) == pytest.approx(-16, abs=0.1)


@pytest.mark.slow
def test_a_file_that_is_under_the_gate_reads_what_the_voice_reads(tmp_path: Path) -> None:
    """With dying bells, which any ambience lifts over the gate, the report says so only within 0.5 LU of the voice."""
    clips = spoken_clips(tmp_path, 2, 2.5)
    seen = set()
    for apart in (5, 9, 20):
        starts = [10 + apart * i for i in range(120 // apart)]
        bells = [("singing-bowl", 1, 26), ("singing-bowl", 140, 26)]
        timeline = laid_out(clips, starts, 170, bells=bells, segments=(span((0, 170 * RATE_HZ), "soft-rain"),))
        mixdown = mix(timeline, clips, Mastering())
        seen.add(mixdown.report.ambience_under_gate)
        if mixdown.report.ambience_under_gate:
            assert lufs(pcm(mixdown)) == pytest.approx(-16, abs=0.5)
    assert seen == {True, False}


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate_hz", [22_050, 44_100, 48_000])
def test_it_has_exactly_the_frames_of_the_timeline(tmp_path: Path, rate_hz: int, channels: int) -> None:
    """At every rate, for lengths that are not a whole number of blocks, milliseconds or steps."""
    clips = spoken_clips(tmp_path, 1, 1.0)
    track = write_wav(tmp_path / "track.wav", noise(3))
    for extra in (0, 1, 777):
        timeline = laid_out(clips, [1], 5, rate_hz=rate_hz, segments=(span((0, 5 * rate_hz), "any"),))
        timeline = replace(timeline, frames=timeline.frames + extra)
        mastering = Mastering(rate_hz=rate_hz, channels=1 if channels == 1 else 2)
        mixdown = mix(timeline, clips, mastering, ambience=track)
        assert len(pcm(mixdown)) == timeline.frames == mixdown.frames


def test_blocks_are_segments_that_an_encoder_takes(tmp_path: Path) -> None:
    """16 bits come as 2 bytes a sample; 24 bits as 4, the lowest byte empty; rate and channels as asked."""
    clips = spoken_clips(tmp_path, 1, 1.0)
    timeline = laid_out(clips, [0.5], 3)
    for width, bytes_per_sample in ((2, 2), (3, 4)):
        blocks = list(mix(timeline, clips, Mastering(sample_width=3 if width == 3 else 2)).blocks())
        assert {(b.sample_width, b.frame_rate, b.channels) for b in blocks} == {(bytes_per_sample, RATE_HZ, 2)}
        assert [len(b) for b in blocks] == [2_000, 1_000]
    fine = pcm(mix(timeline, clips, Mastering(sample_width=3)))
    assert rms_db(fine - pcm(mix(timeline, clips, Mastering()))) < -95


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    """Two mixes, and two readings of one mix, are equal byte by byte."""
    clips = spoken_clips(tmp_path)
    first, second = (mix(_session(clips), clips, Mastering()) for _ in range(2))
    data = [b"".join(block.raw_data for block in mixdown.blocks()) for mixdown in (first, second, first)]
    assert data[0] == data[1] == data[2]


@pytest.mark.parametrize("voice_lufs", quick_only([-10.0], [-16.0, -10.0]))
def test_true_peaks_stay_under_the_ceiling(tmp_path: Path, voice_lufs: float) -> None:
    """Even where the voice is driven 6 dB louder than ever: no true peak over the ceiling, no sample at full scale."""
    clips = spoken_clips(tmp_path)
    timeline = replace(_session(clips), bells=laid_out(clips, [], 1, bells=[("singing-bowl", 4, 26)]).bells)
    mixdown = mix(timeline, clips, Mastering(voice_lufs=voice_lufs, ceiling_dbtp=-1.7))
    samples = pcm(mixdown)
    assert true_peak_dbtp(samples) <= -1.7
    assert np.abs(samples).max() < 1
    assert mixdown.report.true_peak_dbtp == pytest.approx(true_peak_dbtp(samples), abs=0.1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "harsh",
    [noise(9, level=0.3), sine(9, 0.4 * RATE_HZ + 3, level=0.99)],
    ids=["noise", "a high tone"],
)
def test_a_harsh_ambience_does_not_pass_the_ceiling_either(tmp_path: Path, harsh: NDArray[np.float32]) -> None:
    """White noise, or a tone at 0.4 of the rate, 10 LU under a voice driven too loud: by 16 times, at most -1 dBTP."""
    clips = spoken_clips(tmp_path)
    data = np.rint(np.clip(harsh, -1, 1) * 32_767).astype("<i2").tobytes()
    ambience = segment(data, rate_hz=RATE_HZ, channels=2, sample_width=2)
    mastering = Mastering(voice_lufs=-12.0, sample_width=3)
    samples = pcm(mix(_session(clips, below=10.0), clips, mastering, ambience=ambience))
    assert sixteenfold_dbtp(samples) <= -1.0


def test_the_level_holds_where_the_limiter_works(tmp_path: Path) -> None:
    """4 dB over the ceiling the limiter takes 1 dB of the voice, which the voice gets back: ±0.1 LU."""
    clips = spoken_clips(tmp_path)
    mixdown = mix(_session(clips, "none"), clips, Mastering(voice_lufs=-13.0))
    assert lufs(pcm(mixdown)) == pytest.approx(-13, abs=0.1)
    assert mixdown.report.voice_lufs == pytest.approx(-13, abs=0.1)


def test_where_nothing_sounds_there_is_silence(tmp_path: Path) -> None:
    """Without ambience and room tone each sample between two sentences is 0, dither and all; an empty session, too."""
    clips = spoken_clips(tmp_path)
    timeline = _session(clips, "none")
    dead = [replace(each, ambience=replace(each.ambience, room_tone_db=None)) for each in timeline.segments]
    timeline = replace(timeline, segments=tuple(dead))
    samples = pcm(mix(timeline, clips, Mastering()))
    assert not samples[~_spoken(timeline)].any()
    empty = mix(laid_out(clips, [], 5), {}, Mastering())
    assert not pcm(empty).any()
    assert empty.report.voice_lufs == empty.report.file_lufs == -70
    assert empty.report.true_peak_dbtp == -120


def test_the_ambience_fades_in_and_out(tmp_path: Path) -> None:
    """It starts and ends in silence, and is whole 2 s after the start and 4 s before the end."""
    clips = spoken_clips(tmp_path)
    timeline = _session(clips, swell=0.0)
    track = write_wav(tmp_path / "tone.wav", sine(90, 997))
    ambience = _ambience_alone(mix(timeline, clips, Mastering(), ambience=track))
    levels = _levels_db(ambience)
    whole = levels[300]
    assert levels[0] < whole - 30
    assert levels[-1] < whole - 30
    assert levels[10] == pytest.approx(whole - 6, abs=1)
    assert np.abs(levels[21:758] - whole).max() < 0.1
    assert (
        np.abs(np.diff(ambience[:, 0], 2)).max()
        < 1.3 * np.abs(np.diff(ambience[RATE_HZ * 30 : RATE_HZ * 40, 0], 2)).max()
    )


def test_segments_with_other_ambiences_are_crossfaded(tmp_path: Path) -> None:
    """Two sounds at one level share 4 s around the boundary with equal power; each is alone away from it."""
    folder = tmp_path / "audio_assets"
    folder.mkdir()
    write_wav(folder / "one.wav", noise(20, level=0.05, seed=1))
    write_wav(folder / "two.wav", noise(20, level=0.05, seed=2))
    entries = "".join(f"- {{name: {n}, kind: ambience, file: {n}.wav, licence: CC0-1.0}}\n" for n in ("one", "two"))
    (folder / "provenance.yaml").write_text("sounds:\n" + entries)
    clips = spoken_clips(tmp_path)
    half, end = 40 * RATE_HZ, round(SECONDS * RATE_HZ)
    segments = (span((0, half), "one", swell=0.0), span((half, end), "two", swell=0.0))
    timeline = replace(_session(clips), segments=segments)
    mixdown = mix(timeline, clips, Mastering(), project_root=tmp_path)
    levels = _levels_db(_ambience_alone(mixdown), 0.5)
    assert np.abs(levels[5:150] - levels[20]).max() < 0.5
    curves = {track.sound: track.gain for track in mixdown._stems.ambience}
    one, two = curves["one"], curves["two"]
    assert not one[10 * 43 :].any()
    assert not two[: 10 * 37].any()
    assert one[10 * 40] > 0
    assert two[10 * 40] > 0


def test_one_sound_at_two_levels_glides(tmp_path: Path) -> None:
    """Where the next segment wants the same sound 10 LU lower, it goes there within 4 s, and never stops."""
    clips = spoken_clips(tmp_path)
    half, end = 40 * RATE_HZ, round(SECONDS * RATE_HZ)
    segments = (span((0, half), "x", 16.0, 0.0), span((half, end), "x", 26.0, 0.0))
    timeline = replace(_session(clips), segments=segments)
    track = write_wav(tmp_path / "tone.wav", sine(90, 997))
    levels = _levels_db(_ambience_alone(mix(timeline, clips, Mastering(), ambience=track)))
    assert levels[370] - levels[430] == pytest.approx(10, abs=0.2)
    assert np.abs(np.diff(levels[25:750])).max() < 0.5


def test_bells_ring_under_the_voice(tmp_path: Path) -> None:
    """A strike is about as loud as the voice, its peak 3 dB or more under the voice's, and it rings out whole."""
    clips = spoken_clips(tmp_path)
    length = bell_frames("singing-bowl", RATE_HZ)
    timeline = laid_out(clips, STARTS_S, 100, bells=[("singing-bowl", 65, length / RATE_HZ), ("tingsha", 1, 1.5)])
    samples = pcm(mix(timeline, clips, Mastering()))
    ring = samples[65 * RATE_HZ : 65 * RATE_HZ + length]
    voice = samples[3 * RATE_HZ : 63 * RATE_HZ]
    assert 20 * np.log10(np.abs(voice).max() / np.abs(ring).max()) >= 2.9
    momentary = max(lufs(ring[s : s + round(0.41 * RATE_HZ)]) for s in range(0, RATE_HZ, 4_410))
    assert -20 < momentary < -15.5
    assert rms_db(ring[length // 2 :]) > -70
    assert not samples[65 * RATE_HZ + length :].any()
    cut = samples[round(2.4 * RATE_HZ) : round(2.5 * RATE_HZ), 0]
    assert np.abs(cut[-441:]).max() < 0.1 * np.abs(cut[:441]).max(), "a ring that is cut short fades out"


@pytest.mark.slow
def test_the_file_says_what_all_of_it_measures(tmp_path: Path) -> None:
    """Voice, bells and ambience together: the reported loudness is that of the PCM within 0.15 LU."""
    clips = spoken_clips(tmp_path)
    bells = laid_out(clips, [], 1, bells=[("singing-bowl", 1, 26), ("chime", 62, 14)]).bells
    mixdown = mix(replace(_session(clips), bells=bells), clips, Mastering())
    assert mixdown.report.file_lufs == pytest.approx(lufs(pcm(mixdown)), abs=0.15)


@pytest.mark.parametrize("name", quick_only(["mono.mp3", "segment"], ["mono.mp3", "short.wav", "long.mp3", "segment"]))
def test_a_users_track_of_any_kind(tmp_path: Path, name: str) -> None:
    """Mono MP3 at 22.05 kHz, a WAV of 5 s, an MP3 of 90 s, an AudioSegment: all at the level asked for."""
    clips = spoken_clips(tmp_path)
    timeline = _session(clips, below=20.0, swell=0.0)
    track = noise(90 if name == "long.mp3" else 5, 22_050, 1, level=0.1)
    if name == "segment":
        data = (track * 32_767).astype("<i2").tobytes()
        sound = segment(data, rate_hz=22_050, channels=1, sample_width=2)
    else:
        sound = encoded(tmp_path / name, track, 22_050)
    ambience = _ambience_alone(mix(timeline, clips, Mastering(), ambience=sound))
    assert -16 - lufs(ambience[_spoken(timeline)]) == pytest.approx(20, abs=0.5)
    levels = _levels_db(ambience, 1.0)[3:74]
    assert levels.max() - levels.min() < 1.0


def test_a_track_that_is_missing_or_damaged_stops_the_mix_before_it_begins(tmp_path: Path) -> None:
    """Missing, corrupt, and unknown by name: an AssetError from ``mix`` itself, not from its blocks."""
    clips = spoken_clips(tmp_path)
    (tmp_path / "corrupt.mp3").write_bytes(np.random.default_rng(2).bytes(30_000))
    for ambience in (tmp_path / "none.mp3", tmp_path / "corrupt.mp3", "soft-rian"):
        with pytest.raises(AssetError):
            mix(_session(clips), clips, Mastering(), ambience=ambience)
    with pytest.raises(AssetError, match="no bell gong"):
        mix(laid_out(clips, [1], 9, bells=[("gong", 0, 1)]), clips, Mastering())


def test_a_loop_that_a_script_names_keeps_its_period(tmp_path: Path) -> None:
    """``loop: yes`` plays eight seconds as eight; without it, the cross-fade takes some, and a remark says so."""
    clips = spoken_clips(tmp_path)
    write_wav(tmp_path / "beat.wav", noise(8, level=0.05))
    for loop in (True, False):
        timeline = _session(clips, "beat.wav")
        segments = tuple(replace(each, ambience=replace(each.ambience, loop=loop)) for each in timeline.segments)
        mixdown = mix(replace(timeline, segments=segments), clips, Mastering(), project_root=tmp_path)
        (track,) = mixdown._stems.ambience
        assert isinstance(track.bed, LoopBed)
        assert (track.bed.frames == 8 * RATE_HZ) is loop
        assert bool(mixdown.remarks) is not loop


def test_a_silent_track_is_no_ambience(tmp_path: Path) -> None:
    """A file of nothing but silence is played as that, and is not raised without bounds."""
    clips = spoken_clips(tmp_path)
    path = write_wav(tmp_path / "silence.wav", np.zeros((5 * RATE_HZ, 2), np.float32))
    mixdown = mix(_session(clips), clips, Mastering(), ambience=path)
    assert mixdown.report.ambience_lufs is None
    assert lufs(pcm(mixdown)) == pytest.approx(-16, abs=0.1)


def test_a_mix_that_is_given_up_leaves_no_process(tmp_path: Path) -> None:
    """Closing the blocks early ends the ffmpeg that streams a long track."""
    clips = spoken_clips(tmp_path)
    path = encoded(tmp_path / "long.flac", noise(70))
    before = ffmpegs()
    blocks = mix(_session(clips), clips, Mastering(), ambience=path).blocks()
    next(blocks)
    assert len(ffmpegs()) == len(before) + 1
    blocks.close()
    assert ffmpegs() == before


def test_odd_requests_are_refused() -> None:
    """A rate on which the grids don't fit is refused in words; a timeline at another rate is a bug of the caller."""
    with pytest.raises(RequestError, match="11025"):
        Mastering(rate_hz=11_025)
    with pytest.raises(ValueError, match="44100"):
        mix(laid_out({}, [], 1), {}, Mastering(rate_hz=48_000))
