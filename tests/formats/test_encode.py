"""Encoding: exact length, exact level, the same bytes, and what happens when it can't be done."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
import pyebur128
import pytest

from breathmark.audio.ffmpeg import ffmpeg_path
from breathmark.audio.limiter import Limiter
from breathmark.base.errors import AssetError, DeliveryError, RequestError
from breathmark.formats.deliver import deliver
from breathmark.formats.encode import check_size, encode
from breathmark.formats.mp3 import Mp3
from breathmark.formats.mp3_stream import read_gapless, tag_crc
from breathmark.formats.presets import PRESETS, Preset, preset_for
from breathmark.formats.registry import file_format
from tests.full_disk import full_disk
from tests.processes import ffmpegs
from tests.profiles import quick_only

from .material import (
    RATE_HZ,
    SCRIPT,
    SESSION,
    FakeMixdown,
    blocks_of,
    ffmpeg_decode,
    leftovers,
    soundfile_decode,
    voice_like,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from pydub import AudioSegment


LENGTHS = quick_only([1, 1152 * 9 + 20], [1, 46, 47, 1151, 1152, 1153, 1152 * 9 + 20, RATE_HZ * 7 + 13])
"""Around one MP3 frame, and where ffmpeg's own padding falls short (1 to 46 frames over a multiple of 1152)."""
MP3 = tuple(preset_for("podcast", ".mp3", "", bitrate) for bitrate in ("128k", "192k", "V2"))
AAC = tuple(preset_for("podcast", suffix) for suffix in (".m4a", ".m4b"))
OPUS = preset_for("podcast", ".opus")
LOSSLESS = tuple(preset_for(name, suffix) for name in ("podcast", "master") for suffix in (".wav", ".flac"))


def named(preset: Preset) -> str:
    """How a test's case is called."""
    return f"{preset.format}-{preset.bitrate or 8 * preset.sample_width}"


def encoded(preset: Preset, sound: NDArray[np.float64], path: Path) -> Path:
    """The sound, encoded."""
    blocks = blocks_of(sound, preset.rate_hz, preset.sample_width)
    assert encode(blocks, preset, path) == len(sound)
    return path


@pytest.mark.parametrize("preset", [*MP3, *LOSSLESS], ids=named)
@pytest.mark.parametrize("frames", LENGTHS)
def test_every_decoder_gives_the_frames_that_went_in(preset: Preset, frames: int, tmp_path: Path) -> None:
    """Exactly, by ffmpeg and by libsndfile, at lengths around an MP3 frame (FLAC begins at 16 frames)."""
    if preset.format == "flac" and frames < 16:
        pytest.skip("FLAC has no blocks that short; a session is longer than its head of a second")
    path = encoded(preset, voice_like(frames), tmp_path / "part")
    assert len(ffmpeg_decode(path)) == frames
    assert len(soundfile_decode(path)) == frames
    assert preset.file_format.promised_frames(path) == frames


@pytest.mark.parametrize("frames", LENGTHS)
def test_an_opus_file_decodes_to_the_frames_that_went_in(frames: int, tmp_path: Path) -> None:
    """Exactly, by ffmpeg and by libsndfile, at 48 kHz."""
    path = encoded(OPUS, voice_like(frames, 48_000), tmp_path / "part")
    assert len(ffmpeg_decode(path)) == len(soundfile_decode(path)) == frames
    assert file_format("opus").promised_frames(path) == frames


@pytest.mark.parametrize("preset", AAC, ids=named)
@pytest.mark.parametrize("frames", LENGTHS)
def test_an_mp4_decodes_to_the_frames_that_went_in(preset: Preset, frames: int, tmp_path: Path) -> None:
    """To within a packet of AAC, which is 1024; and its edit list says the exact number."""
    path = encoded(preset, voice_like(frames), tmp_path / "part")
    assert abs(len(ffmpeg_decode(path)) - frames) < 1024
    assert preset.file_format.promised_frames(path) == frames


@pytest.mark.parametrize("preset", LOSSLESS, ids=named)
def test_lossless_files_hold_the_very_samples(preset: Preset, tmp_path: Path) -> None:
    """Every one of 16 or 24 bits."""
    sound = voice_like(RATE_HZ)
    path = encoded(preset, sound, tmp_path / "part")
    steps = 2 ** (8 * preset.sample_width - 1)
    np.testing.assert_array_equal(np.round(ffmpeg_decode(path) * steps), np.round(sound * (steps - 1)))


