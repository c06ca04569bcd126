"""Loops and tracks: no seam, no end, and energies that are those of what is played."""

from __future__ import annotations

import os
from contextlib import closing, nullcontext
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pytest
import scipy
from pydub import AudioSegment

from breathmark.audio.loudness import energies, gated
from breathmark.audio.pcm import Format, segment
from breathmark.base.errors import AssetError
from breathmark.mix.assets import find_ambience, own_track
from breathmark.mix.beds import Bed, open_bed
from breathmark.mix.pieces import PieceStore
from breathmark.mix.tracks import LoopBed, StreamBed
from breathmark.synthesis.catalogue import bed_recipe
from breathmark.synthesis.source import HOP, HopRange
from tests.full_disk import full_disk
from tests.processes import ffmpegs
from tests.profiles import quick_only

from .material import RATE_HZ, encoded, noise, rms_db, sine, write_wav

if TYPE_CHECKING:
    from pathlib import Path

    from breathmark.audio.loudness import Samples

STEREO = Format(rate_hz=RATE_HZ, channels=2)


def _played(bed: Bed, seconds: float, sound_format: Format = STEREO) -> Samples:
    blocks = round(seconds * sound_format.rate_hz) // sound_format.block_frames + 1
    with closing(bed.play()) as playing:
        return np.concatenate(list(islice(playing, blocks)))


@pytest.mark.parametrize(
    "sound_format", [STEREO, Format(rate_hz=48_000, channels=2), Format(rate_hz=22_050, channels=1)]
)
def test_a_built_in_bed_plays_at_its_level(tmp_path: Path, sound_format: Format) -> None:
    """Its energies are those of what is played, at any rate and in mono; in stereo they measure -30 LUFS."""
    bed = open_bed(find_ambience("room-tone"), sound_format, PieceStore(root=tmp_path))
    predicted = bed.energies(300)
    heard = energies(_played(bed, 30, sound_format)[: 30 * sound_format.rate_hz], sound_format.rate_hz)
    seconds = (heard / predicted).reshape(-1, 10).mean(axis=1)
    assert np.abs(10 * np.log10(seconds)).max() < 0.1
    if sound_format == STEREO:
        assert gated(predicted) == pytest.approx(-30, abs=1)


def test_a_built_in_bed_is_what_its_recipe_makes(tmp_path: Path) -> None:
    """Within a step of 16 bits, over the edge of two pieces; so its stereo is that of the synthesis, too."""
    store = PieceStore(root=tmp_path, session="An evening")
    recipe = bed_recipe("room-tone")
    start_s = 2 * store.entrance(recipe)
    played = _played(open_bed(find_ambience("room-tone"), STEREO, store), 40)[: 40 * RATE_HZ]
    first_hop = start_s * RATE_HZ // HOP
    made = recipe.render(HopRange(first_hop=first_hop, hops=880))[start_s * RATE_HZ - first_hop * HOP :][: 40 * RATE_HZ]
    assert np.abs(played - made).max() < 1 / 32_768
    treble = scipy.signal.butter(3, [9_000, 14_000], "band", fs=RATE_HZ, output="sos")
    one, other = (np.corrcoef(scipy.signal.sosfilt(treble, sound, axis=0).T)[0, 1] for sound in (played, made))
    assert one == pytest.approx(other, abs=0.1)


def test_each_session_begins_elsewhere_and_makes_a_piece_once(tmp_path: Path) -> None:
    """Thirty sessions begin at 25 places or more, the same one always at the same; a damaged piece is made anew."""
    recipe = bed_recipe("room-tone")
    entrances = {PieceStore(root=tmp_path, session=f"Day {day}").entrance(recipe) for day in range(30)}
    assert len(entrances) >= 25
    store = PieceStore(root=tmp_path, session="Day 1")
    assert store.entrance(recipe) == PieceStore(root=tmp_path / "other", session="Day 1").entrance(recipe)
    made = store.piece(recipe, 3)
    (file,) = tmp_path.rglob("*.piece")
    written = file.stat().st_ino
    again = store.piece(recipe, 3)
    assert file.stat().st_ino == written
    assert np.array_equal(again.samples, made.samples)
    for damaged in (100, 5_000):
        data = bytearray(file.read_bytes())
        data[damaged] ^= 1
        file.write_bytes(data)
        assert np.array_equal(store.energies(recipe, [3], 2)[0], made.energy[2])
        assert np.array_equal(store.piece(recipe, 3).samples, made.samples)


