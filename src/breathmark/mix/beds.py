"""Sources of ambience: a loop that is held in memory, and a long track that is streamed.

Both are played from their beginning without an end, in one direction, and both give the energy of what they play.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Protocol

import numpy as np
import soxr
from pydub import AudioSegment

from breathmark.audio.ffmpeg import decode, decode_16_bit
from breathmark.audio.loudness import EnergyMeter, step_frames
from breathmark.audio.pcm import (
    FULL_SCALE_16_BIT,
    LARGEST_16_BIT,
    Format,
    compact,
    pydub_samples,
    resample,
    spread,
    to_16_bit,
)
from breathmark.base.errors import AssetError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from breathmark.audio.loudness import EnergyBlocks, Samples
    from breathmark.mix.assets import SoundAsset


_LONGEST_IN_MEMORY_S = 60
_CROSSFADE_S = 4.0


class Bed(Protocol):
    """A source of ambience."""

    def energies(self, steps: int) -> EnergyBlocks:
        """The K-weighted energy of the first ``steps`` steps of 100 ms, as played."""

    def play(self) -> Generator[Samples, None, None]:
        """The sound from its beginning, without end, in blocks of ``Format.block_frames``."""


def open_bed(source: SoundAsset | AudioSegment, sound_format: Format) -> Bed:
    """The bed that plays ``source`` in ``sound_format``.

    Raises:
        AssetError: the file is damaged, or not what its provenance says.
    """
    if isinstance(source, AudioSegment):
        if not source.raw_data:
            raise AssetError("the file that was given as ambience contains no sound", "give another one")
        samples = resample(
            spread(pydub_samples(source), sound_format.channels), source.frame_rate, sound_format.rate_hz
        )
        return LoopBed.of(_joined(samples, _fade_frames(len(samples), sound_format)), sound_format)
    if source.loop_frames:
        return _seamless(source, sound_format)
    return _track(source.path, sound_format)


def _track(path: Path, sound_format: Format) -> Bed:
    """A file of any length: up to a minute is kept in memory, a longer one is streamed."""
    pieces, frames_read = decode(path, sound_format), 0
    begun: list[Samples] = []
    for piece in pieces:
        begun.append(piece)
        frames_read += len(piece)
        if frames_read >= _LONGEST_IN_MEMORY_S * sound_format.rate_hz:
            return StreamBed(path, sound_format, begun, pieces)
    samples = np.concatenate(begun)
    return LoopBed.of(_joined(samples, _fade_frames(frames_read, sound_format)), sound_format)


class LoopBed:
    """A sound whose end joins its beginning. It is kept in 16 bits: two minutes of stereo take 21 MB."""

    def __init__(self, data: NDArray[np.int16], scale: float, sound_format: Format) -> None:
        self._data = data
        self._scale = np.float32(scale)
        self._format = sound_format

    @classmethod
    def of(cls, samples: Samples, sound_format: Format) -> LoopBed:
        """A loop of ``samples``, at any level."""
        return cls(*compact(samples), sound_format)

    @property
    def frames(self) -> int:
        """The period of the loop."""
        return len(self._data)

    def energies(self, steps: int) -> EnergyBlocks:
        """See ``Bed``."""
        rate_hz = self._format.rate_hz
        warm = min(self.frames, rate_hz)
        meter = EnergyMeter(rate_hz, self._format.channels)
        meter.follow(self._part(self.frames - warm, warm))
        for start in range(0, self.frames, self._format.block_frames):
            meter.add(self._part(start, min(self._format.block_frames, self.frames - start)))
        return _tiled(meter.finish(), self.frames, steps, step_frames(rate_hz))

    def play(self) -> Generator[Samples, None, None]:
        """See ``Bed``."""
        position = 0
        while True:
            yield self._part(position, self._format.block_frames)
            position = (position + self._format.block_frames) % self.frames

    def _part(self, start: int, frames: int) -> Samples:
        pieces = []
        while frames:
            piece = self._data[start : start + frames]
            pieces.append(piece * self._scale)
            start, frames = 0, frames - len(piece)
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)


class StreamBed:
    """A long track, decoded while it is played and never held whole; it is joined to itself by a crossfade."""

    def __init__(
        self, path: Path, sound_format: Format, begun: list[Samples], pieces: Generator[Samples, None, None]
    ) -> None:
        self._path = path
        self._format = sound_format
        self._fade = round(_CROSSFADE_S * sound_format.rate_hz)
        # The decoding that found out how long the track is goes on as the one that measures it.
        self._meter = EnergyMeter(sound_format.rate_hz, sound_format.channels)
        self._frames_read = sum(len(piece) for piece in begun)
        self._pieces = pieces
        for piece in begun:
            self._meter.add(piece)

    def energies(self, steps: int) -> EnergyBlocks:
        """See ``Bed``. This decodes as much of the track as ``steps`` need, once."""
        step = step_frames(self._format.rate_hz)
        for piece in self._pieces:
            self._meter.add(piece)
            self._frames_read += len(piece)
            if self._frames_read >= steps * step:
                self._pieces.close()
        once = self._meter.steps()
        return once[:steps] if len(once) >= steps else self._repeated(self._meter.finish(), self._frames_read, steps)

    def play(self) -> Generator[Samples, None, None]:
        """See ``Bed``."""
        return _blocks(self._endless(), self._format)

    def _repeated(self, once: EnergyBlocks, frames: int, steps: int) -> EnergyBlocks:
        """The energies of a track of ``frames`` that is played again and again, from those of one pass."""
        step = step_frames(self._format.rate_hz)
        period, width = frames - self._fade, self._fade // step
        again = once[: period // step].copy()
        turn = (np.arange(width) + 0.5) / width * np.pi / 2
        last = once[period // step : period // step + width]
        again[:width] = again[:width] * np.sin(turn) ** 2 + last * np.cos(turn) ** 2
        first = once[: period // step]
        remainder = _tiled(again, len(again) * step, max(steps - len(first), 0), step)
        return np.concatenate([first, remainder])[:steps]

    def _endless(self) -> Generator[Samples, None, None]:
        """The track again and again; each time its last seconds are held back and faded into its first ones."""
        held: Samples = np.zeros((0, self._format.channels), np.float32)
        while True:
            with closing(decode(self._path, self._format)) as pieces:
                opening = held
                held = held[:0]
                for piece in pieces:
                    held = np.concatenate([held, piece])
                    if len(opening) and len(held) >= self._fade:
                        held[: self._fade] = _crossfade(opening, held[: self._fade])
                        opening = opening[:0]
                    if not len(opening) and len(held) > self._fade:
                        yield held[: -self._fade]
                        held = held[-self._fade :]


def _blocks(pieces: Generator[Samples, None, None], sound_format: Format) -> Generator[Samples, None, None]:
    """``pieces`` cut anew into blocks of ``block_frames``."""
    pending: list[Samples] = []
    count, wanted = 0, sound_format.block_frames
    with closing(pieces):
        for piece in pieces:
            pending.append(piece)
            count += len(piece)
            if count >= wanted:
                joined = np.concatenate(pending)
                for start in range(0, count - wanted + 1, wanted):
                    yield joined[start : start + wanted]
                pending, count = [joined[count // wanted * wanted :]], count % wanted


def _crossfade(last: Samples, first: Samples) -> Samples:
    """An equal-power crossfade of two pieces of equal length."""
    turn = np.linspace(0, np.pi / 2, len(first), dtype=np.float32)[:, None]
    return last * np.cos(turn) + first * np.sin(turn)


def _joined(samples: Samples, fade: int) -> Samples:
    """``samples`` with their last ``fade`` frames faded into the first ones, so that they loop."""
    if not fade:
        return samples
    looped = samples[:-fade].copy()
    looped[:fade] = _crossfade(samples[-fade:], samples[:fade])
    return looped


def _fade_frames(frames: int, sound_format: Format) -> int:
    return min(round(_CROSSFADE_S * sound_format.rate_hz), frames // 4)


def _tiled(once: EnergyBlocks, period: int, steps: int, step: int) -> EnergyBlocks:
    """The energies of a loop that is played for ``steps``, from one period, which is not a whole number of steps.

    The energy up to any frame is known at the steps of one period and is linear in between.
    """
    knots = np.minimum(np.arange(len(once) + 1) * step, period)
    up_to = np.concatenate([[0.0], np.cumsum(once)])
    rounds, inside = np.divmod(np.arange(steps + 1) * step, period)
    return np.diff(rounds * up_to[-1] + np.interp(inside, knots, up_to))


def _seamless(sound: SoundAsset, sound_format: Format) -> LoopBed:
    """The period of a built-in loop, without its guards, at the session's rate.

    The rate is changed by exactly the ratio of two whole periods (off the true ratio by less than 1 in 10 million), so
    that the ends still join; the guards give the resampler what comes before and after.
    """
    period = round(sound.loop_frames * sound_format.rate_hz / sound.rate_hz)
    begin = round(sound.guard_frames * period / sound.loop_frames)
    data = np.empty((period, sound_format.channels), np.int16)
    position = -begin
    for piece in _at_rate(_undamaged(sound, sound_format.channels), sound.loop_frames, period, sound_format.channels):
        inside = piece[max(-position, 0) : max(period - position, 0)]
        start = max(position, 0)
        data[start : start + len(inside)] = inside
        position += len(piece)
    return LoopBed(data, 1 / FULL_SCALE_16_BIT, sound_format)


def _undamaged(sound: SoundAsset, channels: int) -> Iterator[NDArray[np.int16]]:
    """The sound with its guards at its own rate, held to the length that its provenance states."""
    expected, frames_read = sound.loop_frames + 2 * sound.guard_frames, 0
    with closing(decode_16_bit(sound.path, Format(rate_hz=sound.rate_hz, channels=channels))) as pieces:
        for piece in pieces:
            frames_read += len(piece)
            yield piece
    if frames_read != expected:
        next_step = (
            "install Breathmark again" if sound.built_in else "correct its file, or its entry in provenance.yaml"
        )
        raise AssetError(f"{sound.path} is damaged: it has {frames_read} frames, not {expected}", next_step)


def _at_rate(
    pieces: Iterator[NDArray[np.int16]], from_hz: int, to_hz: int, channels: int
) -> Iterator[NDArray[np.int16]]:
    if from_hz == to_hz:
        yield from pieces
        return
    stream = soxr.ResampleStream(from_hz, to_hz, channels, dtype="float32", quality="HQ")
    # soxr's own way to 16 bits adds a dither that is another one in each process.
    for piece in pieces:
        yield _rounded(stream.resample_chunk(piece.astype(np.float32)), channels)
    yield _rounded(stream.resample_chunk(np.zeros((0, channels), np.float32), last=True), channels)


def _rounded(samples: Samples, channels: int) -> NDArray[np.int16]:
    return to_16_bit(samples.reshape(-1, channels) / np.float32(LARGEST_16_BIT))
