"""The clip cache: every sentence is spoken once, for all lengths, presets and courses.

It is content-addressed: a clip's name is a hash of all that its sound depends on. Nothing in it is ever changed, only
added or removed, so that any number of runs can share it without a lock. A clip is written under a temporary name and
renamed when it is whole. It is not forced to the disk: after a power cut its seal shows what is missing, and it counts
as never made.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from breathmark.base.files import read_regular, write_whole
from breathmark.base.folders import cache_folder
from breathmark.speech.clips.clip_file import CLIP_BYTES_MAX, ClipFacts, pack, unpack
from breathmark.speech.clips.housekeeping import CacheInfo, Removed, Shelves
from breathmark.speech.clips.places import FORMAT, make_private, private_folder, secret, unwritable
from breathmark.speech.level import TrimmedClip, moved, quiet_edges

if TYPE_CHECKING:
    from breathmark.speech.contract import SpeechRequest


_NOT_ASKED: Final[Mapping[str, object]] = {"take": 1, "pitch_semitones": 0.0}
"""What a request has where nobody asks for it, left out of its key: so clips from before it could be asked for are
still found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipKey:
    """The name of a clip in the cache."""

    digest: str
    """SHA-256, or HMAC-SHA-256 where it is private: without the local key, nobody can try sentences against it."""
    private: bool


class ClipCache:
    """The stored clips below one folder; private ones lie apart, where only this user can read them."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root.expanduser().absolute() if root else cache_folder()

    @cached_property
    def private_root(self) -> Path:
        """Where private clips lie: below ``root``, or with the user where others can write to ``root``."""
        return private_folder(self.root)

    def key(self, request: SpeechRequest, fingerprint: str, *, private: bool = False) -> ClipKey:
        """The name of the clip that ``request`` makes with a narrator of this fingerprint.

        Raises:
            VoiceError: the key of private clips can't be read or made.
        """
        asked = {name: value for name, value in asdict(request).items() if value != _NOT_ASKED.get(name)}
        whole = json.dumps([FORMAT, type(request).__name__, asked, fingerprint], sort_keys=True).encode()
        if private:
            return ClipKey(digest=hmac.new(self._secret, whole, hashlib.sha256).hexdigest(), private=True)
        return ClipKey(digest=hashlib.sha256(whole).hexdigest(), private=False)

    def path(self, key: ClipKey) -> Path:
        """Where the clip lies, or would lie."""
        return self._shelf(private=key.private) / key.digest[:2] / f"{key.digest}.wav"

    def load(self, key: ClipKey) -> ClipFacts | None:
        """The facts of the clip stored under ``key``; None where nothing is, or the file is damaged."""
        clip = self.load_clip(key)
        if clip is None:
            return None
        before, after = quiet_edges(clip)
        sounds_s = (clip.frames - before - after) / clip.rate_hz
        return ClipFacts(
            rate_hz=clip.rate_hz,
            frames=clip.frames,
            lufs=clip.lufs,
            before_frames=before,
            after_frames=after,
            words=moved(clip.words, before / clip.rate_hz, sounds_s),
        )

    def load_clip(self, key: ClipKey) -> TrimmedClip | None:
        """The clip itself, likewise."""
        path = self.path(key)
        try:
            clip = unpack(read_regular(path, CLIP_BYTES_MAX), key.digest)
        except OSError:
            return None
        if clip:
            # ``prune`` goes by the last use; a store that is only readable is fine, too.
            with contextlib.suppress(OSError):
                os.utime(path)
        return clip

    def store(self, key: ClipKey, clip: TrimmedClip) -> None:
        """Store ``clip``, whole or not at all.

        Raises:
            VoiceError: the folder can't be written, or the disk is full.
        """
        path = self.path(key)
        try:
            self._make(path.parent, private=key.private)
            if path.is_dir() and not path.is_symlink():  # of a copy that went wrong
                shutil.rmtree(path)
            write_whole(path, pack(clip, key.digest), private=key.private)
        except OSError as exc:
            # Windows lets nobody replace a file that another run is reading, which then has just this clip.
            if not (isinstance(exc, PermissionError) and self.load(key)):
                raise unwritable(self.root, exc) from exc

    @cached_property
    def _secret(self) -> bytes:
        try:
            make_private(self.private_root)
            return secret(self.private_root)
        except OSError as exc:
            raise unwritable(self.private_root, exc) from exc

    def info(self) -> CacheInfo:
        """The contents of the cache, counted."""
        return self._shelves.info()

    def prune(self, *, older_than_s: float | None = None, bigger_than_bytes: int | None = None) -> Removed:
        """Remove leftovers, then clips not used for ``older_than_s``, then the longest unused down to a total size.

        A run that is going on and was given a clip that is removed here has to be started again.

        Raises:
            VoiceError: a file can't be removed.
        """
        return self._shelves.prune(older_than_s=older_than_s, bigger_than_bytes=bigger_than_bytes)

    def clear(self) -> Removed:
        """Remove every clip, also the private ones and their key; other files in the folder are left alone.

        Raises:
            VoiceError: a file can't be removed.
        """
        return self._shelves.clear()

    @property
    def _shelves(self) -> Shelves:
        return Shelves(root=self.root, private_root=self.private_root)

    def _make(self, folder: Path, *, private: bool) -> None:
        # Not writable for a group even where the umask says so, since that would make it a shared store.
        self.root.mkdir(mode=0o755, parents=True, exist_ok=True)
        if private:
            make_private(self.private_root)
        folder.mkdir(mode=0o700 if private else 0o777, parents=True, exist_ok=True)

    def _shelf(self, *, private: bool) -> Path:
        return (self.private_root if private else self.root / "clips") / f"v{FORMAT}"
