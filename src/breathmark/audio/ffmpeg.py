"""ffmpeg: its location, and the decoding of any sound file through a pipe. ffprobe is never needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import closing, suppress
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from breathmark.base.errors import AssetError
from breathmark.base.interrupts import group_of_children

if TYPE_CHECKING:
    from breathmark.audio.loudness import Samples
    from breathmark.audio.pcm import Format


_PIECE_BYTES = 1 << 19

_CONTAINERS = (
    "aa,aac,ac3,aiff,alac,amr,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,iff,loas,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2,"
    "mp3,mpc,mpc8,mpeg,mpegts,ogg,oma,rm,rso,shn,sln,sox,swf,tak,tta,voc,vorbis,w64,wav,wv,xwma"
)
"""Files that hold their own sound. Playlists (hls, concat, dash) do not: they would read files out of the project."""

_RESAMPLER = "aresample={rate}:filter_size=64:cutoff=0.95:rematrix_maxval=1"
"""ffmpeg's own resampler, which every build has; so set, the strongest image measured lies at -104 dB.

It is set to keep full scale where it mixes channels: by itself it would make floats of a stereo file 3 dB louder.
"""

_LARGE_FRAMES = "asetnsamples=n=8192:p=0"
"""A quarter less work than with a decoder's own small frames, each of which ffmpeg hands from thread to thread."""

_DAMAGE = ("Decoding error", "CRC mismatch", "Error submitting packet")
"""What ffmpeg writes where a packet can't be decoded, before it goes on with the next one and reports success.

The last of them by itself is not audible damage: it comes from an unknown tag after the last frame of an MP3.
"""


def ffmpeg_path() -> Path:
    """The ffmpeg in use: ``BREATHMARK_FFMPEG``, else the wheel (the same on every machine), else the system's.

    Raises:
        AssetError: ffmpeg was not found, or ``BREATHMARK_FFMPEG`` does not name a program.
    """
    chosen = os.environ.get("BREATHMARK_FFMPEG", "")
    if chosen:
        found = shutil.which(chosen)
        if found is None:
            raise AssetError(
                f"BREATHMARK_FFMPEG does not name a program: {chosen}", "set it to the path of ffmpeg, or unset it"
            )
        return Path(found)
    found = _wheel() or shutil.which("ffmpeg")
    if found is None:
        raise AssetError("ffmpeg was not found", 'install it with: pip install "breathmark[ffmpeg]"')
    return Path(found)


@lru_cache(maxsize=1)
def _wheel() -> str | None:
    """The program inside the wheel imageio-ffmpeg, if that is installed and has one.

    It is found and not run: what ends a first run for once would make it another ffmpeg, and the bytes of files others.
    """
    with suppress(ImportError):
        for each in sorted(files("imageio_ffmpeg.binaries").iterdir(), key=str):
            if each.name.startswith("ffmpeg-") and (program := shutil.which(str(each))):
                return program
    return None


def decode(path: Path, sound_format: Format, *, high_pass_hz: float = 0.0) -> Generator[Samples, None, None]:
    """The sound of any file, piece by piece, as float32 shaped ``(n, channels)``.

    With ``high_pass_hz``, offset and rumble are taken out. Nothing is held but one piece. The process ends with the
    iterator, whether that is used up, closed or dropped.

    Raises:
        AssetError: the file is missing, contains no sound, or is damaged.
    """
    with closing(_pieces(path, sound_format, high_pass_hz)) as pieces:
        for data in pieces:
            yield np.frombuffer(data, "<f4").reshape(-1, sound_format.channels)


def _pieces(path: Path, sound_format: Format, high_pass_hz: float) -> Generator[bytes, None, None]:
    """Whole frames of interleaved PCM in single precision."""
    if not path.is_file():
        raise AssetError(f"there is no sound file {path}", "check the path")
    frame_bytes = 4 * sound_format.channels
    with messages_file() as messages:
        process = _start(path, sound_format, high_pass_hz, messages)
        assert process.stdout is not None  # noqa: S101 - for mypy: it was asked for as a pipe
        decoded = torn = False
        try:
            while data := process.stdout.read(_PIECE_BYTES // frame_bytes * frame_bytes):
                whole = len(data) // frame_bytes * frame_bytes
                decoded, torn = True, whole < len(data)
                yield data[:whole]
            code, said = process.wait(), _said(messages)
            if code < 0:
                raise AssetError(f"ffmpeg was ended while it read {path}", "run the same command again")
            if torn and not code:
                raise AssetError(
                    f"ffmpeg stopped within a sample while it read {path}", "install another ffmpeg, or try again"
                )
            failed = code != 0 or not decoded
            if failed or _damaged(said):
                raise AssetError(f"{path} can't be played: {_reason(said)}", "choose another sound file")
        finally:
            process.kill()
            process.stdout.close()
            process.wait()


def read(path: Path, sound_format: Format) -> Samples:
    """The whole sound of a short file, shaped ``(n, channels)``; raises as ``decode`` does."""
    with closing(decode(path, sound_format)) as pieces:
        return np.concatenate(list(pieces))


def messages_file() -> IO[bytes]:
    """An unnamed file for ffmpeg's messages: a pipe could fill up and block it.

    Raises:
        AssetError: there is no folder for temporary files that can be written to.
    """
    try:
        return tempfile.TemporaryFile()
    except OSError as exc:
        hint = "make room in the folder for temporary files, or name another one by the environment variable TMPDIR"
        raise AssetError(f"no temporary file can be made: {exc.strerror or exc}", hint) from exc


def _start(path: Path, sound_format: Format, high_pass_hz: float, messages: IO[bytes]) -> subprocess.Popen[bytes]:
    """ffmpeg, writing the first sound stream of ``path`` to its standard output."""
    filters = [_LARGE_FRAMES, _RESAMPLER.format(rate=sound_format.rate_hz)]
    if high_pass_hz:
        filters.append(f"highpass=frequency={high_pass_hz:g}:poles=2")
    # fmt: off
    command = [
        str(ffmpeg_path()), "-nostdin", "-hide_banner", "-v", "error",
        "-protocol_whitelist", "file", "-format_whitelist", _CONTAINERS, "-i", f"file:{path}",
        "-map", "0:a:0", "-vn", "-sn", "-dn", "-ac", str(sound_format.channels), "-af", ",".join(filters),
        "-f", "f32le", "-c:a", "pcm_f32le", "pipe:1",
    ]
    # fmt: on
    try:
        return subprocess.Popen(  # noqa: S603 - no shell, fixed options
            command, stdout=subprocess.PIPE, stderr=messages, process_group=group_of_children()
        )
    except OSError as exc:
        raise AssetError(
            f"ffmpeg can't be started: {exc}", 'install it with: pip install "breathmark[ffmpeg]"'
        ) from exc


def _said(messages: IO[bytes]) -> str:
    messages.seek(0)
    return messages.read(1 << 16).decode(errors="replace")


def _damaged(said: str) -> bool:
    *grave, stray = (said.count(sign) for sign in _DAMAGE)
    return any(grave) or stray > 1


def _reason(text: str) -> str:
    """The reason in ffmpeg's messages, for someone who does not know ffmpeg."""
    if "matches no streams" in text:
        return "it contains no sound"
    if "not on whitelist" in text.lower() or "Invalid data found" in text or _damaged(text):
        return "it is damaged, or not a sound file"
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it contains no sound"
