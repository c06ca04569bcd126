"""The encoder: PCM blocks go through a pipe into ffmpeg, which writes a file that it can seek in.

Only so can it put the true number of frames into the file's header, by which every decoder gives back exactly
the frames that went in; written to a pipe, an MP3 decodes to 1671 frames more.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from breathmark.audio.ffmpeg import ffmpeg_path
from breathmark.base.errors import RequestError
from breathmark.base.writing import delivery_errors
from breathmark.formats.chunks import Workers, encode_split
from breathmark.formats.encoder import BARE, BITEXACT, QUIET, EncoderGoneError, fed, from_pipe
from breathmark.formats.format import lost_sound

if TYPE_CHECKING:
    from pydub import AudioSegment

    from breathmark.formats.presets import Preset


_CHAPTERED: Final = ("-map", "0:a", "-map_chapters", "1", "-map_metadata:g", "1")
"""Without the last of these, the chapters would have no titles."""


def encode(
    blocks: Iterator[AudioSegment],
    preset: Preset,
    path: Path,
    *,
    marks: Path | None = None,
    progress: Callable[[int], None] | None = None,
    workers: Workers | None = None,
) -> int:
    """Encode ``blocks`` into ``path`` in the preset's format and return how many frames were encoded.

    ``marks`` is a file of chapters in ffmpeg's own form, for a container whose chapters only ffmpeg can write.
    ``progress`` is called with the frames done so far. Where the format can be split, ``workers`` says over how many
    processes; the file is the same for any number. Whatever goes wrong, no ffmpeg is left running;
    ``path`` is then the caller's to remove.

    Raises:
        AssetError: There is no ffmpeg.
        DeliveryError: It can't be started, has failed, or the file is not whole.
    """
    program = ffmpeg_path()  # before anything is mixed
    split = preset.file_format.split(preset.encoder)
    try:
        if split:
            frames = encode_split(blocks, preset, split, path, workers or Workers(), progress)
        else:
            frames = _encode_whole(program, blocks, preset, path, marks, progress)
    finally:
        if isinstance(blocks, Generator):
            blocks.close()
    with delivery_errors(path):
        preset.file_format.correct(path, frames)
        _check_whole(path, preset, frames)
    return frames


def _encode_whole(
    program: Path,
    blocks: Iterator[AudioSegment],
    preset: Preset,
    path: Path,
    marks: Path | None,
    progress: Callable[[int], None] | None,
) -> int:
    """By one ffmpeg, which can seek in the file."""
    first = next(blocks)
    arguments = [str(program), *_arguments(first, preset, marks), f"file:{path.absolute()}"]
    with fed(arguments, path) as pipe:
        return _feed(pipe, first, blocks, progress)


def check_size(preset: Preset, frames: int) -> None:
    """Raise RequestError where ``frames`` don't fit into one file of the preset's format."""
    most = preset.file_format.most_bytes
    if most and frames * preset.channels * preset.sample_width > most:
        raise RequestError(
            f"a session this long does not fit into a {preset.format.upper()} file, which ends at 4 GiB",
            "write a .flac",
        )


def _arguments(first: AudioSegment, preset: Preset, marks: Path | None) -> list[str]:
    """The arguments of ffmpeg up to the output's name."""
    source = from_pipe(first.frame_rate, first.channels, first.sample_width)
    bare = _CHAPTERED if marks else BARE
    chapters = ("-f", "ffmetadata", "-i", f"file:{marks.absolute()}") if marks else ()
    muxer = ("-f", preset.file_format.muxer or preset.format)
    return [*QUIET, *source, *chapters, *BITEXACT, *bare, *preset.encoder_arguments, *muxer, "-y"]


def _feed(
    pipe: IO[bytes], first: AudioSegment, blocks: Iterator[AudioSegment], progress: Callable[[int], None] | None
) -> int:
    """Write all blocks into the encoder and return the frames written."""
    form = (first.frame_rate, first.channels, first.sample_width)
    frames = 0
    block: AudioSegment | None = first
    while block is not None:
        if (block.frame_rate, block.channels, block.sample_width) != form:
            raise ValueError(f"a block of another form than the first one's {form}")
        try:
            pipe.write(block.raw_data)
        except BrokenPipeError as error:
            raise EncoderGoneError from error
        frames += len(block.raw_data) // block.frame_width
        if progress:
            progress(frames)
        block = next(blocks, None)
    return frames


def _check_whole(path: Path, preset: Preset, frames: int) -> None:
    """Raise DeliveryError where the file doesn't hold what was fed: some ffmpegs end well on a full disk."""
    promised = preset.file_format.promised_frames(path)
    if promised is None or abs(promised - frames) >= preset.file_format.packet_frames:
        raise lost_sound(promised, frames)
