"""The parts of a session as sounds of their own: each sentence and each bell at the level that a mix gives it.

For sessions that are put together from parts later. The level is that of one layout; as all clips of a voice share
theirs, it is that of the others, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from breathmark.audio.limiter import Limiter
from breathmark.audio.pcm import Format, MixGrid
from breathmark.mix.bells import BellSound, bell_gain, load_bells
from breathmark.mix.clips import heard_sound
from breathmark.mix.voice import levelled, measure_voice

if TYPE_CHECKING:
    from breathmark.audio.loudness import Samples
    from breathmark.mix.mixdown import Mastering
    from breathmark.model import BellPlacement, StoredClip, Timeline, Utterance


@dataclass(frozen=True, slots=True, kw_only=True)
class PartSounds:
    """Gives the parts of a session in mono, at the rate of its layout."""

    clips: Mapping[Utterance, StoredClip]
    grid: MixGrid
    ceiling_dbtp: float
    voice_gain: float
    bells: Mapping[str, BellSound]
    bell_gains: Mapping[str, float]

    def margins(self, utterance: Utterance, before: int, after: int) -> tuple[int, int]:
        """How many quiet frames its clip has before and behind it, of so many that there is room for."""
        clip, rate_hz = self.clips[utterance], self.grid.format.rate_hz
        quiet_before = clip.before_at(rate_hz)
        quiet_after = clip.whole_at(rate_hz) - quiet_before - clip.frames_at(rate_hz)
        return min(before, quiet_before), min(after, quiet_after)

    def speech(self, utterance: Utterance, before: int, after: int) -> Samples:
        """A sentence with so many quiet frames around it. Raises AssetError where its clip can't be read."""
        clip, rate_hz = self.clips[utterance], self.grid.format.rate_hz
        return self._limited(heard_sound(clip, rate_hz, self.voice_gain, before, after))

    def bell(self, name: str) -> Samples:
        """A whole strike."""
        bell = self.bells[name]
        return self._limited(bell.data * np.float32(bell.scale * self.bell_gains[name]))

    def _limited(self, samples: Samples) -> Samples:
        (limited,) = Limiter(self.grid.format.rate_hz, self.ceiling_dbtp).run(iter([samples]))
        return limited


def part_sounds(
    timeline: Timeline,
    strikes: tuple[BellPlacement, ...],
    clips: Mapping[Utterance, StoredClip],
    mastering: Mastering,
    project_root: Path | None,
) -> PartSounds:
    """Set the levels by ``timeline``; ``strikes`` has every bell of any layout.

    Raises:
        AssetError: a clip can't be read, or a bell is missing or damaged.
    """
    grid = MixGrid(frames=timeline.frames, format=Format(rate_hz=timeline.rate_hz, channels=1))
    bells = load_bells(strikes, grid.format, project_root)
    voice = levelled(
        measure_voice(timeline.speech, clips, grid),
        clips,
        grid,
        voice_lufs=mastering.voice_lufs,
        ceiling_dbtp=mastering.ceiling_dbtp + mastering.encoder_gain_db,
    )
    gains = {name: bell_gain(bell, mastering.voice_lufs, voice.peak) for name, bell in bells.items()}
    return PartSounds(
        clips=clips,
        grid=grid,
        ceiling_dbtp=mastering.ceiling_dbtp,
        voice_gain=voice.gain * mastering.make_up,
        bells=bells,
        bell_gains={name: gain * mastering.make_up for name, gain in gains.items()},
    )
