"""The signs of the International Phonetic Alphabet (chart of 2020), and what people write instead of some of them."""

# ruff: noqa: RUF001 - the letters of the IPA

from __future__ import annotations

import re
import unicodedata
from typing import Final

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


def read_ipa(text: str) -> str:
    """A word's sounds as engines take them: without the slashes around them, composed, each sign in one spelling.

    Raises:
        ValueError: with the sign that is none, for the author.
    """
    around = _AROUND.fullmatch(text)
    bare = (around[1] or around[2] or "") if around else text
    usual = "".join(_WRITTEN_OTHERWISE.get(sign, sign) for sign in unicodedata.normalize("NFC", bare))
    sounds = " ".join(unicodedata.normalize("NFC", usual).split())
    for sign in sounds:
        if sign not in _LETTERS | _SIGNS and not _is_marked_letter(sign):
            raise ValueError(f"`{sign}` is no sign of the IPA; copy it from a dictionary, such as `ˈmɛtə`")
    if not any(sign in _LETTERS or _is_marked_letter(sign) for sign in sounds):
        raise ValueError("there is no sound in it; write it such as `ˈmɛtə`")
    return sounds


def _is_marked_letter(sign: str) -> bool:
    """Whether it is a mark over or under a letter, or one composed with its letter."""
    parts = unicodedata.normalize("NFD", sign)
    return bool(unicodedata.combining(parts[0])) or (len(parts) > 1 and parts[0] in _LETTERS)