def test_a_piece_under_the_name_of_another_is_made_anew(tmp_path: Path) -> None:
    """A copied cache may have it: what sounds is what the name says."""
    store, recipe = PieceStore(root=tmp_path), bed_recipe("room-tone")
    one, other = store.piece(recipe, 0), store.piece(recipe, 1)
    first, second = sorted(tmp_path.rglob("*.piece"))
    first.rename(tmp_path / "aside")
    second.rename(first)
    (tmp_path / "aside").rename(second)
    assert np.array_equal(store.piece(recipe, 0).samples, one.samples)
    assert np.array_equal(store.piece(recipe, 1).samples, other.samples)


@pytest.mark.parametrize("kind", ["file", "FIFO", "dangling link", "folder for a piece", "full disk"])
def test_what_the_cache_can_t_keep_is_made_all_the_same(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With a note of it, once, and what to do; nothing of what is in the way is changed."""
    recipe, place = bed_recipe("room-tone"), tmp_path / "cache" / "ambience"
    made = PieceStore(root=tmp_path / "whole").piece(recipe, 0)
    place.parent.mkdir()
    if kind == "file":
        place.touch()
    elif kind == "FIFO":
        os.mkfifo(place)
    elif kind == "dangling link":
        place.symlink_to(tmp_path / "gone")
    elif kind == "folder for a piece":
        (whole,) = (tmp_path / "whole").rglob("*.piece")
        (tmp_path / "cache" / whole.relative_to(tmp_path / "whole")).mkdir(parents=True)
    before = sorted(place.parent.rglob("*"))
    with full_disk(100_000) if kind == "full disk" else nullcontext():
        for _ in range(2):
            assert np.array_equal(PieceStore(root=place.parent).piece(recipe, 0).samples, made.samples)
    assert kind == "full disk" or sorted(place.parent.rglob("*")) == before
    assert not [path for path in place.parent.rglob("*") if path.is_file() and path != place]
    assert caplog.text.count("--cache") == 1


@pytest.mark.parametrize(("seconds", "crossfade"), [(1.6, 0.4), (5.0, 1.25), (30.0, 4.0)])
def test_a_short_track_is_looped_by_an_equal_power_crossfade(tmp_path: Path, seconds: float, crossfade: float) -> None:
    """Noise keeps its level over every join, and a track's frames are unchanged between the cross-fades."""
    source = noise(seconds, level=0.05)
    bed = open_bed(own_track(write_wav(tmp_path / "a.wav", source)), STEREO)
    samples = _played(bed, 3 * seconds)
    period, fade = round((seconds - crossfade) * RATE_HZ), round(crossfade * RATE_HZ)
    for turn in range(3):
        join = samples[turn * period : turn * period + fade]
        assert rms_db(join) == pytest.approx(rms_db(source), abs=0.15)
        plain = samples[turn * period + fade : (turn + 1) * period]
        # All but what lies under 20 Hz.
        assert rms_db(plain - source[fade:period][: len(plain)]) < rms_db(source) - 20


def _music(seconds: float) -> Samples:
    """A chord of two notes and a beat every half second."""
    chord = sine(seconds, 220, level=0.1) + sine(seconds, 331, level=0.07)
    time_s = np.arange(len(chord)) / RATE_HZ
    beat = np.exp(-(time_s % 0.5) * 60) * np.sin(2 * np.pi * 900 * time_s) * 0.3
    return np.asarray(chord + beat[:, None], np.float32)


@pytest.mark.parametrize(
    ("seconds", "kind"),
    [
        *((12, kind) for kind in ("noise", "tone", "chord", "offset", "clipped")),
        *(pytest.param(65, kind, marks=pytest.mark.slow) for kind in ("noise", "tone", "chord", "offset", "clipped")),
    ],
)
def test_a_join_neither_dips_nor_bumps(tmp_path: Path, seconds: int, kind: str) -> None:
    """With digital silence and a long fade at both ends: the level of each 400 ms stays within 1.5 dB."""
    sound = {
        "noise": noise(seconds, level=0.05),
        "tone": sine(seconds, 97.3),
        "chord": sine(seconds, 220) + sine(seconds, 277.2),
        "offset": noise(seconds, level=0.05) + np.float32(0.2),
        "clipped": np.clip(sine(seconds, 220, level=3) + sine(seconds, 277.2), -1, 1),
    }[kind]
    end_s = np.minimum(np.arange(len(sound)) / 2, np.arange(len(sound))[::-1] / 3) / RATE_HZ
    sound *= np.minimum(1, end_s)[:, None].astype(np.float32)
    silence = np.zeros((RATE_HZ, 2), np.float32)
    path = encoded(tmp_path / f"{kind}.flac", np.concatenate([silence, sound, silence]))
    samples = _played(open_bed(own_track(path), STEREO), 2.4 * seconds)[RATE_HZ:]
    step = round(0.4 * RATE_HZ)
    power = (samples[: len(samples) // step * step].reshape(-1, 2 * step) ** 2).mean(axis=1)
    levels_db = 10 * np.log10(power / np.median(power))
    assert np.abs(levels_db).max() <= 1.5


def test_a_loop_of_music_keeps_its_beat(tmp_path: Path) -> None:
    """``loop: yes``: twenty seconds stay twenty seconds, at any rate, and every beat comes within 5 ms of its time."""
    path = write_wav(tmp_path / "beat.wav", _music(20))
    asset = replace(own_track(path), loop=True)
    for rate_hz in (RATE_HZ, 48_000):
        bed = open_bed(asset, Format(rate_hz=rate_hz, channels=2))
        assert isinstance(bed, LoopBed)
        assert bed.frames == 20 * rate_hz
        assert not bed.remarks
        samples = _played(bed, 62, Format(rate_hz=rate_hz, channels=2))
        treble = scipy.signal.butter(2, 700, "high", fs=rate_hz, output="sos")
        beats = np.abs(scipy.signal.sosfilt(treble, samples[:, 0]))
        for beat in range(1, 120):
            around = beats[round((beat * 0.5 - 0.1) * rate_hz) : round((beat * 0.5 + 0.1) * rate_hz)]
            begin_s = np.flatnonzero(around > 0.5 * around.max())[0] / rate_hz - 0.1
            assert abs(begin_s) < 0.005


def test_a_track_in_surround_is_heard_whole(tmp_path: Path) -> None:
    """Of 5.1, the sides keep their side and the centre is in the middle, each within 3 dB of the loudest."""
    tones_hz = {"left": 300, "right": 400, "centre": 500, "behind left": 700, "behind right": 800}
    left, right, centre, *behind = (sine(24, hz, channels=1) for hz in tones_hz.values())
    source = np.concatenate([left, right, centre, np.zeros_like(left), *behind], axis=1)
    bed = open_bed(own_track(encoded(tmp_path / "a.flac", source)), STEREO)
    spectra = np.abs(np.fft.rfft(_played(bed, 10)[4 * RATE_HZ : 6 * RATE_HZ], axis=0)) / RATE_HZ
    levels_db = {name: 20 * np.log10(spectra[2 * hz] + 1e-9) for name, hz in tones_hz.items()}
    loudest = max(float(level.max()) for level in levels_db.values())
    for name, (on_left, on_right) in levels_db.items():
        assert max(on_left, on_right) > loudest - 3.1
        balance_db = {"left": 60, "right": -60}.get(name.split()[-1], 0)
        assert np.clip(on_left - on_right, -60, 60) == pytest.approx(balance_db, abs=0.1)


@pytest.mark.parametrize("seconds", quick_only([30], [30, 70]))
def test_offset_and_rumble_are_taken_out(tmp_path: Path, seconds: int) -> None:
    """An offset of 0.05 and a swing at 3 Hz are gone, and 100 Hz is what it was."""
    time_s = np.arange(seconds * RATE_HZ) / RATE_HZ
    dirt = 0.05 + 0.1 * np.sin(2 * np.pi * 3 * time_s)
    path = write_wav(tmp_path / "a.wav", sine(seconds, 100) + dirt[:, None].astype(np.float32))
    samples = _played(open_bed(own_track(path), STEREO), 20)[5 * RATE_HZ : 15 * RATE_HZ, 0]
    spectrum = np.abs(np.fft.rfft(samples)) / len(samples) * 2
    assert spectrum[0] / 2 < 0.0005
    assert spectrum[30] < 0.004
    assert spectrum[1000] == pytest.approx(0.1, rel=0.02)


@pytest.mark.parametrize(
    ("seconds", "hole", "said"),
    [
        (1.6, None, "again every 1.2 s"),
        (5, None, "again every 3.8 s"),
        (40, None, ""),
        pytest.param(40, 20, "silent for 3.0 s at 0:20.0", marks=pytest.mark.slow),
        (70, 40, "at 0:40.0"),
    ],
)
def test_a_track_that_will_be_noticed_is_remarked(tmp_path: Path, seconds: float, hole: int | None, said: str) -> None:
    """One that comes again within twenty seconds, and one with a silence in it."""
    source = noise(seconds, level=0.05)
    if hole:
        source[hole * RATE_HZ : (hole + 3) * RATE_HZ] = 0
    bed = open_bed(own_track(encoded(tmp_path / "a.flac", source)), STEREO)
    bed.energies(10 * 100)
    assert said in " ".join(bed.remarks)
    assert bool(bed.remarks) == bool(said)


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
    assert not ffmpegs()


@pytest.mark.parametrize("silent_s", quick_only([40], [28, 40, 60]))
def test_a_long_track_with_a_long_silent_end_is_joined(tmp_path: Path, silent_s: int) -> None:
    """What sounded last may no longer be held when its end is found; the join has no hole all the same."""
    source = np.concatenate([noise(65, 22_050, 1, level=0.05), np.zeros((silent_s * 22_050, 1), np.float32)])
    bed = open_bed(own_track(encoded(tmp_path / "a.flac", source, 22_050)), STEREO)
    assert len(bed.energies(1_300)) == 1_300
    samples = _played(bed, 130)
    levels = [rms_db(samples[second * RATE_HZ : (second + 1) * RATE_HZ]) for second in range(130)]
    assert max(levels) - min(levels) < 0.5


@pytest.mark.parametrize("seconds", quick_only([62], [58, 60, 62, 64]))
def test_a_session_ends_where_its_track_does(tmp_path: Path, seconds: int) -> None:
    """A track of 65 s is played to its last second: the four that its cross-fade would need are not missing."""
    bed = open_bed(own_track(encoded(tmp_path / "a.flac", noise(65, 22_050, 1, level=0.05), 22_050)), STEREO)
    bed.energies((seconds + 2) * 10)
    samples = _played(bed, seconds)  # and one block more
    levels = [rms_db(samples[second * RATE_HZ : (second + 1) * RATE_HZ]) for second in range(seconds)]
    assert max(levels) - min(levels) < 0.5


def test_a_track_that_becomes_another_one_is_noticed(tmp_path: Path) -> None:
    """Levels were set by the one that was there, so that nothing is made of the other."""
    path = encoded(tmp_path / "a.flac", noise(65, 22_050, 1, level=0.05), 22_050)
    bed = open_bed(own_track(path), STEREO)
    bed.energies(300)
    encoded(path, noise(70, 22_050, 1, level=0.2), 22_050)
    with pytest.raises(AssetError, match="was changed while it was played"):
        _played(bed, 30)


def test_a_track_that_starts_and_ends_in_silence_is_joined_without_a_jump(tmp_path: Path) -> None:
    """A fade-in and a fade-out of the track itself make a dip at the join, never a click."""
    source = sine(70, 300, level=0.5) * np.minimum(
        1, np.minimum(np.arange(70 * RATE_HZ), np.arange(70 * RATE_HZ)[::-1]) / 88_200
    )[:, None].astype(np.float32)
    samples = _played(open_bed(own_track(encoded(tmp_path / "a.flac", source)), STEREO), 100)
    # Two tones in step add up to the root of 2; a jump would be many times that.
    assert np.abs(np.diff(samples[:, 0], 2)).max() < 1.6 * np.abs(np.diff(source[:, 0], 2)).max()


@pytest.mark.parametrize("kind", quick_only(["built-in", "short"], ["built-in", "short", "stream"]))
def test_energies_are_those_of_what_is_played(tmp_path: Path, kind: str) -> None:
    """The energy of each 3 s, over the joins too, is that of the samples within 0.1 dB."""
    swelling = noise(65 if kind == "stream" else 7, level=0.05)
    swelling *= np.linspace(0.3, 1, len(swelling), dtype=np.float32)[:, None]
    source = find_ambience("room-tone") if kind == "built-in" else own_track(write_wav(tmp_path / "a.wav", swelling))
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
