"""Broadcast Wave files of 24 bits: WAV with a ``bext`` chunk, by which an editor puts each at its time.

EBU Tech 3285. One of more than 4 GB becomes an RF64 (EBU Tech 3306) by itself: ffmpeg keeps room for its header.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from breathmark.audio.ffmpeg import ffmpeg_path
from breathmark.audio.pcm import MixGrid, Quantiser
from breathmark.base.writing import delivery_errors
from breathmark.formats.encoder import BARE, BITEXACT, QUIET, EncoderGoneError, fed, from_pipe
from breathmark.formats.format import lost_sound

if TYPE_CHECKING:
    from breathmark.audio.loudness import Samples

BITS: Final = 24
_BYTES: Final = BITS // 8
_MUXER: Final = ("-c:a", "pcm_s24le", "-f", "wav", "-write_bext", "1", "-rf64", "auto")
_MOST_HEADER_BYTES: Final = 4096
_OPTION: Final = "--stems"


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastWave:
    """What a file says of itself."""

    description: str
    """In ASCII, as the chunk has it; other letters lose their marks or are left out."""
    grid: MixGrid
    """Its length, rate and channels."""
    gain: float = 1.0
    """On every sample."""


def write_broadcast_wave(
    path: Path, blocks: Generator[Samples, None, None], about: BroadcastWave, progress: Callable[[int], None]
) -> None:
    """Write ``blocks`` into ``path``, cut to the length of ``about``; its time reference is 0, the session's start.

    ``progress`` is called with the frames done so far. The same sound gives the same bytes: no date is in them.

    Raises:
        AssetError: there is no ffmpeg.
        DeliveryError: it can't be started, has failed, or the file is not whole.
    """
    program, quantise = ffmpeg_path(), Quantiser(3)
    sound = about.grid.format
    source = from_pipe(sound.rate_hz, sound.channels, quantise.bytes_per_sample)
    arguments = [str(program), *QUIET, *source, *BITEXACT, *BARE, *_metadata(about), *_MUXER, "-y"]
    done, frames = 0, about.grid.frames
    with (
        closing(blocks),
        fed([*arguments, f"file:{path.absolute()}"], path, option=_OPTION) as pipe,
    ):
        for block in blocks:
            part = block[: frames - done]
            try:
                pipe.write(quantise(part if about.gain == 1 else part * part.dtype.type(about.gain)))
            except BrokenPipeError as error:
                raise EncoderGoneError from error
            done += len(part)
            progress(done)
    with delivery_errors(path, _OPTION):
        sound_bytes = frames * sound.channels * _BYTES
        if not sound_bytes <= path.stat().st_size <= sound_bytes + _MOST_HEADER_BYTES:
            raise lost_sound(None, frames)


def _metadata(about: BroadcastWave) -> list[str]:
    """The fields of the chunk. The last one is after EBU R 98, "Format for the CodingHistory field"."""
    program = f"Breathmark {version('breathmark')}"
    mode = "mono" if about.grid.format.channels == 1 else "stereo"
    history = f"A=PCM,F={about.grid.format.rate_hz},W={BITS},M={mode},T={program}"
    # ffmpeg ends it with a NUL; libsndfile 1.2 loses its way in an RF64 after a chunk of an odd length.
    history += "\r\n" if len(history) % 2 else " \r\n"
    fields = {
        "description": _ascii(about.description)[:255],
        "originator": program[:32],
        "time_reference": "0",
        "coding_history": history,
    }
    return [word for name, value in fields.items() for word in ("-metadata", f"{name}={value}")]


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return " ".join("".join(sign if sign.isprintable() else " " for sign in plain).split())
