"""Packs as programs: a page that is opened from a disk can load nothing else.

Each byte of a pack is a letter of a text. Pages load it as ``windows-1252``, all of whose letters but 27 are those of
Latin-1, which Chromium keeps as one byte each: measured on a pack of 4.3 MB, that holds up the page for 5 ms, and other
encodings that have a letter for each byte for 80 to 120 ms. Base64 is as fast, but longer by a third, and this by a
tenth.
"""

from __future__ import annotations

import json
from typing import Final

import numpy as np

_MARK: Final = 1
"""After it comes a byte that a text can't hold as it is, with ``_MOVED`` added."""
_MOVED: Final = 70
"""Makes of each byte in ``_NOT_IN_TEXTS`` one that is not."""
_CONTROLS: Final = b"\x81\x8d\x8f\x90\x9d"
"""The bytes from 0x80 to 0x9F that windows-1252 has as the same letters as Latin-1."""
_NOT_IN_TEXTS: Final = (_MARK, *b'\n\r"\\', *(byte for byte in range(0x80, 0xA0) if byte not in _CONTROLS))
"""What a text of a program can't hold as it is, and what windows-1252 has as a letter outside of Latin-1."""


def program(key: str, pack: bytes, plans: bytes) -> bytes:
    """A program that leaves both files under ``key``; ``compose.js`` reads their texts."""
    turn = _turn(pack)
    texts = b", ".join(b'%s: "%s"' % (name, _text(data, turn)) for name, data in ((b"pack", pack), (b"plans", plans)))
    return b"(self.breathmarkPacks ??= {})[%s] = {turn: %d, %s};\n" % (json.dumps(key).encode(), turn, texts)


def _turn(data: bytes) -> int:
    """What to add to each byte so that the fewest have to be marked."""
    counts = np.bincount(np.frombuffer(data, np.uint8), minlength=256)
    marked = [int(counts[np.subtract(_NOT_IN_TEXTS, turn) % 256].sum()) for turn in range(256)]
    return marked.index(min(marked))


def _text(data: bytes, turn: int) -> bytes:
    turned = data.translate(bytes((byte + turn) % 256 for byte in range(256)))
    for byte in _NOT_IN_TEXTS:  # the mark itself first
        turned = turned.replace(bytes([byte]), bytes([_MARK, (byte + _MOVED) % 256]))
    return turned
