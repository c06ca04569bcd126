"""Clips put behind each other as MP3 frames: whatever their order, two decoders give each back in its place."""

from __future__ import annotations

import io
import subprocess
import tempfile
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from breathmark.audio.ffmpeg import ffmpeg_path
from breathmark.formats.chunk_cache import ChunkCache
from breathmark.formats.chunks import Workers
from breathmark.formats.mp3_frames import (
    GAP,
    FrameForm,
    FrameRun,
    PlacedRun,
    encode_clips,
    faded,
    is_silent,
    joined_frames,
    silent_frame,
)
from breathmark.formats.mp3_stream import FRAME, frame_places, joined_crc, read_gapless, sound_crc, tag_crc
from tests.profiles import count

from .material import ffmpeg_decode, soundfile_decode, voice_like

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORM = FrameForm()
WORKERS = Workers(jobs=1)
CLIP_FRAMES = (700, 1152, 1153, 9_000, 20_000)
DELAY = 1105
"""PCM frames that a decoder drops at the start."""
BATCH = 25
"""Files that one call of ffmpeg decodes, most of whose time is its start."""
Sequence: TypeAlias = "tuple[list[tuple[int, int]], int, int]"
"""Silent MP3 frames and a clip's number, in order; silent frames at the end, and how many PCM frames less there are."""


def sound(frames: int, seed: int) -> NDArray[np.float32]:
    """A stretch of a voice, loud from its first sample to its last."""
    return np.asarray(voice_like(60_000, channels=1)[seed * 700 :][:frames, 0] * 4, np.float32)


@cache
def pieces() -> tuple[bytes, tuple[bytes, ...]]:
    """The silent frame, and clips of these lengths."""
    clips = [sound(frames, seed) for seed, frames in enumerate(CLIP_FRAMES)]
    return silent_frame(FORM, WORKERS), tuple(encode_clips(clips, FORM, WORKERS))


@cache
def runs() -> tuple[FrameRun, ...]:
    """The clips, with their checksums."""
    return tuple(map(FrameRun.of, pieces()[1]))


def laid(rests: list[tuple[int, int]], last: int) -> tuple[list[PlacedRun], int]:
    """Clips by number, each behind so many silent frames; and the MP3 frames of it all, with ``last`` more."""
    placed: list[PlacedRun] = []
    at = 0
    for rest, number in rests:
        run = runs()[number]
        placed.append(PlacedRun(at + rest, run))
        at += rest + len(run.data) // FORM.frame_bytes
    return placed, at + last


@cache
def alone(number: int) -> NDArray[np.float64]:
    """What a decoder makes of one clip in silence, from its first MP3 frame on; with what the next one adds to it."""
    data = pieces()[1][number]
    frames = len(data) // FORM.frame_bytes
    whole = joined([PlacedRun(4, FrameRun.of(data))], pieces()[0], FORM, (frames + 8) * FRAME)
    begin = 4 * FRAME - DELAY
    return soundfile_bytes(whole)[begin : begin + (frames + 2) * FRAME]


def joined(placed: list[PlacedRun], silent: bytes, form: FrameForm, frames: int) -> bytes:
    """A whole file."""
    return b"".join(joined_frames(placed, silent, form, frames))


def soundfile_bytes(data: bytes) -> NDArray[np.float64]:
    """The sound of a file by libsndfile."""
    decoded: NDArray[np.float64] = soundfile.read(io.BytesIO(data))[0]
    return decoded


def ffmpeg_bytes(files: list[bytes]) -> list[NDArray[np.float64]]:
    """The same by ffmpeg, of several files in one call."""
    with tempfile.TemporaryDirectory() as folder:  # through a pipe it would not see how much there is to drop
        inputs, outputs = [], []
        for number, data in enumerate(files):
            file = Path(folder) / f"{number}.mp3"
            file.write_bytes(data)
            inputs += ["-i", str(file)]
            outputs += ["-map", f"{number}:a", "-f", "f64le", str(file.with_suffix(".raw"))]
        subprocess.run([str(ffmpeg_path()), "-v", "error", "-xerror", *inputs, *outputs], check=True)
        return [np.fromfile(Path(folder) / f"{number}.raw", "<f8") for number in range(len(files))]


sequences = st.tuples(
    st.lists(st.tuples(st.integers(GAP, 40), st.integers(0, len(CLIP_FRAMES) - 1)), max_size=12),
    st.integers(2, 60),
    st.integers(0, FRAME - 1),
)


def whole(sequence: Sequence) -> tuple[bytes, NDArray[np.float64]]:
    """A file of that sequence, and what its decoded sound has to be."""
    rests, last, more = sequence
    placed, total = laid(rests, last)
    frames = total * FRAME - DELAY - more
    expected = np.zeros(frames + DELAY + 90 * FRAME)
    for each, (_, number) in zip(placed, rests, strict=True):
        clip = alone(number)
        begin = each.first * FRAME
        expected[begin : begin + len(clip)] += clip
    return joined(placed, pieces()[0], FORM, frames), expected[DELAY:][:frames]


def check(decoded: NDArray[np.float64], expected: NDArray[np.float64]) -> None:
    """The promised frames, each clip as it is alone, and exact zeros where none sounds."""
    assert len(decoded) == len(expected)
    assert np.abs(decoded - expected).max(initial=0) < 1e-5
    assert not decoded[expected == 0].any()


@given(sequences)
@settings(max_examples=count(quick=30, ci=500, nightly=10_000))
def test_any_sequence_decodes_exactly(sequence: Sequence) -> None:
    """By libsndfile."""
    data, expected = whole(sequence)
    check(soundfile_bytes(data), expected)


