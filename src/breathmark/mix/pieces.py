"""Ambience that is made, not recorded: an endless sound, synthesised twenty seconds at a time and kept in the cache.

A render of the same session reads what an earlier one made. No piece is played twice in a session: a recipe is a
function of time, and goes on as long as the session does. Each session enters the sound somewhere else in its first ten
minutes, so that a course of any size needs ten minutes more of a sound than its longest session.

Pieces are 16-bit PCM as it is: the cost of reading ten minutes is 0.04 s, where FLAC takes a second, and two minutes of
Vorbis took 0.25 s. A minute takes 10.6 MB of the disk; `breathmark cache prune` removes what was not used for long.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

import breathmark.synthesis
from breathmark.audio.loudness import EnergyBlocks, EnergyMeter, Samples
from breathmark.audio.pcm import BLOCK_S, FULL_SCALE_16_BIT, to_16_bit
from breathmark.base.files import read_head, write_whole
from breathmark.base.folders import cache_folder
from breathmark.synthesis.chance import stream
from breathmark.synthesis.source import HOP, RATE_HZ, HopRange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from breathmark.synthesis.catalogue import BedRecipe


log = logging.getLogger(__name__)

PIECE_S: Final = 20
PIECE_FRAMES: Final = PIECE_S * RATE_HZ
SUFFIX: Final = ".piece"
_STEPS: Final = 10 * PIECE_S
_FORMAT: Final = 3
_CHANNELS: Final = (1, 2)
_SEAL_BYTES: Final = 4
_ENERGY_BYTES: Final = 8 * _STEPS * len(_CHANNELS)
_HEAD_BYTES: Final = _SEAL_BYTES + _ENERGY_BYTES
"""The energies have a seal of their own, since levels are set by them alone."""
_PIECE_BYTES: Final = _HEAD_BYTES + _SEAL_BYTES + 2 * 2 * PIECE_FRAMES
_ENTRANCES: Final = 600 // BLOCK_S
"""At how many places, a block apart, a session may enter a sound."""


Energies: TypeAlias = dict[int, EnergyBlocks]
"""The K-weighted energy of each 100 ms of a piece, as mono and as stereo, by the number of channels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BedPiece:
    """Twenty seconds of a made ambience, at its own rate."""

    samples: NDArray[np.int16]
    """Shape (frames, 2); full scale is 32,768."""
    energy: Energies


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceStore:
    """The made pieces of ambience below one cache, as one session plays them."""

    root: Path | None = None
    """The cache; None is the usual one."""
    session: str = ""
    """What distinguishes a session from others: where its ambiences begin depends on it."""
    quick: bool = False
    """Whether a piece that is not made yet counts as loud as the nearest one that is: a preview doesn't wait for it."""

    def entrance(self, recipe: BedRecipe) -> int:
        """The block of the mixer at which the session enters a sound."""
        return stream(recipe.seed, recipe.name, self.session) % _ENTRANCES

    def piece(self, recipe: BedRecipe, number: int) -> BedPiece:
        """One piece of a sound, made where the cache lacks it or holds a damaged one.

        Where the cache can't keep it, such as on a full disk, it is made again next time, as chunks are encoded.
        """
        path = self._path(recipe, number)
        data = _used(path, _PIECE_BYTES)
        energy, samples = _energies(path.name, data), _samples(path.name, data)
        if energy is None or samples is None:
            samples, measured = _made(recipe, number)
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path, _packed(path.name, samples, measured))
            except OSError as exc:
                _note_unkept(path.parent, exc.strerror or str(exc))
            energy = dict(zip(_CHANNELS, measured, strict=True))
        return BedPiece(samples=samples, energy=energy)

    def energies(self, recipe: BedRecipe, numbers: Sequence[int], channels: int) -> list[EnergyBlocks]:
        """The energies of some pieces, as ``BedPiece.energy`` has them; of ``quick``, those of what is made already."""
        if not self.quick:
            return [self._energy(recipe, number)[channels] for number in numbers]
        kept = {}
        for number in dict.fromkeys(numbers):
            if energy := self._kept_energy(recipe, number):
                kept[number] = energy[channels]
        if not kept:
            kept = {number: self._energy(recipe, number)[channels] for number in numbers[:1]}
        return [kept[min(kept, key=partial(_distance, number))] for number in numbers]

    def _energy(self, recipe: BedRecipe, number: int) -> Energies:
        return self._kept_energy(recipe, number) or self.piece(recipe, number).energy

    def _kept_energy(self, recipe: BedRecipe, number: int) -> Energies | None:
        """The energies of a piece, without reading its sound; None where the cache has none, or damaged ones."""
        path = self._path(recipe, number)
        return _energies(path.name, _used(path, _HEAD_BYTES))

    def _path(self, recipe: BedRecipe, number: int) -> Path:
        return self._folder / f"{recipe.name}-{recipe.seed}-{number:05d}{SUFFIX}"

    @property
    def _folder(self) -> Path:
        return (self.root or cache_folder()) / "ambience" / _fingerprint()


