"""Stems: the mix of a session in parts, each mixed alone, which sum to what the limiter is given."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from breathmark.audio.limiter import PeakMeter
from breathmark.mix.mixdown import Stems, summed

if TYPE_CHECKING:
    from breathmark.audio.loudness import Samples
    from breathmark.mix.envelope import MixCurve
    from breathmark.model import SpeechPlacement


@dataclass(frozen=True, slots=True, kw_only=True)
class Stem:
    """One part of a mix."""

    kind: Literal["voice", "bells", "ambience", "bed"]
    """A *bed* is one sound of the ambience before its envelope; it is not among the parts that sum to the mix."""
    name: str = ""
    """Of a voice its whole name, of a bed the name of its sound; else empty."""
    sources: Stems
    """What sounds in it."""
    envelope: MixCurve | None = None
    """Of a bed the amplitude, 0 to 1, that makes the ambience of it: a point every 100 ms, straight lines between."""

    def blocks(self) -> Generator[Samples, None, None]:
        """Its sound in whole blocks, shaped ``(block_frames, channels)``; the last one goes on behind the end.

        Raises:
            AssetError: a sound was changed or taken away since the mix was measured.
        """
        return summed(self.sources)


def stems_of(sources: Stems, voice: str) -> tuple[Stem, ...]:
    """The stems of a mix: one for each voice that speaks, that of the session (``voice``) first; ambience, bells.

    What does not sound at all has none. They sum to ``summed(sources)``.
    """
    timeline = sources.timeline
    nothing = replace(sources, timeline=replace(timeline, speech=(), bells=()), ambience=())
    spoken: dict[str, list[SpeechPlacement]] = {voice: []}
    for placed in timeline.speech:
        spoken.setdefault(placed.utterance.voice or voice, []).append(placed)
    found = [
        Stem(
            kind="voice", name=name, sources=replace(nothing, timeline=replace(nothing.timeline, speech=tuple(placed)))
        )
        for name, placed in spoken.items()
        if placed
    ]
    if sources.ambience:
        found.append(Stem(kind="ambience", sources=replace(nothing, ambience=sources.ambience)))
    if timeline.bells:
        bells = replace(nothing.timeline, bells=timeline.bells)
        found.append(Stem(kind="bells", sources=replace(nothing, timeline=bells)))
    return tuple(found)


def beds_of(sources: Stems) -> tuple[Stem, ...]:
    """Each sound of the ambience at the loudest level that it has in the session, without ducking, swell and fades."""
    nothing = replace(sources, timeline=replace(sources.timeline, speech=(), bells=()), ambience=())
    found = []
    for track in sources.ambience:
        loudest = float(track.gain.max(initial=0.0))
        if loudest:
            flat = replace(track, gain=np.full_like(track.gain, loudest))
            envelope = track.gain / loudest
            found.append(
                Stem(kind="bed", name=track.sound, sources=replace(nothing, ambience=(flat,)), envelope=envelope)
            )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class SumLevels:
    """What stems and their sum measure, full scale being 1."""

    peaks: tuple[float, ...]
    """The highest sample of each stem."""
    true_peak: float
    """Of the sum, before the limiter."""
    mean_square: float
    """Of the sum, over all channels."""


def measure_stems(stems: Sequence[Stem], progress: Callable[[int], None] = lambda _: None) -> SumLevels:
    """Mix all stems once, side by side, to know their levels; beds are measured, and not summed.

    ``progress`` is called with the frames done so far. ``stems`` are not empty.
    """
    grid = stems[0].sources.grid
    meter, peaks, square, done = PeakMeter(), [0.0] * len(stems), 0.0, 0
    with ExitStack() as stack:
        playing = [stack.enter_context(closing(stem.blocks())) for stem in stems]
        for blocks in zip(*playing, strict=True):
            parts = [block[: grid.frames - done] for block in blocks]
            total = np.zeros_like(parts[0])
            for number, (stem, part) in enumerate(zip(stems, parts, strict=True)):
                peaks[number] = max(peaks[number], float(part.max()), -float(part.min()))
                if stem.kind != "bed":
                    total += part
            meter.add(total)
            square += float(np.vdot(total, total))
            done += len(total)
            progress(done)
    meter.finish()
    mean_square = square / (grid.frames * grid.format.channels)
    return SumLevels(peaks=tuple(peaks), true_peak=meter.true_peak, mean_square=mean_square)
