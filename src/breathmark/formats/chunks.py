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
from tempfile import gettempdir
from typing import IO, TYPE_CHECKING, Final, Self

from breathmark.audio.ffmpeg import ffmpeg_path, messages_file
from breathmark.base.pool import usable_cores
from breathmark.base.writing import delivery_errors
from breathmark.formats.encoder import BARE, BITEXACT, QUIET, TEMPORARY, from_pipe, reading
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
"""The mix, which feeds them, is itself a sixth of the work."""


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

    pcm: IO[bytes]
    """A file without a name: the chunks that wait for an encoder would be 50 to 100 MB of this process's memory."""
    frames: int
    digest: str
    """Of the PCM; empty where nobody asks."""
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
    cutter = _Cutter(blocks, preset, split, progress, digests=workers.cache is not None)
    with (
        _Encoders(arguments, split, workers) as encoders,
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


def encode_parts(parts: Iterable[bytes], split: PartEncode, workers: Workers, *, rate_hz: int) -> Iterator[bytes]:
    """Each of ``parts`` (mono PCM of 32 bits) encoded by itself, in their order.

    Raises:
        AssetError: There is no ffmpeg.
        DeliveryError: It can't be started, or has failed.
    """
    source = from_pipe(rate_hz, 1, _PART_WIDTH)
    arguments = [str(ffmpeg_path()), *QUIET, *source, *BITEXACT, *BARE, *split.arguments, "-y", "pipe:1"]
    with _Encoders(arguments, split, workers) as encoders:
        yield from encoders.run(_part(pcm) for pcm in parts)


def _part(pcm: bytes) -> Chunk:
    """A chunk by itself. Raises DeliveryError."""
    file = messages_file()
    try:
        with delivery_errors(Path(gettempdir()), TEMPORARY):
            file.write(pcm)
            file.seek(0)
    except BaseException:
        with suppress(OSError):
            file.close()
        raise
    digest = hashlib.sha256(pcm).hexdigest()
    return Chunk(pcm=file, frames=len(pcm) // _PART_WIDTH, digest=digest, is_first=True, is_last=True)


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
        *,
        digests: bool,
    ) -> None:
        self._blocks = blocks
        self._form = (preset.rate_hz, preset.channels, preset.sample_width)
        self._split = split
        self._progress = progress
        self._digests = digests
        self.frames = 0
        """How many were taken from the blocks so far."""

    def chunks(self) -> Generator[Chunk, None, None]:
        """Each chunk, once there is more sound than it takes. Its file is for whoever gets it to close."""
        growing = deque([self._begun(0)])
        try:
            for block in self._blocks:
                before = self.frames
                data = self._data(block)
                while growing[-1].next_begins < self.frames:
                    growing.append(self._begun(growing[-1].number + 1))
                for chunk in growing:
                    chunk.take(before, data)
                while growing[0].end < self.frames:
                    yield growing.popleft().cut(is_last=False)
            yield growing.popleft().cut(is_last=True)
        finally:
            for chunk in growing:
                chunk.file.close()

    def _begun(self, number: int) -> _GrowingChunk:
        return _GrowingChunk(number, self._split, self._form[1] * self._form[2], digest=self._digests)

    def _data(self, block: AudioSegment) -> bytes:
        if (block.frame_rate, block.channels, block.sample_width) != self._form:
            raise ValueError(f"a block of another form than {self._form}")
        data: bytes = block.raw_data
        self.frames += len(data) // block.frame_width
        if self._progress:
            self._progress(self.frames)
        return data


class _GrowingChunk:
    """A chunk on its way into its file. Places are frames of the session."""

    def __init__(self, number: int, split: ChunkedEncode, frame_bytes: int, *, digest: bool) -> None:
        begin = number * split.chunk_frames
        self.number = number
        self.next_begins = begin + split.chunk_frames - split.before_frames
        """Where what the next chunk takes begins."""
        self.end = begin + split.chunk_frames + split.after_frames
        self.file = messages_file()
        self._begin = begin - split.before_frames if number else 0
        self._frame_bytes = frame_bytes
        self._frames = 0
        self._digest = hashlib.sha256() if digest else None

    def take(self, at: int, data: bytes) -> None:
        """Write what belongs to it of ``data``, which begins at the frame ``at``. Raises DeliveryError."""
        first, last = max(self._begin - at, 0) * self._frame_bytes, (self.end - at) * self._frame_bytes
        part = memoryview(data)[first:last]
        self._frames += len(part) // self._frame_bytes
        if self._digest:
            self._digest.update(part)
        with delivery_errors(Path(gettempdir()), TEMPORARY):
            self.file.write(part)

    def cut(self, *, is_last: bool) -> Chunk:
        """What it has, to be read from its beginning. Raises DeliveryError."""
        with delivery_errors(Path(gettempdir()), TEMPORARY):
            self.file.seek(0)
        digest = self._digest.hexdigest() if self._digest else ""
        return Chunk(pcm=self.file, frames=self._frames, digest=digest, is_first=not self.number, is_last=is_last)


class _Encoders:
    """The processes that encode chunks; none is left when the ``with`` block is."""

    def __init__(self, arguments: list[str], split: PartEncode, workers: Workers) -> None:
        self._arguments = arguments
        self._split = split
        self._workers = workers
        self._pool = ThreadPoolExecutor(workers.processes)
        self._pending: deque[tuple[Chunk, Future[bytes]]] = deque()
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
        for chunk, _future in self._pending:
            chunk.pcm.close()

    def run(self, chunks: Iterable[Chunk]) -> Iterator[bytes]:
        """What is encoded of each chunk, in their order; a few are taken before they are needed."""
        for chunk in chunks:
            self._pending.append((chunk, self._pool.submit(self._encoded, chunk)))
            if len(self._pending) > self._workers.processes:
                yield self._first()
        while self._pending:
            yield self._first()

    def _first(self) -> bytes:
        data = self._pending[0][1].result()
        self._pending.popleft()[0].pcm.close()
        return data

    def _encoded(self, chunk: Chunk) -> bytes:
        cache = self._workers.cache
        name = self._name(chunk) if cache else ""
        known = cache.load(name) if cache else None
        if known is not None:
            return known
        data = self._split.own_part(self._run(chunk.pcm), is_first=chunk.is_first, is_last=chunk.is_last)
        if data is None:
            raise lost_sound(None, chunk.frames)
        if cache:
            cache.store(name, data)
        return data

    def _name(self, chunk: Chunk) -> str:
        """A digest of all that the bytes of a chunk depend on: the encoder, what is asked of it, and the sound."""
        status = Path(self._arguments[0]).stat()
        about = [
            type(self._split).__name__,
            *self._arguments,
            status.st_size,
            status.st_mtime_ns,
            chunk.is_first,
            chunk.is_last,
            chunk.digest,
        ]
        return hashlib.sha256(json.dumps(about).encode()).hexdigest()

    def _run(self, pcm: IO[bytes]) -> bytes:
        with messages_file() as output:
            with reading(self._arguments, pcm, output) as process, self._lock:
                self._running.add(process)
                if self._ended:
                    process.kill()
            with self._lock:
                self._running.discard(process)
            output.seek(0)
            return output.read()
