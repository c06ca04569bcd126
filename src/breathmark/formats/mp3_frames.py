"""MP3 frames as values: clips that were encoded one by one are put behind each other, with silence between them.

No frame borrows bits from those before it (LAME without its reservoir), and all are of one length: so a session is put
together by copying bytes, every decoder gives exactly the PCM frames that its header promises, and a player that
reckons places from the bit rate finds each to the frame. All of it is mono at a constant bit rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.formats.chunks import encode_parts
from breathmark.formats.format import EncoderSettings, lost_sound
from breathmark.formats.mp3 import Mp3
from breathmark.formats.mp3_stream import (
    DECODER_DELAY,
    ENCODER_DELAY,
    FRAME,
    Gapless,
    frame_length,
    frame_places,
    info_frame,
    joined_crc,
    sound_crc,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from breathmark.audio.loudness import Samples
    from breathmark.formats.chunks import Workers


GAP: Final = 1
"""Silent MP3 frames between two clips at the least: where none is, ffmpeg joins windows of unlike shapes a little off
(48 dB under full scale, measured with 9.0.2 on what libsndfile decodes exactly)."""
_PRE_ROLL: Final = 6
"""MP3 frames of silence before each clip, from which LAME gets into the state of one that has long been silent."""
_POST_ROLL: Final = 4
"""And behind it, until all of it has left the filters."""
_PADDED: Final = 2
"""The bit in the third byte of a frame that is a byte longer."""
_LENGTH_BITS: Final = (18, 77)
"""Where the two granules of a frame in mono say how many bits they have (ISO/IEC 11172-3, 2.4.1.7), from the side
information on; that is 4 bytes into the frame. Their gain of 8 bits comes 21 bits later."""
_GAIN_LATER: Final = 21
_STEP_DB: Final = 20 * np.log10(2) / 4
"""What one step of a granule's gain is: the fourth root of 2."""
_FADE_DB: Final = 60.0
_MANY: Final = 400
"""Silent frames that are copied at once, 10 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameForm:
    """What all frames of a file have in common."""

    kbit_s: int = 64
    rate_hz: int = 44_100

    @property
    def frame_bytes(self) -> int:
        """The length of every frame: where some would have a byte of padding, all have it."""
        return frame_length(self.kbit_s, self.rate_hz) + bool(144_000 * self.kbit_s % self.rate_hz)

    @property
    def settings(self) -> EncoderSettings:
        """What is asked of the encoder."""
        return EncoderSettings(rate_hz=self.rate_hz, channels=1, sample_width=2, bitrate=f"{self.kbit_s}k")

    def frames_of(self, pcm_frames: int) -> int:
        """How many MP3 frames a file of so many PCM frames has behind its header."""
        return -(-(pcm_frames + ENCODER_DELAY + DECODER_DELAY) // FRAME)


@dataclass(frozen=True, slots=True)
class FrameRun:
    """Some frames in a row, with the checksum of their bytes."""

    data: bytes | memoryview
    crc: int

    @classmethod
    def of(cls, data: bytes) -> FrameRun:
        """The run of these bytes."""
        return cls(data, sound_crc(data))


@dataclass(frozen=True, slots=True)
class PlacedRun:
    """A run at its place in a file."""

    first: int
    """Its first MP3 frame, counted from the one behind the header."""
    run: FrameRun


class ClipEncode:
    """How a clip is encoded by a process of its own."""

    def __init__(self, form: FrameForm) -> None:
        self.arguments = (*Mp3().arguments(form.settings), "-write_xing", "0", "-f", "mp3")
        self._form = form

    def own_part(self, data: bytes, *, is_first: bool, is_last: bool) -> bytes | None:  # noqa: ARG002 - always both
        """Its frames from its sound on, without the silent ones that follow it; at least one."""
        frames = [data[begin:end] for begin, end in pairwise(frame_places(data) or ())]
        if len(frames) <= _PRE_ROLL or not is_silent(frames[_PRE_ROLL - 1]):
            return None
        own = frames[_PRE_ROLL:]
        while len(own) > 1 and is_silent(own[-1]):
            own.pop()
        return b"".join(map(self._alone, own)) if all(map(_borrows_nothing, own)) else None

    def _alone(self, frame: bytes) -> bytes:
        """``frame`` in the length that all have; a byte more at its end means nothing."""
        if len(frame) == self._form.frame_bytes:
            return frame
        return frame[:2] + bytes([frame[2] | _PADDED]) + frame[3:] + b"\0"


def encode_clips(clips: Iterable[Samples], form: FrameForm, workers: Workers) -> Iterator[bytes]:
    """The frames of each clip (shaped ``(n,)`` or ``(n, 1)``), in their order.

    Where they are put from MP3 frame n behind the header on, the sound begins with PCM frame ``1152 * n`` of the
    decoded file.

    Raises:
        AssetError: There is no ffmpeg.
        DeliveryError: It can't be started, has failed, or is not one that leaves each frame by itself.
    """
    yield from encode_parts(map(_rolled, clips), ClipEncode(form), workers, rate_hz=form.rate_hz)


def silent_frame(form: FrameForm, workers: Workers) -> bytes:
    """The frame of digital silence. Raises as ``encode_clips`` does."""
    nothing = np.zeros(0, np.float32)
    (frame,) = encode_parts([_rolled(nothing)], ClipEncode(form), workers, rate_hz=form.rate_hz)
    if not is_silent(frame):
        raise lost_sound(None, 0)
    return frame


def _rolled(samples: Samples) -> bytes:
    """PCM of 32 bits, with silence around it, in whole MP3 frames."""
    flat = samples.reshape(-1).astype(np.float64)
    whole = np.zeros((_PRE_ROLL + _POST_ROLL) * FRAME + -(-len(flat) // FRAME) * FRAME)
    whole[_PRE_ROLL * FRAME : _PRE_ROLL * FRAME + len(flat)] = flat
    largest = 2**31 - 1
    return np.clip(np.rint(whole * 2**31), -largest - 1, largest).astype("<i4").tobytes()


def is_silent(frame: bytes) -> bool:
    """Whether no granule of a mono frame has anything to decode."""
    return not any(_bits(frame, place, 12) for place in _LENGTH_BITS)


def _borrows_nothing(frame: bytes) -> bool:
    """Whether its data begin in it (``main_data_begin``), and no checksum guards its side information."""
    return not _bits(frame, 0, 9) and bool(frame[1] & 1)


def _bits(frame: bytes, place: int, count: int) -> int:
    whole = int.from_bytes(frame[4 + place // 8 : 4 + (place + count + 7) // 8])
    return whole >> -(place + count) % 8 & ((1 << count) - 1)


def faded(data: bytes | memoryview, form: FrameForm, fade_frames: int) -> bytes:
    """Frames whose last ``fade_frames`` fall to silence, by steps of 1.5 dB in the gain of their granules."""
    count, size = len(data) // form.frame_bytes, form.frame_bytes
    fade_frames = min(fade_frames, count)
    changed, granules = bytearray(data), 2 * fade_frames
    for granule in range(granules):
        begin = (count - fade_frames + granule // 2) * size + 4
        place = _LENGTH_BITS[granule % 2] + _GAIN_LATER
        byte, shift = begin + place // 8, 8 - place % 8
        pair = int.from_bytes(changed[byte : byte + 2])
        gain = pair >> shift & 0xFF
        lowered = max(gain - round((granule + 1) * (_FADE_DB / _STEP_DB) / granules), 0)
        changed[byte : byte + 2] = (pair ^ (gain ^ lowered) << shift).to_bytes(2)
    return bytes(changed)


def joined_frames(
    placed: Sequence[PlacedRun], silent: bytes, form: FrameForm, pcm_frames: int
) -> list[bytes | memoryview]:
    """A whole file of ``pcm_frames``, in pieces: its header, and ``placed``, which don't overlap, with silence between.

    Raises:
        ValueError: two of them overlap, or one lies outside of the file.
    """
    size, total = form.frame_bytes, form.frames_of(pcm_frames)
    quiet = _Silence(silent)
    found: list[bytes | memoryview] = [b""]
    at, crc = 0, 0
    for each in (*placed, PlacedRun(total, FrameRun(b"", 0))):
        if each.first < at:
            raise ValueError(f"frame {each.first} is taken until {at}")
        rest = each.first - at
        crc = joined_crc(crc, quiet.crc(rest), rest * size)
        crc = joined_crc(crc, each.run.crc, len(each.run.data))
        found += [*quiet.data(rest), each.run.data]
        at = each.first + len(each.run.data) // size
    if at != total:
        raise ValueError(f"{at} frames don't fit into {total}")
    gapless = Gapless(
        mp3_frames=total,
        delay=ENCODER_DELAY,
        padding=total * FRAME - ENCODER_DELAY - pcm_frames,
        byte_count=total * size + frame_length(form.kbit_s, form.rate_hz),
    )
    found[0] = info_frame(gapless, kbit_s=form.kbit_s, rate_hz=form.rate_hz, channels=1, sound_crc=crc)
    return found


class _Silence:
    """Runs of the silent frame, and their checksums, which are worked out by doubling."""

    def __init__(self, frame: bytes) -> None:
        self._size = len(frame)
        self._many = memoryview(frame * _MANY)
        self._crcs = [sound_crc(frame)]

    def data(self, count: int) -> Iterator[memoryview]:
        """The bytes of ``count`` of them, in pieces."""
        for left in range(count, 0, -_MANY):
            yield self._many[: min(left, _MANY) * self._size]

    def crc(self, count: int) -> int:
        """That of ``count`` of them."""
        crc = 0
        for power in range(count.bit_length()):
            if power == len(self._crcs):
                half = self._crcs[-1]
                self._crcs.append(joined_crc(half, half, self._size << (power - 1)))
            if count >> power & 1:
                crc = joined_crc(crc, self._crcs[power], self._size << power)
        return crc
