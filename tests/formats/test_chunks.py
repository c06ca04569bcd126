"""One encode as many: the same frames and bytes as one encoder's, and what is taken over from an earlier one."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import tracemalloc
from dataclasses import replace
from itertools import pairwise
from tempfile import gettempdir
from typing import IO, TYPE_CHECKING

import numpy as np
import pytest

from breathmark.audio.ffmpeg import ffmpeg_path, messages_file
from breathmark.base.errors import DeliveryError
from breathmark.formats import chunks
from breathmark.formats.chunk_cache import ChunkCache
from breathmark.formats.chunks import Workers
from breathmark.formats.deliver import deliver
from breathmark.formats.encode import encode
from breathmark.formats.extras import Extras
from breathmark.formats.mp3 import Mp3Chunks
from breathmark.formats.mp3_stream import FRAME, frame_places, sound_crc, tag_crc
from breathmark.formats.presets import Preset, preset_for
from tests.processes import ffmpegs

from .material import SCRIPT, SESSION, FakeMixdown, blocks_of, ffmpeg_decode, soundfile_decode, voice_like

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from pydub import AudioSegment

CHUNK = 3 * 49 * FRAME
"""3.8 s in the place of a minute."""
PODCAST = preset_for("podcast")


@pytest.fixture(autouse=True)
def _short_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Mp3Chunks, "chunk_frames", CHUNK)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The bytes of PCM that each encoder was given."""
    fed: list[int] = []
    real = chunks._Encoders._run

    def counted(self: chunks._Encoders, pcm: IO[bytes]) -> bytes:
        fed.append(os.fstat(pcm.fileno()).st_size)
        return real(self, pcm)

    monkeypatch.setattr(chunks._Encoders, "_run", counted)
    return fed


def encoded(sound: NDArray[np.float64], path: Path, preset: Preset = PODCAST, **workers: object) -> bytes:
    """The bytes of the sound as a file."""
    encode(blocks_of(sound, preset.rate_hz), preset, path, workers=Workers(**workers))  # type: ignore[arg-type]
    return path.read_bytes()


def mp3_frames(data: bytes) -> list[bytes]:
    """The frames of a file, the one with the header first."""
    places = frame_places(data)
    assert places
    return [data[begin:end] for begin, end in pairwise(places)]


def by_one_encoder(sound: NDArray[np.float64], path: Path, preset: Preset) -> bytes:
    """The file that one ffmpeg makes of all of it."""
    source = ("-f", "s16le", "-ar", str(preset.rate_hz), "-ac", str(preset.channels), "-i", "pipe:0")
    exact = ("-fflags", "+bitexact", "-flags:a", "+bitexact", "-map_metadata", "-1")
    pcm = b"".join(block.raw_data for block in blocks_of(sound, preset.rate_hz))
    command = (str(ffmpeg_path()), "-v", "error", *source, *exact, *preset.encoder_arguments, "-f", "mp3", str(path))
    subprocess.run(command, input=pcm, check=True)
    return path.read_bytes()