def test_32_bit_blocks_become_a_24_bit_file(tmp_path: Path) -> None:
    """Pydub widens 24 bit to 32, with nothing in the lowest eight."""
    sound = np.round(voice_like(RATE_HZ) * 2**23) / 2**23
    master = PRESETS["master"]
    path = tmp_path / "part"
    encode(blocks_of(sound * 2**31 / (2**31 - 1), RATE_HZ, 4), master, path)
    assert np.abs(ffmpeg_decode(path) - sound).max() <= 2.0**-23


def test_the_padding_that_is_mended_keeps_the_sound_in_its_place(tmp_path: Path) -> None:
    """The end of a file whose header was corrected is where it was: the last frames agree with what went in."""
    frames = 1152 * 60 + 20
    sound = voice_like(frames)
    decoded = ffmpeg_decode(encoded(preset_for("podcast", ".mp3", "", "320k"), sound, tmp_path / "part"))
    error = decoded[-2000:] - sound[-2000:]
    assert np.std(error) < 0.02 * np.std(sound)


def test_the_header_of_an_mp3_keeps_a_valid_checksum(tmp_path: Path) -> None:
    """Also where the padding was mended; ffmpeg's own checksum is the same function of the same bytes."""
    for frames in (1152 * 9 + 20, 1152 * 9 + 500):
        path = encoded(MP3[0], voice_like(frames), tmp_path / "part")
        head = path.read_bytes()[:192]
        assert tag_crc(head[:190]).to_bytes(2) == head[190:]


