"""Loops: an ambience as a file of some minutes that a page can play without an end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from breathmark.audio.pcm import BLOCK_S, Quantiser, segment
from breathmark.base.writing import Staging
from breathmark.formats.chunk_cache import ChunkCache
from breathmark.formats.chunks import Workers
from breathmark.formats.encode import encode
from breathmark.formats.presets import PRESETS
from breathmark.mix.loops import AmbienceLoop, ambience_loop
from breathmark.mix.mixdown import chosen_sound
from breathmark.mix.pieces import PieceStore
from breathmark.speech.clips.store import ClipCache

if TYPE_CHECKING:
    from pydub import AudioSegment


_PRESET: Final = replace(PRESETS["podcast"], name="loop", bitrate="96k")


def loop_file(ambience: str, output: Path, project_root: Path, cache: Path | None, jobs: int | None) -> float:
    """Write a loop of an ambience, by its name or as a file, and return its loudness (LUFS).

    Raises:
        AssetError: there is no such sound, or it is damaged.
        DeliveryError: the file can't be written.
    """
    source = chosen_sound(ambience, project_root)
    root = ClipCache(cache).root
    loop = ambience_loop(source, PieceStore(root=root, session="loop"))
    workers = Workers(jobs=jobs, cache=ChunkCache(root))
    with Staging(output.parent) as staging:
        encode(_blocks(loop), _PRESET, staging.add(output.name), workers=workers)
        staging.publish()
    return loop.lufs + _PRESET.encoder_gain_db


def _blocks(loop: AmbienceLoop) -> Iterator[AudioSegment]:
    quantise, step = Quantiser(2), BLOCK_S * loop.rate_hz
    for start in range(0, len(loop.samples), step):
        data = quantise(loop.samples[start : start + step])
        yield segment(data, rate_hz=loop.rate_hz, channels=2, sample_width=2)
