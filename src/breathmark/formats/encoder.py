"""An encoder's process: an ffmpeg that is fed through a pipe or by a file, and what it is reported as when it fails."""

from __future__ import annotations

import errno
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import IO, Final

from breathmark.audio.ffmpeg import messages_file
from breathmark.base.errors import DeliveryError
from breathmark.base.interrupts import group_of_children

QUIET: Final = ("-hide_banner", "-nostdin", "-loglevel", "error")
BITEXACT: Final = ("-fflags", "+bitexact", "-flags:a", "+bitexact")
"""No build, version or date of ffmpeg in the file: the same PCM gives the same bytes."""
BARE: Final = ("-map_metadata", "-1")
_RAW: Final = {2: "s16le", 3: "s24le", 4: "s32le"}
"""ffmpeg's names of interleaved little-endian PCM, by bytes per sample."""
_MESSAGE_CHARACTERS: Final = 400
TEMPORARY: Final = "the environment variable TMPDIR"
"""What names the folder for temporary files."""


def from_pipe(rate_hz: int, channels: int, sample_width: int) -> tuple[str, ...]:
    """The arguments of an input of PCM, as blocks hold it."""
    return ("-f", _RAW[sample_width], "-ar", str(rate_hz), "-ac", str(channels), "-i", "pipe:0")


@contextmanager
def fed(arguments: list[str], path: Path, option: str = "-o") -> Iterator[IO[bytes]]:
    """The pipe into an ffmpeg. It has ended, and ended well, when the block is left; else it is killed.

    ``path`` is the file that is made, in a place that the user names with ``option``. Raises DeliveryError.
    """
    with messages_file() as messages:
        process = _start(arguments, messages, subprocess.PIPE, subprocess.DEVNULL)
        assert process.stdin is not None  # noqa: S101 — for mypy: it was asked for as a pipe
        try:
            try:
                yield process.stdin
                _flush(process.stdin)
            except EncoderGoneError as error:
                _close(process.stdin)
                process.wait()
                raise _failure(path.parent, process.returncode, messages, option) from error
            if process.wait() != 0:
                raise _failure(path.parent, process.returncode, messages, option)
        finally:
            process.kill()
            _close(process.stdin)
            process.wait()


@contextmanager
def reading(arguments: list[str], source: IO[bytes], output: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """An ffmpeg that reads the temporary file ``source`` and writes into another one; else as ``fed``."""
    with messages_file() as messages:
        process = _start(arguments, messages, source, output)
        try:
            yield process
            if process.wait() != 0:
                raise _failure(Path(gettempdir()), process.returncode, messages, TEMPORARY)
        finally:
            process.kill()
            process.wait()


def _start(
    arguments: list[str], messages: IO[bytes], source: IO[bytes] | int, output: IO[bytes] | int
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 — our own arguments; no shell
            arguments, stdin=source, stdout=output, stderr=messages, process_group=group_of_children()
        )
    except OSError as error:
        message = f"{arguments[0]} can't be started: {error.strerror or error}"
        raise DeliveryError(message, 'install another ffmpeg with: pip install "breathmark[ffmpeg]"') from error


class EncoderGoneError(Exception):
    """The encoder no longer reads: it has ended. Of other pipes, such as the terminal's, nothing is said."""


def _flush(pipe: IO[bytes]) -> None:
    """Hand over what is left, and close the encoder's input."""
    try:
        pipe.close()
    except BrokenPipeError as error:
        raise EncoderGoneError from error


def _close(pipe: IO[bytes]) -> None:
    """Close a pipe whose reader may be gone; what is still buffered for it is of no use."""
    try:
        pipe.close()
    except OSError:
        return


def _failure(folder: Path, code: int, messages: IO[bytes], option: str) -> DeliveryError:
    """What an encoder that has died is reported as; ``option`` is what names the folder that it wrote to."""
    messages.seek(0)
    said = " ".join(messages.read().decode("utf-8", "replace").split())[-_MESSAGE_CHARACTERS:]
    if "No space left on device" in said or code == 256 - errno.ENOSPC:
        return DeliveryError(f"{folder} is full", f"free some space, or write to another disk with {option}")
    if code == -getattr(signal, "SIGXFSZ", 0) or "File too large" in said:
        return DeliveryError(
            f"a file in {folder} can't grow as big as this one",
            f"raise the limit (ulimit -f), write elsewhere with {option}"
            + (", or choose a lower --bitrate" if option == "-o" else ""),
        )
    if "Unknown encoder" in said:
        return DeliveryError(
            f"this ffmpeg lacks an encoder: {said}", 'install a full one with: pip install "breathmark[ffmpeg]"'
        )
    how = f"was ended by signal {-code}" if code < 0 else f"failed with code {code}"
    return DeliveryError(f"ffmpeg {how} while encoding" + (f": {said}" if said else ""), "run the command again")
