"""The cache of encoded chunks: what was encoded once is taken over where the same sound comes again.

It lies beside the spoken sentences, and holds nothing of a private session. Files appear whole, and one that is damaged
counts as never made. It is bounded: what was not used for longest goes first.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from breathmark.base.files import drafts_in, is_left_behind, read_regular, write_whole

MOST_BYTES: Final = 512 << 20
"""About nine hours of MP3 at 128 kbit/s."""
_FORMAT: Final = 1
_CHUNK_BYTES_MAX: Final = 64 << 20
_SEAL_BYTES: Final = 32
_NAME: Final = re.compile(r"[0-9a-f]{64}\.chunk")
_DRAFT_LIFE_S: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkFiles:
    """Encoded chunks, counted."""

    count: int
    bytes: int


class ChunkCache:
    """The encoded chunks in the cache at ``root``."""

    def __init__(self, root: Path) -> None:
        self._top = root / "encoded"
        self._folder = self._top / f"v{_FORMAT}"

    def load(self, name: str) -> bytes | None:
        """The chunk of that name; None where there is none, or it is damaged."""
        path = self._path(name)
        try:
            data = read_regular(path, _CHUNK_BYTES_MAX)
            os.utime(path)
        except OSError:
            return None
        seal, chunk = data[:_SEAL_BYTES], data[_SEAL_BYTES:]
        return chunk if hashlib.sha256(chunk).digest() == seal else None

    def store(self, name: str, chunk: bytes) -> None:
        """Keep a chunk. Where that can't be, such as on a full disk, it is encoded again next time."""
        path = self._path(name)
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, hashlib.sha256(chunk).digest() + chunk)

    def info(self) -> ChunkFiles:
        """What is there."""
        sizes = [size for _, size, _ in self._files()]
        return ChunkFiles(count=len(sizes), bytes=sum(sizes))

    def prune(self, *, older_than_s: float | None = None, keep_bytes: int | None = MOST_BYTES) -> ChunkFiles:
        """Remove drafts of killed runs, what was not used for ``older_than_s``, and the longest unused over a size."""
        with suppress(OSError):
            for draft in (each for folder in self._folder.glob("??") for each in drafts_in(folder)):
                if is_left_behind(draft, stale_s=_DRAFT_LIFE_S):
                    draft.unlink(missing_ok=True)
        files = self._files()
        total = sum(size for _, size, _ in files)
        oldest_s = 0.0 if older_than_s is None else time.time() - older_than_s
        going: list[tuple[Path, int]] = []
        for used_s, size, path in files:
            if used_s < oldest_s or (keep_bytes is not None and total > keep_bytes):
                going.append((path, size))
                total -= size
        return _removed(going)

    def clear(self) -> ChunkFiles:
        """Remove all of it."""
        return self.prune(keep_bytes=0)

    def _files(self) -> list[tuple[float, int, Path]]:
        """When each was used last (s of the epoch), its size and its path, the longest unused first."""
        found: list[tuple[float, int, Path]] = []
        for path in self._top.glob("v*/[0-9a-f][0-9a-f]/*"):
            with suppress(OSError):  # another run may have removed it
                if _NAME.fullmatch(path.name):
                    status = path.stat()
                    found.append((status.st_mtime, status.st_size, path))
        return sorted(found)

    def _path(self, name: str) -> Path:
        return self._folder / name[:2] / f"{name}.chunk"


def _removed(files: Iterable[tuple[Path, int]]) -> ChunkFiles:
    count = size = 0
    for path, bytes_ in files:
        with suppress(OSError):
            path.unlink(missing_ok=True)
            count, size = count + 1, size + bytes_
    return ChunkFiles(count=count, bytes=size)