@given(st.lists(sequences, min_size=BATCH, max_size=BATCH))
@settings(max_examples=count(quick=2, ci=4, nightly=10_000 // BATCH))
def test_another_decoder_agrees(batch: list[Sequence]) -> None:
    """What ffmpeg gives is the same, to the rounding of its floats."""
    files = [whole(sequence) for sequence in batch]
    for decoded, (_, expected) in zip(ffmpeg_bytes([data for data, _ in files]), files, strict=True):
        check(decoded, expected)


def test_a_clip_begins_where_it_is_put(tmp_path: Path) -> None:
    """Its decoded sound is its own from the PCM frame on with which its first MP3 frame begins."""
    placed, total = laid([(10, 4)], 20)
    file = tmp_path / "x.mp3"
    file.write_bytes(joined(placed, pieces()[0], FORM, total * FRAME - DELAY))
    own = sound(CLIP_FRAMES[4], 4).astype(float)
    for decoded in (soundfile_decode(file), ffmpeg_decode(file, 1)):
        part = decoded[10 * FRAME : 10 * FRAME + len(own), 0]
        near = [np.corrcoef(part[100:-100], own[100 + by : len(own) - 100 + by])[0, 1] for by in (-1, 0, 1)]
        assert near[1] == max(near) > 0.97


def test_a_seam_adds_no_error(tmp_path: Path) -> None:
    """The error of the coding is as large as where one encoder has all of it, within a decibel."""
    rests = [(6, 3), (9, 4), (30, 2), (5, 4)]
    placed, total = laid(rests, 20)
    frames = total * FRAME - DELAY
    whole = np.zeros(total * FRAME)
    for each, (_, number) in zip(placed, rests, strict=True):
        own = sound(CLIP_FRAMES[number], number)
        whole[each.first * FRAME :][: len(own)] = own
    file = tmp_path / "x.mp3"
    file.write_bytes(joined(placed, pieces()[0], FORM, frames))
    (at_once,) = encode_clips([np.asarray(whole, np.float32)], FORM, WORKERS)
    once = tmp_path / "once.mp3"
    once.write_bytes(joined([PlacedRun(0, FrameRun.of(at_once))], pieces()[0], FORM, len(whole)))
    errors = [np.std(soundfile_decode(each)[:frames, 0] - whole[:frames]) for each in (file, once)]
    assert abs(20 * np.log10(errors[0] / errors[1])) < 1


def test_all_frames_have_one_length_and_stand_alone() -> None:
    """So that a place can be reckoned; no frame needs bits of another one."""
    silent, clips = pieces()
    assert is_silent(silent)
    for data in (silent, *clips):
        places = frame_places(data)
        assert places
        assert {end - begin for begin, end in pairwise(places)} == {FORM.frame_bytes}
        assert not is_silent(data[: FORM.frame_bytes]) or data == silent
    assert FrameForm(rate_hz=48_000).frame_bytes == 192


def test_a_fade_falls_to_silence() -> None:
    """Evenly, by 60 dB, and what comes before it stays."""
    bell = np.asarray(np.sin(np.arange(40 * FRAME) / 20) / 2, np.float32)
    (data,) = encode_clips([bell], FORM, WORKERS)
    cut = faded(data[: 30 * FORM.frame_bytes], FORM, 20)
    decoded = soundfile_bytes(joined([PlacedRun(0, FrameRun.of(cut))], pieces()[0], FORM, 40 * FRAME))
    level_db = 20 * np.log10(np.std(decoded[: 36 * FRAME].reshape(-1, FRAME), axis=1) + 1e-9)
    assert np.ptp(level_db[1:9]) < 0.3
    assert np.all(np.abs(np.diff(level_db[11:28]) + 3) < 1.5)
    assert level_db[29] < level_db[5] - 50
    assert not decoded[32 * FRAME :].any()


def test_the_header_says_what_follows(tmp_path: Path) -> None:
    """Frames, bytes, delay, padding and checksum, as LAME's own tag does."""
    placed, total = laid([(3, 1), (700, 2)], 9)
    data = joined(placed, pieces()[0], FORM, total * FRAME - DELAY - 5)
    file = tmp_path / "x.mp3"
    file.write_bytes(data)
    known = read_gapless(file)
    assert known
    assert (known.mp3_frames, known.byte_count, known.frames) == (total, len(data), total * FRAME - DELAY - 5)
    begin = len(data) - total * FORM.frame_bytes
    tag = data.index(b"Info") + 152
    assert int.from_bytes(data[tag : tag + 2]) == tag_crc(data[begin:])


@given(st.binary(max_size=3000), st.binary(max_size=5000))
def test_checksums_can_be_joined(first: bytes, second: bytes) -> None:
    """From those of the two pieces alone."""
    assert joined_crc(sound_crc(first), sound_crc(second), len(second)) == tag_crc(first + second)


def test_pieces_that_overlap_are_refused() -> None:
    """And one that lies outside of the file."""
    piece = FrameRun.of(pieces()[1][3])
    with pytest.raises(ValueError, match="is taken"):
        joined([PlacedRun(0, piece), PlacedRun(3, piece)], pieces()[0], FORM, 100 * FRAME)
    with pytest.raises(ValueError, match="is taken"):
        joined([PlacedRun(98, piece)], pieces()[0], FORM, 100 * FRAME)


def test_a_clip_is_encoded_once(tmp_path: Path) -> None:
    """The cache has its frames the next time, and they are the same."""
    workers = Workers(jobs=1, cache=ChunkCache(tmp_path))
    (first,) = encode_clips([sound(9_000, 3)], FORM, workers)
    assert first == pieces()[1][3]
    assert ChunkCache(tmp_path).info().count == 1
    (again,) = encode_clips([sound(9_000, 3)], FORM, workers)
    assert again == first
    assert ChunkCache(tmp_path).info().count == 1
