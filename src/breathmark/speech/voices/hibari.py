"""The narrator ``hibari``: English by hibari-tts, the best voice that was measured, and the fastest neural one."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
from pydub import AudioSegment

from breathmark.audio.pcm import to_16_bit
from breathmark.base.errors import VoiceError
from breathmark.base.files import read_regular
from breathmark.model import Clip
from breathmark.speech.contract import SpeechRequest, Voice, check_settings, check_words, unknown_voice
from breathmark.speech.level import sounding
from breathmark.speech.naming import called
from breathmark.speech.pace import TRIAL, PaceCurve, measure_pace
from breathmark.speech.phonemes import cut, phonemes, words_of
from breathmark.speech.voices.hibari_index import INSTALL, HibariVoice, fetched_voices, listed_voices
from breathmark.speech.word_times import LENGTH_FRAMES, plain_marks, sign_starts, with_output, word_times

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from breathmark.model import WordTime
    from breathmark.speech.contract import Ability


_RELEASES: Final = ((0, 2, 1), (0, 3))
"""Of hibari-tts, from the first up to and without the second: the graph and the alphabet are those of 0.2.1."""

_OWN: Final = "heart"
"""The voice whose model is in the package."""

_SCALES: Final = (
    0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0, 1.1, 1.2, 1.25, 1.3, 1.35, 1.4, 1.5, 1.6, 1.7, 1.8, 2.0, 2.3, 2.6,
    3.0, 3.4,
)  # fmt: skip
"""Of the length of speech: one through the model's own speed."""
_WORDS_A_MINUTE: Final = (
    433.1, 400.3, 368.1, 348.2, 295.3, 257.9, 235.4, 226.3, 219.2, 202.9, 182.8, 168.1, 164.9, 161.6, 150.4, 140.0,
    136.9, 120.2, 113.9, 97.3, 87.9, 77.3, 68.7,
)  # fmt: skip
"""The pace of *heart* on the reference passage, trimmed, at each scale (hibari-tts 0.2.1). It falls in steps,
because each sound is rounded to 25 ms."""
_PACE: Final = PaceCurve(scales=_SCALES, words_a_minute=_WORDS_A_MINUTE, least=0.4)

_RATE_HZ: Final = 24_000
_LENGTHS: Final = "/Clip_output_0"
"""The tensor of the graph that has the length of each sign: what its one ``Round`` gives, and at least 1."""
_MOST_SOUNDS: Final = 400
"""Signs that the model is given at once, as in hibari-tts itself."""
_SEED: Final = 0
"""Of the noise in s, f and breath, in the first take; further takes have the seeds that follow."""