@pytest.mark.parametrize("rate_hz", [44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("bitrate", quick_only(["V4"], ["64k", "128k", "192k", "224k", "320k", "V0", "V4"]))
def test_the_loudness_is_unchanged_when_the_gain_is_made_up_for(
    rate_hz: int, channels: int, bitrate: str, tmp_path: Path
) -> None:
    """Within 0.1 LU, by libebur128; without the compensation it would be off by up to 0.45."""
    preset = Preset(name="test", bitrate=bitrate, rate_hz=rate_hz, channels=2 if channels == 2 else 1)
    sound = voice_like(6 * rate_hz, rate_hz, channels)
    made_up = sound * 10 ** (-preset.encoder_gain_db / 20)
    path = tmp_path / "part"
    encode(blocks_of(made_up, rate_hz), preset, path)
    assert loudness(ffmpeg_decode(path, channels), rate_hz) == pytest.approx(loudness(sound, rate_hz), abs=0.1)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("suffix", "bitrate"),
    [
        pytest.param(suffix, rate, marks=() if rate == "128k" else pytest.mark.slow)
        for suffix in ("m4a", "opus")
        for rate in file_format(suffix).codings
    ],
)
def test_newer_codecs_keep_loudness_and_ceiling(suffix: str, bitrate: str, channels: int, tmp_path: Path) -> None:
    """Within 0.15 LU and under the ceiling, for sound that the limiter has worked on, by libebur128."""
    preset = replace(preset_for("podcast", suffix, "", bitrate), channels=2 if channels == 2 else 1)
    hot = (voice_like(6 * preset.rate_hz, preset.rate_hz, channels) * 2.5).astype(np.float32)
    pieces = iter(np.array_split(hot, 3))
    limited = np.concatenate(list(Limiter(preset.rate_hz, preset.pcm_ceiling_dbtp).run(pieces))).astype(np.float64)
    decoded = ffmpeg_decode(encoded(preset, limited, tmp_path / "part"), channels)
    meant = loudness(limited, preset.rate_hz) + preset.encoder_gain_db
    assert loudness(decoded, preset.rate_hz) == pytest.approx(meant, abs=0.15)
    assert -3.0 < true_peak(decoded, preset.rate_hz) <= preset.ceiling_dbtp


def loudness(sound: NDArray[np.float64], rate_hz: int) -> float:
    """Gated loudness by libebur128, in LUFS."""
    state = pyebur128.R128State(sound.shape[1], rate_hz, pyebur128.MeasurementMode.MODE_I)
    state.add_frames(np.ascontiguousarray(sound).ravel(), len(sound))
    return float(pyebur128.get_loudness_global(state))


@pytest.mark.parametrize("bitrate", quick_only(["128k"], ["64k", "96k", "128k", "192k", "320k", "V0", "V2", "V4"]))
def test_the_true_peak_of_the_decoded_file_is_under_its_ceiling(bitrate: str, tmp_path: Path) -> None:
    """By libebur128, for sound that the limiter has worked on: it comes to within 1.7 dB of it, and not over it."""
    preset = preset_for("podcast", ".mp3", "", bitrate)
    hot = (voice_like(6 * RATE_HZ) * 2.5).astype(np.float32)
    pieces = iter(np.array_split(hot, 3))
    limited = np.concatenate(list(Limiter(RATE_HZ, preset.pcm_ceiling_dbtp).run(pieces)))
    path = encoded(preset, limited.astype(np.float64), tmp_path / "part")
    assert -2.7 < true_peak(ffmpeg_decode(path)) <= preset.ceiling_dbtp


def true_peak(sound: NDArray[np.float64], rate_hz: int = RATE_HZ) -> float:
    """The highest true peak of all channels by libebur128, in dBTP."""
    state = pyebur128.R128State(sound.shape[1], rate_hz, pyebur128.MeasurementMode.MODE_TRUE_PEAK)
    state.add_frames(np.ascontiguousarray(sound).ravel(), len(sound))
    return 20 * float(np.log10(max(pyebur128.get_true_peak(state, channel) for channel in range(sound.shape[1]))))


@pytest.mark.parametrize("bitrate", quick_only(["96k", "V0"], file_format("mp3").codings))
def test_all_bit_rates_that_are_offered_can_be_encoded(bitrate: str, tmp_path: Path) -> None:
    """At the rate that was asked for."""
    preset = preset_for("podcast", ".mp3", "", bitrate)
    path = encoded(preset, voice_like(3 * RATE_HZ), tmp_path / "part")
    kbit_s = path.stat().st_size * 8 / 3000
    if bitrate.endswith("k"):
        assert kbit_s == pytest.approx(int(bitrate[:-1]), rel=0.06)


@pytest.mark.parametrize("preset", quick_only([MP3[0], AAC[0]], [*MP3, *AAC, OPUS, *LOSSLESS]), ids=named)
def test_the_same_sound_gives_the_same_bytes(preset: Preset, tmp_path: Path) -> None:
    """Twice, under two names, however it was cut into blocks; no build, version or date is in them."""
    sound = voice_like(3 * RATE_HZ, preset.rate_hz)
    one = encoded(preset, sound, tmp_path / "one").read_bytes()
    assert encoded(preset, sound, tmp_path / "two").read_bytes() == one
    assert not re.search(rb"Lav[cf]\d", one)


def test_progress_is_told_in_frames(tmp_path: Path) -> None:
    """After each block, up to all of them."""
    told: list[int] = []
    encode(blocks_of(voice_like(5 * RATE_HZ)), PRESETS["podcast"], tmp_path / "part", progress=told.append)
    assert told == [2 * RATE_HZ, 4 * RATE_HZ, 5 * RATE_HZ]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("of the mixer")], ids=["ctrl-c", "fault"])
def test_no_encoder_is_left_when_the_mix_fails(error: BaseException, tmp_path: Path) -> None:
    """What the mixer raises comes through as it is, and ffmpeg is gone."""

    def failing() -> Iterator[AudioSegment]:
        yield from blocks_of(voice_like(3 * RATE_HZ))
        assert ffmpegs()
        raise error

    with pytest.raises(type(error)):
        encode(failing(), MP3[2], tmp_path / "part")
    assert not ffmpegs()


def test_the_mixer_is_closed_when_the_encoder_fails(tmp_path: Path) -> None:
    """So that what it has open, another ffmpeg for one, ends too."""
    closed = False

    def blocks() -> Iterator[AudioSegment]:
        nonlocal closed
        try:
            while True:
                yield from blocks_of(voice_like(2 * RATE_HZ))
        finally:
            closed = True

    with pytest.raises(DeliveryError):
        encode(blocks(), MP3[2], tmp_path / "missing" / "part")
    assert closed
    assert not ffmpegs()


def test_an_encoder_that_is_killed_is_reported(tmp_path: Path) -> None:
    """As a DeliveryError that names the signal."""

    def blocks() -> Iterator[AudioSegment]:
        yield from blocks_of(voice_like(2 * RATE_HZ))
        ffmpegs()[0].kill()
        for _ in range(50):
            yield from blocks_of(voice_like(2 * RATE_HZ))

    with pytest.raises(DeliveryError, match="signal 9") as caught:
        encode(blocks(), MP3[2], tmp_path / "part")
    assert caught.value.exit_code == 5


