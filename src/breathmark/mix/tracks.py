"""The user's own tracks as ambience: their ends trimmed, their offset and rumble taken out, and joined to themselves.

A track of up to a minute is kept in memory, a longer one is streamed.
"""

from __future__ import annotations

from collections import deque
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from breathmark.audio.ffmpeg import decode
from breathmark.audio.loudness import EnergyMeter, energies, step_frames
from breathmark.audio.pcm import Format, compact, pydub_samples, resample, spread
from breathmark.base.errors import AssetError
from breathmark.base.inputs import stamp
from breathmark.base.times import tenths
from breathmark.mix.seams import CROSSFADE_S, RUMBLE_HZ, SEARCH_S, Seam, joined, silences, sounding, without_rumble

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

    from numpy.typing import NDArray
    from pydub import AudioSegment

    from breathmark.audio.loudness import EnergyBlocks, Samples


_LONGEST_IN_MEMORY_S = 60
_LATEST_BEGIN_STEPS = 300
_SHORTEST_STEPS = 120
"""Of what is left between trimmed ends: three cross-fades."""
_TILED_AT_ONCE = 36_000
"""Steps: an hour. All of a night at once would take its memory eight times over."""
_HELD_S = 30
"""The longest fade-out that is trimmed, the cross-fade before it, and a decoder's piece."""
_SHORTEST_S = 20.0
"""Listeners find the repeats of a noise of up to 20 s (Kaernbach, "The memory of noise", Experimental Psychology 51,
2004), and those of anything else far sooner."""


def segment_bed(source: AudioSegment, sound_format: Format) -> LoopBed:
    """A sound of the caller's. Raises AssetError where it holds none."""
    if not source.raw_data:
        raise AssetError("the file that was given as ambience contains no sound", "give another one")
    samples = resample(spread(pydub_samples(source), sound_format.channels), source.frame_rate, sound_format.rate_hz)
    return _looped("the sound that was given as ambience", samples, sound_format)


def track_bed(path: Path, sound_format: Format, *, loop: bool = False) -> LoopBed | StreamBed:
    """A file of any length; a ``loop`` is played as it is, its end leading into its beginning.

    Raises:
        AssetError: the file is damaged, or holds no sound.
    """
    if loop:
        with closing(decode(path, sound_format)) as pieces:
            whole = without_rumble(np.concatenate(list(pieces)), sound_format.rate_hz)
        return LoopBed.of(whole, sound_format)
    pieces, frames_read = decode(path, sound_format, high_pass_hz=RUMBLE_HZ), 0
    begun: list[Samples] = []
    for piece in pieces:
        begun.append(piece)
        frames_read += len(piece)
        if frames_read >= _LONGEST_IN_MEMORY_S * sound_format.rate_hz:
            return StreamBed(path, sound_format, begun, pieces)
    return _looped(path.name, np.concatenate(begun), sound_format)


