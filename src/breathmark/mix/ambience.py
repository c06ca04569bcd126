"""Ambience: the sound under each part of a session, and its gain at every moment."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from breathmark.mix.envelope import crossfade_in, fades, glide, ramp, sounding_blocks, swell_shape, time_axis

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from numpy.typing import NDArray

    from breathmark.audio.loudness import EnergyBlocks, Samples
    from breathmark.audio.pcm import MixGrid
    from breathmark.mix.beds import Bed
    from breathmark.mix.envelope import Curve, MixCurve
    from breathmark.model import Ambience, Timeline


_CROSSFADE_S = 4.0
_LARGEST_SWELL_LU = 24.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stretch of a session with one ambience."""

    start_s: float
    end_s: float
    ambience: Ambience


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerShape:
    """How one sound moves over the session, before its level is known; a point every 100 ms."""

    sound: str
    presence: Curve
    """Amplitude of its crossfades and fades: 0 where it does not sound."""
    below_lu: Curve
    """How far it is to lie under the voice."""
    swell_lu: Curve
    """How far it is asked to rise; 0 under speech."""

    def gain(self, level_db: float, cap_lu: float) -> Curve:
        """The amplitude over the session, with ``level_db`` to be added and no swell over ``cap_lu``."""
        height = max(float(self.swell_lu.max(initial=0.0)), 1e-9)
        # All of it is made flatter, so that it stays smooth; a cap on its peaks alone would bend it.
        swell = self.swell_lu * min(cap_lu / height, 1.0)
        return np.asarray(self.presence * 10 ** ((level_db - self.below_lu + swell) / 20))


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredBed:
    """One sound of the ambience, opened and measured."""

    bed: Bed
    sounding: NDArray[np.bool_]
    """In which blocks it sounds; in the others the bed pauses."""
    energy: EnergyBlocks
    """Its energy in each 100 ms of the session, before any gain; 0 where it does not sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbienceLayer:
    """One sound of the ambience, with how it moves."""

    shape: LayerShape
    measured: MeasuredBed

    @property
    def energy(self) -> EnergyBlocks:
        """Its energy in each 100 ms of the session, before any gain."""
        return self.measured.energy

    def at_level(self, level_db: float, cap_lu: float) -> AmbienceTrack:
        """Ready to be mixed, with ``level_db`` added and no swell over ``cap_lu``."""
        gain = self.shape.gain(level_db, cap_lu)
        return AmbienceTrack(sound=self.shape.sound, bed=self.measured.bed, sounding=self.measured.sounding, gain=gain)


@dataclass(frozen=True, slots=True, kw_only=True)
class AmbienceTrack:
    """One sound under the voice, ready to be mixed."""

    sound: str
    bed: Bed
    sounding: NDArray[np.bool_]
    """In which blocks it sounds; in the others the bed pauses."""
    gain: MixCurve
    """Its amplitude over the session."""

    def scaled(self, factor: float) -> AmbienceTrack:
        """The same at ``factor`` times the amplitude; its curve in single precision, which halves its memory."""
        return replace(self, gain=(self.gain * factor).astype(np.float32))


def runs(timeline: Timeline) -> tuple[Run, ...]:
    """The stretches of ``timeline`` with one ambience each, from its start to its end, without gaps.

    The innermost segment decides; what lies between segments belongs to the one before, the head to the first.
    """
    found: list[Run] = []
    edges = {0, timeline.frames}
    for span in timeline.segments:
        edges |= {span.start_frame, span.start_frame + span.frames}
    marks = sorted(edge for edge in edges if 0 <= edge <= timeline.frames)
    for start, end in pairwise(marks):
        ambience = _at(timeline, start) or (found[-1].ambience if found else None)
        if ambience is None:
            ambience = timeline.segments[0].ambience if timeline.segments else None
        if ambience is None:
            return ()
        begins = found.pop().start_s if found and found[-1].ambience == ambience else start / timeline.rate_hz
        found.append(Run(start_s=begins, end_s=end / timeline.rate_hz, ambience=ambience))
    return tuple(found)


def sounds_of(stretches: tuple[Run, ...]) -> tuple[str, ...]:
    """The names of the sounds of a session, in the order in which they begin."""
    return tuple(dict.fromkeys(run.ambience.sound for run in stretches if run.ambience.sound != "none"))


def measure_bed(name: str, bed: Bed, stretches: tuple[Run, ...], grid: MixGrid) -> MeasuredBed:
    """Measure the sound ``name`` of a session, played by ``bed``.

    This comes before there is any gain curve: it needs as much memory as all of them.
    """
    sounding = _sounding(name, stretches, grid)
    per_block, energy = grid.steps // grid.blocks, np.zeros(grid.steps)
    energy[np.repeat(sounding, per_block)] = bed.energies(int(sounding.sum()) * per_block)
    return MeasuredBed(bed=bed, sounding=sounding, energy=energy)


def _sounding(name: str, stretches: tuple[Run, ...], grid: MixGrid) -> NDArray[np.bool_]:
    """In which blocks a sound has any gain."""
    time_s = time_axis(grid.blocks)
    return sounding_blocks(_presence(name, stretches, time_s) * fades(time_s, grid.duration_s))


def layers(
    stretches: tuple[Run, ...],
    measured: Mapping[str, MeasuredBed],
    rests: tuple[tuple[float, float], ...],
    grid: MixGrid,
) -> tuple[AmbienceLayer, ...]:
    """Each measured sound with how it moves over the session; ``rests`` are the times (s) without speech."""
    time_s = time_axis(grid.blocks)
    ends = fades(time_s, grid.duration_s)
    shapes = {name: _shape(name, stretches, rests, grid, time_s, ends) for name in measured}
    return tuple(AmbienceLayer(shape=shape, measured=measured[name]) for name, shape in shapes.items())


def ambience_blocks(track: AmbienceTrack, grid: MixGrid, first: int = 0) -> Generator[Samples | None, None, None]:
    """One sound of the ambience, block by block from ``first`` on; None where it does not sound."""
    with closing(track.bed.play(int(track.sounding[:first].sum()))) as playing:
        for block in range(first, grid.blocks):
            if not track.sounding[block]:
                yield None
                continue
            samples = next(playing)
            yield np.multiply(samples, ramp(track.gain, block, grid.format.block_frames), out=samples)


def _at(timeline: Timeline, frame: int) -> Ambience | None:
    """The ambience of the innermost segment that sounds at ``frame``."""
    inner = [s for s in timeline.segments if s.start_frame <= frame < s.start_frame + s.frames]
    return max(inner, key=lambda span: span.depth).ambience if inner else None


def _shape(
    name: str,
    stretches: tuple[Run, ...],
    rests: tuple[tuple[float, float], ...],
    grid: MixGrid,
    time_s: Curve,
    ends: Curve,
) -> LayerShape:
    below, swell = _settings(name, stretches, time_s)
    moving = swell_shape(time_s, rests, grid.duration_s, float(swell.max()))
    return LayerShape(
        sound=name,
        presence=_presence(name, stretches, time_s) * ends,
        below_lu=below,
        swell_lu=swell * moving,
    )


def _presence(name: str, stretches: tuple[Run, ...], time_s: Curve) -> Curve:
    """The crossfades of one sound: of equal power with the sound beside it, or with silence."""
    presence = np.zeros(len(time_s))
    for left, run, right in _neighbours(stretches):
        if run.ambience.sound != name:
            continue
        rise: Curve | float = 1.0
        fall: Curve | float = 1.0
        start_s, end_s = run.start_s, run.end_s
        if left and left.ambience.sound != name:
            start_s, length_s = _crossfade(left, run)
            rise = crossfade_in(time_s, start_s, length_s)
        if right and right.ambience.sound != name:
            begin_s, length_s = _crossfade(run, right)
            fall = np.sqrt(1 - crossfade_in(time_s, begin_s, length_s) ** 2)
            end_s = begin_s + length_s
        sounding = (time_s >= start_s) & (time_s <= end_s if right else True)
        presence[sounding] = np.maximum(presence, rise * fall)[sounding]
    return presence


def _settings(name: str, stretches: tuple[Run, ...], time_s: Curve) -> tuple[Curve, Curve]:
    """``below_voice_lu`` and ``swell_lu`` of one sound; where it goes on at another level, it glides there."""
    below = swell = None
    for left, run, _ in _neighbours(stretches):
        if run.ambience.sound != name:
            continue
        asked = run.ambience.below_voice_lu, min(max(run.ambience.swell_lu, 0.0), _LARGEST_SWELL_LU)
        if below is None or swell is None:
            below, swell = (np.broadcast_to(each, len(time_s)) for each in asked)
            continue
        start_s, length_s = _crossfade(left, run) if left else (run.start_s, 0.0)
        joined = left is not None and left.ambience.sound == name
        weight = glide(time_s, start_s, length_s if joined else 0.0)
        below, swell = below + (asked[0] - below) * weight, swell + (asked[1] - swell) * weight
    assert below is not None  # noqa: S101 - for mypy: the sound comes from one of the stretches
    assert swell is not None  # noqa: S101 - as above
    return below, swell


def _neighbours(stretches: tuple[Run, ...]) -> Iterator[tuple[Run | None, Run, Run | None]]:
    """Each stretch between the one before and the one after it."""
    return zip((None, *stretches), stretches, (*stretches[1:], None), strict=False)


def _crossfade(left: Run, right: Run) -> tuple[float, float]:
    """Start and length (s) of the crossfade at the boundary of two stretches: 4 s, or as long as the shorter one."""
    length_s = min(_CROSSFADE_S, left.end_s - left.start_s, right.end_s - right.start_s)
    return right.start_s - length_s / 2, length_s
