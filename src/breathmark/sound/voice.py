"""The voice: clips that are read when the playhead comes to them, and dropped behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from breathmark.sound.loudness import energies
from breathmark.sound.pcm import pydub_samples, read_wav, resample, spread

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from numpy.typing import NDArray

    from breathmark.model import SpeechPlacement, StoredClip, Utterance
    from breathmark.sound.loudness import Samples, Steps
    from breathmark.sound.pcm import Extent

__all__ = ["VoiceLevel", "add_steps", "measure_voice", "speech_steps", "voice_blocks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceLevel:
    """The voice as it is stored, before the mix sets its level."""

    steps: Steps
    """The energy of each 100 ms of the session, in the session's channels."""
    peak: float
    """The highest sample, 1.0 being full scale."""


def measure_voice(
    speech: tuple[SpeechPlacement, ...], clips: Mapping[Utterance, StoredClip], extent: Extent
) -> VoiceLevel:
    """How loud the voice is over a session; every clip is read once for each time that it sounds.

    Clips are measured at their engine's own rate, which halves the work.

    Raises:
        AssetError: a clip can't be read.
    """
    steps, peak = np.zeros(extent.steps), 0.0
    for placement in speech:
        clip = clips[placement.utterance]
        samples = _stored(clip)
        offset = placement.start_frame % extent.step_frames * clip.rate_hz // extent.format.rate_hz
        measured = energies(samples[:, 0], clip.rate_hz, offset=offset, design_hz=extent.format.rate_hz)
        add_steps(steps, placement.start_frame // extent.step_frames, measured * extent.format.channels)
        peak = max(peak, float(np.abs(samples).max(initial=0.0)))
    return VoiceLevel(steps=steps, peak=peak)


def add_steps(steps: Steps, first: int, more: Steps) -> None:
    """Add ``more`` to ``steps`` in place, from the step ``first`` on; what lies outside of the session is left out."""
    begin, end = max(first, 0), min(first + len(more), len(steps))
    if begin < end:
        steps[begin:end] += more[begin - first : end - first]


def speech_steps(speech: tuple[SpeechPlacement, ...], extent: Extent) -> NDArray[np.bool_]:
    """In which steps of 100 ms speech sounds."""
    sounding = np.zeros(extent.steps, bool)
    for placement in speech:
        first = max(placement.start_frame, 0) // extent.step_frames
        sounding[first : -(-(placement.start_frame + placement.frames) // extent.step_frames)] = True
    return sounding


def voice_blocks(
    speech: tuple[SpeechPlacement, ...], clips: Mapping[Utterance, StoredClip], extent: Extent, gain: float
) -> Generator[Samples | None, None, None]:
    """The voice, block by block; None where none sounds."""
    waiting = list(reversed(speech))
    sounding: list[tuple[int, Samples]] = []
    for block in range(extent.blocks):
        start = block * extent.format.block_frames
        end = start + extent.format.block_frames
        while waiting and waiting[-1].start_frame < end:
            placement = waiting.pop()
            sounding.append((placement.start_frame, _fitted(placement, clips[placement.utterance], extent, gain)))
        yield overlaid(sounding, start, extent)
        sounding = [(first, samples) for first, samples in sounding if first + len(samples) > end]


def overlaid(sounding: list[tuple[int, Samples]], start: int, extent: Extent) -> Samples | None:
    """One block from ``start`` on, of sounds that each begin at a frame of the session; None where none sounds.

    It has as many channels as the sounds, which is one for the voice.
    """
    frames, block = extent.format.block_frames, None
    for first, samples in sounding:
        begin, end = max(first, start), min(first + len(samples), start + frames)
        if begin >= end:
            continue
        if block is None:
            block = np.zeros((frames, samples.shape[1]), np.float32)
        block[begin - start : end - start] += samples[begin - first : end - first]
    return block


def _stored(clip: StoredClip) -> Samples:
    """A clip at its own rate, shaped ``(n, 1)``, at the level that all clips of its voice share."""
    samples = spread(pydub_samples(read_wav(clip.path)), 1)
    return samples * np.float32(10 ** (clip.gain_db / 20))


def _fitted(placement: SpeechPlacement, clip: StoredClip, extent: Extent, gain: float) -> Samples:
    """A clip at the session's rate, in exactly the frames that it was given."""
    samples = resample(_stored(clip), clip.rate_hz, extent.format.rate_hz)[: placement.frames]
    fitted = np.zeros((placement.frames, 1), np.float32)
    np.multiply(samples, np.float32(gain), out=fitted[: len(samples)])
    return fitted