def hard_sound(frames: int, rate_hz: int, channels: int) -> NDArray[np.float64]:
    """Speech-like noise with soft rests, steps of level and clicks in it, which an encoder's memory depends on."""
    sound = voice_like(frames, rate_hz, channels).copy()
    time_s = np.arange(frames) / rate_hz
    sound[(time_s % 3.1) > 2.2] *= 0.003
    sound *= np.where((time_s % 4) > 2, 0.02, 1)[:, None]
    sound[:: rate_hz * 2 // 3] = 0.9
    return sound


@pytest.mark.parametrize(
    ("bitrate", "rate_hz", "channels"),
    [
        ("128k", 44_100, 2),
        *(
            pytest.param(*each, marks=pytest.mark.slow)
            for each in (("64k", 48_000, 2), ("192k", 44_100, 1), ("112k", 44_100, 2))
        ),
    ],
)
def test_every_frame_is_that_of_one_encoder(bitrate: str, rate_hz: int, channels: int, tmp_path: Path) -> None:
    """And so is the first one but for its table of places, a straight line here; by any number of processes."""
    preset = replace(preset_for("podcast", "", "", bitrate), rate_hz=rate_hz, channels=2 if channels == 2 else 1)
    sound = hard_sound(3 * CHUNK + 20_000, rate_hz, channels)
    split = encoded(sound, tmp_path / "split", preset, jobs=2)
    whole = by_one_encoder(sound, tmp_path / "whole.mp3", preset)
    assert mp3_frames(split)[1:] == mp3_frames(whole)[1:]
    begin, toc = split.index(b"Info"), split.index(b"Info") + 16
    assert split[:toc] == whole[:toc]
    assert split[toc + 100 : begin + 154] == whole[toc + 100 : begin + 154]
    assert sorted(split[toc : toc + 100]) == list(split[toc : toc + 100])
    for jobs in (1, 4):
        assert encoded(sound, tmp_path / "again", preset, jobs=jobs) == split


@pytest.mark.parametrize("over", [-1, 0, 1, 4 * FRAME, 4 * FRAME + 1])
def test_a_length_at_a_seam_is_exact(over: int, tmp_path: Path) -> None:
    """By two decoders, where the last chunk is as short or as long as it can be; and nothing sounds at the seam."""
    sound = voice_like(2 * CHUNK + over)
    encoded(sound, tmp_path / "part")
    decoded = ffmpeg_decode(tmp_path / "part")
    assert len(decoded) == len(soundfile_decode(tmp_path / "part")) == len(sound)
    error = (decoded - sound)[CHUNK - 5000 : CHUNK + 5000]
    assert np.std(error) < 0.15 * np.std(sound)


def test_the_checksum_of_much_is_that_of_little() -> None:
    """Of any length, and in parts."""
    data = np.random.default_rng(3).bytes(9000)
    for length in (0, 1, 2047, 2048, 2049, 9000):
        assert sound_crc(data[:length]) == tag_crc(data[:length])
    assert sound_crc(data[5000:], sound_crc(data[:5000])) == tag_crc(data)


@pytest.mark.slow
def test_chunks_that_wait_take_no_memory(tmp_path: Path) -> None:
    """Five of them wait for four encoders, of 1.1 MB each; held are a block of 0.35 MB and what was encoded of them."""
    blocks = list(blocks_of(voice_like(12 * CHUNK)))
    tracemalloc.start()
    try:
        encode(iter(blocks), PODCAST, tmp_path / "part", workers=Workers(jobs=4))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3_000_000


@pytest.mark.parametrize("full", ["what waits", "what is encoded"])
def test_a_full_folder_for_temporary_files_is_reported(
    full: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its name, not that of the folder of the output, and the variable that names another one."""

    def some_full() -> IO[bytes]:
        waits = threading.current_thread() is threading.main_thread()  # encoders are run by others
        return open("/dev/full", "r+b", buffering=0) if waits == (full == "what waits") else messages_file()  # noqa: PTH123

    monkeypatch.setattr(chunks, "messages_file", some_full)
    with pytest.raises(DeliveryError, match=re.escape(gettempdir())) as caught:
        encode(blocks_of(voice_like(2 * CHUNK)), PODCAST, tmp_path / "part")
    assert "TMPDIR" in (caught.value.hint or "")
    assert not ffmpegs()


def test_only_what_has_changed_is_encoded_again(runs: list[int], tmp_path: Path) -> None:
    """A chunk whose sound is as before, with what lies around it, comes from the cache; a damaged one does not."""
    sound, cache = voice_like(4 * CHUNK).copy(), ChunkCache(tmp_path / "cache")
    first = encoded(sound, tmp_path / "a", cache=cache)
    assert len(runs) == 4
    assert encoded(sound, tmp_path / "b", cache=cache) == first
    assert len(runs) == 4
    sound[CHUNK + 5 * FRAME] = 0.5
    changed = encoded(sound, tmp_path / "c", cache=cache)
    assert len(runs) == 5
    assert changed == encoded(sound, tmp_path / "d")
    entry = next(tmp_path.glob("cache/encoded/v1/*/*.chunk"))
    entry.write_bytes(entry.read_bytes()[:-1])
    assert cache.info().count == 5
    assert encoded(sound, tmp_path / "e", cache=cache) == changed


def test_the_cache_is_bounded_and_emptied(tmp_path: Path) -> None:
    """What was not used for longest goes first."""
    cache = ChunkCache(tmp_path)
    for name in ("aa" * 32, "bb" * 32):
        cache.store(name, b"x" * 100)
    assert cache.load("aa" * 32)
    old = next(tmp_path.rglob("bb*.chunk"))
    os.utime(old, (1, 1))
    assert cache.prune(keep_bytes=200).count == 1
    assert cache.load("bb" * 32) is None
    assert cache.load("aa" * 32) == b"x" * 100
    assert cache.clear().count == 1
    assert cache.info().count == 0


@pytest.mark.parametrize("private", [False, True])
def test_nothing_of_a_private_session_is_kept(private: bool, tmp_path: Path) -> None:  # noqa: FBT001 - both of its values
    """Its sound says what must not be found."""
    mixdown = FakeMixdown(sound=voice_like(SESSION.frames))
    script = replace(SCRIPT, private=private)
    deliver(script, SESSION, mixdown, PODCAST, tmp_path / "a.mp3", Extras(cache=tmp_path / "cache"))
    assert bool(ChunkCache(tmp_path / "cache").info().count) is not private


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("of the mixer")], ids=["ctrl-c", "fault"])
def test_no_encoder_of_a_chunk_is_left_when_the_mix_fails(error: BaseException, tmp_path: Path) -> None:
    """What the mixer raises comes through as it is, while other chunks are being encoded."""

    def failing() -> Iterator[AudioSegment]:
        yield from blocks_of(voice_like(3 * CHUNK))
        raise error

    with pytest.raises(type(error)):
        encode(failing(), PODCAST, tmp_path / "part", workers=Workers(jobs=2))
    assert not ffmpegs()


def test_a_killed_encoder_of_a_chunk_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a DeliveryError that names the signal."""
    killed = tmp_path / "ffmpeg"
    killed.write_text("#!/bin/sh\nkill -9 $$\n")
    killed.chmod(0o755)
    monkeypatch.setenv("BREATHMARK_FFMPEG", str(killed))
    with pytest.raises(DeliveryError, match="signal 9") as caught:
        encode(blocks_of(voice_like(3 * CHUNK)), PODCAST, tmp_path / "part")
    assert caught.value.exit_code == 5
