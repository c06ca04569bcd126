"""The encoder: PCM blocks go through a pipe into ffmpeg, which writes a file that it can seek in.

Only so can it put the true number of frames into the file's header, by which every decoder gives back exactly
the frames that went in; written to a pipe, an MP3 decodes to 1671 frames more.
"""

from __future__ import annotations

import errno
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final

from breathmark.audio.ffmpeg import ffmpeg_path, messages_file
from breathmark.base.errors import DeliveryError, RequestError
from breathmark.base.interrupts import group_of_children
from breathmark.base.writing import delivery_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pydub import AudioSegment

    from breathmark.formats.presets import Preset


_RAW: Final = {2: "s16le", 3: "s24le", 4: "s32le"}
"""ffmpeg's names of interleaved little-endian PCM, by bytes per sample."""
_BITEXACT: Final = ("-fflags", "+bitexact", "-flags:a", "+bitexact")
"""No build, version or date of ffmpeg in the file: the same PCM gives the same bytes."""
_BARE: Final = ("-map_metadata", "-1")
_CHAPTERED: Final = ("-map", "0:a", "-map_chapters", "1", "-map_metadata:g", "1")
"""Without the last of these, the chapters would have no titles."""
_MESSAGE_CHARACTERS: Final = 400


def encode(
    blocks: Iterator[AudioSegment],
    preset: Preset,
    path: Path,
    *,
    marks: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Encode ``blocks`` into ``path`` in the preset's format and return how many frames were encoded.

    ``marks`` is a file of chapters in ffmpeg's own form, for a container whose chapters only ffmpeg can write.
    ``progress`` is called with the frames done so far. Whatever goes wrong, no ffmpeg is left running;
    ``path`` is then the caller's to remove.

    Raises:
        AssetError: There is no ffmpeg.
        DeliveryError: It can't be started, has failed, or the file is not whole.
    """
    program = ffmpeg_path()
    try:
        first = next(blocks)
        arguments = [str(program), *_arguments(first, preset, marks), f"file:{path.absolute()}"]
        with _running(arguments, path) as pipe:
            frames = _feed(pipe, first, blocks, progress)
    finally:
        if isinstance(blocks, Generator):
            blocks.close()
    with delivery_errors(path):
        preset.file_format.correct(path, frames)
        _check_whole(path, preset, frames)
    return frames


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
    source = ("-f", _RAW[first.sample_width], "-ar", str(first.frame_rate), "-ac", str(first.channels), "-i", "pipe:0")
    quiet = ("-hide_banner", "-nostdin", "-loglevel", "error")
    bare = _CHAPTERED if marks else _BARE
    chapters = ("-f", "ffmetadata", "-i", f"file:{marks.absolute()}") if marks else ()
    muxer = ("-f", preset.file_format.muxer or preset.format)
    return [*quiet, *source, *chapters, *_BITEXACT, *bare, *preset.encoder_arguments, *muxer, "-y"]


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
            raise _EncoderGoneError from error
        frames += len(block.raw_data) // block.frame_width
        if progress:
            progress(frames)
        block = next(blocks, None)
    return frames


@contextmanager
def _running(arguments: list[str], path: Path) -> Iterator[IO[bytes]]:
    """The pipe into an ffmpeg that has ended, and ended well, when the block is left; else it is killed."""
    with messages_file() as messages:
        process = _start(arguments, messages)
        assert process.stdin is not None  # noqa: S101 — for mypy: it was asked for as a pipe
        try:
            try:
                yield process.stdin
                _flush(process.stdin)
            except _EncoderGoneError as error:
                _close(process.stdin)
                process.wait()
                raise _failure(path, process.returncode, messages) from error
            if process.wait() != 0:
                raise _failure(path, process.returncode, messages)
        finally:
            process.kill()
            _close(process.stdin)
            process.wait()


def _start(arguments: list[str], messages: IO[bytes]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 — our own arguments; no shell
            arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=messages,
            process_group=group_of_children(),
        )
    except OSError as error:
        message = f"{arguments[0]} can't be started: {error.strerror or error}"
        raise DeliveryError(message, 'install another ffmpeg with: pip install "breathmark[ffmpeg]"') from error


class _EncoderGoneError(Exception):
    """The encoder no longer reads: it has ended. Of other pipes, such as the terminal's, nothing is said."""


def _flush(pipe: IO[bytes]) -> None:
    """Hand over what is left, and tell the encoder that it was all."""
    try:
        pipe.close()
    except BrokenPipeError as error:
        raise _EncoderGoneError from error


def _close(pipe: IO[bytes]) -> None:
    """Close a pipe whose reader may be gone; what is still buffered for it is of no use."""
    try:
        pipe.close()
    except OSError:
        return


def _failure(path: Path, code: int, messages: IO[bytes]) -> DeliveryError:
    """What an encoder that has died is reported as."""
    messages.seek(0)
    said = " ".join(messages.read().decode("utf-8", "replace").split())[-_MESSAGE_CHARACTERS:]
    if "No space left on device" in said or code == 256 - errno.ENOSPC:
        return DeliveryError(f"{path.parent} is full", "free some space, or write to another disk with -o")
    if code == -getattr(signal, "SIGXFSZ", 0) or "File too large" in said:
        return DeliveryError(
            f"a file in {path.parent} can't grow as big as this one",
            "raise the limit (ulimit -f), write elsewhere with -o, or choose a lower --bitrate",
        )
    if "Unknown encoder" in said:
        return DeliveryError(
            f"this ffmpeg lacks an encoder: {said}", 'install a full one with: pip install "breathmark[ffmpeg]"'
        )
    how = f"was ended by signal {-code}" if code < 0 else f"failed with code {code}"
    return DeliveryError(f"ffmpeg {how} while encoding" + (f": {said}" if said else ""), "run the command again")


def _check_whole(path: Path, preset: Preset, frames: int) -> None:
    """Raise DeliveryError where the file doesn't hold what was fed: some ffmpegs end well on a full disk."""
    promised = preset.file_format.promised_frames(path)
    if promised is None or abs(promised - frames) >= preset.file_format.packet_frames:
        raise DeliveryError(
            f"the encoded file holds {promised if promised is not None else 'no readable number of'} frames"
            f" where {frames} were encoded",
            "see whether the disk is full; else try the ffmpeg of: pip install breathmark[ffmpeg]",
        )
