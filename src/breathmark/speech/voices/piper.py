"""The narrator ``piper``: natural neural voices by piper-tts, with its noise at zero so that it is deterministic."""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
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
from breathmark.speech.contract import SpeechRequest, Voice, check_settings, check_words, switched_on, unknown_voice
from breathmark.speech.level import sounding, sounding_part
from breathmark.speech.pace import TRIAL, PaceCurve, measure_pace
from breathmark.speech.phonemes import cut, phonemes, words_of
from breathmark.speech.voices.piper_files import JOE_STEM, PiperModel, described, short_name, wheel_model
from breathmark.speech.word_times import word_times

if TYPE_CHECKING:
    from numpy.typing import NDArray


_INSTALL: Final = "pip install 'breathmark[piper]'"

_LEAST_RELEASE: Final = (1, 8)
"""Of piper-tts: the one that all of this was measured with. Those before 1.7 don't give the durations of sounds."""

_JOE_SCALES: Final = (0.4, 0.6, 0.8, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.3, 2.6, 3.0, 3.5, 4.0, 4.5)
_JOE_WORDS_A_MINUTE: Final = (
    418.8, 354.9, 268.8, 235.8, 215.8, 186.1, 163.6, 148.7, 136.2, 120.2, 108.5, 95.5, 83.2, 73.5, 66.0,
)  # fmt: skip
"""joe's pace on the reference passage, trimmed, at each ``length_scale`` (piper-tts 1.8.0, noise 0)."""
_SHORTEST_SCALE: Final = 0.2

_MOST_SOUNDS: Final = 400
"""Phonemes that the model is given at once, about 30 s of speech. It takes 22 MB for each second: 2,000 letters at once
took 3 GB, and 300 Chinese characters, which English eSpeak NG spells out, 4 GB."""
_JOE: Final = PaceCurve(scales=_JOE_SCALES, words_a_minute=_JOE_WORDS_A_MINUTE, least=_SHORTEST_SCALE)


_JOE_SIGN_S: Final = 0.0428
"""How long joe takes for a sign of a sentence at scale 1, over the reference passage: a sign of the IPA, a stress, a
space or a comma. Over 77 sentences it foretells a length to 11 % (one standard deviation), where words do to 15 %."""
_RACING: Final = 1.10
"""A sentence is raced through where its signs are so many times as short as that: one of six or so."""
_MOST_SLOWED: Final = 1.18
_SLOWEST_EVENED: Final = 0.85
"""Slower than that joe sounds drawn (DistillMOS 4.37, and 4.21 and 3.92 at 0.85 and 0.7)."""
_FEWEST_SIGNS: Final = 12
"""Two or three words are too few to measure a pace by."""


class PiperNarrator:
    """Speaks by Piper models: the wheel's ``joe``, those in the folder of the setting ``folder``, and installed ones.

    A model in the folder is a pair of files as Piper publishes it, ``en_US-lessac-medium.onnx`` and
    ``en_US-lessac-medium.onnx.json``; that voice is ``piper:lessac``, or ``piper:en_us-lessac-medium`` where two
    would share the short name.
    """

    real_time_factor: ClassVar[float] = 0.09

    def __init__(self, settings: Mapping[str, str]) -> None:
        check_settings("piper", settings, ("folder", "even_pace"))
        self._folder = settings.get("folder", "")
        self._even_pace = switched_on("piper", "even_pace", settings)
        self._loaded: dict[str, _PiperEngine] = {}

    @classmethod
    def missing(cls) -> str:
        """The command that installs Piper; empty where it is there, and new enough."""
        return "" if _release() >= _LEAST_RELEASE and find_spec("onnxruntime") else _INSTALL

    def voices(self) -> tuple[Voice, ...]:
        """The voice of the wheel, then those of the folder in the order of their names."""
        voices = []
        for name, model in self._models.items():
            # One damaged download must not hide the others; using its name reports the fault.
            with contextlib.suppress(VoiceError):
                voices.append(described(name, model))
        return tuple(voices)

    def fingerprint(self, voice: str) -> str:
        """The model's and the config's content, piper-tts, the fixed parameters, and whether words have times."""
        model = self._model(voice)
        try:
            files = f"model={file_sha256(model.onnx)} config={file_sha256(model.config)}"
        except OSError as exc:
            raise VoiceError(f"the voice {voice} can't be read: {exc}", "install it again") from exc
        fixed = f"noise=0 noise_w=0 threads=1 pace={2 if self.evens_pace(voice) else 1} times={_gives_times():d}"
        return f"piper-tts={version('piper-tts')} {files} {fixed}"

    def evens_pace(self, voice: str) -> bool:
        """See ``Evening``: joe's alone, unless the setting ``even_pace`` is off."""
        return self._even_pace and self._model(voice).onnx.stem == JOE_STEM

    def speak(self, request: SpeechRequest) -> Clip:
        """Speak on one thread, so that processes scale and equal requests give equal bytes.

        Raises:
            VoiceError: the model can't be loaded or failed, or there was nothing to say.
        """
        if request.voice not in self._loaded:
            model, even = self._model(request.voice), self.evens_pace(request.voice)
            self._loaded = {request.voice: _PiperEngine(model, request.voice, even_pace=even)}
        return self._loaded[request.voice].speak(request)

    def unsaid(self, voice: str, ipa: str) -> str:
        """The signs that the model has no sound for; all of them where a model was trained on letters."""
        facts = self._model(voice).facts()
        known = facts.phoneme_id_map if facts.phoneme_type == "espeak" else {}
        return "".join(sign for sign in unicodedata.normalize("NFD", ipa) if sign not in known)

    def _model(self, voice: str) -> PiperModel:
        if voice not in self._models:
            raise unknown_voice(voice)
        return self._models[voice]

    @cached_property
    def _models(self) -> dict[str, PiperModel]:
        models = wheel_model()
        for onnx in self._onnx_files():
            config = onnx.with_name(f"{onnx.name}.json")
            short = f"piper:{short_name(onnx)}"
            name = short if short not in models else f"piper:{onnx.stem.lower()}"
            models[name] = PiperModel(onnx=onnx, config=config)
        return models

    def _onnx_files(self) -> list[Path]:
        folders = [voices_folder("piper")]
        if self._folder:
            folders.insert(0, Path(self._folder).expanduser())
            if not folders[0].is_dir():
                hint = "correct `narrators: {piper: {folder: …}}` in breathmark.yaml"
                raise VoiceError(f"the folder of Piper voices is missing: {folders[0]}", hint)
        # The project's own copy of a voice goes before the one that is installed for all.
        models = {onnx.name: onnx for folder in reversed(folders) for onnx in folder.glob("*.onnx")}
        return [models[name] for name in sorted(models) if models[name].with_name(f"{name}.json").exists()]