def test_a_file_that_may_not_grow_is_reported(tmp_path: Path) -> None:
    """RLIMIT_FSIZE ends ffmpeg by a signal; the message says what to do."""
    with full_disk(30_000), pytest.raises(DeliveryError, match="ulimit"):
        encode(blocks_of(voice_like(8 * RATE_HZ)), AAC[0], tmp_path / "part")
    assert not ffmpegs()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full is Linux's disk without space")
@pytest.mark.parametrize("suffix", [".mp3", ".m4a", ".opus", ".flac", ".wav"])
def test_a_full_disk_is_reported(suffix: str, tmp_path: Path) -> None:
    """No space: exit 5, and the message says so."""
    path = tmp_path / "part"
    path.symlink_to("/dev/full")
    with pytest.raises(DeliveryError, match="full"):
        encode(blocks_of(voice_like(8 * RATE_HZ)), preset_for("podcast", suffix), path)


@pytest.mark.parametrize("preset", [MP3[0], AAC[0], OPUS, *LOSSLESS[:2]], ids=named)
def test_a_torn_file_is_noticed(preset: Preset, tmp_path: Path) -> None:
    """Of an encoder that ends well although its last bytes never reached the disk."""
    path = encoded(preset, voice_like(3 * RATE_HZ), tmp_path / "part")
    whole = path.read_bytes()
    for size in (0, 7, 20) if preset.format == "flac" else (0, 7, 50, 190, len(whole) - 500):
        path.write_bytes(whole[:size])
        assert preset.file_format.promised_frames(path) is None
    path.write_bytes(b"\x00" * 300)
    assert preset.file_format.promised_frames(path) is None
    assert read_gapless(path) is None


def test_an_encoder_that_lies_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that takes everything and writes nothing is no delivery."""
    liar = tmp_path / "ffmpeg"
    liar.write_text("#!/bin/sh\ncat > /dev/null\n")
    liar.chmod(0o755)
    monkeypatch.setenv("BREATHMARK_FFMPEG", str(liar))
    path = tmp_path / "part"
    path.touch()
    with pytest.raises(DeliveryError, match="where 44100 were encoded"):
        encode(blocks_of(voice_like(RATE_HZ)), PRESETS["podcast"], path)


FAULTY: Final = """\
#!{python}
import subprocess, sys
data = sys.stdin.buffer.read()
words = sys.argv[1:]
half = len(data) // 2 // 12 * 12
if {fault!r} == "half of it":
    data = data[:half]
