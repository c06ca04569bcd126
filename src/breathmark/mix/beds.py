"""Sources of ambience: a sound that is made from a recipe, and a track of the user's.

Each is played from its beginning without an end, in one direction, and gives the energy of what it plays.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from itertools import count, islice
from typing import TYPE_CHECKING, Protocol

import numpy as np
import soxr
from pydub import AudioSegment

from breathmark.audio.loudness import EnergyBlocks, EnergyMeter, Samples
from breathmark.audio.pcm import BLOCK_S, Format, spread
from breathmark.base.errors import AssetError
from breathmark.mix.pieces import PIECE_S, PieceStore, scaled
from breathmark.mix.tracks import in_blocks, segment_bed, track_bed
from breathmark.synthesis.source import RATE_HZ

if TYPE_CHECKING:
    from breathmark.mix.assets import SoundAsset
    from breathmark.synthesis.catalogue import BedRecipe


class Bed(Protocol):
    """A source of ambience."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a listener may hear of it and the user should know; complete when its energies were asked for."""

    def energies(self, steps: int) -> EnergyBlocks:
        """The K-weighted energy of the first ``steps`` steps of 100 ms, as played."""

    def play(self, first: int = 0) -> Generator[Samples, None, None]:
        """The sound from its block ``first`` on, without end, in blocks of ``Format.block_frames``."""


def open_bed(source: SoundAsset | AudioSegment, sound_format: Format, store: PieceStore | None = None) -> Bed:
    """The bed that plays ``source`` in ``sound_format``; a sound that is made is kept in ``store``.

    Raises:
        AssetError: the file is damaged, or not what its provenance says.
    """
    if isinstance(source, AudioSegment):
        return segment_bed(source, sound_format)
    if source.recipe:
        return MadeBed(_recipe(source), store or PieceStore(), sound_format)
    return track_bed(source.path, sound_format, loop=source.loop)


def _recipe(source: SoundAsset) -> BedRecipe:
    from breathmark.synthesis.catalogue import bed_recipe  # noqa: PLC0415 - 26 modules, which no plan or check needs

    try:
        return bed_recipe(source.recipe)
    except KeyError as exc:
        raise AssetError(f"there is no recipe {source.recipe} for {source.name}", "name a built-in ambience") from exc


class MadeBed:
    """An ambience from a recipe: endless, and entered where the session says."""

    remarks = ()

    def __init__(self, recipe: BedRecipe, store: PieceStore, sound_format: Format) -> None:
        self._recipe = recipe
        self._store = store
        self._format = sound_format

    def energies(self, steps: int) -> EnergyBlocks:
        """See ``Bed``. At a rate that cuts off treble, what is left is measured; else it is known from the pieces."""
        if self._format.rate_hz < RATE_HZ and not self._store.quick:
            meter = EnergyMeter(self._format.rate_hz, self._format.channels)
            with closing(self.play()) as playing:
                for block in islice(playing, -(-steps // (10 * BLOCK_S))):
                    meter.add(block)
            return meter.finish()[:steps]
        if not steps:
            return np.zeros(0)
        pieces = list(islice(self._pieces(), steps // (10 * PIECE_S) + 2))
        energies = self._store.energies(self._recipe, [number for number, _ in pieces], self._format.channels)
        known = [energy[10 * begin_s :] for energy, (_, begin_s) in zip(energies, pieces, strict=True)]
        return np.concatenate(known)[:steps]

    def play(self, first: int = 0) -> Generator[Samples, None, None]:
        """See ``Bed``. A resampler has heard a block before the first one."""
        before = min(first, int(self._format.rate_hz != RATE_HZ))
        playing = in_blocks(self._at_rate(first - before), self._format)
        if before:
            next(playing)
        return playing

    def _pieces(self, first: int = 0) -> Iterator[tuple[int, int]]:
        """The numbers of the pieces from block ``first`` on, each with the second at which it is entered."""
        number, begin_s = divmod(BLOCK_S * (self._store.entrance(self._recipe) + first), PIECE_S)
        yield number, begin_s
        yield from ((each, 0) for each in count(number + 1))

    def _at_rate(self, first: int) -> Generator[Samples, None, None]:
        stream = None
        if self._format.rate_hz != RATE_HZ:
            stream = soxr.ResampleStream(
                RATE_HZ, self._format.rate_hz, self._format.channels, dtype="float32", quality="HQ"
            )
        for number, begin_s in self._pieces(first):
            whole = self._store.piece(self._recipe, number).samples[begin_s * RATE_HZ :]
            for start in range(0, len(whole), BLOCK_S * RATE_HZ):
                block = spread(scaled(whole[start : start + BLOCK_S * RATE_HZ]), self._format.channels)
                yield stream.resample_chunk(block).reshape(-1, block.shape[1]) if stream else block
