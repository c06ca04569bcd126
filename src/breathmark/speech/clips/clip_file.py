"""The file of one stored clip: a WAV that any program plays, with our facts in a chunk and a seal at its end.

``RIFF`` holds ``fmt `` (PCM, mono, 16 bit), ``brth`` (JSON: key, loudness, word times), ``data`` and ``seal``: the
SHA-256 of every byte before it. So a file that was cut short, changed, or put under another's name is recognised.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from dataclasses import dataclass
from typing import Any, Final

from breathmark.model import WordTime
from breathmark.speech.level import TrimmedClip

CLIP_BYTES_MAX: Final = 256 * 2**20
"""More than 45 minutes at 48 kHz, where a sentence is at most some minutes: anything larger is not one of our clips."""
_SEAL_BYTES: Final = 8 + 32
_FMT: Final = struct.Struct("<HHIIHH")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipFacts:
    """Metadata of a stored clip, from its file."""

    rate_hz: int
    frames: int
    """Counted at ``rate_hz``."""
    lufs: float
    """Gated loudness as stored; -inf where there is none."""
    before_frames: int = 0
    """How many of ``frames`` lie before it sounds."""
    after_frames: int = 0
    """The same behind it."""
    words: tuple[WordTime, ...] = ()
    """From where it sounds."""


def pack(clip: TrimmedClip, key: str) -> bytes:
    """The whole file for ``clip``, to be stored under ``key``."""
    facts = {
        "key": key,
        "lufs": clip.lufs if math.isfinite(clip.lufs) else None,
        "words": [[word.word, word.start_s, word.end_s] for word in clip.words],
    }
    note = json.dumps(facts, ensure_ascii=True, allow_nan=False).encode()
    note += b" " * (len(note) % 2)
    fmt = _FMT.pack(1, 1, clip.rate_hz, 2 * clip.rate_hz, 2, 16)
    chunks = _chunk(b"fmt ", fmt) + _chunk(b"brth", note) + _chunk(b"data", clip.pcm)
    head = b"RIFF" + struct.pack("<I", 4 + len(chunks) + _SEAL_BYTES) + b"WAVE"
    return head + chunks + _chunk(b"seal", hashlib.sha256(head + chunks).digest())


def unpack(data: bytes, key: str) -> TrimmedClip | None:
    """The clip in the file, or None where it is damaged, foreign, or another clip's."""
    body, seal = data[:-_SEAL_BYTES], data[-_SEAL_BYTES:]
    if seal != _chunk(b"seal", hashlib.sha256(body).digest()):
        return None
    try:
        return _clip(body, key)
    except (struct.error, ValueError, KeyError, TypeError, RecursionError):
        return None


def _clip(body: bytes, key: str) -> TrimmedClip | None:
    """Sealed files may still be another version's, so nothing is taken for granted."""
    chunks = _chunks(body)
    kind, channels, rate_hz, _, width, _ = _FMT.unpack(chunks[b"fmt "])
    note: dict[str, Any] = json.loads(chunks[b"brth"])
    frames = len(chunks[b"data"]) // 2
    if (kind, channels, width, note["key"]) != (1, 1, 2, key) or rate_hz == 0 or not frames:
        return None
    lufs = -math.inf if note["lufs"] is None else float(note["lufs"])
    words = tuple(
        WordTime(word=str(word), start_s=float(start), end_s=float(end)) for word, start, end in note["words"]
    )
    return TrimmedClip(pcm=chunks[b"data"], rate_hz=rate_hz, lufs=lufs, words=words)


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content


def _chunks(body: bytes) -> dict[bytes, bytes]:
    """The chunks after the RIFF header; all of ours have an even length."""
    found: dict[bytes, bytes] = {}
    offset = 12
    while offset < len(body):
        name, size = struct.unpack_from("<4sI", body, offset)
        found[name] = body[offset + 8 : offset + 8 + size]
        offset += 8 + size
    return found