_SOUNDS: Final = {
    False: frozenset("AIOTWYbdfhijklmnpstuvwzæðŋɑɔəɛɜɡɪɹʃʊʌʒʤʧθᵊᵻˈˌ "),
    True: frozenset("AIQWYabdfhijklmnpstuvwzðŋɑɒɔəɛɜɡɪɹʃʊʌʒʤʧθᵊˈˌː "),
}
"""What the models have learnt: misaki's alphabets of American and, under ``True``, of British English, in which a
diphthong is a capital letter."""
_DIPHTHONGS: Final = (("tʃ", "ʧ"), ("dʒ", "ʤ"), ("eɪ", "A"), ("aɪ", "I"), ("aʊ", "W"), ("ɔɪ", "Y"))
_AMERICAN: Final = (
    *_DIPHTHONGS, ("oʊ", "O"), ("əʊ", "O"),
    ("ɜːɹ", "ɜɹ"), ("ɜːr", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɝ", "ɜɹ"), ("ɚ", "əɹ"),
    ("oːɹ", "ɔɹ"), ("oːr", "ɔɹ"), ("oɹ", "ɔɹ"), ("or", "ɔɹ"),
    ("ɾ", "T"), ("ʔ", "t"), ("r", "ɹ"), ("g", "ɡ"), ("ɫ", "l"), ("e", "A"), ("o", "O"), ("a", "ɑ"), ("ɒ", "ɑ"),
    ("ɐ", "ə"), ("ɨ", "ᵻ"), ("ː", ""), ("ˑ", ""),
)  # fmt: skip
"""Signs of the IPA in that alphabet, in the order in which they are replaced: as misaki 0.9.4 takes over
the readings of eSpeak NG for American English, which has no long vowels. Signs for which it would put a distant sound
(k for ``x``) are left out, so that they are reported."""
_BRITISH: Final = (
    *_DIPHTHONGS, ("oʊ", "Q"), ("əʊ", "Q"), ("ɝ", "ɜː"), ("ɚ", "ə"),
    ("ɾ", "t"), ("ʔ", "t"), ("r", "ɹ"), ("g", "ɡ"), ("ɫ", "l"), ("e", "ɛ"), ("oː", "ɔː"), ("o", "ɔː"), ("æ", "a"),
    ("ɐ", "ə"), ("ɨ", "ɪ"), ("ᵻ", "ɪ"), ("ˑ", ""),
)  # fmt: skip
"""The same in British English, whose long vowels keep their sign."""
_SYLLABIC: Final = re.compile("(.)\u0329")
_FOREIGN: Final = re.compile(r"[^\W\d_\x00-\x7f]+")
"""Letters beyond ASCII that follow each other."""


class HibariNarrator:
    """Speaks English by the voice *heart*, whose model is in the package hibari-tts, and by others once installed."""

    real_time_factor: ClassVar[float] = 0.01

    def __init__(self, settings: Mapping[str, str]) -> None:
        check_settings("hibari", settings, ())
        self._engines: dict[str, _HibariEngine] = {}

    @classmethod
    def missing(cls) -> str:
        """The command that installs the package; empty where it is there, in a release that fits."""
        least, beyond = _RELEASES
        return "" if least <= _release() < beyond and find_spec("onnxruntime") else INSTALL

    def voices(self) -> tuple[Voice, ...]:
        """The voice that comes in the package, and those that were installed."""
        own = _described(_OWN, listed_voices()[_OWN], ", warm and calm")
        return (own, *(_described(name, voice) for name, voice in fetched_voices().items() if voice.path.is_file()))

    def fingerprint(self, voice: str) -> str:
        """The release, which names model and dictionary, the seed, and whose transform makes waves of its spectra."""
        _entry(voice)
        transform = f"scipy={version('scipy')}" if find_spec("scipy") else f"numpy={version('numpy')}"
        return f"hibari-tts={version('hibari-tts')} {transform} voice={voice} seed={_SEED} threads=1 pace=1"

    def abilities(self, voice: str) -> frozenset[Ability]:  # noqa: ARG002 - all voices are alike
        """Another take has other noise; its melody and its lengths are the model's own."""
        return frozenset({"take"})

    def unsaid(self, voice: str, ipa: str) -> str:
        """What the model never learnt, after the IPA was brought into its alphabet."""
        british = _entry(voice).british
        return "".join(sign for sign in _in_misaki(ipa, british=british) if sign not in _SOUNDS[british])

    def speak(self, request: SpeechRequest) -> Clip:
        """Speak on one thread and with a fixed seed, so that processes scale and equal requests give equal bytes.

        Raises:
            VoiceError: the model can't be loaded or failed, or there was nothing to say.
        """
        entry = _entry(request.voice)
        check_words(request)
        if request.voice not in self._engines:
            self._engines[request.voice] = _HibariEngine(request.voice.partition(":")[2], entry)
        return self._engines[request.voice].speak(request)


class _HibariEngine:
    """The loaded model and what reads letters."""

    def __init__(self, own_name: str, voice: HibariVoice) -> None:
        from hibari import Hibari  # noqa: PLC0415 - an extra
        from onnxruntime import RunOptions  # noqa: PLC0415 - as above

        self._frugal = RunOptions()
        self._frugal.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        # Otherwise onnxruntime keeps what its longest sentence took: some 50 MB after one of 250 characters.
        self._british = voice.british
        model = _model(own_name, voice)
        try:
            self._hibari = Hibari(own_name, model=with_output(model, _LENGTHS), threads=1)
        except Exception as exc:  # onnxruntime has a class for each fault and no base for them
            hint = f"install it again: {INSTALL}"
            raise VoiceError(f"the model of hibari:{own_name} can't be loaded: {exc}", hint) from exc
        self._pace = _PACE if own_name == _OWN else measure_pace(self._length_s, otherwise=_PACE)

    def _length_s(self, scale: float) -> float:
        return sounding(self._run(self._read(TRIAL), scale, np.random.default_rng(_SEED)).samples, _RATE_HZ)

    def speak(self, request: SpeechRequest) -> Clip:
        """One sentence as a clip, with the times of its words."""
        noise = np.random.default_rng(_SEED + request.take - 1)
        scale = self._pace.scale(request.speed)
        parts = [self._run(signs, scale, noise) for signs in cut(self._sounds(request), _MOST_SOUNDS)]
        if not any(sign in _SOUNDS[self._british] for part in parts for sign in part.signs.strip()):
            raise VoiceError("Hibari found nothing to speak in it", "use words of the voice's language")
        samples = np.concatenate([part.samples for part in parts])
        audio = AudioSegment(to_16_bit(samples).tobytes(), sample_width=2, frame_rate=_RATE_HZ, channels=1)
        return Clip(audio=audio, words=self._words(request, parts, len(samples) / _RATE_HZ))

    def _run(self, sounds: Sequence[str], scale: float, noise: np.random.Generator) -> _HibariChunk:
        from hibari import dsp  # noqa: PLC0415 - an extra

        signs = "".join(sign for sign in sounds if sign in self._hibari.vocab)
        inputs = {
            "ids": np.array([self._hibari.ids(signs)], np.int64),
            "speed": np.array([1 / scale], np.float32),
        }
        *spectra, lengths = self._hibari.sess.run(None, inputs, self._frugal)
        samples = np.asarray(dsp.synth(*(each[0] for each in spectra), noise), np.float32)
        return _HibariChunk(signs=signs, samples=samples, lengths=lengths.ravel().astype(int) * LENGTH_FRAMES)

    def _sounds(self, request: SpeechRequest) -> str:
        """A sentence, or a word of it, in the model's alphabet."""
        given = tuple(replace(each, ipa=_in_misaki(each.ipa, british=self._british)) for each in request.sounds)
        return phonemes(replace(request, sounds=given), self._read) if given else self._read(request.text)

    def _read(self, text: str) -> str:
        # What stands in brackets before parentheses would be taken for a word and its sounds.
        plain = re.sub(r"\](?=\()", "] ", " ".join(text.split()))
        return " ".join(self._hibari.g2p(_FOREIGN.sub(self._named, plain)).split())

    def _named(self, word: re.Match[str]) -> str:
        """A word of an alphabet that has no reading, such as ॐ, by the names of its letters rather than left out."""
        read = self._hibari.g2p(word[0])
        return word[0] if any(sign in _SOUNDS[self._british] for sign in read) else " ".join(map(_letter_name, word[0]))

    def _words(self, request: SpeechRequest, parts: Sequence[_HibariChunk], end_s: float) -> tuple[WordTime, ...]:
        heard: list[tuple[str, float]] = []
        at = 0
        for part in parts:
            if sum(part.lengths) != len(part.samples):
                return ()
            starts = sign_starts(part.signs, part.lengths)
            heard += zip(plain_marks(part.signs), ((at + starts) / _RATE_HZ).tolist(), strict=True)
            at += len(part.samples)
        words = tuple(words_of(request))
        read = [plain_marks(self._sounds(word)) for word in words]
        return word_times([word.text for word in words], read, heard, end_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class _HibariChunk:
    """What the model was given at once, and what it made of it."""

    signs: str
    samples: NDArray[np.float32]
    lengths: NDArray[np.int64]
    """How many samples each sign takes, between those of the silence before and behind."""


def _in_misaki(ipa: str, *, british: bool = False) -> str:
    """Signs of the IPA in the model's alphabet; those that have no counterpart in it as they are."""
    sounds = _SYLLABIC.sub(r"ᵊ\1", unicodedata.normalize("NFD", ipa))
    for sign, own in _BRITISH if british else _AMERICAN:
        sounds = sounds.replace(sign, own)
    return unicodedata.normalize("NFC", sounds)


def _letter_name(letter: str) -> str:
    """``om`` for ॐ, as Unicode calls it."""
    name = unicodedata.name(letter, "").lower().partition(" with ")[0]
    return name.rpartition(" letter ")[2].rpartition(" syllable ")[2].rpartition(" ")[2].partition("-")[0]


def _release() -> tuple[int, ...]:
    """The numbers of hibari-tts's version; none where it is not installed."""
    try:
        return tuple(int(number) for number in re.findall(r"\d+", version("hibari-tts"))[:3])
    except PackageNotFoundError:
        return ()


def _described(own_name: str, voice: HibariVoice, manner: str = "") -> Voice:
    who = f"{voice.accent} {'woman' if voice.gender == 'female' else 'man'}{manner}"
    display = called(own_name, voice.language)
    return Voice(name=f"hibari:{own_name}", language=voice.language, description=who, display=display)


def _entry(voice: str) -> HibariVoice:
    """What the package says of a voice that can speak here."""
    entry = listed_voices().get(voice.removeprefix("hibari:"))
    if entry is None or not (entry.bundled or entry.path.is_file()):
        raise unknown_voice(voice)
    return entry


def _model(own_name: str, voice: HibariVoice) -> bytes:
    """The model's file; one that was fetched once is held to its digest each time, which takes a few milliseconds."""
    from hibari.voices import voice_path  # noqa: PLC0415 - an extra

    if voice.bundled:
        try:
            return Path(voice_path(own_name, download_missing=False)).read_bytes()
        except OSError as exc:
            hint = f"install it again: {INSTALL}"
            raise VoiceError(f"the model of hibari:{own_name} can't be loaded: {exc}", hint) from exc
    try:
        model = read_regular(voice.path, voice.size)
    except OSError as exc:
        model, reason = b"", f": {exc}"
    else:
        reason = ""
    if hashlib.sha256(model).hexdigest() != voice.sha256:
        hint = f"install it again: breathmark voices install hibari:{own_name}"
        raise VoiceError(f"the model {voice.path} is damaged{reason}", hint)
    return model
