"""Housekeeping of the cache: what sentences and ambience are in it, and what can be removed."""

from __future__ import annotations

import contextlib
import math
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from breathmark.base.files import drafts_in, is_draft, is_left_behind
from breathmark.speech.clips.places import FORMAT, notes_folder, unwritable

_CLIP: Final = re.compile(r"[0-9a-f]{64}\.wav")
_DRAFT_LIFE_S: Final = 3600.0
"""No clip takes that long to be written; for drafts of other machines, whose processes can't be checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheInfo:
    """The contents of the cache, counted."""

    folder: Path
    clips: int
    bytes: int
    """Of the clips that are not private."""
    private_folder: Path
    private_clips: int
    private_bytes: int
    ambience_bytes: int
    """Of made ambience."""
    leftovers: int
    """Drafts of runs that were killed, and clips of other versions; ``prune`` removes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """The result of a removal."""

    clips: int
    bytes: int
    """Of clips, ambience and leftovers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _CacheFile:
    path: Path
    bytes: int
    used_s: float
    """When it was last written or loaded, in seconds of the epoch."""
    current: bool
    """A clip of this version, not a leftover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelves:
    """The two folders of a cache."""

    root: Path
    private_root: Path

    def info(self) -> CacheInfo:
        """Count what is there."""
        shared, private = list(self._clips(private=False)), list(self._clips(private=True))
        return CacheInfo(
            folder=self.root,
            clips=len(shared),
            bytes=sum(file.bytes for file in shared),
            private_folder=self.private_root,
            private_clips=len(private),
            private_bytes=sum(file.bytes for file in private),
            ambience_bytes=sum(file.bytes for file in self._ambience()),
            leftovers=sum(1 for _ in self._leftovers()),
        )

    def prune(self, *, older_than_s: float | None, bigger_than_bytes: int | None) -> Removed:
        """As ``ClipCache.prune``."""
        leftovers = self._remove(self._leftovers())
        kept = sorted([*self._everything()], key=lambda file: file.used_s)
        oldest_s = -math.inf if older_than_s is None else time.time() - older_than_s
        total = sum(file.bytes for file in kept)
        going: list[_CacheFile] = []
        for file in kept:
            if file.used_s < oldest_s or (bigger_than_bytes is not None and total > bigger_than_bytes):
                going.append(file)
                total -= file.bytes
        gone = self._remove(going)
        return Removed(clips=gone.clips, bytes=gone.bytes + leftovers.bytes)

    def clear(self) -> Removed:
        """As ``ClipCache.clear``."""
        self._remove(self._leftovers(every_draft=True))
        removed = self._remove(self._everything())
        remainder = [*self._notes.glob("*.json"), *self.private_root.glob("key*")]
        self._remove(filter(None, map(_file, remainder)))
        return removed

    def _everything(self) -> Iterator[_CacheFile]:
        yield from self._clips(private=False)
        yield from self._clips(private=True)
        yield from self._ambience()

    def _ambience(self) -> Iterator[_CacheFile]:
        """Pieces of all versions: an older one is not used any more, and goes by its age."""
        return (file for path in (self.root / "ambience").glob("*/*.piece") if (file := _file(path)))

    @property
    def _notes(self) -> Path:
        return notes_folder(self.root)

    def _clips(self, *, private: bool) -> Iterator[_CacheFile]:
        return (file for file in self._files(private=private) if file.current)

    def _leftovers(self, *, every_draft: bool = False) -> Iterator[_CacheFile]:
        for private in (False, True):
            for file in self._files(private=private):
                if not file.current and (every_draft or not is_draft(file.path) or _is_abandoned(file)):
                    yield file

    def _files(self, *, private: bool) -> Iterator[_CacheFile]:
        """Our own files only: a cache may share its folder with anything."""
        top = self.private_root if private else self.root / "clips"
        beside = drafts_in(self.private_root if private else self._notes)
        pieces = () if private else (self.root / "ambience").glob("*/.breathmark-*")
        for path in (*top.glob("v*/[0-9a-f][0-9a-f]/*"), *beside, *pieces):
            file = _file(path) if _CLIP.fullmatch(path.name) or is_draft(path) else None
            if file:
                yield file

    def _remove(self, files: Iterable[_CacheFile]) -> Removed:
        count = size = 0
        for file in files:
            try:
                file.path.unlink(missing_ok=True)
            except OSError as exc:
                raise unwritable(self.root, exc) from exc
            count, size = count + (file.path.suffix == ".wav"), size + file.bytes
        return Removed(clips=count, bytes=size)


def _file(path: Path) -> _CacheFile | None:
    """None where another run has just removed it."""
    with contextlib.suppress(OSError):
        status = path.stat()
        current = path.suffix == ".wav" and path.parent.parent.name == f"v{FORMAT}"
        return _CacheFile(path=path, bytes=status.st_size, used_s=status.st_mtime, current=current)
    return None


def _is_abandoned(file: _CacheFile) -> bool:
    return is_left_behind(file.path, stale_s=_DRAFT_LIFE_S)