def _distance(number: int, other: int) -> int:
    return abs(number - other)


@cache
def _note_unkept(folder: Path, why: str) -> None:
    """Once for each folder: a session has many pieces."""
    hint = "free some space, or choose another folder with --cache or BREATHMARK_CACHE"
    log.warning("the ambience can't be kept in %s (%s), and is made again each time; %s", folder, why, hint)


@cache
def _fingerprint() -> str:
    """A hash of all recipes and of what computes them: a changed recipe is made anew."""
    whole = hashlib.sha256(f"{_FORMAT} {version('numpy')}".encode())
    for folder in breathmark.synthesis.__path__:
        for file in sorted(Path(folder).glob("*.py")):
            whole.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return whole.hexdigest()[:16]


def _made(recipe: BedRecipe, number: int) -> tuple[NDArray[np.int16], list[EnergyBlocks]]:
    start = number * PIECE_FRAMES
    first_hop = start // HOP - 1  # the meter needs what sounded before
    cut = HopRange(first_hop=first_hop, hops=-(-(start + PIECE_FRAMES) // HOP) - first_hop)
    lead = start - cut.first_frame
    sound = recipe.render(cut)[: lead + PIECE_FRAMES].astype(np.float32)
    energies = []
    for channels in _CHANNELS:
        heard: Samples = sound if channels == sound.shape[1] else sound.mean(axis=1, keepdims=True)
        meter = EnergyMeter(RATE_HZ, channels)
        meter.follow(heard[:lead])
        meter.add(heard[lead:])
        energies.append(meter.finish())
    return to_16_bit(sound[lead:]), energies


def _used(path: Path, count: int) -> bytes:
    """The first ``count`` bytes of a file; fewer where it is shorter, and none where it can't be read."""
    try:
        data = read_head(path, count)
    except OSError:
        return b""
    with contextlib.suppress(OSError):  # ``prune`` goes by the last use
        os.utime(path)
    return data


def _packed(name: str, samples: NDArray[np.int16], energies: list[EnergyBlocks]) -> bytes:
    head = np.concatenate(energies).astype("<f8").tobytes()
    body = samples.astype("<i2").tobytes()
    return _seal(name, head) + head + _seal(name, body) + body


def _energies(name: str, data: bytes) -> Energies | None:
    """The energies at the beginning of a piece's file; None where they are damaged or missing."""
    head = data[_SEAL_BYTES:_HEAD_BYTES]
    if len(head) < _ENERGY_BYTES or _seal(name, head) != data[:_SEAL_BYTES]:
        return None
    return dict(zip(_CHANNELS, np.frombuffer(head, "<f8").reshape(len(_CHANNELS), _STEPS), strict=True))


def _samples(name: str, data: bytes) -> NDArray[np.int16] | None:
    """The sound, which comes after the energies in the file; None where it is damaged or not all there."""
    body = memoryview(data)[_HEAD_BYTES + _SEAL_BYTES :]
    if len(data) < _PIECE_BYTES or _seal(name, body) != data[_HEAD_BYTES : _HEAD_BYTES + _SEAL_BYTES]:
        return None
    return np.frombuffer(body, "<i2").reshape(-1, 2)


def _seal(name: str, content: bytes | memoryview) -> bytes:
    """A checksum of a piece and of its name: one that lies under the name of another counts as damaged."""
    return zlib.crc32(content, zlib.crc32(name.encode())).to_bytes(_SEAL_BYTES, "little")


def scaled(samples: NDArray[np.int16]) -> Samples:
    """Samples of a piece with full scale at ±1."""
    return samples * np.float32(1 / FULL_SCALE_16_BIT)
