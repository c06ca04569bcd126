"""Which file to download: apart from the download itself, whose libraries take a fifth of a second to import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFile:
    """A file whose content is known before it is fetched."""

    name: str
    """Its name where it is installed."""
    url: str
    origin: str
    """Its path below the address that it comes from."""
    size: int
    """Bytes."""
    algorithm: Literal["sha256", "md5"]
    digest: str
    """Hexadecimal, lower case."""
