"""The bells: each is decoded once for a session, kept in 16 bits, and rings on under what follows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from breathmark.audio.ffmpeg import read
from breathmark.audio.loudness import energies, momentary
from breathmark.audio.pcm import compact
from breathmark.mix.assets import find_bell
from breathmark.mix.room import in_room
from breathmark.mix.voice import add_energy, overlaid

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from numpy.typing import NDArray

    from breathmark.audio.loudness import EnergyBlocks, Samples
    from breathmark.audio.pcm import Format, MixGrid
    from breathmark.model import BellPlacement


_UNDER_PEAK_DB = 3.0
_CUT_FADE_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class BellSound:
    """One bell at the session's rate."""

    level_lu: float
    """The loudest 400 ms of a strike against the voice's gated loudness."""
    data: NDArray[np.int16]
    scale: float
    """The factor that brings ``data`` to full scale ±1."""
    energy: EnergyBlocks
    """The energy of each 100 ms from the strike on."""

    @property
    def peak(self) -> float:
        """The highest sample."""
        return max(float(self.data.max(initial=0)), -float(self.data.min(initial=0))) * self.scale


def load_bells(
    placements: tuple[BellPlacement, ...], sound_format: Format, project_root: Path | None, *, room: bool = False
) -> dict[str, BellSound]:
    """Every bell that is struck, in the small ``room`` or without one.

    Raises:
        AssetError: one is unknown, or its file is damaged.
    """
    names = sorted({placement.name for placement in placements})
    return {name: _load(name, sound_format, project_root, room=room) for name in names}


def bell_gain(bell: BellSound, voice_lufs: float, voice_peak: float) -> float:
    """The gain at which the strike has its level against the voice, and its peak 3 dB or more under the voice's."""
    blocks = momentary(np.pad(bell.energy, (0, 4)))
    loudest = float(blocks.max())
    by_loudness = 10 ** ((voice_lufs + bell.level_lu - loudest) / 20)
    by_peak = voice_peak * 10 ** (-_UNDER_PEAK_DB / 20) / max(bell.peak, 1e-9)
    return min(by_loudness, by_peak)


def bell_energy(
    placements: tuple[BellPlacement, ...], bells: dict[str, BellSound], gains: dict[str, float], grid: MixGrid
) -> EnergyBlocks:
    """The energy of all strikes in each 100 ms of the session."""
    total = np.zeros(grid.steps)
    for placement in placements:
        bell = bells[placement.name]
        # Between its own steps a bell's energy is spread evenly: it is only ever a small part of the file's.
        late = placement.start_frame % grid.step_frames / grid.step_frames
        moved = np.pad(bell.energy, (0, 1)) * (1 - late) + np.pad(bell.energy, (1, 0)) * late
        moved = moved[: -(-placement.frames // grid.step_frames) + 1]
        add_energy(total, placement.start_frame // grid.step_frames, moved * gains[placement.name] ** 2)
    return total


def bell_blocks(
    placements: tuple[BellPlacement, ...],
    bells: dict[str, BellSound],
    gains: dict[str, float],
    grid: MixGrid,
    first_block: int = 0,
) -> Generator[Samples | None, None, None]:
    """The bells, block by block; None where none rings."""
    fade_frames = round(_CUT_FADE_S * grid.format.rate_hz)
    for block in range(first_block, grid.blocks):
        start = block * grid.format.block_frames
        end = start + grid.format.block_frames
        ringing = []
        for placement in placements:
            first, last = max(start, placement.start_frame), min(end, placement.start_frame + placement.frames)
            if first < last:
                inside = slice(first - placement.start_frame, last - placement.start_frame)
                ring = _ring(placement, bells[placement.name], inside, fade_frames)
                ringing.append((first, ring * np.float32(gains[placement.name])))
        yield overlaid(ringing, start, grid)


def _ring(placement: BellPlacement, bell: BellSound, part: slice, fade_frames: int) -> Samples:
    """A part of one strike; where the ring is cut short, it fades out before the cut."""
    samples = bell.data[part] * np.float32(bell.scale)
    if placement.frames < len(bell.data):
        to_cut = placement.frames - np.arange(part.start, part.start + len(samples), dtype=np.float32)
        fade = np.clip(to_cut / min(fade_frames, placement.frames), 0, 1)
        samples *= np.sin(fade * np.float32(np.pi / 2))[:, None] ** 2
    return samples


def _load(name: str, sound_format: Format, project_root: Path | None, *, room: bool) -> BellSound:
    bell = find_bell(name, project_root)
    return _decoded(bell.path, bell.path.stat().st_mtime_ns, bell.level_lu, sound_format, room=room)


@lru_cache(maxsize=4)
def _decoded(path: Path, _mtime_ns: int, level_lu: float, sound_format: Format, *, room: bool) -> BellSound:
    """The sound of a file as it is now, decoded once for all sessions of a process."""
    samples = read(path, sound_format)
    if room:
        samples = in_room(samples, sound_format.rate_hz, sound_format.channels)
    data, scale = compact(samples)
    return BellSound(level_lu=level_lu, data=data, scale=scale, energy=energies(samples, sound_format.rate_hz))
