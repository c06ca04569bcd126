"""The author's cover picture, checked before anything is rendered."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

from breathmark.base.errors import AssetError, near_miss
from breathmark.base.files import TooLargeError, read_regular
from breathmark.base.inputs import note_read

if TYPE_CHECKING:
    from pathlib import Path


MAX_COVER_BYTES: Final = 10 * 2**20
"""Under the 16 MiB that a FLAC block can hold; players choke long before that."""

_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PNG_END: Final = b"IEND\xaeB`\x82"
_PNG_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples per pixel by colour type (PNG, 11.2.2)."""
_JPEG_START: Final = b"\xff\xd8\xff"
_JPEG_END: Final = b"\xff\xd9"
_JPEG_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""The markers that start a frame and carry its size (ITU-T T.81, table B.1)."""
_ADVICE: Final = "use a whole .jpg or .png of at most 10 MB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """A picture, as it goes into the tags."""

    mime: Literal["image/jpeg", "image/png"]
    data: bytes
    width: int
    """In pixels."""
    height: int
    """In pixels."""
    depth: int
    """Bits per pixel."""

    @property
    def suffix(self) -> str:
        """That of a file with this picture, with its dot."""
        return ".png" if self.mime == "image/png" else ".jpg"


def read_cover(path: Path) -> Cover:
    """The picture ``path``; raises AssetError where it is missing, too big, torn, or neither JPEG nor PNG."""
    note_read(path)
    try:
        data = read_regular(path, MAX_COVER_BYTES)
    except TooLargeError as error:
        raise AssetError(f"the cover {path} is bigger than 10 MB", _ADVICE) from error
    except OSError as error:
        meant = near_miss(path.name, _beside(path))
        hint = f"did you mean {meant}?" if meant else "check its path"
        raise AssetError(f"the cover {path} can't be read: {error.strerror}", hint) from error
    try:
        cover = _png(data) or _jpeg(data)
    except (struct.error, KeyError, IndexError) as error:
        raise AssetError(f"the cover {path} is damaged", _ADVICE) from error
    if cover is None:
        raise AssetError(f"the cover {path} is not a whole JPEG or PNG", _ADVICE)
    return cover


def _beside(path: Path) -> list[str]:
    """The files beside one that may be missing, for a near miss."""
    try:
        return [each.name for each in islice(path.parent.iterdir(), 1000) if each != path]
    except OSError:
        return []


def _png(data: bytes) -> Cover | None:
    if not data.startswith(_PNG_SIGNATURE) or not data.endswith(_PNG_END):
        return None
    width, height, bits, colour = struct.unpack_from(">IIBB", data, 16)
    return Cover(mime="image/png", data=data, width=width, height=height, depth=bits * _PNG_CHANNELS[colour])


def _jpeg(data: bytes) -> Cover | None:
    if not data.startswith(_JPEG_START) or _JPEG_END not in data[-64:]:  # some cameras pad the end
        return None
    place = 2
    while data[place] == 0xFF:
        marker = data[place + 1]
        if marker in _JPEG_FRAMES:
            bits, height, width, parts = struct.unpack_from(">BHHB", data, place + 4)
            return Cover(mime="image/jpeg", data=data, width=width, height=height, depth=bits * parts)
        place += 1 if marker == 0xFF else 2 + int.from_bytes(data[place + 2 : place + 4])
    return None