class _PiperEngine:
    """A loaded model."""

    def __init__(self, model: PiperModel, voice: str, *, even_pace: bool) -> None:
        self._voice = _load(model, voice)
        self._even_pace = even_pace
        self.pace = _JOE if model.onnx.stem == JOE_STEM else _measure(self)

    def speak(self, request: SpeechRequest) -> Clip:
        """One sentence as a clip, with the times of its words where the model gives durations."""
        check_words(request)
        text = f"[[{self._sounds(request)}]]" if request.sounds else _letters_alone(request.text)
        parts = (
            self._evened(text, request.speed) if self._even_pace else self._parts(text, self.pace.scale(request.speed))
        )
        samples = _joined(parts)
        if not len(samples):
            raise VoiceError("Piper found nothing to speak in it", "use words of the voice's language")
        audio = AudioSegment(to_16_bit(samples).tobytes(), sample_width=2, frame_rate=self.rate_hz, channels=1)
        return Clip(audio=audio, words=self._words(request, parts, len(samples) / self.rate_hz))

    def _evened(self, text: str, speed: float) -> list[_PiperChunk]:
        """``text`` at ``speed``; where the model races through it, again at a larger scale of its own.

        It never gets slower than ``_SLOWEST_EVENED`` makes it, or than it was asked for.
        """
        scale = self.pace.scale(speed)
        parts = self._parts(text, scale)
        signs = sum(1 for part in parts for number in part.ids if number in self._signs)
        races = _JOE_SIGN_S * scale * signs / (_RACING * max(_length_s(parts, self.rate_hz), 1e-3))
        slower = min(scale * min(races, _MOST_SLOWED), max(scale, self.pace.scale(_SLOWEST_EVENED)))
        return self._parts(text, round(slower, 4)) if signs >= _FEWEST_SIGNS and races > 1 else parts

    def samples(self, text: str, scale: float) -> NDArray[np.float32]:
        """``text`` at full scale ±1; as loud as the model gives it, not each sentence at its own full scale."""
        return _joined(self._parts(text, scale))

    def _parts(self, text: str, scale: float) -> list[_PiperChunk]:
        from piper import SynthesisConfig  # noqa: PLC0415 - an extra

        options = SynthesisConfig(length_scale=scale, noise_scale=0.0, noise_w_scale=0.0, normalize_audio=False)
        parts = []
        for signs in (part for sentence in self._voice.phonemize(text) for part in cut(sentence, _MOST_SOUNDS)):
            ids = self._voice.phonemes_to_ids(signs)
            samples, lengths = self._voice.phoneme_ids_to_audio(ids, options, include_alignments=True)
            parts.append(_PiperChunk(samples=np.asarray(samples, np.float32).ravel(), ids=ids, lengths=lengths))
        return parts

    def _sounds(self, request: SpeechRequest) -> str:
        """A sentence, or a word of it, as raw phonemes; whole, because Piper drops the signs behind a block of them."""

        def read(text: str) -> str:
            return " ".join("".join(sounds) for sounds in self._voice.phonemize(_letters_alone(text)))

        return unicodedata.normalize("NFD", phonemes(request, read))

    def _words(self, request: SpeechRequest, parts: Sequence[_PiperChunk], end_s: float) -> tuple[WordTime, ...]:
        timed: list[tuple[str, float]] = []
        at = 0
        for part in parts:
            if part.lengths is None or len(part.lengths) != len(part.ids) or sum(part.lengths) != len(part.samples):
                return ()  # no durations, or the voice's config is not that of its model
            for number, length in zip(part.ids, part.lengths, strict=True):
                # What parts two sounds has no sign; its length is that of the one before it.
                if number in self._signs:
                    timed.append((self._signs[number], at / self.rate_hz))
                at += int(length)
        words = tuple(words_of(request))
        return word_times([word.text for word in words], [self._sounds(word) for word in words], timed, end_s)

    @cached_property
    def _signs(self) -> Mapping[int, str]:
        """The sign of each number that a model is given for a sound."""
        from piper.const import BOS, EOS, PAD  # noqa: PLC0415 - an extra

        known = self._voice.config.phoneme_id_map
        return {ids[0]: sign for sign, ids in known.items() if ids and sign not in {PAD, BOS, EOS}}

    @property
    def rate_hz(self) -> int:
        """The model's sampling rate."""
        return int(self._voice.config.sample_rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class _PiperChunk:
    """One run of the model: its input and its sound."""

    samples: NDArray[np.float32]
    ids: Sequence[int]
    lengths: Sequence[int] | None
    """How many samples each of ``ids`` takes, where the model gives it."""


def _length_s(parts: Sequence[_PiperChunk], rate_hz: int) -> float:
    """How long they sound, without silence at the ends."""
    start, end = sounding_part(_joined(parts), rate_hz)
    return (end - start) / rate_hz


def _joined(parts: Sequence[_PiperChunk]) -> NDArray[np.float32]:
    whole: NDArray[np.float32] = np.concatenate([np.zeros(0, np.float32), *(part.samples for part in parts)])
    return whole.clip(-1, 1)


def _letters_alone(text: str) -> str:
    """Two opening brackets would start raw phonemes; three points would join the words beside them without a rest."""
    rested = re.sub(r"\s*(?:…|\.{3,})\s*(?=\w)", ", ", text.replace("\0", " "))
    return re.sub(r"\[(?=\[)", "[ ", rested)


def _load(model: PiperModel, voice: str) -> Any:  # noqa: ANN401 - piper has no types that mypy follows here
    """The model in one thread, which ``PiperVoice.load`` doesn't offer.

    Raises:
        VoiceError: a file is damaged.
    """
    import onnxruntime  # noqa: PLC0415 - an extra, and heavy
    from piper import PiperConfig, PiperVoice  # noqa: PLC0415 - the same

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            _with_durations(model.onnx), sess_options=options, providers=["CPUExecutionProvider"]
        )
        return PiperVoice(session=session, config=PiperConfig.from_dict(model.whole()))
    except VoiceError:
        raise
    except Exception as exc:  # onnxruntime has a class for each fault and no base for them
        raise VoiceError(f"the model of {voice} can't be loaded: {exc}", "install the voice again") from exc


