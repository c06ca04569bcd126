"""The public index of Piper's voices: which files a voice has, and their digests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import quote

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from breathmark.base.errors import VoiceError, near_miss
from breathmark.base.files import read_regular
from breathmark.speech.voices.download import fetch_small
from breathmark.speech.voices.wanted import WantedFile

INDEX_URL: Final = "https://huggingface.co/rhasspy/piper-voices/resolve/main"
"""Where the project Piper offers its voices."""

_INDEX: Final = "voices.json"
_MOST_BYTES: Final = 20_000_000
_KEY: Final = re.compile(r"\w+-\w+-\w+")
_QUALITIES: Final = ("medium", "high", "low", "x_low")
"""The order of preference where only a voice's name is given: medium is the best that is still quick."""


class _IndexFile(BaseModel):
    """One file of a voice, as the index lists it."""

    size_bytes: int = Field(ge=0)
    md5_digest: str = Field(pattern="^[0-9a-f]{32}$")


class _IndexVoice(BaseModel):
    """The part of an entry that is needed; the index has more."""

    files: dict[str, _IndexFile]


_INDEX_TYPE: Final = TypeAdapter(dict[str, _IndexVoice])


def piper_files(name: str, *, source: Path | None, base: str) -> tuple[WantedFile, ...]:
    """The model, its config and its card (the licence) of the voice ``name``: ``lessac``, ``en_US-lessac-medium``.

    The index comes from ``source``, where one is given, else from the address ``base``.

    Raises:
        VoiceError: the index can't be fetched or read, or has no such voice, or several.
    """
    base = base.rstrip("/")
    index = _read(source, base)
    key = _key(name, index)
    paths = {PurePosixPath(path).name: path for path in index[key].files}
    files = tuple(
        _wanted(f"{key}{suffix}", paths[theirs], index[key].files[paths[theirs]], base)
        for suffix, theirs in _names(key)
        if theirs in paths
    )
    if [file.name for file in files[:2]] != [f"{key}.onnx", f"{key}.onnx.json"]:
        raise VoiceError(f"the voice index has no model and config for {key}", "choose another voice")
    return files


def _names(key: str) -> tuple[tuple[str, str], ...]:
    """The suffix of each of a voice's files here, and the file's name in the index."""
    return (".onnx", f"{key}.onnx"), (".onnx.json", f"{key}.onnx.json"), (".MODEL_CARD", "MODEL_CARD")


def _wanted(name: str, path: str, file: _IndexFile, base: str) -> WantedFile:
    url = f"{base}/{quote(path)}"
    return WantedFile(name=name, url=url, origin=path, size=file.size_bytes, algorithm="md5", digest=file.md5_digest)


def _read(source: Path | None, base: str) -> Mapping[str, _IndexVoice]:
    """The index, of the entries that are voices."""
    origin = f"{base}/{_INDEX}" if source is None else str(source / _INDEX)
    try:
        content = (
            fetch_small(origin, most=_MOST_BYTES) if source is None else read_regular(source / _INDEX, _MOST_BYTES)
        )
        index = _INDEX_TYPE.validate_json(content)
    except OSError as exc:
        hint = f"put the voice index ({INDEX_URL}/{_INDEX}) there, too: it has the checksums of the voice's files"
        raise VoiceError(f"the voice index {origin} can't be read: {exc.strerror or exc}", hint) from exc
    except ValidationError as exc:
        raise VoiceError(
            f"{origin} is not an index of Piper voices", "try again later, or use another copy of it"
        ) from exc
    return {key: voice for key, voice in index.items() if _KEY.fullmatch(key)}


def _key(name: str, index: Mapping[str, _IndexVoice]) -> str:
    """The voice that ``name`` means: its whole name, or the middle of it where that says enough."""
    wanted = name.casefold()
    whole = [key for key in index if key.casefold() == wanted]
    named = whole or [key for key in index if key.split("-")[1].casefold() == wanted]
    if not named:
        near = near_miss(name, index) or near_miss(name, {key.split("-")[1] for key in index})
        hint = f"did you mean `piper:{near}`?" if near else "a voice is named like `piper:en_US-lessac-medium`"
        raise VoiceError(f"the voice index has no voice `{name}`", hint)
    if len({key.split("-")[0] for key in named}) > 1:
        raise VoiceError(f"several voices are named `{name}`", f"choose one of {', '.join(sorted(named))}")
    return min(named, key=_preference)


def _preference(key: str) -> tuple[int, str]:
    quality = key.split("-")[2]
    return (_QUALITIES.index(quality) if quality in _QUALITIES else len(_QUALITIES), key)