def _looped(name: str, samples: Samples, sound_format: Format) -> LoopBed:
    """A short track, trimmed and joined to itself."""
    rate_hz = sound_format.rate_hz
    steps = energies(samples, rate_hz)
    first, last = sounding(steps)
    kept = samples[first * step_frames(rate_hz) : last * step_frames(rate_hz)]
    fade = min(round(CROSSFADE_S * rate_hz), len(kept) // 4)
    loop = joined(kept, fade, min(round(SEARCH_S * rate_hz), len(kept) // 8))
    remarks = _holes(name, steps, first, last)
    if len(loop) < _SHORTEST_S * rate_hz:
        again_s = len(loop) / rate_hz
        advice = "take a track of half a minute or more, or say loop: yes if it is made as a loop"
        remarks = (*remarks, f"{name} is heard again every {again_s:.1f} s: {advice}")
    return LoopBed.of(loop, sound_format, remarks)


def _holes(name: str, steps: EnergyBlocks, first: int, last: int) -> tuple[str, ...]:
    """What is to be said of the silences between two steps of a track."""
    found = silences(steps[first:last])
    if not found:
        return ()
    begin_s, length_s = found[0]
    more = f", and {len(found) - 1} more times" if len(found) > 1 else ""
    return (f"{name} is silent for {length_s:.1f} s at {tenths(begin_s + first / 10)}{more}",)


class LoopBed:
    """A sound whose end joins its beginning. It is kept in 16 bits: a minute of stereo takes 10.6 MB."""

    def __init__(
        self, data: NDArray[np.int16], scale: float, sound_format: Format, remarks: tuple[str, ...] = ()
    ) -> None:
        self._data = data
        self._scale = np.float32(scale)
        self._format = sound_format
        self.remarks = remarks

    @classmethod
    def of(cls, samples: Samples, sound_format: Format, remarks: tuple[str, ...] = ()) -> LoopBed:
        """A loop of ``samples``, at any level."""
        return cls(*compact(samples), sound_format, remarks)

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
        once = meter.finish()
        return _tiled(once, once, self.frames, steps, step_frames(rate_hz))

    def play(self, first: int = 0) -> Generator[Samples, None, None]:
        """See ``Bed``."""
        position = first * self._format.block_frames % self.frames
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
    """A long track, decoded while it is played and never held whole; it is joined to itself by a cross-fade."""

    def __init__(
        self, path: Path, sound_format: Format, begun: list[Samples], pieces: Generator[Samples, None, None]
    ) -> None:
        self._path = path
        self._stamp = stamp(path)
        self._format = sound_format
        self._fade = round(CROSSFADE_S * sound_format.rate_hz)
        self._search = round(SEARCH_S * sound_format.rate_hz)
        # The decoding that found out how long the track is goes on as the one that measures it.
        self._meter = EnergyMeter(sound_format.rate_hz, sound_format.channels)
        self._frames_read = sum(len(piece) for piece in begun)
        self._pieces = pieces
        for piece in begun:
            self._meter.add(piece)
        self._held = deque(begun)
        """The last decoded half minute, in which the seam will lie; empty when the track has been measured."""
        self._first = min(sounding(self._meter.steps())[0], _LATEST_BEGIN_STEPS)
        self._begin = self._first * step_frames(sound_format.rate_hz)
        self._opening = _cut_out(begun, self._begin, self._fade)
        self._drop_older()
        self._period = 0
        """Frames from one beginning to the next; 0 as long as the track has not been read to its end."""
        self._seam: Seam | None = None
        self.remarks: tuple[str, ...] = ()

    def energies(self, steps: int) -> EnergyBlocks:
        """See ``Bed``. This decodes as much of the track as ``steps`` need, once."""
        self._read(steps)
        known = self._meter.steps()[self._first :]
        return known[:steps] if self._seam is None else self._repeated(self._seam, known, steps)

    def play(self, first: int = 0) -> Generator[Samples, None, None]:
        """See ``Bed``. The file is decoded from its beginning in any case."""
        if self._held:
            self._read(None)
        playing = in_blocks(self._endless(), self._format)
        for _ in range(first):
            next(playing)
        return playing

    def _read(self, steps: int | None) -> None:
        """Measure the track as far as ``steps`` of it need (None: all), and find its seam where its end is reached.

        Its last seconds are never played by themselves, so that many more have to be there.
        """
        if not self._held:
            return
        step, ended = step_frames(self._format.rate_hz), True
        for piece in self._pieces:
            self._meter.add(piece)
            self._frames_read += len(piece)
            self._held.append(piece)
            self._drop_older()
            if steps is not None and self._frames_read >= (steps + self._first) * step + self._fade:
                ended = False
                self._pieces.close()
        if ended:
            self._find_seam(step)
        self._held.clear()

    def _drop_older(self) -> None:
        """Drop all but the last half minute."""
        while self._frames_held() - len(self._held[0]) >= _HELD_S * self._format.rate_hz:
            self._held.popleft()

    def _frames_held(self) -> int:
        return sum(map(len, self._held))

    def _find_seam(self, step: int) -> None:
        steps = self._meter.steps()
        last = max(sounding(steps)[1], self._first + _SHORTEST_STEPS)
        length, end = self._fade + self._search, last * step - (self._frames_read - self._frames_held())
        ending = _cut_out(self._held, end - length, length)
        self._held.clear()  # the search for the seam takes memory of its own
        # A silent end of half a minute fills all that is held: without the last sound, the two sides count as unlike.
        unlike = Seam(fade=self._fade, spare=0, correlation=0.0)
        self._seam = Seam.between(ending, self._opening) if len(ending) == length else unlike
        self._period = last * step - self._fade - self._seam.spare - self._begin
        self.remarks = _holes(self._path.name, steps, self._first, last)

    def _repeated(self, seam: Seam, once: EnergyBlocks, steps: int) -> EnergyBlocks:
        """The energies of the track played again and again, from those of one pass."""
        step = step_frames(self._format.rate_hz)
        whole, width = -(-self._period // step), self._fade // step
        out, into = seam.gains((np.arange(width) + 0.5) / width)
        last, first = once[self._period // step :][:width], once[:width]
        once, again = once[:whole].copy(), once[:whole].copy()
        again[:width] = (
            out**2 * last + into**2 * first + 2 * out * into * seam.correlation * np.sqrt(np.maximum(last * first, 0))
        )
        part = (self._period - 1) % step + 1
        once[-1] *= part / step
        again[-1] *= part / step
        return _tiled(once, again, self._period, steps, step)

    def _endless(self) -> Generator[Samples, None, None]:
        """The track again and again; each time its last seconds are held back and faded into its first ones."""
        ending: Samples = np.zeros((0, self._format.channels), np.float32)
        while True:
            with closing(decode(self._path, self._format, high_pass_hz=RUMBLE_HZ)) as pieces:
                ending = yield from self._round(pieces, ending)
            if self._seam is None or len(ending) < self._fade:
                raise self._changed()

    def _changed(self) -> AssetError:
        return AssetError(f"{self._path} was changed while it was played", "run the same command again")

    def _round(self, pieces: Generator[Samples, None, None], ending: Samples) -> Generator[Samples, None, Samples]:
        """One round, which begins with a cross-fade from ``ending``; returns the one that it ends with."""
        held = ending[:0]
        for piece in self._inside(pieces):
            held = np.concatenate([held, piece])
            if self._seam and len(ending) and len(held) >= self._fade:
                held[: self._fade] = self._seam.crossfaded(ending, held[: self._fade])
                ending = ending[:0]
            if not len(ending) and len(held) > self._fade:
                yield held[: -self._fade]
                held = held[-self._fade :]
        return held

    def _inside(self, pieces: Generator[Samples, None, None]) -> Generator[Samples, None, None]:
        """What lies between the trimmed ends; to the end of the file where no session gets that far."""
        position, stop = 0, self._begin + self._period + self._fade if self._period else None
        for piece in pieces:
            if stamp(self._path) != self._stamp:
                raise self._changed()
            yield piece[max(self._begin - position, 0) : None if stop is None else max(stop - position, 0)]
            position += len(piece)
            if stop is not None and position >= stop:
                return


def _cut_out(pieces: Iterable[Samples], start: int, frames: int) -> Samples:
    """``frames`` frames from ``start`` on; fewer where the pieces have fewer. A copy, which keeps no piece alive."""
    parts, end = [], start + frames
    for piece in pieces:
        parts.append(piece[max(start, 0) : max(end, 0)])
        start, end = start - len(piece), end - len(piece)
    return np.concatenate(parts)


def in_blocks(pieces: Generator[Samples, None, None], sound_format: Format) -> Generator[Samples, None, None]:
    """``pieces`` cut anew into blocks of ``block_frames``."""
    pending: list[Samples] = []
    count, wanted = 0, sound_format.block_frames
    with closing(pieces):
        for piece in pieces:
            pending.append(piece)
            count += len(piece)
            if count >= wanted:
                joined_up = np.concatenate(pending)
                for start in range(0, count - wanted + 1, wanted):
                    yield joined_up[start : start + wanted]
                pending, count = [joined_up[count // wanted * wanted :]], count % wanted


def _tiled(once: EnergyBlocks, again: EnergyBlocks, period: int, steps: int, step: int) -> EnergyBlocks:
    """The energies of a sound of ``period`` frames that is played ``once``, and then ``again`` and again.

    A period is not a whole number of steps. The energy up to any frame is known at its steps and is linear in between.
    """
    knots = np.minimum(np.arange(len(once) + 1) * step, period)
    first, later = (np.concatenate([[0.0], np.cumsum(each)]) for each in (once, again))
    tiled = np.empty(steps)
    for begin in range(0, steps, _TILED_AT_ONCE):
        part = tiled[begin : begin + _TILED_AT_ONCE]
        frames = (begin + np.arange(len(part) + 1)) * step
        rounds, inside = np.divmod(np.maximum(frames - period, 0), period)
        part[:] = np.diff(
            np.interp(np.minimum(frames, period), knots, first) + rounds * later[-1] + np.interp(inside, knots, later)
        )
    return tiled