def _with_durations(file: Path) -> str | bytes:
    """The model with the lengths of its sounds among its outputs, which changes no sample; the file where it has none.

    It takes 0.4 s of processor at loading, and 80 MB in each process that speaks. Where ``onnx`` is missing, which the
    extra brings along, words have no times.
    """
    if not _gives_times():
        return str(file)
    import onnx  # noqa: PLC0415 - an extra
    from piper.patch_voice_with_alignment import add_alignment_output  # noqa: PLC0415 - needs the one before

    model = onnx.load(str(file))
    try:
        add_alignment_output(model)
    except ValueError:  # no such lengths in it, or they are an output already
        return str(file)
    return bytes(model.SerializeToString())


def _release() -> tuple[int, ...]:
    """The first two numbers of piper-tts's version; none where it is not installed."""
    try:
        return tuple(int(number) for number in re.findall(r"\d+", version("piper-tts"))[:2])
    except PackageNotFoundError:
        return ()


def _gives_times() -> bool:
    return find_spec("onnx") is not None


def _measure(engine: _PiperEngine) -> PaceCurve:
    """A voice's pace from one sentence at two scales; joe's where the model gives no lengths to go by."""
    return measure_pace(lambda scale: sounding(engine.samples(TRIAL, scale), engine.rate_hz), otherwise=_JOE)
