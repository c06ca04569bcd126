"""The level of the voice: the gain that brings it to its loudness after the limiter has taken its part."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Final

import numpy as np

from breathmark.audio.limiter import Limiter
from breathmark.audio.loudness import energies, gated
from breathmark.mix.balance import voice_gain
from breathmark.mix.clips import clip_sound, placed_sound
from breathmark.mix.room import tail_frames

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from numpy.typing import NDArray

    from breathmark.audio.loudness import EnergyBlocks, Samples
    from breathmark.audio.pcm import MixGrid
    from breathmark.model import SpeechPlacement, StoredClip, Utterance


_PARTS: Final = 5
"""A clip is measured in parts of 20 ms, of which its steps of 100 ms are put together wherever it lies: so it is
measured once for all places, and there at most 10 ms beside its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _MeasuredClip:
    """A clip, measured by itself."""

    parts: NDArray[np.float32]
    """Its energy in each part of a step, in one channel."""
    peak: float
    square_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredSentence:
    """A sentence, measured at its place in the session."""

    placement: SpeechPlacement
    start_frame: int
    """Where its clip begins, which is before it sounds."""
    energy: EnergyBlocks
    """Its energy in each 100 ms of the session, in the session's channels, from the step on in which that is."""
    peak: float
    """Its highest sample, 1.0 being full scale."""
    square_s: float
    """The sum of the squares of its samples, over their rate: its energy without any weighting."""


def measure_voice(
    speech: tuple[SpeechPlacement, ...], clips: Mapping[Utterance, StoredClip], grid: MixGrid
) -> tuple[MeasuredSentence, ...]:
    """How loud each sentence of a session is as it is stored, before the mix sets the voice's level.

    Raises:
        AssetError: a clip can't be read.
    """
    found = []
    for placement in speech:
        clip = clips[placement.utterance]
        found.append(_spoken(placement, clip, grid, _stored(clip, grid.format.rate_hz)))
    return tuple(found)


def limited_voice(
    measured: tuple[MeasuredSentence, ...],
    clips: Mapping[Utterance, StoredClip],
    grid: MixGrid,
    *,
    gain: float,
    ceiling_dbtp: float,
) -> tuple[MeasuredSentence, ...]:
    """The same sentences after ``gain`` and the limiter. Only those that it acts on are read again."""
    ceiling, found = 10 ** (ceiling_dbtp / 20), []
    for spoken in measured:
        if spoken.peak * gain > ceiling:
            clip = clips[spoken.placement.utterance]
            (samples,) = Limiter(clip.rate_hz, ceiling_dbtp).run(iter([clip_sound(clip, gain)]))
            limited = _spoken(spoken.placement, clip, grid, _measured(clip, samples, grid.format.rate_hz))
        else:
            limited = replace(
                spoken, energy=spoken.energy * gain**2, peak=spoken.peak * gain, square_s=spoken.square_s * gain**2
            )
        found.append(limited)
    return tuple(found)


