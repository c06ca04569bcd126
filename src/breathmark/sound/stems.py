"""The stems of a session: pydub carries a block of each and sums what sounds at one moment."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from breathmark.sound.ambience import ambience_blocks
from breathmark.sound.bells import bell_blocks
from breathmark.sound.pcm import from_segment, to_segment
from breathmark.sound.voice import voice_blocks

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from pydub import AudioSegment

    from breathmark.model import StoredClip, Timeline, Utterance
    from breathmark.sound.ambience import Shape
    from breathmark.sound.beds import Bed
    from breathmark.sound.bells import BellSound
    from breathmark.sound.envelope import Curve
    from breathmark.sound.loudness import Samples
    from breathmark.sound.pcm import Extent

__all__ = ["Stems", "summed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stems:
    """Everything that is needed to make the blocks of a session: its sounds, and the gain of each."""

    timeline: Timeline
    clips: Mapping[Utterance, StoredClip]
    extent: Extent
    voice_gain: float
    bells: dict[str, BellSound]
    bell_gains: dict[str, float]
    ambience: tuple[tuple[Shape, Bed, Curve], ...]
    """Each sound with its amplitude over the session."""


def summed(stems: Stems) -> Generator[Samples, None, None]:
    """The sum of all stems, in whole blocks, shaped ``(block_frames, channels)``, before limiter and dither."""
    sound_format = stems.extent.format
    silence = np.zeros((sound_format.block_frames, sound_format.channels), np.float32)
    with ExitStack() as stack:
        tracks = [stack.enter_context(closing(track)) for track in _tracks(stems)]
        for blocks in zip(*tracks, strict=True):
            carried = [to_segment(block, sound_format) for block in blocks if block is not None]
            yield from_segment(_overlaid(carried)) if carried else silence


def _tracks(stems: Stems) -> Iterator[Generator[Samples | None, None, None]]:
    timeline, extent = stems.timeline, stems.extent
    yield voice_blocks(timeline.speech, stems.clips, extent, stems.voice_gain)
    yield bell_blocks(timeline.bells, stems.bells, stems.bell_gains, extent)
    for shape, bed, gain in stems.ambience:
        yield ambience_blocks(shape, bed, gain, extent)


def _overlaid(carried: list[AudioSegment]) -> AudioSegment:
    """The sum of segments of one length; a single one is handed on as it is."""
    total, *more = carried
    for stem in more:
        total = total.overlay(stem)
    return total
