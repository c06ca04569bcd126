"""The C library of eSpeak NG, initialised once in a process: for the voices of Linux, and for the sounds of words.

It comes with its data from the wheel ``espeakng-loader`` where that is installed, else from the system. One engine
lives in a process; it must not be used by two threads at once.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Final

from breathmark.languages.words import primary

_SYNCHRONOUS: Final = 2
"""``AUDIO_OUTPUT_SYNCHRONOUS`` of eSpeak's ``speak_lib.h``: sound goes to a callback."""
_BUFFER_MS: Final = 1000
_UTF_8: Final = 1
_IPA: Final = 2
_OTHER_NAMES: Final = {"zh": "cmn", "no": "nb"}
"""What eSpeak calls languages that go by another tag."""
_UNTOLD: Final = str.maketrans("", "", "ˈˌːˑ-_ ")
"""Stress and length: a word has others alone than in a sentence."""


@cache
def library() -> ctypes.CDLL:
    """The library. On Linux its SONAME then satisfies pyttsx3's own search for ``libespeak-ng.so.1``.

    Raises:
        OSError: there is none.
    """
    if find_spec("espeakng_loader") is None:
        return ctypes.CDLL("libespeak-ng.so.1")
    import espeakng_loader  # noqa: PLC0415 - only on Linux is it a dependency of the base install

    os.environ["ESPEAK_DATA_PATH"] = espeakng_loader.get_data_path()
    return ctypes.CDLL(espeakng_loader.get_library_path())


@cache
def initialise() -> int:
    """Initialise the engine, and give its sampling rate.

    Raises:
        OSError, RuntimeError: there is no eSpeak NG, or it can't be initialised.
    """
    rate_hz = int(library().espeak_Initialize(_SYNCHRONOUS, _BUFFER_MS, None, 0))
    if rate_hz <= 0:
        raise RuntimeError("eSpeak NG could not be initialised")
    return rate_hz


@lru_cache(maxsize=20_000)
def word_sounds(word: str, language: str) -> str:
    """The sounds of a word, or of a number in figures, in IPA without stress and length.

    Empty where eSpeak does not know: it lacks the language, or can only name the letters in another one.

    Raises:
        OSError, RuntimeError: there is no eSpeak NG, or it can't be initialised.
    """
    initialise()
    if not _choose_voice(language):
        return ""
    read = library().espeak_TextToPhonemes
    read.restype = ctypes.c_char_p
    read.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]
    text, parts = ctypes.c_char_p(word.replace("\0", " ").encode()), []
    while text.value is not None:  # it takes a clause at a time, and moves the pointer
        parts.append((read(ctypes.byref(text), _UTF_8, _IPA) or b"").decode())
    sounds = "".join(parts)
    return "" if "(" in sounds else sounds.translate(_UNTOLD)


def _choose_voice(language: str) -> bool:
    tag = language.replace("_", "-").lower()
    names = (tag, _OTHER_NAMES.get(primary(tag), primary(tag)))
    return any(library().espeak_SetVoiceByName(name.encode()) == 0 for name in names if name)
