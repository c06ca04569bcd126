"""Pronunciation: how a word of a lexicon is spoken, and the IPA as authors write it."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

_LETTERS: Final = frozenset(
    "abcdefhijklmnopqrstuvwxyzæçðøħŋœǀǁǂǃɐɑɒɓɔɕɖɗɘəɚɛɜɝɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟʡʢβθχⱱᵻ"
)
_SIGNS: Final = frozenset("ˈˌːˑ˞ʰʲʷˠˤⁿˡʼ ")
_WRITTEN_OTHERWISE: Final = {
    # As keyboards have them.
    "g": "ɡ",
    ":": "ː",
    "'": "ˈ",
    "’": "ˈ",
    # Older letters for two sounds in one.
    "ʧ": "tʃ",
    "ʤ": "dʒ",
    "ʦ": "ts",
    "ʣ": "dz",
    # Bars between two letters, and the borders of syllables: engines know neither.
    "\u0361": "",
    "\u035c": "",
    ".": "",
}
_AROUND: Final = re.compile(r"\s*(?:/([^/]*)/|\[([^\[\]]*)\])\s*")
"""Where somebody writes a word's sounds between slashes or brackets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pronunciation:
    """How a word of a lexicon is spoken."""

    say: str = ""
    """In letters, for any engine; empty where nothing is said of that."""
    ipa: str = ""
    """In signs of the IPA, for engines that take them; empty where only letters are given."""


class Spoken(Protocol):
    """How a word is spoken, as a lexicon has it."""

    @property
    def say(self) -> str | None:
        """In letters."""

    @property
    def ipa(self) -> str | None:
        """In signs of the IPA."""


def layered(*lexicons: Mapping[str, Spoken]) -> dict[str, Pronunciation]:
    """Each word as the last lexicon has it that has it; where that gives only IPA, its letters are an earlier one's."""
    words: dict[str, Pronunciation] = {}
    for lexicon in lexicons:
        for word, spoken in lexicon.items():
            below = words.get(word, Pronunciation())
            words[word] = Pronunciation(say=spoken.say or below.say, ipa=spoken.ipa or "")
    return words


def read_ipa(text: str) -> str:
    """A word's sounds as engines take them: without the slashes around them, composed, each sign in one spelling.

    Raises:
        ValueError: names the invalid sign, for the author.
    """
    around = _AROUND.fullmatch(text)
    bare = (around[1] or around[2] or "") if around else text
    usual = "".join(_WRITTEN_OTHERWISE.get(sign, sign) for sign in unicodedata.normalize("NFC", bare))
    sounds = " ".join(unicodedata.normalize("NFC", usual).split())
    for sign in sounds:
        if sign not in _LETTERS | _SIGNS and not _is_marked_letter(sign):
            raise ValueError(f"`{sign}` is not a sign of the IPA; copy it from a dictionary, such as `ˈmɛtə`")
    if not any(sign in _LETTERS or _is_marked_letter(sign) for sign in sounds):
        raise ValueError("there is no sound in it; write it such as `ˈmɛtə`")
    return sounds


def _is_marked_letter(sign: str) -> bool:
    """Whether it is a mark over or under a letter, or one composed with its letter."""
    parts = unicodedata.normalize("NFD", sign)
    return bool(unicodedata.combining(parts[0])) or (len(parts) > 1 and parts[0] in _LETTERS)
