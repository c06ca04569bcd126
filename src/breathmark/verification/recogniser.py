"""Speech recognition: the interface of what hears a finished file, and the recogniser ``whisper``."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from breathmark.base.errors import AssetError, RequestError, near_miss
from breathmark.base.files import file_sha256
from breathmark.base.plugins import load, registered
from breathmark.base.pool import usable_cores
from breathmark.languages.words import primary
from breathmark.verification.verdict import HeardText

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


RECOGNISERS: Final = "breathmark.recognisers"
SAMPLE_RATE_HZ: Final = 16_000
"""Of what a recogniser is given."""
_INSTALL: Final = 'pip install "breathmark[listen]"'
_MODEL_FILES: Final = ("model.bin", "config.json", "tokenizer.json")


class Recogniser(Protocol):
    """What writes down speech. A plug-in is called with the model's name, and gives one."""

    @property
    def name(self) -> str:
        """Engine, version and model: what was heard is heard again by whatever has another name."""

    def recognise(self, samples: NDArray[np.float32], language: str) -> tuple[HeardText, ...]:
        """What is said in one channel at 16 kHz, full scale ±1. ``language`` is a BCP 47 tag; empty: not known.

        The same samples give the same text.
        """


def open_recogniser(asked: str) -> Recogniser:
    """The recogniser ``RECOGNISER:MODEL``; a model alone is one of Whisper's.

    Raises:
        RequestError, AssetError: it is not installed, or there is no such model on this machine.
    """
    name, _, model = asked.partition(":")
    if name.lower() not in registered(RECOGNISERS):
        name, model = "whisper", asked
    return cast("Callable[[str], Recogniser]", load(RECOGNISERS, name))(model)


class WhisperRecogniser:
    """Whisper, by faster-whisper, with a model that is on this machine already: nothing is ever fetched."""

    def __init__(self, model: str) -> None:
        try:
            import faster_whisper  # noqa: F401, PLC0415 - loaded only where somebody listens
        except ImportError as error:
            raise RequestError("listening needs faster-whisper, which is not installed", _INSTALL) from error
        self._folder = _model_folder(model)

    @cached_property
    def name(self) -> str:
        """The version, and the model by its bytes, wherever it lies."""
        return f"faster-whisper {version('faster-whisper')} {file_sha256(self._folder / 'model.bin')[:16]}"

    @cached_property
    def _model(self) -> Any:  # noqa: ANN401 - faster-whisper is imported only here
        from faster_whisper import WhisperModel  # noqa: PLC0415 - as above

        try:
            return WhisperModel(
                str(self._folder), compute_type="auto", cpu_threads=usable_cores(), local_files_only=True
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise AssetError(f"the model in {self._folder} can't be loaded: {error}", "install it again") from error

    def recognise(self, samples: NDArray[np.float32], language: str) -> tuple[HeardText, ...]:
        """Without chance (temperature 0), and each window by itself.

        Raises:
            AssetError: the model can't be loaded.
            RequestError: it knows English alone, and this is another language.
        """
        spoken = primary(language)
        if not self._model.model.is_multilingual and spoken not in ("", "en"):
            raise RequestError(f"the model in {self._folder} knows only English", "name one for all languages: base")
        segments, _ = self._model.transcribe(
            samples,
            language=spoken if spoken in self._model.supported_languages else None,
            beam_size=5,
            temperature=0.0,
            condition_on_previous_text=False,
        )
        return tuple(
            HeardText(start_s=each.start, end_s=each.end, text=each.text.strip()) for each in segments if each.text
        )


def _model_folder(model: str) -> Path:
    """The folder of a model, given as a folder, or by a name under which faster-whisper has fetched it before."""
    from faster_whisper.utils import available_models, download_model  # noqa: PLC0415 - loaded only to listen

    folder = Path(model).expanduser()
    if not model:
        raise RequestError("no model to listen with is named", "such as --listen base, or the folder of a model")
    if not folder.is_dir():
        known = available_models()
        if model not in known and "/" not in model:
            meant = near_miss(model, known)
            hint = f"did you mean {meant}?" if meant else f"known: {', '.join(known)}; or name a folder"
            raise RequestError(f"there is no model {model} of Whisper", hint)
        try:
            folder = Path(download_model(model, local_files_only=True))
        except (OSError, ValueError) as error:
            raise AssetError(f"the model {model} is not on this machine", _fetch(model)) from error
    if missing := [name for name in _MODEL_FILES if not (folder / name).is_file()]:
        raise AssetError(
            f"the model in {folder} lacks {' and '.join(missing)}", "name a folder with a model that CTranslate2 reads"
        )
    return folder


def _fetch(model: str) -> str:
    call = f"from faster_whisper import download_model; download_model('{model}')"
    return f'fetch it once (tiny 75 MB, base 145 MB, small 480 MB): python -c "{call}"\nor name a folder that holds one'
