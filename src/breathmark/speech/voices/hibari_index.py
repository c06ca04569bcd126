"""The list of hibari-tts's voices in its package: files, sizes and digests. One is inside, the others are fetched."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from breathmark.base.errors import VoiceError, near_miss
from breathmark.base.files import read_regular
from breathmark.speech.clips.places import voices_folder
from breathmark.speech.voices.wanted import WantedFile

if TYPE_CHECKING:
    from collections.abc import Mapping

HUB_URL: Final = "https://huggingface.co/maureesewilliams/hibari/resolve/main/voices"
"""Where hibari-tts 0.2.1 itself fetches them (``hibari.voices.BASE_URL``); importing that would load the runtime."""
INSTALL: Final = "pip install 'breathmark[hibari]'"

_MOST_BYTES: Final = 1_000_000


class HibariVoice(BaseModel):
    """The part of an entry that is needed; the list has more."""

    language: str
    """A BCP 47 tag."""
    accent: str
    gender: str
    file: str = Field(pattern=r"^[\w-][\w.-]*\.onnx$")
    bundled: bool
    """Whether the model is in the package."""
    size: int = Field(alias="bytes", gt=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    british: bool
    """Which of the two alphabets and dictionaries the model has learnt."""

    @property
    def path(self) -> Path:
        """Where the model of a voice that is not bundled is installed."""
        return voices_folder("hibari") / self.file


_LIST: Final = TypeAdapter(dict[str, HibariVoice])


@cache
def listed_voices() -> Mapping[str, HibariVoice]:
    """Every voice that the installed package knows, by its own name.

    Raises:
        VoiceError: the package is not installed, or its list can't be read.
    """
    found = find_spec("hibari")
    if found is None or not found.submodule_search_locations:
        raise VoiceError("the narrator hibari is not installed", INSTALL)
    path = Path(found.submodule_search_locations[0], "assets", "voices.json")
    try:
        return _LIST.validate_json(read_regular(path, _MOST_BYTES))
    except (OSError, ValidationError) as exc:
        raise VoiceError(f"the list of Hibari's voices {path} can't be read", f"install it again: {INSTALL}") from exc


def fetched_voices() -> dict[str, HibariVoice]:
    """Those that are not in the package, whether installed or not."""
    return {name: voice for name, voice in listed_voices().items() if not voice.bundled}


def hibari_files(name: str, mirror: str = "") -> tuple[WantedFile, ...]:
    """The model of the voice ``name``, from the makers' hub or from another address that has it.

    Raises:
        VoiceError: there is no such voice to fetch, or the package, which has the digests, is not installed.
    """
    voices = fetched_voices()
    voice = voices.get(name.lower())
    if voice is None:
        near = near_miss(name, voices)
        hint = f"did you mean `hibari:{near}`?" if near else f"there are {', '.join(voices)}"
        raise VoiceError(f"there is nothing to install for `hibari:{name}`", hint)
    url = f"{(mirror or HUB_URL).rstrip('/')}/{voice.file}"
    wanted = WantedFile(
        name=voice.file, url=url, origin=voice.file, size=voice.size, algorithm="sha256", digest=voice.sha256
    )
    return (wanted,)
