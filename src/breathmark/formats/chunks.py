"""One encode as many: chunks of a session are encoded side by side, and those that were encoded before are taken over.

The chunks are the same whatever the number of processes, and so are the bytes of the file.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Self

from breathmark.audio.ffmpeg import ffmpeg_path, messages_file
from breathmark.base.pool import usable_cores
from breathmark.base.writing import delivery_errors
from breathmark.formats.encoder import BARE, BITEXACT, QUIET, EncoderGoneError, from_pipe, running
from breathmark.formats.format import lost_sound

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Generator, Iterable, Iterator
    from concurrent.futures import Future

    from pydub import AudioSegment

    from breathmark.formats.chunk_cache import ChunkCache
    from breathmark.formats.format import ChunkedEncode, PartEncode
    from breathmark.formats.presets import Preset


_MOST_PROCESSES: Final = 6
"""The mix, which feeds them, is itself a sixth of the work; and each holds a minute of PCM, 10.6 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """What encodes the chunks."""

    jobs: int | None = None
    """How many processes; None is one for each core."""
    cache: ChunkCache | None = None
    """Where encoded chunks are kept; None where they are not."""

    @property
    def processes(self) -> int:
        """How many run at once."""
        return min(self.jobs or usable_cores(), _MOST_PROCESSES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A part of the session's PCM, with what its encoder needs from before and behind it."""

    pcm: bytes
    is_first: bool
    is_last: bool


def encode_split(
    blocks: Iterator[AudioSegment],
    preset: Preset,
    split: ChunkedEncode,
    path: Path,
    workers: Workers,
    progress: Callable[[int], None] | None,
) -> int:
    """Encode ``blocks`` into ``path`` and return how many frames were encoded. Raises as ``encode`` does."""
    source = from_pipe(preset.rate_hz, preset.channels, preset.sample_width)
    arguments = [str(ffmpeg_path()), *QUIET, *source, *BITEXACT, *BARE, *split.arguments, "-y", "pipe:1"]
    cutter = _Cutter(blocks, preset, split, progress)
    frame_bytes = preset.channels * preset.sample_width
    with (
        _Encoders(arguments, path, split, workers, frame_bytes) as encoders,
        closing(cutter.chunks()) as chunks,
        _written(path) as file,
    ):
        for data in encoders.run(chunks):
            with delivery_errors(path):
                file.write(data if file.tell() else split.header(0) + data)
            split.add(data)
        with delivery_errors(path):
            file.seek(0)
            file.write(split.header(cutter.frames))
    return cutter.frames


def encode_parts(
    parts: Iterable[bytes], split: PartEncode, path: Path, workers: Workers, *, rate_hz: int
) -> Iterator[bytes]:
    """Each of ``parts`` (mono PCM of 32 bits) encoded by itself, in their order; ``path`` is the file it is for.

    Raises:
        AssetError: There is no ffmpeg.
        DeliveryError: It can't be started, or has failed.
    """
    source = from_pipe(rate_hz, 1, _PART_WIDTH)
    arguments = [str(ffmpeg_path()), *QUIET, *source, *BITEXACT, *BARE, *split.arguments, "-y", "pipe:1"]
    with _Encoders(arguments, path, split, workers, _PART_WIDTH) as encoders:
        yield from encoders.run(Chunk(pcm=pcm, is_first=True, is_last=True) for pcm in parts)


_PART_WIDTH: Final = 4
"""Bytes of a sample: LAME reckons in floats, so that nothing has to be rounded for it."""


@contextmanager
def _written(path: Path) -> Iterator[IO[bytes]]:
    """The file to be written. A full disk may only say so when it is closed. Raises DeliveryError."""
    with delivery_errors(path):
        file = path.open("wb")
    try:
        yield file
    except BaseException:
        with suppress(OSError):
            file.close()
        raise
    with delivery_errors(path):
        file.close()


class _Cutter:
    """Cuts the blocks of a session into chunks."""

    def __init__(
        self,
        blocks: Iterator[AudioSegment],
        preset: Preset,
        split: ChunkedEncode,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._blocks = blocks
        self._form = (preset.rate_hz, preset.channels, preset.sample_width)
        self._split = split
        self._progress = progress
        self.frames = 0
        """How many were taken from the blocks so far."""

    def chunks(self) -> Generator[Chunk, None, None]:
        split, frame_bytes = self._split, self._form[1] * self._form[2]
        before, step, after = (
            frames * frame_bytes for frames in (split.before_frames, split.chunk_frames, split.after_frames)
        )
        held, begin = bytearray(), 0  # ``begin`` is where in ``held`` the next chunk's own sound begins
        for block in self._blocks:
            held += self._data(block)
            while len(held) > begin + step + after:
                with memoryview(held) as view:
                    pcm = bytes(view[: begin + step + after])
                yield Chunk(pcm=pcm, is_first=not begin, is_last=False)
                del held[: begin + step - before]
                begin = before
        yield Chunk(pcm=bytes(held), is_first=not begin, is_last=True)

    def _data(self, block: AudioSegment) -> bytes:
        if (block.frame_rate, block.channels, block.sample_width) != self._form:
            raise ValueError(f"a block of another form than {self._form}")
        data: bytes = block.raw_data
        self.frames += len(data) // block.frame_width
        if self._progress:
            self._progress(self.frames)
        return data


class _Encoders:
    """The processes that encode chunks; none is left when the ``with`` block is."""

    def __init__(self, arguments: list[str], path: Path, split: PartEncode, workers: Workers, frame_bytes: int) -> None:
        self._arguments = arguments
        self._path = path
        self._split = split
        self._workers = workers
        self._frame_bytes = frame_bytes
        self._pool = ThreadPoolExecutor(workers.processes)
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[bytes]] = set()
        self._ended = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._ended = True
            for process in self._running:
                process.kill()
        self._pool.shutdown(cancel_futures=True)

    def run(self, chunks: Iterable[Chunk]) -> Iterator[bytes]:
        """What is encoded of each chunk, in their order; a few are taken before they are needed."""
        pending: deque[Future[bytes]] = deque()
        for chunk in chunks:
            pending.append(self._pool.submit(self._encoded, chunk))
            if len(pending) > self._workers.processes:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()

    def _encoded(self, chunk: Chunk) -> bytes:
        cache = self._workers.cache
        name = self._digest(chunk) if cache else ""
        known = cache.load(name) if cache else None
        if known is not None:
            return known
        data = self._split.own_part(self._run(chunk.pcm), is_first=chunk.is_first, is_last=chunk.is_last)
        if data is None:
            raise lost_sound(None, len(chunk.pcm) // self._frame_bytes)
        if cache:
            cache.store(name, data)
        return data

    def _digest(self, chunk: Chunk) -> str:
        """Of all that the bytes of a chunk depend on: the encoder, what is asked of it, and the sound."""
        status = Path(self._arguments[0]).stat()
        about = [
            type(self._split).__name__,
            *self._arguments,
            status.st_size,
            status.st_mtime_ns,
            chunk.is_first,
            chunk.is_last,
        ]
        whole = hashlib.sha256(json.dumps(about).encode())
        whole.update(chunk.pcm)
        return whole.hexdigest()

    def _run(self, pcm: bytes) -> bytes:
        with messages_file() as output:
            with running(self._arguments, self._path, output) as (process, pipe):
                with self._lock:
                    self._running.add(process)
                    if self._ended:
                        process.kill()
                try:
                    pipe.write(pcm)
                except BrokenPipeError as error:
                    raise EncoderGoneError from error
            with self._lock:
                self._running.discard(process)
            output.seek(0)
            return output.read()
