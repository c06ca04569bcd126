from __future__ import annotations

import io
import math
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydub import AudioSegment

from breathmark.model import WordTime
from breathmark.speech.clips.clip_file import pack, unpack
from breathmark.speech.level import TrimmedClip

KEY = "ab" * 32
words = st.builds(WordTime, word=st.text(max_size=8), start_s=st.floats(0, 9), end_s=st.floats(0, 9))
takes = st.builds(
    TrimmedClip,
    pcm=st.binary(min_size=2, max_size=400).map(lambda data: data[: len(data) // 2 * 2]),
    rate_hz=st.integers(1, 192_000),
    lufs=st.one_of(st.just(-math.inf), st.floats(-70, 0)),
    words=st.lists(words, max_size=4).map(tuple),
)
SAMPLE = TrimmedClip(pcm=b"\1\0" * 100, rate_hz=22_050, lufs=-20.0, words=(WordTime(word="é", start_s=0, end_s=1),))


@given(takes)
def test_what_is_packed_is_unpacked(spoken: TrimmedClip) -> None:
    """Rate, length, loudness and words survive, in any script."""
    facts = unpack(pack(spoken, KEY), KEY)
    assert facts is not None
    assert (facts.rate_hz, facts.frames, facts.words) == (spoken.rate_hz, spoken.frames, spoken.words)
    assert facts.lufs == spoken.lufs


@given(takes)
def test_any_program_can_read_it(spoken: TrimmedClip) -> None:
    """The file is a plain WAV for the standard library and for pydub."""
    data = pack(spoken, KEY)
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, spoken.rate_hz)
        assert file.readframes(file.getnframes()) == spoken.pcm
    assert AudioSegment.from_file(io.BytesIO(data), format="wav").raw_data == spoken.pcm


@pytest.mark.parametrize("place", range(0, len(pack(SAMPLE, KEY)), 7))
def test_one_changed_byte_is_seen(place: int) -> None:
    """Wherever a byte changes, the file counts as damaged."""
    data = bytearray(pack(SAMPLE, KEY))
    data[place] ^= 0x10
    assert unpack(bytes(data), KEY) is None


def test_a_file_cut_short_or_foreign_is_seen() -> None:
    """Every shorter file, a longer one, another clip's, and a WAV of somebody else count as damaged."""
    data = pack(SAMPLE, KEY)
    assert all(unpack(data[:length], KEY) is None for length in range(len(data)))
    assert unpack(data + b"\0", KEY) is None
    assert unpack(data, "cd" * 32) is None
    plain = io.BytesIO()
    AudioSegment.silent(100, frame_rate=22_050).export(plain, format="wav")
    assert unpack(plain.getvalue(), KEY) is None


@given(st.binary(max_size=300))
def test_garbage_is_never_more_than_a_miss(data: bytes) -> None:
    """No bytes make it raise."""
    assert unpack(data, KEY) is None
