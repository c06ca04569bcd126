from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from breathmark.narrators.soundfiles import decode_speech

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
    """Whatever part of it is there, it is told from the whole."""
    data = encoded(kind, 22_050)
    for length in [0, 1, 4, 11, 12, 40, 44, 60, 1000, len(data) - 2]:
        with pytest.raises(ValueError, match="no whole sound file"):
            decode_speech(data[:length])


@given(st.binary(max_size=200), st.sampled_from([b"", b"FORM", b"RIFF"]))
def test_garbage_is_refused(data: bytes, start: bytes) -> None:
    """No bytes raise anything but the one error."""
    with pytest.raises(ValueError, match="no whole sound file"):
        decode_speech(start + data)