def voice_energy(measured: tuple[MeasuredSentence, ...], grid: MixGrid) -> EnergyBlocks:
    """The energy of the whole voice in each 100 ms of the session."""
    steps = np.zeros(grid.steps)
    for spoken in measured:
        add_energy(steps, spoken.start_frame // grid.step_frames, spoken.energy)
    return steps


@lru_cache(maxsize=1024)
def _stored(clip: StoredClip, design_hz: int) -> _MeasuredClip:
    """A clip as it is stored; a file of the cache never changes. A second of it takes 200 bytes here."""
    return _measured(clip, clip_sound(clip), design_hz)


def _measured(clip: StoredClip, samples: Samples, design_hz: int) -> _MeasuredClip:
    """The sound of a clip, measured at its engine's own rate, which halves the work."""
    return _MeasuredClip(
        parts=energies(samples[:, 0], clip.rate_hz, parts=_PARTS, design_hz=design_hz).astype(np.float32),
        peak=max(float(samples.max(initial=0.0)), -float(samples.min(initial=0.0))),
        square_s=float(np.vdot(samples, samples)) / clip.rate_hz,
    )


def _spoken(placement: SpeechPlacement, clip: StoredClip, grid: MixGrid, measured: _MeasuredClip) -> MeasuredSentence:
    """A sentence at its place, by the measure of its clip."""
    start = placement.start_frame - clip.before_at(grid.format.rate_hz)
    late = round(start % grid.step_frames * _PARTS / grid.step_frames)
    parts = np.pad(measured.parts, (late, -(late + len(measured.parts)) % _PARTS))
    steps = parts.reshape(-1, _PARTS).mean(axis=1, dtype=np.float64)
    return MeasuredSentence(
        placement=placement,
        start_frame=start,
        energy=steps * grid.format.channels,
        peak=measured.peak,
        square_s=measured.square_s,
    )


def add_energy(steps: EnergyBlocks, first: int, more: EnergyBlocks) -> None:
    """Add ``more`` to ``steps`` in place, from the step ``first`` on; what lies outside of the session is left out."""
    begin, end = max(first, 0), min(first + len(more), len(steps))
    if begin < end:
        steps[begin:end] += more[begin - first : end - first]


def speech_mask(speech: tuple[SpeechPlacement, ...], grid: MixGrid) -> NDArray[np.bool_]:
    """In which steps of 100 ms speech sounds."""
    sounding = np.zeros(grid.steps, bool)
    for placement in speech:
        first = max(placement.start_frame, 0) // grid.step_frames
        sounding[first : -(-(placement.start_frame + placement.frames) // grid.step_frames)] = True
    return sounding


def voice_blocks(
    speech: tuple[SpeechPlacement, ...],
    clips: Mapping[Utterance, StoredClip],
    grid: MixGrid,
    gain: float,
    first_block: int = 0,
    *,
    room: bool = False,
) -> Generator[Samples | None, None, None]:
    """The voice, block by block; None where none sounds. In the small ``room`` it has the session's channels."""
    begin, rate_hz = first_block * grid.format.block_frames, grid.format.rate_hz
    channels, tail = (grid.format.channels, tail_frames(rate_hz)) if room else (0, 0)
    starts = [(placed.start_frame - clips[placed.utterance].before_at(rate_hz), placed.utterance) for placed in speech]
    waiting = [(start, clips[utterance]) for start, utterance in sorted(starts, key=itemgetter(0), reverse=True)]
    sounding: list[tuple[int, Samples]] = []
    for block in range(first_block, grid.blocks):
        start = block * grid.format.block_frames
        end = start + grid.format.block_frames
        while waiting and waiting[-1][0] < end:
            first, clip = waiting.pop()
            if first + clip.whole_at(rate_hz) + tail > begin:
                sounding.append((first, placed_sound(clip, rate_hz, gain, room_channels=channels)))
        yield overlaid(sounding, start, grid)
        sounding = [(first, samples) for first, samples in sounding if first + len(samples) > end]


def overlaid(sounding: list[tuple[int, Samples]], start: int, grid: MixGrid) -> Samples | None:
    """One block from ``start`` on, of sounds that each begin at a frame of the session; None where none sounds.

    It has as many channels as the sounds, which is one for the voice.
    """
    frames, block = grid.format.block_frames, None
    for first, samples in sounding:
        begin, end = max(first, start), min(first + len(samples), start + frames)
        if begin >= end:
            continue
        if block is None:
            block = np.zeros((frames, samples.shape[1]), np.float32)
        block[begin - start : end - start] += samples[begin - first : end - first]
    return block


_SAMPLED = 16
"""Number of sentences, spread over the session, on which the loss by the limiter is measured."""
_MOST_REGAINED_DB = 3.0
"""The most make-up gain for the limiter: with more, the limiter would only take it away again."""
_CLOSE_DB = 0.03
_TRIES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceLevel:
    """The voice at its level."""

    gain: float
    """The factor on its clips, before the limiter."""
    peak: float
    """Its highest sample after the limiter."""
    energy: EnergyBlocks
    """Its energy in each 100 ms of the session after the limiter."""


def levelled(
    stored: tuple[MeasuredSentence, ...],
    clips: Mapping[Utterance, StoredClip],
    grid: MixGrid,
    *,
    voice_lufs: float,
    ceiling_dbtp: float,
) -> VoiceLevel:
    """Bring the gated loudness of the voice to ``voice_lufs``; ``stored`` is the voice as it is stored.

    Raises:
        AssetError: a clip can't be read.
    """
    steps, ceiling = voice_energy(stored, grid), 10 ** (ceiling_dbtp / 20)
    gain = voice_gain(steps, voice_lufs)
    peak = max((spoken.peak for spoken in stored), default=math.inf) * gain
    if not stored or peak <= ceiling:
        return VoiceLevel(gain=gain, peak=min(peak, ceiling), energy=steps * gain**2)
    sample = stored[:: -(-len(stored) // _SAMPLED)]

    def taken_db(regained_db: float) -> float:
        raised = gain * 10 ** (regained_db / 20)
        limited = limited_voice(sample, clips, grid, gain=raised, ceiling_dbtp=ceiling_dbtp)
        return _loudness(sample) + 20 * math.log10(raised) - _loudness(limited)

    regained_db, lost_db = _regained(taken_db)
    after = gain * 10 ** ((regained_db - lost_db) / 20)
    return VoiceLevel(gain=gain * 10 ** (regained_db / 20), peak=ceiling, energy=steps * after**2)


def _regained(taken_db: Callable[[float], float]) -> tuple[float, float]:
    """The gain that is as large as what the limiter takes at that gain, and what it takes then (dB both).

    ``taken_db`` is what is taken at a gain. It grows with the gain, but more slowly: the secant method finds the
    meeting point in two or three tries.
    """
    gain_db, taken = 0.0, taken_db(0.0)
    slope = 0.0
    for _ in range(_TRIES):
        missing = taken - gain_db
        if abs(missing) < _CLOSE_DB or gain_db == _MOST_REGAINED_DB:
            break
        next_db = min(gain_db + missing / (1 - slope), _MOST_REGAINED_DB)
        then = taken_db(next_db)
        slope = min(max((then - taken) / (next_db - gain_db), 0.0), 0.8) if next_db != gain_db else 0.0
        gain_db, taken = next_db, then
    return gain_db, taken


def _loudness(sentences: tuple[MeasuredSentence, ...]) -> float:
    """The gated loudness of some sentences in a row; -70 for silence."""
    return max(gated(np.concatenate([spoken.energy for spoken in sentences])), -70.0)
