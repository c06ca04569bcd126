from __future__ import annotations

import contextlib
import io
import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from breathmark.speech.sound_files import decode_speech, decode_streamed

SAMPLES = (10_000 * np.sin(np.arange(2205) / 7)).astype(np.int16)


def encoded(kind: str, rate_hz: int) -> bytes:
    """``SAMPLES`` as libsndfile writes them."""
    file = io.BytesIO()
    soundfile.write(file, SAMPLES, rate_hz, format=kind, subtype="PCM_16")
    return file.getvalue()


@pytest.mark.parametrize("kind", ["WAV", "AIFF"])
@pytest.mark.parametrize("rate_hz", [8000, 16_000, 22_050, 44_100, 48_000])
def test_samples_and_rate_are_read(kind: str, rate_hz: int) -> None:
    """WAV and AIFF, as an independent library writes them, give the same samples back."""
    sound = decode_speech(encoded(kind, rate_hz))
    assert (sound.frame_rate, sound.channels, sound.sample_width) == (rate_hz, 1, 2)
    assert np.array_equal(np.frombuffer(sound.raw_data, "<i2"), SAMPLES)


def test_apples_little_endian_aiff_c_is_read() -> None:
    """The kind ``sowt`` of AIFF-C, which macOS writes, too."""
    common = struct.pack(">hIh", 1, len(SAMPLES), 16) + struct.pack(">HQ", 16383 + 14, 22_050 << 49) + b"sowt\0\0"
    sound = struct.pack(">II", 0, 0) + SAMPLES.astype("<i2").tobytes()
    chunks = b"COMM" + struct.pack(">I", len(common)) + common + b"SSND" + struct.pack(">I", len(sound)) + sound
    decoded = decode_speech(b"FORM" + struct.pack(">I", 4 + len(chunks)) + b"AIFC" + chunks)
    assert decoded.frame_rate == 22_050
    assert np.array_equal(np.frombuffer(decoded.raw_data, "<i2"), SAMPLES)


@pytest.mark.parametrize("kind", ["WAV", "AIFF"])
def test_a_file_that_is_still_being_written_is_not_whole(kind: str) -> None:
    """Whatever part of it is there, it is distinguished from the whole."""
    data = encoded(kind, 22_050)
    for length in [0, 1, 4, 11, 12, 40, 44, 60, 1000, len(data) - 2]:
        with pytest.raises(ValueError, match="not a complete sound file"):
            decode_speech(data[:length])


@given(st.binary(max_size=200), st.sampled_from([b"", b"FORM", b"RIFF"]))
def test_garbage_is_refused(data: bytes, start: bytes) -> None:
    """No bytes raise anything but the one error."""
    with pytest.raises(ValueError, match="not a complete sound file"):
        decode_speech(start + data)


def _wav(kind: int, bits: int, body: bytes, *, channels: int = 1, size: int | None = None, riff: int = 0) -> bytes:
    form = struct.pack("<HHIIHH", kind, channels, 24_000, 24_000 * channels * bits // 8, channels * bits // 8, bits)
    if kind == 0xFFFE:
        form += struct.pack("<HHIH", 22, bits, 0, 1) + bytes(14)
    chunks = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"LIST" + struct.pack("<I", 3) + b"abc\0"
    chunks += b"data" + struct.pack("<I", len(body) if size is None else size) + body
    return b"RIFF" + struct.pack("<I", riff or len(chunks)) + chunks


@pytest.mark.parametrize(
    ("kind", "bits", "body"),
    [
        (1, 8, bytes([128, 192, 64])),
        (1, 16, struct.pack("<3h", 0, 16384, -16384)),
        (0xFFFE, 16, struct.pack("<3h", 0, 16384, -16384)),
        (1, 24, b"\0\0\0\0\0\x40\0\0\xc0"),
        (1, 32, struct.pack("<3i", 0, 2**30, -(2**30))),
        (3, 32, struct.pack("<3f", 0, 0.5, -0.5)),
        (3, 64, struct.pack("<3d", 0, 0.5, -0.5)),
    ],
)
def test_every_kind_of_wav_that_servers_send_is_read(kind: int, bits: int, body: bytes) -> None:
    """The same three samples, as 16 bit; other chunks are passed over."""
    audio = decode_streamed(_wav(kind, bits, body))
    assert (audio.frame_rate, audio.channels, audio.sample_width) == (24_000, 1, 2)
    assert list(audio.get_array_of_samples()) == pytest.approx([0, 16384, -16384], abs=1)


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF - 44, 0])
def test_a_size_left_open_means_until_the_end(size: int) -> None:
    """Without a last half frame."""
    audio = decode_streamed(_wav(1, 16, struct.pack("<3h", 1, 2, 3) + b"x", size=size, riff=0xFFFFFFFF))
    assert list(audio.get_array_of_samples()) == [1, 2, 3]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not a WAV file"),
        (b"fLaC" + bytes(99), "not a WAV file"),
        (b"RIFF\0\0\0\0WAVE", "without samples"),
        (_wav(1, 16, b""), "without samples"),
        (_wav(1, 16, bytes(8), size=10), "ends early"),
        (_wav(0x55, 16, bytes(8)), "of the kind 0x55"),
        (_wav(1, 12, bytes(8)), "12 bit"),
        (_wav(1, 16, bytes(8), channels=0), "0 channels"),
        (b"RIFF\0\0\0\0WAVEdata" + struct.pack("<I", 4) + bytes(4), "without a format"),
    ],
)
def test_what_is_not_a_whole_wav_is_reported(data: bytes, message: str) -> None:
    """With what it is instead."""
    with pytest.raises(ValueError, match=message):
        decode_streamed(data)


@pytest.mark.timeout(60)
def test_millions_of_empty_chunks_are_passed_over() -> None:
    """In a time that grows with their number, not with its square: 24 MB of them took 100 s."""
    whole = _wav(1, 16, struct.pack("<3h", 1, 2, 3))
    assert list(decode_streamed(whole[:12] + b"junk\0\0\0\0" * 3_000_000 + whole[12:]).get_array_of_samples()) == [
        1,
        2,
        3,
    ]


@given(st.binary(max_size=80), st.integers(0, 80))
def test_any_bytes_are_a_sound_or_a_fault(data: bytes, place: int) -> None:
    """No damage to a header gets further than a ValueError."""
    whole = _wav(3, 32, struct.pack("<3f", 0, float("nan"), float("inf")))
    with contextlib.suppress(ValueError):
        assert len(decode_streamed(whole[:place] + data + whole[place + len(data) :])) >= 0
