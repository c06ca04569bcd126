"""The author's cover picture, checked before anything is rendered."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final, Literal

from breathmark.base.errors import AssetError, near_miss
from breathmark.base.files import TooLargeError, names_beside, read_regular
from breathmark.base.inputs import note_read

MAX_COVER_BYTES: Final = 10 * 2**20
"""Under the 16 MiB that a FLAC block can hold; players choke long before that."""

_JPEG_START: Final = b"\xff\xd8\xff"
_JPEG_END: Final = b"\xff\xd9"
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
        meant = near_miss(path.name, names_beside(path))
        hint = f"did you mean {meant}?" if meant else "check its path"
        raise AssetError(f"the cover {path} can't be read: {error.strerror}", hint) from error
    if data.startswith(_JPEG_START) and _JPEG_END not in data[-64:]:  # some cameras pad the end
        raise AssetError(f"the cover {path} is not a whole JPEG or PNG", _ADVICE)
    return _checked(path, data)


def _checked(path: Path, data: bytes) -> Cover:
    from PIL import Image, ImageMode, UnidentifiedImageError  # noqa: PLC0415 - most sessions have no cover

    try:
        with warnings.catch_warnings(), Image.open(BytesIO(data), formats=("JPEG", "PNG")) as image:
            form = ImageMode.getmode(image.mode)
            cover = Cover(
                mime="image/png" if image.format == "PNG" else "image/jpeg",
                data=data,
                width=image.width,
                height=image.height,
                depth=8 * len(form.bands) * int(form.typestr[-1]),
            )
            image.verify()
    except UnidentifiedImageError as error:
        raise AssetError(f"the cover {path} is not a whole JPEG or PNG", _ADVICE) from error
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise AssetError(f"the cover {path} is damaged", _ADVICE) from error
    return cover
