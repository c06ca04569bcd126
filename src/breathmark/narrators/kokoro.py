"""The narrator ``kokoro``: the best voices that were measured, by a small neural model that runs on a processor."""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from pydub import AudioSegment

from breathmark.errors import VoiceError
from breathmark.model import Clip
from breathmark.narrators.base import SpeechRequest, Voice, check_settings
from breathmark.narrators.filehash import file_sha256
from breathmark.narrators.kokoro_files import MODEL, VECTORS, kokoro_is_installed
from breathmark.narrators.kokoro_voices import KOKORO_VOICES, KokoroVoice
from breathmark.narrators.naming import called
from breathmark.narrators.pace import is_spoken
from breathmark.narrators.phonemes import phonemes
from breathmark.narrators.places import voices_folder
from breathmark.sound.pcm import to_16_bit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["KokoroNarrator"]

_PACKAGE: Final = "pip install 'breathmark[kokoro]'"
_INSTALL: Final = "breathmark voices install kokoro"
_RATE_HZ: Final = 24_000
_VOICES: Final = {voice.name: voice for voice in KOKORO_VOICES}


class KokoroNarrator:
    """Speaks English by the model Kokoro-82M, version 1.0, with its weights in 8 bits."""

    real_time_factor: ClassVar[float] = 0.67

    def __init__(self, settings: Mapping[str, str]) -> None:
        check_settings("kokoro", settings, ())
        self._engine: _Engine | None = None

    @classmethod
    def missing(cls) -> str:
        """The command that installs the package or the model; empty where both are there."""
        if not (find_spec("kokoro_onnx") and find_spec("onnxruntime")):
            return _PACKAGE
        return "" if kokoro_is_installed() else _INSTALL

    def voices(self) -> tuple[Voice, ...]:
        """The model's English voices, those that its makers grade best first."""
        return tuple(
            Voice(
                name=voice.name,
                language=voice.language,
                description=voice.description,
                display=called(voice.name.rpartition("_")[2], voice.language),
            )
            for voice in KOKORO_VOICES
        )

    def fingerprint(self, voice: str) -> str:
        """The content of the model and of the voices' vectors, and what turns letters into sounds."""
        _known(voice)
        folder = voices_folder("kokoro")
        try:
            files = f"model={file_sha256(folder / MODEL)} vectors={file_sha256(folder / VECTORS)}"
        except OSError as exc:
            raise VoiceError(f"the model of {voice} can't be read: {exc}", _INSTALL) from exc
        packages = " ".join(f"{name}={version(name)}" for name in ("kokoro-onnx", "phonemizer", "espeakng-loader"))
        return f"{packages} {files} voice={voice} threads=1 pace=1"

    def unsaid(self, voice: str, ipa: str) -> str:
        """What is no token of the model; they are read without loading its runtime."""
        _known(voice)
        tokens = _tokens()
        return "".join(sign for sign in ipa if sign not in tokens)

    def speak(self, request: SpeechRequest) -> Clip:
        """Speak on one thread, so that processes scale and equal requests give equal bytes.

        Raises:
            VoiceError: the model can't be loaded or failed, or there was nothing to say.
        """
        voice = _known(request.voice)
        if not any(map(is_spoken, request.text)):
            raise VoiceError("there is nothing to say in an empty sentence", "give it a word")
        self._engine = self._engine or _Engine()
        samples = self._engine.samples(request, voice)
        if not len(samples):
            raise VoiceError("Kokoro found nothing in it that it could say", "use words of the voice's language")
        data = to_16_bit(samples).tobytes()
        return Clip(audio=AudioSegment(data, sample_width=2, frame_rate=_RATE_HZ, channels=1))


class _Engine:
    """The loaded model.

    It is run without ``kokoro_onnx.Kokoro``, which takes no speed under 0.5 and trims; reading and the splitting of
    what is longer than the model's 510 sounds are that package's.
    """

    def __init__(self) -> None:
        from kokoro_onnx.tokenizer import Tokenizer  # noqa: PLC0415 - an extra

        folder = voices_folder("kokoro")
        try:
            self._session = _session(str(folder / MODEL))
            self._vectors = dict(np.load(folder / VECTORS))
        except Exception as exc:  # onnxruntime has a class for each fault and no base for them
            raise VoiceError(f"the model of Kokoro can't be loaded: {exc}", f"install it again: {_INSTALL}") from exc
        self._tokenizer = Tokenizer()

    def samples(self, request: SpeechRequest, voice: KokoroVoice) -> NDArray[np.float32]:
        """A sentence at full scale ±1."""
        from kokoro_onnx.chunker import split_phonemes  # noqa: PLC0415 - an extra

        def read(text: str) -> str:
            return str(self._tokenizer.phonemize(text, voice.language.lower()))

        sounds = phonemes(request, read) if request.sounds else " ".join(read(request.text).split())
        scale = voice.pace.scale(request.speed)
        pieces = [self._run(self._tokenizer.tokenize(part), voice, scale) for part in split_phonemes(sounds)]
        return np.concatenate([np.zeros(0, np.float32), *pieces])

    def _run(self, tokens: list[int], voice: KokoroVoice, scale: float) -> NDArray[np.float32]:
        if not tokens:
            return np.zeros(0, np.float32)
        vectors = self._vectors[voice.name.partition(":")[2]]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            # A voice has a vector for each length.
            "style": vectors[min(len(tokens), len(vectors)) - 1],
            "speed": np.array([1 / scale], np.float32),
        }
        return np.asarray(self._session.run(None, inputs)[0], np.float32).ravel()


@cache
def _tokens() -> frozenset[str]:
    """The signs that the model has a sound for, by the package's own list."""
    spec = find_spec("kokoro_onnx")
    if spec is None or not spec.submodule_search_locations:
        raise VoiceError("Kokoro's package is not installed", _PACKAGE)
    listed = Path(spec.submodule_search_locations[0], "config.json").read_text(encoding="utf-8")
    return frozenset(json.loads(listed)["vocab"])


def _session(model: str) -> Any:  # noqa: ANN401 - onnxruntime has no types that mypy follows here
    import onnxruntime  # noqa: PLC0415 - an extra, and heavy

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, sess_options=options, providers=["CPUExecutionProvider"])


def _known(voice: str) -> KokoroVoice:
    if voice not in _VOICES:
        raise VoiceError(f"there is no voice `{voice}`", "see `breathmark voices list`")
    return _VOICES[voice]