if {fault!r} == "half of the rate":
    words[-2:-2] = ["-ar", str(int(words[words.index("-ar") + 1]) // 2)]
done = subprocess.run([{real!r}, *words], input=data, stdout=subprocess.PIPE)
if {fault!r} == "half of the file":
    done.stdout = done.stdout[: len(done.stdout) // 2]
sys.stdout.buffer.write(done.stdout)
if {fault!r} == "half of the file" and words[-1] != "pipe:1":
    with open(words[-1].removeprefix("file:"), "rb+") as file:
        file.truncate(file.seek(0, 2) // 2)
sys.exit(done.returncode)
"""
"""An encoder that reports success for half of its work."""


@pytest.mark.parametrize(
    ("preset", "fault"),
    [
        pytest.param(
            preset, fault, marks=() if number % 3 == which else pytest.mark.slow, id=f"{named(preset)}-{fault}"
        )
        for number, preset in enumerate([*MP3[::2], AAC[0], OPUS, LOSSLESS[0], LOSSLESS[1]])
        for which, fault in enumerate(["half of it", "half of the rate", "half of the file"])
    ],
)
def test_an_encoder_that_loses_half_is_caught(
    preset: Preset, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 5, and nothing bears the final name."""
    faulty = tmp_path / "ffmpeg"
    faulty.write_text(FAULTY.format(python=sys.executable, real=str(ffmpeg_path()), fault=fault))
    faulty.chmod(0o755)
    monkeypatch.setenv("BREATHMARK_FFMPEG", str(faulty))
    if preset.format == "opus" and fault == "half of the rate":
        pytest.skip("Opus counts at 48 kHz, whatever it is given")
    timeline = replace(SESSION, rate_hz=preset.rate_hz)
    mixdown = FakeMixdown(sound=voice_like(timeline.frames, preset.rate_hz), rate_hz=preset.rate_hz)
    with pytest.raises(DeliveryError, match="were encoded") as caught:
        deliver(SCRIPT, timeline, mixdown, preset, tmp_path / "out" / f"evening{preset.suffix}")
    assert caught.value.exit_code == 5
    assert leftovers(tmp_path / "out") == []


def mp3_without_its_second_half(whole: bytes) -> bytes:
    """With a header that speaks of the bytes that are left, and of all frames."""
    cut = bytearray(whole[: whole.index(b"\xff\xfb", len(whole) // 2)])
    at = cut.index(b"Info") + 12
    cut[at : at + 4] = len(cut).to_bytes(4)
    return bytes(cut)


def opus_without_its_middle(whole: bytes) -> bytes:
    """The last page still counts all frames."""
    pages = [b"OggS" + page for page in whole.split(b"OggS")[1:]]
    return b"".join([*pages[:3], *pages[-1:]])


def mp4_without_its_second_half(whole: bytes) -> bytes:
    """The tables behind the sound still list all packets."""
    start, moov = whole.index(b"mdat") - 4, whole.index(b"moov") - 4
    sound = whole[start + 8 : start + (moov - start) // 2]
    return b"".join([whole[:start], (len(sound) + 8).to_bytes(4), b"mdat", sound, whole[moov:]])


def flac_without_its_end(whole: bytes) -> bytes:
    """The header comes first, and speaks of all frames."""
    return whole[: len(whole) // 2]


@pytest.mark.parametrize(
    ("preset", "spoiled"),
    [
        (MP3[0], mp3_without_its_second_half),
        (OPUS, opus_without_its_middle),
        (AAC[0], mp4_without_its_second_half),
        (LOSSLESS[1], flac_without_its_end),
        (LOSSLESS[3], flac_without_its_end),
    ],
    ids=lambda each: each.__name__ if callable(each) else named(each),
)
def test_a_header_is_not_believed_without_its_sound(
    preset: Preset, spoiled: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    """The packets are counted, too."""
    path = encoded(preset, voice_like(4 * preset.rate_hz, preset.rate_hz), tmp_path / "part")
    path.write_bytes(spoiled(path.read_bytes()))
    assert preset.file_format.promised_frames(path) is None


def test_a_missing_ffmpeg_is_an_asset_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 3, before anything is mixed."""
    monkeypatch.setenv("BREATHMARK_FFMPEG", str(tmp_path / "none"))
    mixed = False

    def blocks() -> Iterator[AudioSegment]:
        nonlocal mixed
        mixed = True
        yield from blocks_of(voice_like(RATE_HZ))

    with pytest.raises(AssetError):
        encode(blocks(), PRESETS["podcast"], tmp_path / "part")
    assert not mixed


def test_an_ffmpeg_that_does_not_start_is_a_delivery_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may be run but is no program."""
    broken = tmp_path / "ffmpeg"
    broken.write_bytes(b"\x7fELF nothing")
    broken.chmod(0o755)
    monkeypatch.setenv("BREATHMARK_FFMPEG", str(broken))
    with pytest.raises(DeliveryError, match="can't be started"):
        encode(blocks_of(voice_like(RATE_HZ)), PRESETS["podcast"], tmp_path / "part")


def test_an_ffmpeg_without_the_encoder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With how to get a full one."""
    monkeypatch.setattr(Mp3, "arguments", lambda *_: ("-c:a", "nosuchcodec"))
    with pytest.raises(DeliveryError, match="lacks an encoder"):
        encode(blocks_of(voice_like(9 * RATE_HZ)), PRESETS["podcast"], tmp_path / "part")


def test_blocks_of_different_forms_are_a_bug(tmp_path: Path) -> None:
    """They would be encoded as noise."""

    def blocks() -> Iterator[AudioSegment]:
        yield from blocks_of(voice_like(RATE_HZ))
        yield from blocks_of(voice_like(48_000, 48_000), 48_000)

    with pytest.raises(ValueError, match="another form"):
        encode(blocks(), PRESETS["podcast"], tmp_path / "part")


def test_a_wav_ends_at_4_gib() -> None:
    """A longer one is refused before it is mixed; a FLAC is not."""
    hours = 7 * 3600 * RATE_HZ
    check_size(preset_for("podcast", ".flac"), hours)
    check_size(preset_for("podcast", ".wav"), 6 * 3600 * RATE_HZ)
    with pytest.raises(RequestError, match="flac"):
        check_size(preset_for("podcast", ".wav"), hours)
